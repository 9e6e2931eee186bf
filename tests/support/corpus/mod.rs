//! Packages of every kind that a mass import meets, made in code and always the same.
//!
//! Each is a small archive and the name that it is published under. `tests/corpus.rs` says what
//! becomes of them.

mod compiled;
mod gems;
mod licenses;
mod project;
mod sdists;
mod wheels;

/// One package.
pub(crate) struct Case {
    /// What is special about it; kebab-case, unique.
    pub(crate) name: &'static str,
    /// The archive's file name.
    pub(crate) file_name: String,
    pub(crate) bytes: Vec<u8>,
}

/// Every package.
pub(crate) fn all() -> Vec<Case> {
    [
        sdists::all(),
        compiled::all(),
        licenses::all(),
        wheels::all(),
        gems::all(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
