//! A file system that fails, for one run of the program: without touching the program, by what
//! stands between it and the kernel.

use super::tools::run;
use std::path::{Path, PathBuf};
use std::process::Command;

/// One way to fail.
#[derive(Clone, Copy, Debug)]
pub enum FileFault {
    /// Each so many-th write into a file of the root fails with EIO.
    Write(u32),
    /// These system calls fail with this error, from each thread's n-th one on each m-th.
    Call(&'static str, &'static str, u32, u32),
}

/// The means to let a program meet them.
pub struct Saboteur {
    library: PathBuf,
}

impl Saboteur {
    /// Compiles what is loaded before the C library, and sees whether system calls may be
    /// tampered with; nothing where not, which is said, and a failure in CI.
    pub fn new(scratch: &Path) -> Option<Self> {
        let may = Command::new("strace")
            .args(["-qq", "-o", "/dev/null", "true"])
            .status();
        if !may.is_ok_and(|it| it.success()) {
            assert!(std::env::var_os("CI").is_none(), "strace is not allowed");
            eprintln!("skipped: strace is missing, or not allowed");
            return None;
        }
        let library = scratch.join("failing_writes.so");
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/failing_writes.c");
        let (source, out) = (source.to_str().unwrap(), library.to_str().unwrap());
        run("cc", &["-O1", "-shared", "-fPIC", "-o", out, source]);
        Some(Self { library })
    }

    /// The same command, with a fault below a folder.
    pub fn meet(&self, fault: FileFault, folder: &Path, command: &Command) -> Command {
        let mut out = match fault {
            FileFault::Write(nth) => {
                let mut out = Command::new(command.get_program());
                out.env("LD_PRELOAD", &self.library)
                    .env("DISTMILL_TEST_FOLDER", folder)
                    .env("DISTMILL_TEST_NTH", nth.to_string());
                out
            }
            FileFault::Call(calls, error, first, step) => {
                let mut out = Command::new("strace");
                let inject = format!("inject={calls}:error={error}:when={first}+{step}");
                out.args(["-f", "-qq", "-o", "/dev/null", "-e"]);
                out.args([&format!("trace={calls}"), "-e", &inject]);
                out.arg(command.get_program());
                out
            }
        };
        out.args(command.get_args());
        out
    }

    /// The same command, with these system calls of all its threads written down, and the files that
    /// they are about.
    pub fn watch(&self, calls: &str, log: &Path, command: &Command) -> Command {
        let mut out = Command::new("strace");
        out.args(["-f", "-y", "-qq", "-s0", "-o"]).arg(log);
        out.args(["-e", &format!("trace={calls}")]);
        out.arg(command.get_program()).args(command.get_args());
        out
    }

    /// The same command, killed by the first of these system calls, or the first that has to do
    /// with a file.
    pub fn kill(&self, calls: &str, file: Option<&PathBuf>, command: &Command) -> Command {
        let mut out = Command::new("strace");
        out.args(["-f", "-qq", "-o", "/dev/null"]);
        if let Some(file) = file {
            out.arg("-P").arg(file);
        }
        let inject = format!("inject={calls}:signal=KILL");
        out.args(["-e", &format!("trace={calls}"), "-e", &inject]);
        out.arg(command.get_program()).args(command.get_args());
        out
    }
}
