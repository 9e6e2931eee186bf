//! The files of a farm of builders: where they are, and what they say.

use crate::alloc::pool::Pools;
use crate::config::{PolicyFile, PoolsFile, Secret, ServerFile};
use anyhow::Context as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The folder of a farm's configuration, and what the files in it say.
#[derive(Clone, Debug)]
pub(super) struct Farm {
    folder: PathBuf,
}

/// The texts of the files that say what the pools are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PoolTexts {
    pools: String,
    policy: String,
}

impl Farm {
    pub(super) fn at(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
        }
    }

    /// The folder.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// What `server.yaml` says; one that is not there says nothing.
    ///
    /// # Errors
    /// When it cannot be read, or is wrong.
    pub(super) fn server(&self) -> anyhow::Result<ServerFile> {
        let path = self.folder.join("server.yaml");
        let text = read_if_there(&path)?;
        ServerFile::from_yaml(&text).with_context(|| format!("{} is wrong", path.display()))
    }

    /// The texts of `pools.yaml` and `policy.yaml`; the second one need not be there.
    ///
    /// # Errors
    /// When they cannot be read.
    pub(super) fn pool_texts(&self) -> anyhow::Result<PoolTexts> {
        let pools = self.folder.join("pools.yaml");
        let text = fs::read_to_string(&pools);
        Ok(PoolTexts {
            pools: text.with_context(|| format!("cannot read {}", pools.display()))?,
            policy: read_if_there(&self.folder.join("policy.yaml"))?,
        })
    }

    /// The same of texts that were read again while their pools are in use. A file that says
    /// nothing is no wish to drain them all: an editor that empties it first, or a full disk, leaves
    /// one like that.
    ///
    /// # Errors
    /// Names every mistake.
    pub(super) fn pools_again(&self, texts: &PoolTexts) -> anyhow::Result<(Pools, Vec<String>)> {
        let path = self.folder.join("pools.yaml");
        anyhow::ensure!(
            !PoolsFile::says_nothing(&texts.pools),
            "{} is empty: write {{}} to have no pools",
            path.display()
        );
        self.pools(texts)
    }

    /// The pools that texts describe, and what should be said about them.
    ///
    /// # Errors
    /// Names every mistake.
    pub(super) fn pools(&self, texts: &PoolTexts) -> anyhow::Result<(Pools, Vec<String>)> {
        let wrong = |name: &str| format!("{} is wrong", self.folder.join(name).display());
        let pools = PoolsFile::from_yaml(&texts.pools).with_context(|| wrong("pools.yaml"))?;
        let policy = PolicyFile::from_yaml(&texts.policy).with_context(|| wrong("policy.yaml"))?;
        let built = Pools::of_files(&pools, &policy).map_err(|mistakes| {
            let lines: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
            anyhow::anyhow!("{}: {}", wrong("pools.yaml"), lines.join("\n"))
        })?;
        let warnings = [pools.warnings, policy.warnings].concat();
        Ok((built, warnings))
    }
}

/// The tokens of a file, one a line; lines that begin with `#` are remarks.
///
/// # Errors
/// When it cannot be read, or has none.
pub(super) fn tokens(path: &Path) -> anyhow::Result<Vec<Secret>> {
    let text = fs::read_to_string(path);
    let text = text.with_context(|| format!("cannot read the tokens in {}", path.display()))?;
    let lines = text.lines().map(str::trim);
    let lines = lines.filter(|it| !it.is_empty() && !it.starts_with('#'));
    let tokens: Vec<Secret> = lines.map(|it| Secret::new(it.to_owned())).collect();
    anyhow::ensure!(
        !tokens.is_empty(),
        "{} has no token: write one a line",
        path.display()
    );
    Ok(tokens)
}

fn read_if_there(path: &Path) -> anyhow::Result<String> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(text),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(String::new()),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
    }
}
