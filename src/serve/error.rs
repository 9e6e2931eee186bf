//! What keeps a server from running.

use crate::model::Code;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

/// A server that cannot run.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// Anybody could take tickets.
    #[error(
        "{address} is beyond loopback: clients have to show a token there; name a file with \
         tokens as token_file in server.yaml, or listen on localhost"
    )]
    Unguarded {
        /// The address.
        address: SocketAddr,
    },
    /// A folder that is to be served is not there.
    #[error("cannot serve {}: {source}", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The system gives no thread.
    #[error("cannot start a thread: {0}")]
    Thread(io::Error),
}

impl Error {
    /// The stable code of this failure.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            Self::Unguarded { .. } => Code::PermissionDenied,
            Self::Listen { source, .. } | Self::Folder { source, .. } | Self::Thread(source) => {
                Code::of_io(source)
            }
        }
    }
}
