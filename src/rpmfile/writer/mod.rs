//! Writes source packages, byte for byte as `rpmbuild -bs` would, without it.
//!
//! Read downwards: `files` says what goes in, `plan` checks and sorts it, `dependencies` and
//! `tags` make the main header, `payload` streams the files through cpio and compression into
//! `output`, and `write` joins them. Every file is read once. All digests have a fixed size, so
//! that the headers' place is kept free and filled last; only MD5, which covers the main header
//! and what follows, needs the compressed payload a second time. Memory is constant.

mod dependencies;
mod error;
mod files;
mod output;
mod payload;
mod plan;
mod tags;
#[cfg(test)]
mod tests;
mod write;

pub use error::WriteError;
pub use files::{Content, SourceFile};
pub use write::{WriteSettings, Written, host_arch, write};
