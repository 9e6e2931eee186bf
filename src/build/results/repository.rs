//! The repository of a project and target, kept by `createrepo_c`.
//!
//! A finished build marks its repository as stale before its packages come in; one run of
//! `createrepo_c` covers all that finished until then. The mark is a file, so that a repository whose
//! run was cut off is refreshed after the next start.

use super::RECORD;
use crate::build::runner::process::{Ended, Process};
use crate::build::state::State;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::task::spawn_blocking;

/// Packages came in since the last run began.
const STALE: &str = ".stale";
/// A run has begun.
const UNDER_WAY: &str = ".refreshing";

/// How long one run may take.
const TIME_LIMIT: Duration = Duration::from_secs(3600);

/// Bytes of what it says that are kept.
const MOST_LOG: u64 = 1 << 20;

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

/// What the index is made of: the packages of finished builds, each of the newest one that made it.
/// Those of a failed build lie beside its log, for people.
fn packages(folder: &Path) -> io::Result<String> {
    let mut builds = Vec::new();
    for entry in fs::read_dir(folder)? {
        // Numbers come first in their names, all of one width.
        builds.push(entry?.file_name());
    }
    builds.sort();
    let mut newest: BTreeMap<(String, String), PathBuf> = BTreeMap::new();
    for name in builds {
        let record = fs::read(folder.join(&name).join(RECORD)).ok();
        let record = record.and_then(|it| serde_json::from_slice::<Record>(&it).ok());
        let Some(record) = record.filter(|it| it.state == State::Finished.as_str()) else {
            continue;
        };
        for file in record.files.iter().filter(|it| it.ends_with(".rpm")) {
            let last = file.rsplit('/').next().unwrap_or(file).to_owned();
            let path = Path::new(&name).join(file);
            newest.insert((record.package.clone(), last), path);
        }
    }
    let lines = newest.values().map(|it| format!("{}\n", it.display()));
    Ok(lines.collect())
}

/// What counts of a build's record.
#[derive(Deserialize)]
struct Record {
    package: String,
    state: String,
    files: Vec<String>,
}

/// Runs `createrepo_c` on a repository, with its output in the log of the repository's folder.
///
/// # Errors
/// Why the index is as old as before, in a sentence.
pub async fn refresh(program: &str, repository: &Repository) -> Result<(), String> {
    let folder = &repository.0;
    let say = |error: io::Error| format!("{}: {error}", folder.display());
    let begun = repository.clone();
    let begun = spawn_blocking(move || begin(&begun.0)).await;
    let begun = begun.unwrap_or_else(|error| Err(io::Error::other(error)));
    begun.map_err(say)?;
    let log = folder.join(".createrepo.log");
    let script = r#"exec "$PROGRAM" --update --no-database --quiet --pkglist .packages ."#;
    let mut process = Process::new(script);
    process.env("PROGRAM", program);
    process.folder(folder);
    process.most(MOST_LOG);
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

fn begin(folder: &Path) -> io::Result<()> {
    // Made first: should this process die, it is seen that the run did not end.
    fs::write(folder.join(UNDER_WAY), "")?;
    let _ = fs::remove_file(folder.join(STALE));
    // What a killed run left keeps the next one from beginning.
    let _ = fs::remove_dir_all(folder.join(".repodata"));
    fs::write(folder.join(".packages"), packages(folder)?)
}
