//! `distmill bench` measures what it says: the real program imports tiny corpora, and what it
//! prints is held against what went in. How fast it was is nobody's business here.

use crate::support::program::Run;
use crate::support::sdist::sdist;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

/// A folder for corpora and roots.
struct Bench {
    dir: TempDir,
}

impl Bench {
    fn new() -> Self {
        let dir = TempDir::new().unwrap();
        for folder in ["cache", "roots"] {
            fs::create_dir(dir.path().join(folder)).unwrap();
        }
        Self { dir }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_distmill"));
        command.arg("bench").arg("--fs").arg(self.path("roots"));
        command.env("XDG_CACHE_HOME", self.path("cache"));
        command.args(arguments).stdin(Stdio::null());
        command
    }

    /// Runs it. No root stays behind, however it ends.
    fn run(&self, arguments: &[&str]) -> Run {
        let run = Run::of(self.command(arguments).output().unwrap());
        let left = fs::read_dir(self.path("roots")).unwrap().count();
        assert_eq!(left, 0, "roots stay behind: {}", run.stderr);
        run
    }

    /// Runs it with `--json`; it must go well.
    fn report(&self, arguments: &[&str]) -> Value {
        let run = self.run(&[&["--json"], arguments].concat());
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        serde_json::from_str(&run.stdout).unwrap()
    }

    /// The made-up files with their bytes.
    fn made(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let cache = self.path("cache/distmill/bench");
        let files = glob::glob(&format!("{}/*/[!.]*", cache.display())).unwrap();
        let files = files.map(|it| it.unwrap());
        files
            .map(|it| {
                let name = it.strip_prefix(&cache).unwrap().to_owned();
                (name, fs::read(it).unwrap())
            })
            .collect()
    }
}

/// Six small packages, measured once.
const SMALL: [&str; 6] = [
    "--synthetic=6",
    "--size=6kB",
    "--repeat=1",
    "--threads=1,2",
    "--quiet",
    "--seed=7",
];

fn small<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&SMALL[..], more].concat()
}

fn rows(report: &Value) -> &Vec<Value> {
    report["rows"].as_array().unwrap()
}

fn number(value: &Value, name: &str) -> f64 {
    let number = value[name].as_f64();
    number.unwrap_or_else(|| panic!("{name} in {value:#}"))
}

/// The names of a row's stages, sorted.
fn stages(row: &Value) -> Vec<&str> {
    let stages = row["stages_ms"].as_object().unwrap();
    let mut names: Vec<&str> = stages.keys().map(String::as_str).collect();
    names.sort_unstable();
    names
}

fn assert_whole(row: &Value, packages: u64) {
    assert_eq!(row["packages"], packages, "{row:#}");
    assert_eq!(row["failed"], 0, "{row:#}");
    assert_eq!(row["unchanged"], 0, "{row:#}");
    let runs = row["runs"].as_u64().unwrap();
    assert_eq!(row["imported"], packages * runs, "{row:#}");
    for name in [
        "seconds",
        "packages_per_second",
        "megabytes_per_second",
        "median_ms",
        "p99_ms",
        "cpu_ms",
        "peak_mib",
    ] {
        assert!(number(row, name) > 0.0, "{name} in {row:#}");
    }
    assert!(number(row, "p99_ms") >= number(row, "median_ms"));
}

#[test]
fn every_kind_of_work_is_done_and_counted() {
    let bench = Bench::new();
    for (work, expected) in [
        (
            "pypi",
            &["commit", "fetch", "read", "resolve", "spec", "srpm"][..],
        ),
        (
            "gem",
            &["commit", "fetch", "read", "resolve", "spec", "srpm"],
        ),
        ("srpm", &["commit", "fetch", "read"]),
    ] {
        let report = bench.report(&small(&["--work", work, "--floor"]));
        assert_eq!(report["conditions"]["work"], work);
        let corpus = &report["conditions"]["corpus"];
        assert_eq!(corpus["files"], 6);
        let rows = rows(&report);
        assert_eq!(rows.len(), 3);
        rows.iter().for_each(|it| assert_whole(it, 6));
        for (row, threads) in rows.iter().zip([1, 2]) {
            assert_eq!(
                (&row["kind"], &row["threads"]),
                (&"import".into(), &threads.into())
            );
            assert_eq!(stages(row), expected, "{work}");
            let requests = if work == "srpm" { 0.0 } else { 2.0 };
            assert_eq!(number(row, "requests"), requests, "{work}");
            // What the table shows beside the numbers follows from them.
            let rate = number(row, "packages_per_second");
            let speed_up = rate / number(&rows[0], "packages_per_second");
            assert!((number(row, "speed_up") - speed_up).abs() < 1e-9);
            let floor = number(&rows[2], "packages_per_second");
            let processors = report["machine"]["processors"].as_u64().unwrap();
            let hands = u64::try_from(threads).unwrap().min(processors);
            let share = rate / u32::try_from(hands).map(f64::from).unwrap() / floor;
            assert!((number(row, "of_floor") - share).abs() < 1e-9);
            let bytes = number(corpus, "bytes");
            let megabytes = number(row, "megabytes_per_second") * number(row, "seconds");
            assert!((megabytes * 1e6 - bytes).abs() < 1.0, "{megabytes}");
            assert!(row["of_allowed"].is_null());
        }
        assert_eq!(rows[2]["kind"], "floor");
        assert_eq!(stages(&rows[2]), [""; 0]);
    }
}

#[test]
fn the_same_seed_makes_the_same_corpus() {
    let (one, two) = (Bench::new(), Bench::new());
    for bench in [&one, &two] {
        for work in ["pypi", "gem", "srpm"] {
            bench.report(&small(&["--threads=1", "--work", work]));
        }
    }
    let made = one.made();
    assert_eq!(made.len(), 18, "{:?}", made.keys());
    assert_eq!(made, two.made());
    for (name, bytes) in &made {
        assert!((4000..26_000).contains(&bytes.len()), "{}", name.display());
    }
    // Another seed makes others; the first ones stay.
    one.report(&small(&["--threads=1", "--seed=8"]));
    let more = one.made();
    assert_eq!(more.len(), 24);
    assert!(made.iter().all(|it| more.get(it.0) == Some(it.1)));
    let new = more.iter().filter(|it| !made.contains_key(it.0));
    assert!(
        new.into_iter()
            .all(|it| !made.values().any(|old| old == it.1))
    );
}

#[test]
fn real_tools_take_made_up_packages() {
    let bench = Bench::new();
    let cache = bench.path("own");
    let place = cache.to_str().unwrap();
    for work in ["pypi", "gem", "srpm"] {
        let more = ["--threads=1", "--corpus-cache", place, "--work", work];
        bench.report(&[&SMALL[..], &more].concat());
    }
    assert!(bench.made().is_empty(), "--corpus-cache was not used");
    let mut seen = 0;
    for path in glob::glob(&format!("{place}/*/[!.]*")).unwrap() {
        let path = path.unwrap();
        let name = path.to_str().unwrap();
        let output = match path.extension().unwrap().to_str().unwrap() {
            "gem" => Command::new("gem").args(["specification", name]).output(),
            "gz" => Command::new("tar").args(["tzf", name]).output(),
            _ => Command::new("rpm")
                .args(["-K", "--nosignature", name])
                .output(),
        };
        let run = Run::of(output.unwrap());
        assert_eq!(run.code, Some(0), "{name}: {}", run.stderr);
        seen += 1;
    }
    assert_eq!(seen, 18);
}

/// A folder with two sdists and what is of no use here.
fn folder(bench: &Bench) -> String {
    let folder = bench.path("files/more");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("one-1.0.tar.gz"), sdist("one", "1.0")).unwrap();
    fs::write(bench.path("files/two-2.0.tar.gz"), sdist("two", "2.0")).unwrap();
    fs::write(bench.path("files/notes.txt"), "no package").unwrap();
    bench.path("files").to_str().unwrap().to_owned()
}

#[test]
fn a_folder_is_a_corpus_and_goes_into_many_projects() {
    let bench = Bench::new();
    let folder = folder(&bench);
    let report = bench.report(&[
        "--corpus",
        &folder,
        "--projects=3",
        "--repeat=2",
        "--threads=2,2",
        "--floor",
        "--layout=copr",
    ]);
    assert_eq!(report["conditions"]["layout"], "copr");
    assert_eq!(report["conditions"]["corpus"]["files"], 2);
    assert_eq!(report["conditions"]["projects"], 3);
    let rows = rows(&report);
    assert_eq!(rows.len(), 2, "a number of threads stands there once");
    rows.iter().for_each(|it| assert_whole(it, 6));
    assert_eq!(rows[0]["runs"], 2);
    assert!(
        rows[0]["speed_up"].is_null(),
        "there was no run with one thread"
    );
}

#[test]
fn failures_are_counted_and_told() {
    let bench = Bench::new();
    let folder = folder(&bench);
    fs::write(Path::new(&folder).join("bad-1.0.tar.gz"), "no archive").unwrap();
    let run = bench.run(&["--corpus", &folder, "--json", "--threads=1", "--repeat=1"]);
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    let row = &rows(&report)[0];
    assert_eq!((&row["imported"], &row["failed"]), (&2.into(), &1.into()));
    let failures = report["failures"].as_object().unwrap();
    assert_eq!(failures.len(), 1);
    let (code, first) = failures.iter().next().unwrap();
    assert_eq!(first["count"], 1);
    assert!(
        run.stderr
            .contains(&format!("1 failed with {code}, such as pypi:bad==1.0"))
    );
    // Where made-up packages are kept does not matter here.
    let mut command = bench.command(&["--corpus", &folder, "--threads=1", "--repeat=1"]);
    command.env("DISTMILL_CORPUS_CACHE", bench.path("cache"));
    let table = Run::of(command.output().unwrap());
    assert!(table.stdout.contains("failed"), "{}", table.stdout);
    assert!(!table.stdout.contains("unchanged"), "{}", table.stdout);
    // What changed nothing is told as well: two files that say the same make one package.
    fs::remove_file(Path::new(&folder).join("bad-1.0.tar.gz")).unwrap();
    let mut again = sdist("two", "2.0");
    again.push(0);
    fs::write(Path::new(&folder).join("more/two-2.0.tar.gz"), again).unwrap();
    let table = bench.run(&["--corpus", &folder, "--threads=1", "--repeat=1"]);
    assert_eq!(table.code, Some(0), "{}", table.stderr);
    assert!(table.stdout.contains("unchanged"), "{}", table.stdout);
}

#[test]
fn durable_packages_go_through_the_queue() {
    let bench = Bench::new();
    for work in ["pypi", "srpm"] {
        let more = ["--durable", "--work", work, "--projects=2", "--floor"];
        let report = bench.report(&small(&more));
        assert_eq!(report["conditions"]["durable"], true);
        let rows = rows(&report);
        rows.iter().for_each(|it| assert_whole(it, 12));
        for row in &rows[..2] {
            assert!(stages(row).contains(&"flush"), "{row:#}");
        }
    }
}

#[test]
fn a_distant_registry_is_waited_for() {
    let bench = Bench::new();
    let far = ["--latency=40", "--threads=2", "--floor"];
    for (work, requests) in [("pypi", 2.0), ("gem", 2.0), ("srpm", 1.0)] {
        let report = bench.report(&small(&[&far[..], &["--work", work]].concat()));
        let rows = rows(&report);
        rows.iter().for_each(|it| assert_whole(it, 6));
        assert_eq!(number(&rows[0], "requests"), requests, "{work}");
        // Three packages one after the other on each of two threads.
        let least = 3.0 * requests * 0.04;
        assert!(number(&rows[0], "seconds") >= least, "{:#}", rows[0]);
        let allowed = least / number(&rows[0], "seconds");
        assert!((number(&rows[0], "of_allowed") - allowed).abs() < 1e-6);
        assert!(rows[1]["of_allowed"].is_null(), "the floor asks nobody");
    }
}

#[test]
fn bandwidth_is_shared_by_all_threads() {
    let bench = Bench::new();
    let report = bench.report(&small(&["--bandwidth=0.2", "--threads=4"]));
    let row = &rows(&report)[0];
    assert_whole(row, 6);
    let bytes = number(&report["conditions"]["corpus"], "bytes");
    assert!(number(row, "seconds") >= bytes / 0.2e6, "{row:#}");
    let share = number(row, "of_allowed");
    assert!((share * number(row, "seconds") - bytes / 0.2e6).abs() < 1e-6);
    assert!(share <= 1.0, "{share}");
}

#[test]
fn one_thread_does_not_wait_and_receive_at_once() {
    let bench = Bench::new();
    let report = bench.report(&small(&["--bandwidth=1", "--latency=20", "--threads=1"]));
    let row = &rows(&report)[0];
    let bytes = number(&report["conditions"]["corpus"], "bytes");
    let least = 6.0 * 2.0 * 0.02 + bytes / 1e6;
    let share = number(row, "of_allowed");
    assert!(
        (share * number(row, "seconds") - least).abs() < 1e-6,
        "{row:#}"
    );
    assert!(share <= 1.0, "{share}");
}

#[test]
fn a_root_may_be_full_before() {
    let bench = Bench::new();
    let report = bench.report(&small(&["--prefill=50", "--projects=2"]));
    assert_eq!(report["conditions"]["prefill"], 50);
    rows(&report).iter().for_each(|it| assert_whole(it, 12));
}

#[test]
fn an_earlier_run_is_compared_with() {
    let bench = Bench::new();
    let first = bench.run(&[&["--json"], &small(&[])[..]].concat());
    let path = bench.path("before.json");
    fs::write(&path, &first.stdout).unwrap();
    let before: Value = serde_json::from_str(&first.stdout).unwrap();
    let place = path.to_str().unwrap();

    let now = bench.report(&small(&["--compare", place]));
    let changes = now["changes"].as_array().unwrap();
    assert_eq!(changes.len(), 2);
    for (change, (old, new)) in changes.iter().zip(rows(&before).iter().zip(rows(&now))) {
        assert_eq!(change["threads"], new["threads"]);
        for name in ["packages_per_second", "cpu_ms", "p99_ms", "peak_mib"] {
            assert_eq!(change[name][0], old[name]);
            assert_eq!(change[name][1], new[name]);
        }
    }
    // Other conditions are told; rows that one of them lacks are left out.
    let other = small(&["--compare", place, "--threads=2,3", "--seed=9", "--durable"]);
    let run = bench.run(&other);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    for what in ["corpus", "durability"] {
        let line = format!("differs in: {what}");
        assert!(run.stderr.contains(&line), "{}", run.stderr);
    }
    let table = run.stdout.split("since then").nth(1).unwrap();
    let lines = table.lines().filter(|it| it.contains("import"));
    assert_eq!(lines.count(), 1, "{table}");
    assert!(table.contains('%'));
}

#[test]
fn tables_csv_and_the_picture_say_the_same() {
    let bench = Bench::new();
    let plot = bench.path("plot.svg");
    let plot_place = plot.to_str().unwrap();
    let run = bench.run(&small(&["--csv", "--floor", "--plot", plot_place]));
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let lines: Vec<Vec<&str>> = run
        .stdout
        .lines()
        .map(|it| it.split(',').collect())
        .collect();
    assert_eq!(lines.len(), 4);
    assert!(
        lines.iter().all(|it| it.len() == lines[0].len()),
        "{lines:?}"
    );
    assert_eq!(lines[0][..3], ["kind", "threads", "runs"]);
    assert_eq!(lines[0].last(), Some(&"commit_ms"));
    let kinds: Vec<&str> = lines[1..].iter().map(|it| it[0]).collect();
    assert_eq!(kinds, ["import", "import", "floor"]);
    for line in &lines[1..] {
        assert_eq!(line[3..7], ["6", "6", "0", "0"]);
        for value in line[1..].iter().filter(|it| !it.is_empty()) {
            assert!(value.parse::<f64>().is_ok(), "{value}");
        }
    }

    let picture = fs::read_to_string(&plot).unwrap();
    assert_eq!(
        picture.matches("<rect class=\"bar\"").count(),
        2,
        "{picture}"
    );
    assert_eq!(picture.matches("<line class=\"line\"").count(), 1);
    assert!(picture.contains("2 threads"));
    let parse = "import sys, xml.etree.ElementTree as t; print(t.parse(sys.argv[1]).getroot().tag)";
    let parsed = Command::new("python3")
        .args(["-c", parse, plot_place])
        .output();
    let parsed = Run::of(parsed.unwrap());
    assert_eq!(
        parsed.stdout.trim(),
        "{http://www.w3.org/2000/svg}svg",
        "{}",
        parsed.stderr
    );

    let table = bench.run(&small(&["--floor"])).stdout;
    for word in [
        "packages/s",
        "99 % ms",
        "locks ms",
        "of floor",
        "resolve",
        "commit",
    ] {
        assert!(table.contains(word), "{word}: {table}");
    }
    assert!(!table.contains("of allowed"), "{table}");
}

#[test]
fn progress_goes_to_stderr_and_quiet_leaves_it_out() {
    let bench = Bench::new();
    let quiet = bench.run(&small(&[]));
    assert_eq!(quiet.stderr, "");
    let all: Vec<&str> = SMALL.into_iter().filter(|it| *it != "--quiet").collect();
    let loud = bench.run(&all);
    assert_eq!(
        loud.stderr.matches("packages/s").count(),
        2,
        "{}",
        loud.stderr
    );
}

#[test]
fn mistakes_are_all_told_before_anything_is_made() {
    let bench = Bench::new();
    let bad = bench.path("bad.json");
    fs::write(&bad, "{}").unwrap();
    let run = bench.run(&[
        "--latency=-1",
        "--bandwidth=0",
        "--compare",
        bad.to_str().unwrap(),
        "--corpus=/nowhere",
        "--plot=/nowhere/a.svg",
    ]);
    assert_eq!(run.code, Some(2), "{}", run.stderr);
    for what in [
        "--latency must be",
        "--bandwidth must be",
        "bad.json cannot be used",
        "--corpus /nowhere is no folder",
        "--plot /nowhere/a.svg: its folder is not there",
    ] {
        assert!(run.stderr.contains(what), "{what}: {}", run.stderr);
    }
    let folder = format!("--plot={}", bench.path("roots").display());
    for (wrong, what) in [
        (
            &["--latency=1e300", "--bandwidth=1e-300"][..],
            "at most a day",
        ),
        (&["--latency=nan", "--bandwidth=nan"], "0.001 to 1000000"),
        (&["--fs=/proc"], "--fs /proc cannot be written to"),
        (&[&*folder], "it cannot be written"),
    ] {
        let run = bench.run(wrong);
        assert_eq!(run.code, Some(2), "{wrong:?}: {}", run.stderr);
        assert!(run.stderr.contains(what), "{what}: {}", run.stderr);
    }
    for wrong in [
        &["--threads=0"][..],
        &["--work=deb"],
        &["--corpus=/tmp", "--synthetic=3"],
        &["--json", "--csv"],
    ] {
        assert_eq!(bench.run(wrong).code, Some(2), "{wrong:?}");
    }
    assert!(bench.made().is_empty());
    // A folder without anything of use is found out when it is read.
    fs::create_dir(bench.path("empty")).unwrap();
    let empty = bench.path("empty");
    let run = bench.run(&["--corpus", empty.to_str().unwrap()]);
    assert_eq!(run.code, Some(1));
    assert!(
        run.stderr.contains("holds nothing for --work pypi"),
        "{}",
        run.stderr
    );
}

/// State and parent of a process, while it is there.
fn process(pid: u32) -> Option<(char, u32)> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let mut fields = stat.rsplit_once(") ")?.1.split(' ');
    let state = fields.next()?.chars().next()?;
    Some((state, fields.next()?.parse().ok()?))
}

/// The process of the measurement that this one waits for.
fn trial_of(parent: u32) -> Option<u32> {
    let all = fs::read_dir("/proc").unwrap().map(|it| it.unwrap());
    let mut numbers = all.filter_map(|it| it.file_name().to_str()?.parse().ok());
    numbers.find(|it| {
        let line = fs::read(format!("/proc/{it}/cmdline")).unwrap_or_default();
        let is_trial = line.split(|it| *it == 0).any(|it| it == b"bench-trial");
        is_trial && process(*it).is_some_and(|it| it.1 == parent)
    })
}

/// A benchmark in a group of its own that would take hours, and the process of its measurement.
fn endless(bench: &Bench) -> (Child, u32) {
    let mut command = bench.command(&["--synthetic=2", "--size=3kB", "--latency=10000000"]);
    command.stderr(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.process_group(0).spawn().unwrap();
    loop {
        if let Some(trial) = trial_of(child.id()) {
            return (child, trial);
        }
        assert!(child.try_wait().unwrap().is_none(), "it ended early");
        std::thread::yield_now();
    }
}

fn kill(signal: &str, target: &str) {
    let status = Command::new("kill").args([signal, "--", target]).status();
    assert!(status.unwrap().success());
}

fn wait_for_the_end_of(pid: u32) {
    while process(pid).is_some_and(|it| it.0 != 'Z') {
        std::thread::yield_now();
    }
}

#[test]
fn a_signal_ends_it_and_leaves_nothing() {
    let bench = Bench::new();
    let (child, trial) = endless(&bench);
    // As a terminal does: all of the group get it, and the measurement is none of them.
    kill("-INT", &format!("-{}", child.id()));
    let run = Run::of(child.wait_with_output().unwrap());
    assert_eq!((run.code, &*run.stdout), (Some(130), ""), "{}", run.stderr);
    assert!(run.stderr.contains("stopping"), "{}", run.stderr);
    assert_eq!(process(trial), None);
    assert_eq!(fs::read_dir(bench.path("roots")).unwrap().count(), 0);
}

#[test]
fn a_killed_one_takes_its_measurement_along_and_the_next_one_clears_up() {
    let bench = Bench::new();
    let (mut child, trial) = endless(&bench);
    kill("-KILL", &child.id().to_string());
    child.wait().unwrap();
    wait_for_the_end_of(trial);
    // As one that was killed while it made a corpus.
    let making = bench.path("cache/distmill/bench/.making-dead");
    fs::create_dir(&making).unwrap();
    fs::write(making.join("half"), "").unwrap();
    assert_eq!(fs::read_dir(bench.path("roots")).unwrap().count(), 1);
    // What lives is left alone.
    let (mut other, _) = endless(&bench);
    assert_eq!(fs::read_dir(bench.path("roots")).unwrap().count(), 1);
    assert!(!making.exists());
    kill("-INT", &other.id().to_string());
    assert_eq!(other.wait().unwrap().code(), Some(130));
    bench.report(&small(&["--threads=1"]));
}
