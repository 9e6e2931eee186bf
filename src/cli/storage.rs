//! The options that say where repositories and files are kept, the same for every command.

use crate::config::Storage;
use crate::model::Layout;
use clap::Args;
use std::path::PathBuf;

#[derive(Debug, Args)]
#[command(next_help_heading = "Where things are")]
pub(super) struct StorageArguments {
    /// Folder that everything is put under
    #[arg(
        long,
        value_name = "DIR",
        default_value = "distmill-root",
        env = "DISTMILL_ROOT"
    )]
    root: PathBuf,
    /// Folder of the repositories [default: git under the root]
    #[arg(long, value_name = "DIR", env = "DISTMILL_GIT_ROOT")]
    git_root: Option<PathBuf>,
    /// Folder of the lookaside cache [default: lookaside under the root]
    #[arg(long, value_name = "DIR", env = "DISTMILL_LOOKASIDE_ROOT")]
    lookaside_root: Option<PathBuf>,
    /// How `sources` and lookaside cache are laid out: dist-git, or copr (MD5, FILE/MD5/FILE)
    /// [default: as they are, and dist-git for new ones]
    #[arg(long, value_name = "NAME", env = "DISTMILL_LAYOUT")]
    layout: Option<Layout>,
}

impl StorageArguments {
    /// The places that were named. The list for cgit is an option of those commands that use it.
    pub(super) fn storage(&self, cgit: Option<&CgitArguments>) -> Storage {
        Storage {
            root: self.root.clone(),
            git: self.git_root.clone(),
            lookaside: self.lookaside_root.clone(),
            layout: self.layout,
            cgit_list: cgit.and_then(|it| it.cgit_list.clone()),
        }
    }
}

#[derive(Debug, Args)]
pub(super) struct CgitArguments {
    /// List of repositories that cgit reads: new ones are added to it, removed ones taken out
    #[arg(
        long,
        value_name = "FILE",
        env = "DISTMILL_CGIT_LIST",
        help_heading = "Where things are"
    )]
    cgit_list: Option<PathBuf>,
}
