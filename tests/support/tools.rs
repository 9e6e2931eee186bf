//! Runs the real tools and says what they printed when they fail.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Output};

/// Runs a command to its end, whatever its exit code.
pub fn try_run<S: AsRef<OsStr>>(program: &str, arguments: &[S]) -> Output {
    Command::new(program)
        .args(arguments)
        .env("LC_ALL", "C.UTF-8")
        .output()
        .unwrap_or_else(|error| panic!("{program} cannot be started: {error}"))
}

/// Runs a command that must succeed; the answer is its stdout.
pub fn run<S: AsRef<OsStr>>(program: &str, arguments: &[S]) -> String {
    let output = try_run(program, arguments);
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success(),
        "{program} failed: {}\n{stdout}\n{}",
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
    stdout
}

/// Runs git in a repository; the answer is its stdout without the line break at the end.
pub fn git(repository: &Path, arguments: &[&str]) -> String {
    let mut all = vec![
        OsStr::new("-c"),
        OsStr::new("safe.directory=*"),
        OsStr::new("-C"),
        repository.as_os_str(),
    ];
    all.extend(arguments.iter().map(OsStr::new));
    run("git", &all).trim_end().to_owned()
}

/// Makes a loose file of every packed object.
pub fn loosen(repository: &Path) {
    let script = "mkdir aside && mv objects/pack/* aside/ && \
        for it in aside/*.pack; do git unpack-objects -q < $it || exit 1; done && rm -rf aside";
    let arguments = [
        "-c",
        &format!("cd \"$0\" && {script}"),
        repository.to_str().unwrap(),
    ];
    run("sh", &arguments);
}

/// Asserts that git finds no fault in a repository.
pub fn fsck(repository: &Path) {
    git(repository, &["fsck", "--strict", "--no-dangling"]);
}

/// Whether all of these programs are here. A missing one is said aloud, and is a failure where
/// `CI` is set.
#[allow(clippy::print_stderr)]
pub(crate) fn have(tools: &[&str]) -> bool {
    let missing = |tool: &&&str| Command::new(tool).arg("--version").output().is_err();
    let Some(tool) = tools.iter().find(missing) else {
        return true;
    };
    assert!(std::env::var_os("CI").is_none(), "{tool} is missing");
    eprintln!("skipped: {tool} is missing");
    false
}

/// What a command prints; it must succeed.
pub(crate) fn output(command: &mut Command) -> String {
    let result = command.output().unwrap();
    let text = String::from_utf8_lossy(&result.stdout).into_owned();
    let error = String::from_utf8_lossy(&result.stderr);
    assert!(result.status.success(), "{command:?}\n{text}\n{error}");
    text
}
