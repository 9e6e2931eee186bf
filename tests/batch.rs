//! `distmill batch` and `distmill report`: all of a registry, and what came of it.
//!
//! `DISTMILL_BATCH=2000` is the long form.

use crate::support::hostile::SDISTS;
use crate::support::pack::Tar;
use crate::support::program::{Program, Run};
use crate::support::registry::{Fault, Registry, Reply};
use crate::support::sdist::sdist;
use crate::support::tools::fsck;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, Stdio};
use std::thread;

/// Runs another subcommand on the program's root.
fn run(program: &Program, subcommand: &str, arguments: &[&str]) -> Run {
    let mut command = Command::new(env!("CARGO_BIN_EXE_distmill"));
    command.arg(subcommand).arg("--root").arg(program.root());
    command.args(arguments).stdin(Stdio::null());
    Run::of(command.output().unwrap())
}

fn batch(program: &Program, registry: &Registry, arguments: &[&str]) -> Run {
    Run::of(
        batch_command(program, registry, arguments)
            .output()
            .unwrap(),
    )
}

fn batch_command(program: &Program, registry: &Registry, arguments: &[&str]) -> Command {
    let (pypi, gem) = (
        format!("--registry=pypi={}", registry.url()),
        format!("--registry=gem={}", registry.url()),
    );
    let mut all = vec![&*pypi, &*gem, "--retries=0", "--attempts=1", "--timeout=5"];
    all.extend(arguments);
    let mut command = Command::new(env!("CARGO_BIN_EXE_distmill"));
    command.arg("batch").arg("--root").arg(program.root());
    command.args(all).stdin(Stdio::null());
    command
}

/// The same, begun: it has said how many jobs its run has.
fn begun(
    program: &Program,
    registry: &Registry,
    arguments: &[&str],
) -> (Child, thread::JoinHandle<String>) {
    let mut command = batch_command(program, registry, arguments);
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    let mut said = String::new();
    while !said.contains(" of them new") {
        assert!(stderr.read_line(&mut said).unwrap() > 0, "{said}");
    }
    let rest = thread::spawn(move || {
        stderr.read_to_string(&mut said).unwrap();
        said
    });
    (child, rest)
}

/// Whoever has its jobs: a batch ends with the last one of its run, and tells what came of them.
#[test]
fn a_batch_beside_another_process_waits_for_its_run() {
    let registry = Registry::start();
    add(&registry, "a", sdist("a", "1.0"));
    registry.package("a").files().fault(Fault::Hold);
    let program = Program::new();
    let arguments = ["--run=one", "--timeout=60", "pypi:a"];
    let (first, _) = begun(&program, &registry, &arguments);
    while registry.requests("/files/a/a-1.0.tar.gz") == 0 {
        thread::yield_now();
    }
    let (second, _) = begun(&program, &registry, &arguments);
    registry
        .path("/files/a/a-1.0.tar.gz")
        .fault(Fault::Fail(503));
    registry.package("a").files().heal();
    for child in [second, first] {
        let run = Run::of(child.wait_with_output().unwrap());
        assert_eq!(run.code, Some(1), "{}", run.stdout);
        assert!(run.stdout.contains("http-error"), "{}", run.stdout);
    }
}

/// A failure of somebody else's job is none of the batch's.
#[test]
fn a_batch_tells_of_its_own_jobs_only() {
    let registry = Registry::start();
    add(&registry, "a", sdist("a", "1.0"));
    let program = Program::new();
    assert_eq!(program.queue(&["add", "pypi:void"]).code, Some(0));
    let run = batch(&program, &registry, &["--run=one", "--jobs=1", "pypi:a"]);
    assert_eq!(run.code, Some(0), "{}{}", run.stdout, run.stderr);
    assert!(run.stdout.contains("pypi:a"), "{}", run.stdout);
    assert!(!run.stdout.contains("void"), "{}", run.stdout);
}

/// Cancelled jobs stay so, and a queue without runs has its report.
#[test]
fn what_was_taken_out_is_not_put_back_with_the_failures() {
    let registry = Registry::start();
    let program = Program::new();
    assert_eq!(program.queue(&["add", "gem:x"]).code, Some(0));
    let all = report(&program, &[]);
    assert_eq!((&all["jobs"], &all["open"]), (&json!(1), &json!(1)));
    let one = batch(
        &program,
        &registry,
        &["--run=one", "pypi:void", "pypi:none"],
    );
    assert_eq!(one.code, Some(1), "{}", one.stderr);
    for arguments in [&["retry", "--run=one"][..], &["cancel", "2"]] {
        assert_eq!(program.queue(arguments).code, Some(0));
    }
    let again = batch(
        &program,
        &registry,
        &["--run=one", "pypi:void", "pypi:none"],
    );
    assert_eq!(again.code, Some(1), "{}", again.stderr);
    let put_back = run(&program, "retry", &["--all", "one"]);
    assert!(put_back.stdout.starts_with("1 jobs"), "{}", put_back.stdout);
    let most = ["list", "--limit=18446744073709551615"];
    assert_eq!(program.queue(&most).code, Some(0));
    let since = batch(&program, &registry, &["--since=last", "pypi:x"]);
    assert_eq!(since.code, Some(2), "{}", since.stderr);
    // What has ended in the run is said, and not asked for.
    let arguments = ["--run=one", "--dry-run", "pypi:void", "pypi:none"];
    let foreseen = batch(&program, &registry, &arguments);
    assert!(
        foreseen.stdout.contains("ended     pypi:void  cancelled"),
        "{}",
        foreseen.stdout
    );
}

/// A full disk behind stdout is a failure, and nobody who reads on is none.
#[test]
fn results_that_cannot_be_written_are_a_failure() {
    let registry = Registry::start();
    let program = Program::new();
    let names: Vec<String> = (0..200).map(|it| format!("pypi:p{it}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    assert_eq!(
        batch(&program, &registry, &["--run=one", "pypi:void"]).code,
        Some(1)
    );
    for arguments in [
        &["report"][..],
        &["queue", "list"],
        &["queue", "list", "--json"],
    ] {
        let full = fs::OpenOptions::new()
            .write(true)
            .open("/dev/full")
            .unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_distmill"));
        command.args(arguments).env("DISTMILL_ROOT", program.root());
        let run = Run::of(
            command
                .stdout(full)
                .stderr(Stdio::piped())
                .output()
                .unwrap(),
        );
        assert_eq!(run.code, Some(1), "{arguments:?}: {}", run.stderr);
        assert!(
            run.stderr.contains("cannot write to stdout"),
            "{}",
            run.stderr
        );
    }
    let before = registry.all_requests().values().sum::<usize>();
    let mut all = vec!["--dry-run", "--jobs=1"];
    all.extend(names);
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = batch_command(&program, &registry, &all);
    let run = Run::of(
        command
            .stdout(writer)
            .stderr(Stdio::piped())
            .output()
            .unwrap(),
    );
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let asked = registry.all_requests().values().sum::<usize>() - before;
    assert!(asked < 20, "{asked}");
}

fn report(program: &Program, arguments: &[&str]) -> Value {
    let mut all = vec!["--json"];
    all.extend(arguments);
    let run = run(program, "report", &all);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    serde_json::from_str(&run.stdout).unwrap()
}

/// What a report counts, by result.
fn counts(report: &Value) -> BTreeMap<String, u64> {
    let rows = report["outcomes"].as_array().unwrap().iter();
    rows.map(|it| {
        (
            it["result"].as_str().unwrap().to_owned(),
            it["jobs"].as_u64().unwrap(),
        )
    })
    .collect()
}

fn add(registry: &Registry, name: &str, bytes: Vec<u8>) {
    registry.add_pypi(name, "1.0", &format!("{name}-1.0.tar.gz"), bytes);
}

/// The names that the root of the index lists.
fn list(registry: &Registry, names: &[String]) {
    let projects: Vec<Value> = names.iter().map(|it| json!({"name": it})).collect();
    let page = json!({"meta": {"api-version": "1.0"}, "projects": projects});
    let kind = "application/vnd.pypi.simple.v1+json";
    registry.serve("/simple/", Reply::page(kind, page.to_string()));
}

/// Publishes a package that is bad in the way of this number; the answer is its code.
fn plant(registry: &Registry, name: &str, way: usize) -> &'static str {
    let good = || sdist(name, "1.0");
    let file = format!("{name}-1.0.tar.gz");
    match way % (9 + SDISTS.len()) {
        0 => {
            let wheel = format!("{name}-1.0-cp312-cp312-manylinux_2_17_x86_64.whl");
            registry.add_pypi(name, "1.0", &wheel, "x");
            "platform-wheels-only"
        }
        1 => {
            registry.add_pypi(name, "1.0", &file, good()).yanked();
            "all-yanked"
        }
        2 => {
            registry.add_pypi_without_files(name, "1.0");
            "no-files"
        }
        3 => {
            registry.add_pypi(name, "1.0", &file, good()).wrong_sha256();
            "checksum-mismatch"
        }
        4 => {
            add(registry, name, good()[..60].to_vec());
            "archive-corrupt"
        }
        5 => {
            let folder = format!("{name}-1.0/setup.py");
            add(
                registry,
                name,
                Tar::default().file(folder.as_bytes(), b"x").gz(),
            );
            "license-unknown"
        }
        6 => {
            add(registry, name, good());
            registry.package(name).files().fault(Fault::Fail(503));
            "http-error"
        }
        7 => {
            add(registry, name, good());
            registry.package(name).files().fault(Fault::Truncate);
            "network-unreachable"
        }
        // Listed, and gone from the index.
        8 => "unknown-package",
        attack => {
            let (_, bytes, code) = SDISTS[attack - 9];
            add(registry, name, bytes());
            code.as_str()
        }
    }
}

#[test]
fn a_report_counts_what_was_planted_and_the_batch_goes_on_where_it_stopped() {
    let size = std::env::var("DISTMILL_BATCH").map_or(500, |it| it.parse().unwrap());
    let registry = Registry::start();
    let mut planted: BTreeMap<String, &str> = BTreeMap::new();
    for n in 0..size {
        let name = format!("pkg{n:04}");
        let code = match n % 10 {
            3 => plant(&registry, &name, n / 10),
            _ => {
                add(&registry, &name, sdist(&name, "1.0"));
                "imported"
            }
        };
        planted.insert(format!("pypi:{name}"), code);
    }
    let mut names: Vec<String> = planted.keys().map(|it| it[5..].to_owned()).collect();
    list(&registry, &names);
    let program = Program::new();
    let arguments = ["--all=pypi", "--run=first", "--quiet", "--jobs=4"];
    let run = batch(&program, &registry, &arguments);
    assert_eq!(run.code, Some(1), "some failed: {}", run.stderr);

    let mut expected: BTreeMap<String, u64> = BTreeMap::new();
    for code in planted.values() {
        *expected.entry((*code).to_owned()).or_default() += 1;
    }
    let report = report(&program, &["first"]);
    let jobs = program.queue_json(&["list", "--run=first"]);
    let result = |it: &Value| {
        let text = |key: &str| it[key].as_str().unwrap().to_owned();
        (text("source"), text("result"))
    };
    let by_name: BTreeMap<String, String> = jobs.iter().map(result).collect();
    for (source, code) in &planted {
        assert_eq!(by_name[source], *code, "{source}");
    }
    assert_eq!(counts(&report), expected);
    assert_eq!(
        (&report["jobs"], &report["open"]),
        (&json!(size), &json!(0))
    );
    let ended: u64 = report["throughput"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["done"].as_u64().unwrap() + it["failed"].as_u64().unwrap())
        .sum();
    assert_eq!(ended, size as u64);
    let row = |code: &str| {
        let mut rows = report["outcomes"].as_array().unwrap().iter();
        rows.find(|it| it["result"] == code).unwrap().clone()
    };
    let wheels = row("platform-wheels-only");
    assert_eq!(
        (&wheels["fault"], &wheels["state"]),
        (&json!("upstream"), &json!("failed"))
    );
    assert!(wheels["hint"].as_str().unwrap().contains(' '));
    assert_eq!(wheels["examples"][0]["source"], "pypi:pkg0003");

    // The same command again: nothing is begun twice, and what is new at the registry is taken.
    let before = registry.requests("/files/pkg0000/pkg0000-1.0.tar.gz");
    add(&registry, "zzz", sdist("zzz", "1.0"));
    names.push("zzz".to_owned());
    list(&registry, &names);
    let again = batch(
        &program,
        &registry,
        &["--all=pypi", "--run=first", "--jobs=4"],
    );
    assert_eq!(again.code, Some(0), "{}", again.stderr);
    let said = format!("run first: {} jobs, 1 of them new", size + 1);
    assert!(again.stderr.contains(&said), "{}", again.stderr);
    assert_eq!(
        registry.requests("/files/pkg0000/pkg0000-1.0.tar.gz"),
        before
    );
    fsck(&program.repository("python-zzz"));
}

#[test]
fn a_batch_that_was_killed_goes_on() {
    let registry = Registry::start();
    let names: Vec<String> = (0..40).map(|it| format!("p{it}")).collect();
    for name in &names {
        add(&registry, name, sdist(name, "1.0"));
    }
    registry.package("p7").files().fault(Fault::Hold);
    let program = Program::new();
    let file = program.scratch().join("names");
    let lines: Vec<String> = names.iter().map(|it| format!("pypi:{it}")).collect();
    fs::write(&file, lines.join("\n")).unwrap();
    let argument = format!("@{}", file.display());
    let address = format!("--registry=pypi={}", registry.url());
    let mut command = Command::new(env!("CARGO_BIN_EXE_distmill"));
    command.arg("batch").arg("--root").arg(program.root());
    command.args([
        &*argument,
        &*address,
        "--quiet",
        "--jobs=2",
        "--timeout=600",
    ]);
    let mut child = command
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    while registry.requests("/files/p7/p7-1.0.tar.gz") == 0 {
        std::thread::yield_now();
    }
    // The other thread goes on.
    while report(&program, &[])["open"] == 40 {
        std::thread::yield_now();
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let open = report(&program, &[])["open"].as_u64().unwrap();
    assert!(open > 0 && open < 40, "{open}");
    registry.package("p7").files().heal();
    let run = batch(&program, &registry, &[&argument, "--quiet", "--timeout=60"]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let report = report(&program, &[]);
    // What was committed and not marked before the kill is found unchanged.
    let counts = counts(&report);
    let count = |result: &str| counts.get(result).copied().unwrap_or_default();
    assert_eq!(count("imported") + count("unchanged"), 40, "{counts:?}");
}

#[test]
fn a_dry_run_predicts_and_makes_nothing() {
    let registry = Registry::start();
    for name in ["rails", "railties", "rake", "six"] {
        registry.add_gem(name, "1.0", "never fetched");
    }
    registry.add_gem("railway", "1.0", "x").platform("java");
    let names = "---\nrails\nrailties\nrailway\nrake\nsix\n";
    registry.serve("/names", Reply::page("text/plain", names));
    let program = Program::new();
    let top = program.scratch().join("top");
    fs::write(&top, "railway\nrails\n").unwrap();
    let top = format!("--top={}", top.display());
    let arguments = ["--all=gem", "--match=rail*", &top, "--limit=2", "--dry-run"];
    let mut json = arguments.to_vec();
    json.push("--json");
    let run = batch(&program, &registry, &json);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let lines = run
        .stdout
        .lines()
        .map(|it| serde_json::from_str(it).unwrap());
    let mut lines: Vec<Value> = lines.collect();
    lines.sort_by_key(|it| it["source"].to_string());
    assert_eq!(lines.len(), 2, "{}", run.stdout);
    assert_eq!(
        (&lines[0]["source"], &lines[0]["predicted"]),
        (&json!("gem:rails"), &json!("import"))
    );
    assert_eq!(lines[0]["file"], "rails-1.0.gem");
    assert_eq!(lines[1]["predicted"], "no-ruby-platform");
    let text = batch(&program, &registry, &arguments).stdout;
    for part in [
        "import    gem:rails",
        "fail      gem:railway  no-ruby-platform",
        "predicted",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(!program.root().exists());
    assert!(
        registry
            .all_requests()
            .keys()
            .all(|it| !it.starts_with("/gems/"))
    );
    let wrong = batch(
        &program,
        &registry,
        &["--all=npm", "--match=[", "--project=x"],
    );
    assert_eq!(wrong.code, Some(2));
    for part in ["neither pypi nor gem", "--match", "OWNER/PROJECT"] {
        assert!(wrong.stderr.contains(part), "{part}: {}", wrong.stderr);
    }
}

/// Two runs: one source ends alike, one is fixed, one is new, one is gone, one is never there.
fn two_runs() -> (Registry, Program) {
    let registry = Registry::start();
    for name in ["same", "broken", "gone"] {
        add(&registry, name, sdist(name, "1.0"));
    }
    registry
        .package("broken")
        .files()
        .fault(Fault::FailFirst(1, 503));
    let program = Program::new();
    let hostile = "/nowhere/<script>alert(1)</script>|`x`.gem";
    let one = batch(
        &program,
        &registry,
        &[
            "--run=one",
            "pypi:same",
            "pypi:broken",
            "pypi:gone",
            "pypi:void",
        ],
    );
    assert_eq!(one.code, Some(1), "{}", one.stderr);
    let refused = batch(&program, &registry, &["--run=one", hostile]);
    assert_eq!(refused.code, Some(1));
    assert!(refused.stderr.contains("refused: "), "{}", refused.stderr);
    add(&registry, "new", sdist("new", "1.0"));
    let two = batch(
        &program,
        &registry,
        &[
            "--run=two",
            "pypi:same",
            "pypi:broken",
            "pypi:new",
            "pypi:void",
        ],
    );
    assert_eq!(two.code, Some(1), "{}", two.stderr);

    (registry, program)
}

/// The sources of a list of a comparison.
fn sources<'a>(changes: &'a Value, list: &str) -> Vec<&'a str> {
    let list = changes[list].as_array().unwrap().iter();
    list.map(|it| it["source"].as_str().unwrap()).collect()
}

#[test]
fn two_runs_are_compared() {
    let (_registry, program) = two_runs();
    let changes = report(&program, &["one", "--compare=two"]);
    for way in [
        &["--compare", "one", "two"][..],
        &["one", "--compare", "two"],
        &["--compare=two", "one"],
    ] {
        assert_eq!(report(&program, way), changes, "{way:?}");
    }
    for way in [&["--compare=two"][..], &["one", "--compare", "one", "two"]] {
        assert_eq!(run(&program, "report", way).code, Some(2), "{way:?}");
    }
    let sources = |list: &str| sources(&changes, list);
    assert_eq!(sources("fixed"), ["pypi:broken"]);
    assert_eq!(changes["fixed"][0]["before"], "http-error");
    assert_eq!(
        (sources("new"), sources("gone")),
        (vec!["pypi:new"], vec!["pypi:gone"])
    );
    assert_eq!(
        (&changes["same"], sources("regressed").len()),
        (&json!(2), 0)
    );
}

/// What did not end, or was taken out, neither failed nor came right.
#[test]
fn what_has_not_ended_is_neither_fixed_nor_regressed() {
    let registry = Registry::start();
    for name in ["a", "b", "c"] {
        add(&registry, name, sdist(name, "1.0"));
        registry.package(name).files().fault(Fault::Fail(503));
    }
    let program = Program::new();
    let names = ["pypi:a", "pypi:b", "pypi:c"];
    let run_of = |name: &str, more: &[&str]| {
        let name = format!("--run={name}");
        let mut all = vec![&*name, "--quiet"];
        all.extend(more.iter().chain(&names));
        batch(&program, &registry, &all)
    };
    assert_eq!(run_of("one", &[]).code, Some(1));
    registry.package("b").files().heal();
    assert_eq!(run_of("two", &[]).code, Some(1));
    // Put back: one is taken out again, the others wait.
    for arguments in [
        &["retry", "--run=two", "--code=http-error"][..],
        &["retry", "--run=one"],
        &["cancel", "3"],
    ] {
        assert_eq!(program.queue(arguments).code, Some(0), "{arguments:?}");
    }
    let changes = report(&program, &["--compare", "one", "two"]);
    for list in ["fixed", "regressed", "new", "gone", "changed"] {
        assert_eq!(sources(&changes, list), [""; 0], "{list}: {changes}");
    }
    assert_eq!(sources(&changes, "open"), names);
    assert_eq!(changes["open"][1]["before"], "queued");
    let cancelled = program.queue(&["cancel", "--run=two"]);
    assert_eq!(cancelled.code, Some(0), "{}", cancelled.stderr);
    assert_eq!(run_of("one", &["--attempts=1"]).code, Some(1));
    let changes = report(&program, &["--compare", "one", "two"]);
    assert_eq!(sources(&changes, "changed"), ["pypi:a"], "{changes}");
}

#[test]
fn reports_are_safe_to_open() {
    let (registry, program) = two_runs();
    let page = program.scratch().join("report.html");
    let output = format!("--output={}", page.display());
    let run_of = |arguments: &[&str]| {
        let run = run(&program, "report", arguments);
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        run.stdout
    };
    run_of(&["one", "--format=html", &output]);
    let html = fs::read_to_string(&page).unwrap();
    for part in [
        "<h1>Run one</h1>",
        "http-error",
        "pypi:broken",
        "unknown-package",
    ] {
        assert!(html.contains(part), "{part}: {html}");
    }
    assert!(
        !html.contains("src=") && !html.contains("href="),
        "it loads nothing"
    );
    assert!(
        html.contains("<svg ") && html.contains("text-anchor=\"middle\">"),
        "{html}"
    );
    assert!(run_of(&["one", "--compare=two", "--format=html"]).contains("Fixed: 1"));
    let markdown = run_of(&["two"]);
    for part in [
        "# Run two",
        "| done |",
        "| failed | unknown-package | request | 1 |",
        "## Time by stage",
    ] {
        assert!(markdown.contains(part), "{part}: {markdown}");
    }
    // What comes from outside is text, in either.
    let name = "pypi:<b>&|*x";
    batch(&program, &registry, &["--run=<i>three</i>", name]);
    let html = run_of(&["<i>three</i>", "--format=html"]);
    assert!(
        html.contains("pypi:&lt;b&gt;&amp;") && !html.contains("<i>three"),
        "{html}"
    );
    assert!(run_of(&["<i>three</i>"]).contains("pypi:\\<b\\>&\\|\\*x"));
    let unknown = run(&program, "report", &["four"]);
    assert_eq!(unknown.code, Some(1));
    assert!(
        unknown.stderr.contains("there is no run four"),
        "{}",
        unknown.stderr
    );
}
