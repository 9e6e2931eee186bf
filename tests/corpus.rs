//! What becomes of every kind of package: the real program sees the whole corpus, its specs are
//! held against golden ones, and the real `rpmspec` reads every one of them.

use crate::support::corpus::{self, Case};
use crate::support::descriptions::under;
use crate::support::program::Run;
use crate::support::tools::have;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

/// The corpus after the program has seen all of it in one run.
struct Made {
    /// The archives, and in `out` what was made of them.
    dir: TempDir,
    cases: Vec<Case>,
    /// By the case's name.
    outcomes: BTreeMap<&'static str, Value>,
}

impl Made {
    fn new() -> Self {
        let dir = TempDir::new().unwrap();
        let cases = corpus::all();
        let mut command = Command::new(env!("CARGO_BIN_EXE_distmill"));
        command.args(["srpm", "--spec", "--quiet", "--json", "--dist=.fc43", "-o"]);
        command.arg(dir.path().join("out"));
        let mut names = BTreeMap::new();
        for case in &cases {
            let place = dir.path().join(&case.file_name);
            fs::write(&place, &case.bytes).unwrap();
            command.arg(&place);
            names.insert(place.to_str().unwrap().to_owned(), case.name);
        }
        let run = Run::of(command.stdin(Stdio::null()).output().unwrap());
        let outcomes = run.outcomes().into_iter();
        let outcomes: BTreeMap<_, _> = outcomes.map(|(path, it)| (names[&path], it)).collect();
        assert_eq!(outcomes.len(), cases.len(), "a case stands twice");
        Self {
            dir,
            cases,
            outcomes,
        }
    }

    /// The spec that was made of a case.
    fn spec(&self, name: &str) -> Option<PathBuf> {
        let package = self.outcomes[name]["package"].as_str()?;
        let place = self.dir.path().join("out").join(format!("{package}.spec"));
        place.exists().then_some(place)
    }

    /// One line a case: what came of it, and what was warned of.
    fn list(&self) -> String {
        let folder = self.dir.path().to_str().unwrap();
        let mut out = String::new();
        for (name, outcome) in &self.outcomes {
            let failure = &outcome["failure"];
            let _ = match failure.as_object() {
                None => writeln!(out, "{name}: imported"),
                Some(it) => writeln!(
                    out,
                    "{name}: {}: {}",
                    it["code"].as_str().unwrap(),
                    it["message"].as_str().unwrap()
                ),
            };
            for warning in outcome["warnings"].as_array().unwrap() {
                let _ = writeln!(out, "    {}", warning.as_str().unwrap());
            }
        }
        out.replace(folder, "CORPUS")
    }
}

fn golden(name: &str, found: &str, wrong: &mut Vec<String>) {
    let place = under("fixtures/corpus").join(name);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        fs::write(&place, found).unwrap();
    }
    if fs::read_to_string(&place).unwrap_or_default() != found {
        wrong.push(name.to_owned());
    }
}

/// `rpmspec` with the stand-ins of a distribution's macros, in an empty folder.
fn rpmspec(arguments: &[&str], spec: &Path, folder: &Path) -> Output {
    let mut command = Command::new("rpmspec");
    for file in ["macros.pyproject", "macros.rubygems"] {
        let path = under("tests/support/rpm-macros").join(file);
        command.arg(format!("--load={}", path.display()));
    }
    command
        .args(["-Ddist .fc43", "-D_lib lib64"])
        .args(arguments)
        .arg(spec);
    command
        .current_dir(folder)
        .env("HOME", folder)
        .env("LC_ALL", "C.UTF-8");
    command.output().unwrap()
}

/// What of the header is asked of both the spec and the source package; one dependency a line.
const QUERY: &str = "%{NAME}|%{EPOCH}|%{VERSION}|%{RELEASE}|%{SUMMARY}|%{LICENSE}|%{URL}|\
    [%{SOURCE} ]|[%{BUILDARCHS} ]\n[%{REQUIRENAME} %{REQUIREFLAGS:depflags} %{REQUIREVERSION}\n]";

#[test]
fn every_package_gets_its_spec_or_its_failure() {
    if !have(&["rpmspec", "rpm"]) {
        return;
    }
    let made = Made::new();
    assert!(made.cases.len() >= 40, "only {} cases", made.cases.len());
    let mut wrong = Vec::new();
    golden("outcomes.txt", &made.list(), &mut wrong);
    let empty = TempDir::new().unwrap();
    let mut specs = 0;
    for case in &made.cases {
        let outcome = &made.outcomes[case.name];
        let Some(spec) = made.spec(case.name) else {
            assert!(outcome["failure"].is_object(), "{}: {outcome:#}", case.name);
            continue;
        };
        specs += 1;
        let text = fs::read_to_string(&spec).unwrap();
        golden(&format!("{}.spec", case.name), &text, &mut wrong);
        let parsed = rpmspec(&["-P"], &spec, empty.path());
        let errors = String::from_utf8_lossy(&parsed.stderr);
        assert!(parsed.status.success(), "{}: {errors}\n{text}", case.name);
        // The real tool's header of the spec is the source package's.
        let told = rpmspec(&["-q", "--srpm", "--qf", QUERY], &spec, empty.path());
        let srpm = outcome["srpm"].as_str().unwrap();
        let ours = Command::new("rpm")
            .args(["-qp", "--nosignature", "--qf", QUERY, srpm])
            .output()
            .unwrap();
        assert_eq!(
            without_rpmlib(&ours),
            without_rpmlib(&told),
            "{}",
            case.name
        );
    }
    assert!(specs >= 40, "only {specs} specs");
    let ran = fs::read_dir(empty.path()).unwrap().count();
    assert_eq!(ran, 0, "a spec ran something");
    assert!(
        wrong.is_empty(),
        "not as agreed (UPDATE_GOLDEN=1 if it is meant): {wrong:?}"
    );
}

/// The answer without what only a written package needs of RPM, in one order.
fn without_rpmlib(output: &Output) -> Vec<String> {
    let text = String::from_utf8_lossy(&output.stdout);
    let lines = text.lines().filter(|it| !it.starts_with("rpmlib("));
    let mut lines: Vec<String> = lines.map(str::to_owned).collect();
    lines.sort_unstable();
    lines
}
