//! Where repositories, the lookaside cache and source packages are kept, as the operator says.

use crate::model::Layout;
use std::path::PathBuf;

/// A root and its parts; what is not said is found or has its usual place under the root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Storage {
    /// The folder that everything is put under.
    pub root: PathBuf,
    /// The folder of the repositories, instead of `git` under the root.
    pub git: Option<PathBuf>,
    /// The folder of the lookaside cache, instead of `lookaside` under the root.
    pub lookaside: Option<PathBuf>,
    /// How both are laid out, instead of as they are.
    pub layout: Option<Layout>,
    /// The list that cgit reads; every new repository is added to it.
    pub cgit_list: Option<PathBuf>,
}

impl Storage {
    /// Everything in its usual place under a root.
    #[must_use]
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self {
            root: root.into(),
            git: None,
            lookaside: None,
            layout: None,
            cgit_list: None,
        }
    }
}
