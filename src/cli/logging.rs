//! The log of a run: one file under the root's `logs/`.

use anyhow::Context as _;
use jiff::Timestamp;
use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use tracing_subscriber::EnvFilter;

/// What is logged unless `DISTMILL_LOG` says otherwise.
const DEFAULT_FILTER: &str = "distmill=info,warn";

/// Opens `logs/COMMAND-TIME-PID.log` and sends all log events of the process there.
///
/// # Errors
/// When the file cannot be created.
pub(super) fn start(logs: &Path, command: &str) -> anyhow::Result<PathBuf> {
    let time = Timestamp::now().strftime("%Y%m%dT%H%M%SZ");
    let path = logs.join(format!("{command}-{time}-{}.log", std::process::id()));
    let file = File::create(&path).with_context(|| format!("cannot write {}", path.display()))?;
    log_to(file, &path, DEFAULT_FILTER)?;
    Ok(path)
}

/// Appends all log events of the process to a file, from a level on.
///
/// # Errors
/// When the file cannot be written.
pub(super) fn append(path: &Path, level: &str) -> anyhow::Result<()> {
    let file = File::options().create(true).append(true).open(path);
    let file = file.with_context(|| format!("cannot write {}", path.display()))?;
    log_to(file, path, &format!("distmill={level},warn"))
}

fn log_to(file: File, path: &Path, default: &str) -> anyhow::Result<()> {
    let filter = EnvFilter::try_from_env("DISTMILL_LOG")
        .or_else(|_| EnvFilter::try_new(default))
        .context("the log filter cannot be parsed")?;
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(false)
        .with_writer(Mutex::new(file))
        .finish();
    // A second run within one process goes on with the first one's log.
    let _ = tracing::subscriber::set_global_default(subscriber);
    let path = path.to_owned();
    std::panic::set_hook(Box::new(move |panic| {
        let thread = std::thread::current();
        let thread = thread.name().unwrap_or_default();
        tracing::error!(thread, panic = %panic, "a panic was caught");
        let path = path.display();
        let _ = writeln!(io::stderr(), "a bug was met (a panic); {path} says more");
    }));
    Ok(())
}
