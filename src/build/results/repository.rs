//! The repository of a project and target, kept by `createrepo_c`.
//!
//! A finished build marks its repository as stale before its packages come in; one run of
//! `createrepo_c` covers all that finished until then. The mark is a file, so that a repository whose
//! run was cut off is refreshed after the next start.

use crate::build::runner::process::{Ended, Process};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Packages came in since the last run began.
const STALE: &str = ".stale";
/// A run has begun.
const UNDER_WAY: &str = ".refreshing";

/// How long one run may take.
const TIME_LIMIT: Duration = Duration::from_secs(3600);

/// The folder of a project and target.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Repository(PathBuf);

impl Repository {
    pub(super) const fn at(folder: PathBuf) -> Self {
        Self(folder)
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.0
    }

    pub(super) fn mark(&self) -> io::Result<()> {
        fs::create_dir_all(&self.0)?;
        fs::write(self.0.join(STALE), "")
    }

    pub(super) fn is_stale(&self) -> bool {
        [STALE, UNDER_WAY].iter().any(|it| self.0.join(it).exists())
    }
}

/// Runs `createrepo_c` on a repository, with its output in the log of the repository's folder.
///
/// # Errors
/// Why the index is as old as before, in a sentence.
pub async fn refresh(program: &str, repository: &Repository) -> Result<(), String> {
    let folder = &repository.0;
    let say = |error: io::Error| format!("{}: {error}", folder.display());
    // Made first: should this process die, it is seen that the run did not end.
    fs::write(folder.join(UNDER_WAY), "").map_err(say)?;
    let _ = fs::remove_file(folder.join(STALE));
    // What a killed run left keeps the next one from beginning.
    let _ = fs::remove_dir_all(folder.join(".repodata"));
    let log = folder.join(".createrepo.log");
    let mut process = Process::new(r#"exec "$PROGRAM" --update --no-database --quiet ."#);
    process.env("PROGRAM", program);
    process.folder(folder);
    let _ = fs::remove_file(&log);
    let ended = process.run(&log, TIME_LIMIT, None).await.map_err(say)?;
    if ended == Ended::Code(0) {
        fs::remove_file(folder.join(UNDER_WAY)).map_err(say)?;
        return Ok(());
    }
    let said = fs::read_to_string(&log).unwrap_or_default();
    let said = said.lines().last().unwrap_or_default();
    Err(format!("{program} {ended} in {}: {said}", folder.display()))
}
