//! The root: where everything that an import makes is put, and where it waits until it is whole.
//!
//! ```text
//! git/OWNER/PROJECT/PKG.git                               bare repositories
//! lookaside/OWNER/PROJECT/PKG/FILE/sha512/HASH/FILE       files that are not text
//! srpms/OWNER/PROJECT/NAME-VERSION-RELEASE.src.rpm        source packages
//! queue/                                                  jobs, and the workers that are at it
//! logs/                                                   one log a run
//! cache/                                                  index pages that were had before
//! outbox/                                                 results that a frontend did not take yet
//! ```
//!
//! Repositories and lookaside cache may lie elsewhere, and the cache may be laid out as Copr's
//! ([`Places`] knows). A source package may also go into any folder by itself
//! ([`Root::open_folder`]).

mod error;
mod folder;
mod incoming;
mod layout;
mod places;
mod run;
mod verified;

pub use error::RootError;
pub use folder::make_folder;
pub use incoming::{Incoming, abandoned};
pub use places::{CONTENT_INDEX, Places, builds_of, queue_of, workers_of};
pub use run::Root;
pub use verified::Verified;
