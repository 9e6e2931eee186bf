//! Real tools that the project's results are held against.

use std::process::Command;

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
