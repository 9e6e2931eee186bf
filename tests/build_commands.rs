//! What the commands that queue builds, and those that look at them, promise beside the circle itself.

use crate::support::builds::{Yard, count, kill, packages, spec, srpm, wait_until};
use crate::support::pack::Tar;
use crate::support::program::{Program, Run};
use crate::support::registry::Registry;
use crate::support::said::Said;
use crate::support::tools::git;
use serde_json::Value;
use std::process::{Child, Command, Stdio};

const TARGET: &str = "[[targets]]\nname = 't-x86_64'\n";

/// A command that is quick.
const QUICK: &str = "builders = 2\ncreaterepo = ''\ncommand = 'echo of {commit}'\n";

/// The build system's commands about one root.
fn build(yard: &Yard, arguments: &[&str]) -> Run {
    yard.program.run("build", arguments)
}

#[test]
fn a_build_is_of_the_commit_that_has_its_source_package() {
    let yard = Yard::new();
    yard.configure(&format!(
        "{QUICK}{TARGET}[[targets]]\nname = 'f42-x86_64'\nbranch = 'f42'\n"
    ));
    let folder = yard.program.scratch().join("srpms");
    let first = srpm(&folder, "h", &spec("h", true, ":"));
    srpm(
        &folder,
        "h",
        &spec("h", true, ":").replace("Version: 1", "Version: 2"),
    );
    let second = folder.join("h-2-1.src.rpm");
    let third = srpm(&folder.join("other"), "h", &spec("h", true, "true"));
    let importer = Program::new().at(yard.program.root());
    for it in [&first, &second] {
        assert_eq!(importer.import(&[it]).code, Some(0));
    }
    let refused = build(
        &yard,
        &["add", "--target=f42-x86_64", first.to_str().unwrap()],
    );
    assert_eq!(refused.code, Some(1));
    let text = "h is not on the branch f42, from which target f42-x86_64 builds";
    assert!(refused.stderr.contains(text), "{}", refused.stderr);
    let added = build(&yard, &["add", first.to_str().unwrap()]);
    assert!(added.stderr.contains(text), "{}", added.stderr);
    assert_eq!(added.stdout.lines().count(), 1, "{}", added.stdout);
    build(&yard, &["add", second.to_str().unwrap()]);
    let foreign = build(&yard, &["add", third.to_str().unwrap()]);
    assert!(
        foreign.stderr.contains("no commit for target"),
        "{}",
        foreign.stderr
    );
    let repository = yard.program.root().join("git/local/import/h.git");
    let builds = yard.builds();
    assert_eq!(
        builds[0]["commit"],
        git(&repository, &["rev-parse", "main~1"]).as_str()
    );
    assert_eq!(
        builds[1]["commit"],
        git(&repository, &["rev-parse", "main"]).as_str()
    );
    assert_eq!(builds[2]["commit"], Value::Null);
}

/// The least sdist of a name.
fn sdist(name: &str) -> Vec<u8> {
    let info = format!("Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\nLicense: MIT\n");
    let path = format!("{name}-1.0/PKG-INFO");
    Tar::default().file(path.as_bytes(), info.as_bytes()).gz()
}

/// A registry with two packages, and a yard that builds from it.
fn circle(more: &str) -> (Registry, Yard) {
    let registry = Registry::start();
    for name in ["aa", "bb"] {
        registry.add_pypi(name, "1.0", &format!("{name}-1.0.tar.gz"), sdist(name));
    }
    let yard = Yard::new();
    yard.configure(&format!("{more}{TARGET}"));
    (registry, yard)
}

fn with_registry(yard: &Yard, registry: &Registry, command: &str, more: &[&str]) -> Run {
    let address = format!("--registry=pypi={}", registry.url());
    let mut all = vec!["--json", "--retries=0", &address, "pypi:aa", "pypi:bb"];
    all.extend(more);
    yard.program.run(command, &all)
}

fn lines(run: &Run) -> Vec<Value> {
    let lines = run.stdout.lines();
    lines.map(|it| serde_json::from_str(it).unwrap()).collect()
}

#[test]
fn another_run_counts_what_it_found_and_builds_it_anew_if_asked() {
    let fails = "builders = 1\ncreaterepo = ''\ncommand = 'test {package} != python-bb'\n";
    let (registry, yard) = circle(fails);
    let rebuild = |more: &[&str]| with_registry(&yard, &registry, "rebuild", more);
    assert_eq!(rebuild(&["--run=one"]).code, Some(1));
    let second = rebuild(&["--run=two"]);
    let text = "not built again: 1 builds that had finished and 1 that had failed";
    assert!(second.stderr.contains(text), "{}", second.stderr);
    let report = yard.program.run("report", &["two"]).stdout;
    assert!(report.contains("| failed | build-failed | 1 |"), "{report}");
    yard.configure(&format!("{QUICK}{TARGET}"));
    let third = rebuild(&["--run=three", "--build-again"]);
    assert_eq!(third.code, Some(0), "{}", third.stderr);
    let built = lines(&third)
        .into_iter()
        .filter(|it| it.get("build").is_some());
    assert_eq!(built.count(), 2);
    // A run builds each once, however often it is gone on with.
    let again = rebuild(&["--run=three", "--build-again"]);
    assert_eq!(
        (again.code, again.stdout.as_str()),
        (Some(0), ""),
        "{}",
        again.stderr
    );
    let changes = yard
        .program
        .run("report", &["one", "--compare=three", "--json"])
        .stdout;
    let changes: Value = serde_json::from_str(&changes).unwrap();
    let builds = &changes["builds"];
    assert_eq!(builds["same"], 1);
    assert_eq!(builds["fixed"][0]["source"], "python-bb for t-x86_64");
    let text = yard
        .program
        .run("report", &["one", "--compare=three"])
        .stdout;
    assert!(text.contains("## Builds fixed: 1"), "{text}");
}

/// A service, ended when dropped.
struct Service(Child);

impl Drop for Service {
    fn drop(&mut self) {
        kill(&mut self.0);
    }
}

#[test]
fn builds_of_a_rebuild_are_left_to_a_service_that_dispatches() {
    let (registry, yard) = circle(QUICK);
    let locked = || {
        let store = distmill::store::SqliteBuilds::open(&yard.program.root().join("builds"));
        store.unwrap().lock().unwrap().is_none()
    };
    let _service = Service(yard.start(&["--follow"]));
    wait_until("the service", locked);
    let run = with_registry(&yard, &registry, "rebuild", &[]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let text = "another process dispatches the builds of this root";
    assert!(run.stderr.contains(text), "{}", run.stderr);
    assert!(run.stderr.contains("2 builds queued"), "{}", run.stderr);
    wait_until("the builds", || count(&yard.builds(), "finished") == 2);
}

#[test]
fn what_builds_lack_is_told_before_anything_is_imported() {
    let (registry, yard) = circle("farm = 'nowhere'\n");
    let run = with_registry(&yard, &registry, "rebuild", &[]);
    assert_eq!(
        (run.code, run.stdout.as_str()),
        (Some(1), ""),
        "{}",
        run.stderr
    );
    assert!(run.stderr.contains("nowhere/pools.yaml"), "{}", run.stderr);
    let made = yard.program.root().join("srpms/local");
    assert!(!made.exists(), "something was imported");
}

#[test]
fn options_about_builds_mean_nothing_without_builds() {
    let (registry, yard) = circle(QUICK);
    for (command, part) in [("import", "give --build"), ("batch", "give --rebuild")] {
        let run = with_registry(&yard, &registry, command, &["--target=t-x86_64"]);
        assert_eq!(run.code, Some(2), "{}", run.stderr);
        assert!(run.stderr.contains(part), "{}", run.stderr);
    }
    let batch = with_registry(
        &yard,
        &registry,
        "batch",
        &["--rebuild", "--target=t-x86_64"],
    );
    assert!(batch.stderr.contains("2 builds queued"), "{}", batch.stderr);
}

#[test]
fn a_run_of_builds_ends_with_the_table_of_builds() {
    let yard = Yard::new();
    yard.configure(&format!("{QUICK}{TARGET}"));
    let run = build(&yard, &["run"]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert!(run.stdout.contains("builds: 0 in "), "{}", run.stdout);
    assert!(!run.stdout.contains("imported"), "{}", run.stdout);
}

#[test]
fn a_log_is_followed_for_as_long_as_somebody_reads() {
    let yard = Yard::new();
    yard.configure(&format!(
        "builders = 1\ncreaterepo = ''\ncommand = 'echo begun; sleep 3600'\n{TARGET}"
    ));
    yard.add(&packages(&yard, 1), &[]);
    let mut service = Service(yard.start(&[]));
    Said::read(service.0.stderr.take().unwrap()).wait("[build 1]");
    let mut command = Command::new(env!("CARGO_BIN_EXE_distmill"));
    command
        .args(["build", "log", "-f", "1", "--root"])
        .arg(yard.program.root());
    let mut log = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut out = std::io::BufReader::new(log.stdout.take().unwrap());
    let mut line = String::new();
    while !line.contains("begun") {
        std::io::BufRead::read_line(&mut out, &mut line).unwrap();
    }
    drop(out);
    assert!(log.wait().unwrap().success());
    assert_eq!(yard.json(&["show", "1"])[0]["state"], "running");
}

#[test]
fn limits_and_missing_pools_are_told() {
    let yard = Yard::new();
    yard.configure(&format!(
        "builders = 2\ncreaterepo = ''\ncommand = 'sleep 3600'\n[limits]\nowner = 1\n{TARGET}[[rules]]\npattern = '('\ntags = ['x']\n"
    ));
    yard.add(&packages(&yard, 2), &["--project=al/x"]);
    let mut service = Service(yard.start(&[]));
    let said = Said::read(service.0.stderr.take().unwrap());
    said.wait("[build 1]");
    let why = build(&yard, &["why", "2"]).stdout;
    assert!(why.contains("limits.owner = 1 holds it back"), "{why}");
    assert!(
        why.contains("1 builds are queued, 1 of them of al"),
        "{why}"
    );
    let tags = build(&yard, &["--json", "tags", "p", "t-x86_64"]);
    assert!(tags.stderr.contains("\"(\" is skipped"), "{}", tags.stderr);
    drop(service);
    yard.configure("[limits]\ntotal = 0\narchitectures = { s390x = 0 }\n");
    let run = build(&yard, &["list"]);
    assert_eq!(run.code, Some(2));
    for part in ["limits.total is 0", "limits.architectures.s390x is 0"] {
        assert!(run.stderr.contains(part), "{}", run.stderr);
    }
}
