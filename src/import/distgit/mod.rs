//! dist-git: a bare repository a package, and the lookaside cache for what is not text.
//!
//! Takes the files of one source package and makes them the tree of one or more branches, as
//! Copr's importer does: text to git, the rest to the lookaside cache and into `sources`. Blobs,
//! tree and commit are written straight into the bare repository; there is no working copy, no
//! clone and no push. All under the repository's lock; a branch moves by compare-and-swap.
//!
//! Where files come from, and what is in them, is not known here.

mod beginning;
mod branches;
mod cgit;
mod commit;
mod commit_object;
mod content_index;
mod deflate;
mod encoding;
mod error;
mod gitignore;
mod held;
pub mod keep;
mod leftovers;
mod lock;
mod lookaside;
mod objects;
mod pack_file;
mod package_file;
mod prepared;
mod project_lock;
mod repository;
mod shared;
mod sources_file;
mod stale_lock;
mod tip;
mod tree;
mod wildcard;

pub use branches::BranchResult;
pub use cgit::rebuild as rebuild_cgit_list;
pub use commit::{Committed, Import, commit};
pub use error::Error;
pub use package_file::{Content, PackageFile, Spool, SpoolError};
pub use project_lock::{Part, ProjectLock};
pub use repository::Repository;
pub use sources_file::{SourceLine, parse as parse_sources};
pub use tip::{commit_of_spec, tip};

/// Whether the first bytes of a file are those of a text.
pub use encoding::is_text;
