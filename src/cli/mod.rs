//! The command line: arguments become settings, settings become the real parts, the parts run.
//!
//! One file a subcommand. This layer alone sets up logs and signals, and turns what came of a
//! run into an exit code.

mod batch;
mod bench;
mod build;
mod cgit;
mod exit;
mod farm;
mod fsck;
mod gc;
mod import;
mod jobs;
mod logging;
mod output;
mod prune;
mod queue;
mod rebuild;
mod report;
mod resalloc;
mod resalloc_maint;
mod resalloc_server;
mod retry;
mod serve;
mod signals;
mod simulate;
mod srpm;
mod storage;
mod template;
mod threads;
mod told;
mod work;
mod worker;

pub use exit::Exit;

use clap::{Parser, Subcommand};
use std::ffi::{OsStr, OsString};
use std::io::{self, Write as _};
use std::panic::{self, AssertUnwindSafe};
use std::path::Path;

/// Takes whole package ecosystems into RPM dist-git.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100, after_help = exit::CODES!())]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Batch(batch::Arguments),
    Build(build::Arguments),
    Import(import::Arguments),
    Queue(queue::Arguments),
    Rebuild(rebuild::Arguments),
    Report(report::Arguments),
    Retry(retry::Arguments),
    Resalloc(resalloc::Arguments),
    ResallocMaint(resalloc_maint::Arguments),
    ResallocServer(resalloc_server::Arguments),
    Serve(serve::Arguments),
    Simulate(simulate::Arguments),
    Srpm(srpm::Arguments),
    Template(template::Arguments),
    Work(work::Arguments),
    Worker(worker::Arguments),
    Gc(gc::Arguments),
    Fsck(fsck::Arguments),
    Prune(prune::Arguments),
    Cgit(cgit::Arguments),
    Bench(bench::Arguments),
    #[command(hide = true)]
    BenchTrial(bench::TrialArguments),
}

/// Runs the program with the given arguments, the first of which is its own name. Output goes to
/// stdout and stderr; the answer is what the process should exit with.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> Exit {
    let parsed = match Arguments::try_parse_from(named(arguments)) {
        Ok(parsed) => parsed,
        Err(answer) => {
            // Help and version come this way too. A closed pipe is no failure.
            let _ = answer.print();
            return match answer.use_stderr() {
                true => Exit::Usage,
                false => Exit::Success,
            };
        }
    };
    // What a panic says went to stderr or to a log by then.
    let result = panic::catch_unwind(AssertUnwindSafe(|| run(parsed.command)));
    result.unwrap_or(Exit::Failure)
}

fn run(command: Command) -> Exit {
    let result = match command {
        Command::Batch(arguments) => batch::run(arguments),
        Command::Build(arguments) => build::run(arguments),
        Command::Import(arguments) => import::run(arguments),
        Command::Queue(arguments) => queue::run(arguments),
        Command::Rebuild(arguments) => rebuild::run(arguments),
        Command::Report(arguments) => report::run(&arguments),
        Command::Retry(arguments) => retry::run(arguments),
        Command::Resalloc(arguments) => resalloc::run(arguments),
        Command::ResallocMaint(arguments) => resalloc_maint::run(&arguments),
        Command::ResallocServer(arguments) => resalloc_server::run(&arguments),
        Command::Serve(arguments) => serve::run(&arguments),
        Command::Simulate(arguments) => simulate::run(&arguments),
        Command::Srpm(arguments) => srpm::run(arguments),
        Command::Template(arguments) => template::run(&arguments),
        Command::Work(arguments) => work::run(&arguments),
        Command::Worker(arguments) => worker::run(&arguments),
        Command::Gc(arguments) => gc::run(&arguments),
        Command::Fsck(arguments) => fsck::run(&arguments),
        Command::Prune(arguments) => prune::run(&arguments),
        Command::Cgit(arguments) => cgit::run(&arguments),
        Command::Bench(arguments) => bench::run(&arguments),
        Command::BenchTrial(arguments) => bench::trial(&arguments),
    };
    result.unwrap_or_else(|error| {
        let _ = writeln!(io::stderr(), "error: {}", told::told(&error));
        match error.is::<exit::UsageError>() {
            true => Exit::Usage,
            false => Exit::Failure,
        }
    })
}

/// The program may be called by the name of one of its commands, by a link.
const NAMES: [&str; 3] = ["resalloc", "resalloc-maint", "resalloc-server"];

/// The arguments, with the command that the program's name stands for put in.
fn named(arguments: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = arguments.into_iter().collect();
    let path = arguments.first().map(Path::new);
    let name = path.and_then(Path::file_name).and_then(OsStr::to_str);
    if let Some(name) = NAMES.into_iter().find(|it| Some(*it) == name) {
        arguments.insert(1, name.into());
    }
    arguments
}
