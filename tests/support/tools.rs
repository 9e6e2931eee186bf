//! Runs the real tools and says what they printed when they fail.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Output};

/// Runs a command to its end, whatever its exit code.
pub fn output<S: AsRef<OsStr>>(program: &str, arguments: &[S]) -> Output {
    Command::new(program)
        .args(arguments)
        .env("LC_ALL", "C.UTF-8")
        .output()
        .unwrap_or_else(|error| panic!("{program} cannot be started: {error}"))
}

/// Runs a command that must succeed; the answer is its stdout.
pub fn run<S: AsRef<OsStr>>(program: &str, arguments: &[S]) -> String {
    let output = output(program, arguments);
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

/// Asserts that git finds no fault in a repository.
pub fn fsck(repository: &Path) {
    git(repository, &["fsck", "--strict", "--no-dangling"]);
}
