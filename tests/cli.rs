//! The command line: usage, exit codes, output, signals.

use crate::support::fixtures;
use crate::support::program::{Program, Run};
use crate::support::registry::{Fault, Registry};
use crate::support::said::Said;
use crate::support::tools::fsck;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Stdio};

const GEM: &str = "gem-plain/plaingem-1.2.0.gem";

#[test]
fn wrong_usage_says_everything_at_once_and_does_nothing() {
    let program = Program::new();
    let run = program.import(&[
        "six",
        "--project=../x",
        "--branch=a",
        "--branch=-b",
        "--branch=a",
        "--registry=npm=http://localhost",
        "--dist=%x",
        "@/nowhere/list",
    ]);
    assert_eq!(run.code, Some(2), "{}", run.stderr);
    for part in [
        "did you mean pypi:six",
        "owner \"..\"",
        "branch name \"-b\"",
        "given twice",
        "npm=",
        "--dist",
        "/nowhere/list",
    ] {
        assert!(run.stderr.contains(part), "{part}: {}", run.stderr);
    }
    assert!(run.stdout.is_empty());
    assert!(!program.root().exists(), "a root was made");
    let none: [&str; 0] = [];
    assert_eq!(program.import(&none).code, Some(2));
    assert_eq!(program.import(&["--no-such-option", "a.gem"]).code, Some(2));
}

#[test]
fn a_cause_is_told_once() {
    let dir = tempfile::TempDir::new().unwrap();
    let file = dir.path().join("file");
    fs::write(&file, "no folder").unwrap();
    let below = file.join("below");
    let below = below.to_str().unwrap();
    for arguments in [
        &["import", "--root", below, "pypi:six"][..],
        &["srpm", "-o", below, "pypi:six"],
        &["worker", "--root", below],
        &["queue", "add", "--root", below, "pypi:six"],
        &["queue", "list", "--root", below],
        &["batch", "--root", below, "pypi:six"],
        &["build", "run", "--root", below],
        &["report", "--root", below],
        &["bench", "--synthetic=1", "--corpus-cache", below],
    ] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_distmill"));
        let run = Run::of(command.args(arguments).output().unwrap());
        assert_eq!(run.code, Some(1), "{arguments:?}: {}", run.stderr);
        let line = run.stderr.lines().find(|it| it.starts_with("error: "));
        let line = line.unwrap_or_else(|| panic!("{arguments:?}: {}", run.stderr));
        assert_eq!(line.matches("Not a directory").count(), 1, "{line}");
    }
}

#[test]
fn a_number_of_threads_has_an_end() {
    let program = Program::new();
    for arguments in [
        &["import", "--jobs=18446744073709551615", "pypi:six"][..],
        &["srpm", "--jobs=4097", "pypi:six"],
        &["worker", "--jobs=4097"],
        &["batch", "--jobs=4097", "pypi:six"],
        &["gc", "--jobs=4097"],
        &["fsck", "--jobs=0"],
        &["bench", "--threads=1,200000"],
    ] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_distmill"));
        let run = Run::of(command.args(arguments).output().unwrap());
        assert_eq!(run.code, Some(2), "{arguments:?}: {}", run.stderr);
        assert!(run.stderr.contains("1 to 4096"), "{}", run.stderr);
    }
    // Within it the system may have no more, which is no reason to say nothing.
    let added = program.queue(&["add", &fixtures::argument(GEM)]);
    assert_eq!(added.code, Some(0), "{}", added.stderr);
    let script = "ulimit -v 2000000; exec \"$0\" \"$@\"";
    let mut command = Command::new("sh");
    command.args(["-c", script, env!("CARGO_BIN_EXE_distmill"), "worker"]);
    command.args(["--jobs=4096", "--root"]).arg(program.root());
    // Large stacks, so that there is memory for the panic where there is none for one more of them.
    command.env("RUST_MIN_STACK", (64 << 20).to_string());
    let run = Run::of(command.output().unwrap());
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    let line = run.stderr.lines().find(|it| it.contains("a bug was met"));
    let line = line.unwrap_or_else(|| panic!("{}", run.stderr));
    let mut words = line.split(' ').filter(|it| it.ends_with(".log"));
    let log = fs::read_to_string(words.next().unwrap()).unwrap();
    assert!(log.contains("can start the threads of the pool"), "{log}");
}

#[test]
fn help_has_examples_and_exit_codes() {
    let run = Program::new().import(&["--help"]);
    assert_eq!(run.code, Some(0));
    for part in [
        "Examples:",
        "Exit codes:",
        "--registry",
        "lookaside/OWNER",
        "Ctrl-C",
    ] {
        assert!(run.stdout.contains(part), "{part}");
    }
}

#[test]
fn a_list_gives_its_jobs_and_a_bad_line_costs_only_itself() {
    let program = Program::new();
    let list = program.scratch().join("list");
    let gem = fixtures::argument(GEM);
    fs::write(&list, format!("# gems\n{gem}\n\nnonsense # what is this\n")).unwrap();
    let outcomes = program.outcomes(&[format!("@{}", list.display())]);
    assert_eq!(outcomes.len(), 2);
    assert_eq!(outcomes[&gem]["state"], "imported");
    assert_eq!(outcomes["nonsense"]["failure"]["code"], "bad-source");
    assert_eq!(outcomes["nonsense"]["failure"]["fault"], "request");
}

#[test]
fn a_list_comes_from_stdin() {
    let program = Program::new();
    let mut command = program.command(&["--json", "-"]);
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    writeln!(stdin, "{}", fixtures::argument(GEM)).unwrap();
    drop(stdin);
    let run = Run::of(child.wait_with_output().unwrap());
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert_eq!(run.outcomes().len(), 1);
}

#[test]
fn text_output_has_a_line_a_job_and_a_table() {
    let program = Program::new();
    let run = program.import(&[fixtures::argument(GEM), "/nowhere/x.gem".to_owned()]);
    assert_eq!(run.code, Some(1));
    for part in [
        "imported  rubygem-plaingem-1.2.0-1",
        "failed    /nowhere/x.gem",
        "file-not-readable: cannot read /nowhere/x.gem",
        "hint: ",
        "packages/s",
        "file-not-readable   request",
    ] {
        assert!(run.stdout.contains(part), "{part}:\n{}", run.stdout);
    }
    assert!(run.stderr.contains("[1/2]"), "{}", run.stderr);
    let logs: Vec<_> = fs::read_dir(program.root().join("logs")).unwrap().collect();
    let log = fs::read_to_string(logs[0].as_ref().unwrap().path()).unwrap();
    assert!(log.contains("rubygem-plaingem-1.2.0-1"), "{log}");
    assert!(log.contains("file-not-readable"), "{log}");
    let quiet = program.import(&[&fixtures::argument(GEM), "--quiet"]);
    assert_eq!((quiet.code, quiet.stderr.as_str()), (Some(0), ""));
}

#[test]
fn a_root_that_cannot_be_written_is_said_at_once() {
    let program = Program::new();
    let file = program.scratch().join("file");
    fs::write(&file, "").unwrap();
    let run = Program::new()
        .at(&file.join("root"))
        .import(&[fixtures::argument(GEM)]);
    assert_eq!(run.code, Some(1));
    assert!(run.stderr.contains("cannot write to"), "{}", run.stderr);
}

#[test]
fn a_closed_pipe_is_a_normal_end() {
    let program = Program::new();
    let gem = fixtures::argument(GEM);
    let many: Vec<&str> = vec![&gem; 50];
    let mut child = program.start(&many);
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    assert!(line.contains("rubygem-plaingem"));
    let run = Run::of(child.wait_with_output().unwrap());
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    fsck(&program.repository("rubygem-plaingem"));
}

/// Starts an import of three packages whose files never come to an end, and waits until two of
/// them run.
fn hanging(registry: &Registry, program: &Program) -> std::process::Child {
    for name in ["one", "two", "three"] {
        registry.add_gem(name, "1.0", fixtures::bytes(GEM));
        registry.package(name).files().fault(Fault::Stall);
    }
    let mut child = program.start(&["--json", "--jobs=2", "gem:one", "gem:two", "gem:three"]);
    let running =
        || registry.requests("/gems/one-1.0.gem") + registry.requests("/gems/two-1.0.gem");
    while running() < 2 {
        if child.try_wait().unwrap().is_some() {
            let run = Run::of(child.wait_with_output().unwrap());
            panic!("it ended too soon: {}\n{}", run.stdout, run.stderr);
        }
        std::thread::yield_now();
    }
    child
}

fn signal(child: &std::process::Child, name: &str) {
    let pid = child.id().to_string();
    crate::support::tools::run("kill", &["-s", name, &pid]);
}

#[test]
fn the_first_signal_drains() {
    let registry = Registry::start();
    let program = Program::new()
        .with_registry(&registry.url())
        .with("--retries=0");
    let child = hanging(&registry, &program);
    signal(&child, "INT");
    // The running jobs end by themselves, here by their time limit; the third never begins.
    let run = Run::of(child.wait_with_output().unwrap());
    assert_eq!(run.code, Some(130), "{}", run.stderr);
    let outcomes = run.outcomes();
    assert_eq!(outcomes.keys().collect::<Vec<_>>(), ["gem:one", "gem:two"]);
    assert_eq!(outcomes["gem:one"]["failure"]["code"], "network-timeout");
    assert_eq!(registry.requests("/gems/three-1.0.gem"), 0);
    assert!(
        run.stderr.contains("1 jobs were not begun"),
        "{}",
        run.stderr
    );
    assert!(program.files().is_empty(), "{:?}", program.files());
}

#[test]
fn the_second_signal_gives_up_and_the_third_exits() {
    let registry = Registry::start();
    let program = Program::new()
        .with_registry(&registry.url())
        .with("--retries=9");
    let mut child = hanging(&registry, &program);
    let said = Said::read(child.stderr.take().unwrap());
    for answer in ["running jobs finish", "running jobs are given up"] {
        signal(&child, "TERM");
        said.wait(answer);
    }
    // Where it has ended by itself already, nobody hears this one.
    signal(&child, "TERM");
    assert_eq!(child.wait().unwrap().code(), Some(130));
    // What the killed run left is swept by the next one.
    registry.add_gem("plaingem", "1.2.0", fixtures::bytes(GEM));
    program.imported("gem:plaingem");
    let incoming = program.root().join("lookaside/.incoming");
    assert_eq!(fs::read_dir(incoming).unwrap().count(), 0);
}
