//! One thing that is wrong.

use serde::{Serialize, Serializer};
use std::path::{Path, PathBuf};

/// What is wrong, where, and how to mend it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What kind of fault it is.
    pub problem: Problem,
    /// The repository, file or folder.
    pub path: PathBuf,
    /// What is wrong with it, in one sentence.
    pub message: String,
    /// What to do about it.
    pub mend: &'static str,
}

impl Finding {
    pub(super) fn new(problem: Problem, path: &Path, message: impl Into<String>) -> Self {
        Self {
            problem,
            path: path.to_owned(),
            message: message.into(),
            mend: problem.mend(),
        }
    }
}

macro_rules! problems {
    ($($(#[$doc:meta])+ $variant:ident = $text:literal, $mend:literal;)+) => {
        /// A kind of fault. [`Problem::as_str`] is its stable spelling.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Problem { $($(#[$doc])+ $variant,)+ }

        impl Problem {
            /// The kebab-case spelling.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }

            /// How it is mended.
            #[must_use]
            pub const fn mend(self) -> &'static str {
                match self { $(Self::$variant => $mend,)+ }
            }
        }
    };
}

problems! {
    /// git cannot open the repository, or a folder cannot be read.
    Unreadable = "unreadable",
        "Check the permissions and the disk; bring the repository back from a backup, or move it away and import again. One with SHA-256 names, reftables or parts left out (a partial clone) cannot be used, however sound.";
    /// A ref does not lead to an object that is there, or a branch to no commit.
    BrokenRef = "broken-ref",
        "Set it to a commit that is there (git update-ref), or delete it and import again.";
    /// An object cannot be read, or is not what its name says.
    DamagedObject = "damaged-object",
        "Move the file away and fetch the object from a clone or a backup; or move the repository away and import again.";
    /// An object that another one names is not there.
    MissingObject = "missing-object",
        "Fetch it from a clone or a backup; or move the repository away and import again.";
    /// A tree that no checkout can be made of.
    BadTree = "bad-tree",
        "Import the package again, which writes a new tree; the old commit stays as it is.";
    /// A line of a `sources` file that has neither form.
    BadSources = "bad-sources",
        "Import the package again: `sources` is replaced as a whole.";
    /// A file that `sources` names is not in the lookaside cache.
    MissingFile = "missing-file",
        "Import the same source again, which puts it back, or copy it there from a backup.";
    /// A file of the lookaside cache does not have the digest that its path names.
    WrongSum = "wrong-sum",
        "Remove it and import the same source again, which puts it back. Its other names (find -samefile lists them) are as wrong: fsck names those of packages, and the one in .by-hash is no longer linked to by that import.";
    /// A digest of a kind that cannot be checked.
    UnknownDigest = "unknown-digest",
        "Check the file by hand.";
    /// A file of the lookaside cache that no commit refers to.
    UnusedFile = "unused-file",
        "distmill gc removes it.";
    /// A repository that the list for cgit does not name.
    Unlisted = "unlisted",
        "distmill cgit --rebuild writes the list anew.";
    /// What a process that died left behind.
    Leftover = "leftover",
        "Remove it, if no git process works on the repository; the next run removes what stands in .incoming.";
}

impl Serialize for Problem {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}
