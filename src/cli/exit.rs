//! Exit codes.

use std::fmt;
use std::process::ExitCode;

/// What the process exits with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// All went well.
    Success,
    /// Something could not be done; what, was said.
    Failure,
    /// The command line was wrong; nothing was done.
    Usage,
    /// A signal ended the run before all was done.
    Interrupted,
}

/// What `--help` says about them.
macro_rules! exit_codes {
    () => {
        "\
Exit codes:
    0  all went well
    1  something failed, or the folder for the results cannot be used
    2  wrong usage; nothing was done
  130  interrupted before all was done"
    };
}
pub(super) use exit_codes as CODES;

impl Exit {
    /// The number.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::Failure => 1,
            Self::Usage => 2,
            Self::Interrupted => 130,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

/// Arguments of a subcommand that parse but make no sense; every mistake is listed.
#[derive(Debug)]
pub(super) struct UsageError(pub(super) &'static str, pub(super) Vec<String>);

impl fmt::Display for UsageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(command, mistakes) = self;
        f.write_str(&mistakes.join("\nerror: "))?;
        write!(
            f,
            "\n\nFor more information, try 'distmill {command} --help'."
        )
    }
}

impl std::error::Error for UsageError {}
