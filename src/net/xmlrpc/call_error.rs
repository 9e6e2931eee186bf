//! What can come of a call but its value.

use super::{Fault, ParseError};
use crate::model::Code;
use crate::net;

/// A call without a value.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// The server refused it or could not do it.
    #[error("the server answered {method} with {fault}")]
    Fault {
        /// The method.
        method: String,
        /// What it said.
        fault: Fault,
    },
    /// It did not come through.
    #[error(transparent)]
    Net(#[from] net::Error),
    /// The server wants a token, or another one.
    #[error("{url} refuses the token, or wants one")]
    Refused {
        /// The address asked for.
        url: String,
    },
    /// The answer is none of XML-RPC.
    #[error("{url} did not answer {method} with XML-RPC: {source}")]
    Answer {
        /// The address asked for.
        url: String,
        /// The method.
        method: String,
        /// What is wrong with it.
        source: ParseError,
    },
}

impl CallError {
    /// The stable code of this failure.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            Self::Fault { .. } | Self::Answer { .. } | Self::Refused { .. } => Code::HttpError,
            Self::Net(error) => error.code(),
        }
    }

    /// Whether the same call may go well a moment later: the way to the server failed, not the
    /// call.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        match self {
            // A proxy that does not find its server may find it later.
            Self::Net(error) => error.code().retry() || error.code() == Code::HttpRefused,
            _ => false,
        }
    }
}
