//! The script that runs a build on its builder, the same for every runner.

use super::Order;
use crate::build::command::quoted;
use std::fmt::Write as _;

/// The exit code that says that the builder has no room left.
pub(super) const NO_ROOM: i32 = 253;

/// The exit code of a command that itself ended with one that means something to the runner.
const OTHER: i32 = 252;

/// A builder with less room than this after a failure was the reason for it.
const LEAST_KIB: u64 = 1024;

/// The name of the source package's file on the builder.
pub(super) fn srpm_name(order: &Order) -> String {
    let name = order.srpm.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

/// The script. It begins in any folder and changes to `work`, where the source package is.
pub(super) fn script(order: &Order, work: &str) -> String {
    let mut values = order.values.clone();
    values.set("work", work);
    values.set("results", &format!("{work}/results"));
    values.set("srpm", &format!("{work}/{}", srpm_name(order)));
    let mut out = format!("cd {} || exit {NO_ROOM}\n", quoted(work));
    for (name, value) in values.environment() {
        let _ = writeln!(out, "export {name}={}", quoted(value));
    }
    // A subshell: `exit` in the command must not pass by what comes after it.
    let command = order.command.render(&values);
    let _ = write!(
        out,
        "(\n{command}\n)\ncode=$?\n[ $code -ne 0 ] || exit 0\n\
         free=$(df -Pk . | awk 'NR == 2 {{ print $4 }}')\n\
         [ \"${{free:-0}}\" -ge {LEAST_KIB} ] || exit {NO_ROOM}\n\
         [ $code -lt {OTHER} ] || exit {OTHER}\nexit $code\n"
    );
    out
}
