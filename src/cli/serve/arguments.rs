//! The arguments of `distmill serve` and their help.

use crate::cli::exit;
use crate::cli::storage::StorageArguments;
use clap::Args;
use std::net::SocketAddr;
use std::num::{NonZeroU64, NonZeroUsize};
use std::path::PathBuf;

const HELP: &str = concat!(
    "\
Addresses:
  /git/OWNER/PROJECT/PKG.git                           for git clone, git fetch, git ls-remote
  /repo/pkgs/OWNER/PROJECT/PKG/FILE/HASH/FILE          a file of the lookaside cache
  /repo/pkgs/OWNER/PROJECT/PKG/FILE/HASHTYPE/HASH/FILE the same

There is no encryption and no log-in: everything that is served is public. For more than a trusted
network put a web server before it, or let that serve the folders by itself; the README has the
lines for nginx.

Examples:
  distmill serve --root /srv/distmill
  distmill serve --root /srv/distmill --listen 0.0.0.0:8080
  distmill serve --git-root /var/lib/dist-git/git --lookaside-root /var/lib/dist-git/cache/lookaside/pkgs
  git clone http://127.0.0.1:8080/git/local/import/python-six.git

",
    exit::CODES!(),
    "

The first SIGTERM or Ctrl-C finishes the answers that are on their way, the second breaks them off."
);

/// Serves repositories and lookaside cache over HTTP, read only, until it is told to stop.
#[derive(Debug, Args)]
#[command(after_help = HELP, args_override_self = true)]
pub(in crate::cli) struct Arguments {
    /// Address and port to listen on; port 0 takes any that is free
    #[arg(
        long,
        value_name = "ADDRESS:PORT",
        default_value = "127.0.0.1:8080",
        env = "DISTMILL_LISTEN"
    )]
    pub(super) listen: SocketAddr,
    /// Connections at a time; further ones wait to be accepted
    #[arg(long, value_name = "N", default_value = "1024")]
    pub(super) max_connections: NonZeroUsize,
    /// Seconds after which a client loses a connection that it sends no request on, or takes
    /// nothing of an answer from
    #[arg(long, value_name = "SECONDS", default_value = "30")]
    pub(super) idle_timeout: NonZeroU64,
    /// Folder of the program's log [default: logs under the root, where that can be written]
    #[arg(long, value_name = "DIR")]
    pub(super) logs: Option<PathBuf>,
    #[command(flatten)]
    pub(super) storage: StorageArguments,
}
