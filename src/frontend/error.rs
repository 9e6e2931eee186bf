//! What can go wrong between a frontend and this program.

use crate::model::{Code, NameError};
use crate::net;

/// A frontend that did not give a usable answer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It could not be asked.
    #[error(transparent)]
    Net(#[from] net::Error),
    /// It answered with something else than what it was asked for.
    #[error("{url} answered with something unexpected: {problem}")]
    Answer {
        /// The address asked.
        url: String,
        /// What is wrong with the answer.
        problem: String,
    },
}

/// A task that cannot be done as it is.
#[derive(Debug, thiserror::Error)]
pub enum TaskError {
    /// A name in it is unsafe.
    #[error(transparent)]
    Name(#[from] NameError),
    /// It has no branch to import into.
    #[error("the task names no branch")]
    NoBranch,
    /// The source package's address is none.
    #[error("{0:?} is no http or https address of a source package")]
    Address(String),
}

impl Error {
    /// The stable code of this failure.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            Self::Net(error) => error.code(),
            Self::Answer { .. } => Code::HttpError,
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Net(net::Error::Status {
                status: 401 | 403, ..
            }) => "check --auth-file",
            Self::Net(net::Error::NotFound { .. } | net::Error::Redirect { .. })
            | Self::Answer { .. } => "check --frontend: its own address, without /backend",
            Self::Net(_) => self.code().hint(),
        }
    }

    /// The message, with what it leaves to its cause.
    #[must_use]
    pub fn with_cause(&self) -> String {
        match self {
            Self::Net(net::Error::Redirect { source, .. }) => format!("{self}: {source}"),
            _ => self.to_string(),
        }
    }

    /// Whether nothing else can be asked just now either.
    #[must_use]
    pub fn is_of_the_way(&self) -> bool {
        let code = self.code();
        matches!(
            code,
            Code::NetworkUnreachable | Code::NetworkTimeout | Code::RateLimited | Code::Stopped
        )
    }
}

impl TaskError {
    /// The stable code of this failure.
    #[must_use]
    pub const fn code(&self) -> Code {
        match self {
            Self::Name(error) => error.code(),
            Self::NoBranch | Self::Address(_) => Code::BadSource,
        }
    }
}
