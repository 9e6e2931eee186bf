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

use crate::ui;
use clap::{Args, Parser, Subcommand};
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
    let command = match command(&arguments.into_iter().collect::<Vec<_>>()) {
        Ok(command) => command,
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
    let result = panic::catch_unwind(AssertUnwindSafe(|| run(command)));
    let exit = result.unwrap_or(Exit::Failure);
    match ui::fault() {
        Some(error) => {
            let _ = writeln!(io::stderr(), "error: cannot write to stdout: {error}");
            Exit::Failure
        }
        None => exit,
    }
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

/// The command of the arguments. The program may be called by the name of one of three commands, by
/// a link: it does then what they do.
fn command(arguments: &[OsString]) -> Result<Command, clap::Error> {
    let path = arguments.first().map(Path::new);
    let name = path.and_then(Path::file_name).and_then(OsStr::to_str);
    match name {
        Some("resalloc") => by_link("resalloc", arguments).map(Command::Resalloc),
        Some("resalloc-maint") => by_link("resalloc-maint", arguments).map(Command::ResallocMaint),
        Some("resalloc-server") => {
            by_link("resalloc-server", arguments).map(Command::ResallocServer)
        }
        _ => Arguments::try_parse_from(arguments).map(|it| it.command),
    }
}

/// The arguments of a command that is the whole program. The first letters of a long option do, as
/// they do for the original ones.
fn by_link<T: Args>(name: &'static str, arguments: &[OsString]) -> Result<T, clap::Error> {
    let command = clap::Command::new(name)
        .version(env!("CARGO_PKG_VERSION"))
        .infer_long_args(true)
        .max_term_width(100);
    let matches = T::augment_args(command).try_get_matches_from(arguments)?;
    T::from_arg_matches(&matches)
}
