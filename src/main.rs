//! The `distmill` program.

use std::process::ExitCode;

fn main() -> ExitCode {
    distmill::cli::main(std::env::args_os()).into()
}
