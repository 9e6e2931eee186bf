//! Attempts, and the folders of what has ended.

use super::repository::Repository;
use super::{LOG, RECORD};
use crate::build::entry::{Build, BuildId};
use crate::build::state::State;
use crate::model::{Code, Project};
use serde_json::Value;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// The folder of attempts.
const INCOMING: &str = ".incoming";

/// Files that could not be kept.
#[derive(Debug, thiserror::Error)]
#[error("cannot write {}: {source}", path.display())]
pub struct ResultsError {
    /// The file or folder.
    pub path: PathBuf,
    /// Why.
    pub source: io::Error,
}

impl ResultsError {
    /// The stable code of this failure.
    #[must_use]
    pub fn code(&self) -> Code {
        Code::of_io(&self.source)
    }

    fn of(path: &Path) -> impl FnOnce(io::Error) -> Self + '_ {
        |source| Self {
            path: path.to_owned(),
            source,
        }
    }
}

/// The folder of all results.
#[derive(Clone, Debug)]
pub struct Results(PathBuf);

impl Results {
    /// Results under this folder, which is made when it is needed.
    #[must_use]
    pub fn at(folder: &Path) -> Self {
        Self(folder.to_owned())
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.0
    }

    /// The folder of all results of a project.
    #[must_use]
    pub fn project(&self, project: &Project) -> PathBuf {
        self.0.join(project.owner()).join(project.name())
    }

    /// The repository that a build's packages go into.
    #[must_use]
    pub fn repository(&self, build: &Build) -> Repository {
        let what = &build.what;
        Repository::at(self.project(&what.project).join(&what.target))
    }

    /// The folder of a build that has ended.
    #[must_use]
    pub fn place(&self, build: &Build) -> PathBuf {
        let name = format!("{:08}-{}", build.id, build.what.package);
        self.repository(build).folder().join(name)
    }

    /// The folder of the attempts at a build.
    #[must_use]
    pub fn attempt(&self, id: BuildId) -> PathBuf {
        self.0.join(INCOMING).join(id.to_string())
    }

    /// Where the log of a build is now: of a running one with its attempts, else in its place.
    #[must_use]
    pub fn log(&self, build: &Build) -> PathBuf {
        match build.state().is_open() {
            true => self.attempt(build.id).join(LOG),
            false => self.place(build).join(LOG),
        }
    }

    /// Makes the folder of a new attempt: the log of earlier ones stays, their files go.
    ///
    /// # Errors
    /// When the file system refuses.
    pub fn begin(&self, id: BuildId) -> Result<PathBuf, ResultsError> {
        let folder = self.attempt(id);
        let files = self.without_files(id)?;
        fs::create_dir_all(&files).map_err(ResultsError::of(&files))?;
        Ok(folder)
    }

    /// Removes the files of the attempts at a build, and leaves the log. Where they were.
    fn without_files(&self, id: BuildId) -> Result<PathBuf, ResultsError> {
        let folder = self.attempt(id);
        let (files, log) = (folder.join("files"), folder.join(LOG));
        if !log.exists() && files.join(LOG).exists() {
            // On its way to its place something was in the way.
            fs::rename(files.join(LOG), &log).map_err(ResultsError::of(&log))?;
        }
        remove_dir(&files)?;
        Ok(files)
    }

    /// Moves what the attempts at a build left to its place, with its record; everything is on
    /// stable storage afterwards. Where the packages are is written into the build.
    ///
    /// # Errors
    /// When the file system refuses; the attempt stays then.
    pub fn keep(&self, build: &mut Build) -> Result<(), ResultsError> {
        let folder = self.attempt(build.id);
        let (files, log) = (folder.join("files"), folder.join(LOG));
        fs::create_dir_all(&files).map_err(ResultsError::of(&files))?;
        let place = self.place(build);
        let mut names = names(&files).map_err(ResultsError::of(&files))?;
        let is_package = |it: &&String| it.ends_with(".rpm") && !it.ends_with(".src.rpm");
        build.trace.packages = names.iter().filter(is_package).cloned().collect();
        build.trace.results = Some(place.clone());
        if log.exists() {
            names.push(LOG.to_owned());
            names.sort();
        }
        let mut record = serde_json::to_value(&*build).expect("a build has only texts for keys");
        record["files"] = Value::from(names);
        let path = files.join(RECORD);
        let text = format!("{record:#}\n");
        fs::write(&path, text).map_err(ResultsError::of(&path))?;
        flush(&files).map_err(ResultsError::of(&files))?;
        let repository = self.repository(build);
        self.make(repository.folder())?;
        if build.state() == State::Finished {
            repository
                .mark()
                .map_err(ResultsError::of(repository.folder()))?;
        }
        remove_dir(&place)?;
        if log.exists() {
            let moved = sync(&log).and_then(|()| fs::rename(&log, files.join(LOG)));
            moved.map_err(ResultsError::of(&log))?;
            sync(&files).map_err(ResultsError::of(&files))?;
        }
        fs::rename(&files, &place).map_err(ResultsError::of(&place))?;
        sync(repository.folder()).map_err(ResultsError::of(repository.folder()))?;
        // Nothing of it is needed any more; what is left is swept at the next start.
        let _ = fs::remove_dir_all(&folder);
        Ok(())
    }

    /// The same for a build that ends outside of an attempt, of which only the log counts; nothing is
    /// kept of one that was never begun. Whether there was one.
    ///
    /// # Errors
    /// When the file system refuses; the attempt stays then.
    pub fn keep_log(&self, build: &mut Build) -> Result<bool, ResultsError> {
        if !self.attempt(build.id).exists() {
            return Ok(false);
        }
        self.without_files(build.id)?;
        self.keep(build).map(|()| true)
    }

    /// Makes a folder below that of all results, for good.
    fn make(&self, folder: &Path) -> Result<(), ResultsError> {
        if folder.is_dir() {
            return Ok(());
        }
        fs::create_dir_all(folder).map_err(ResultsError::of(folder))?;
        let above = folder.ancestors().skip(1);
        for it in above.take_while(|it| it.starts_with(&self.0)) {
            sync(it).map_err(ResultsError::of(it))?;
        }
        Ok(())
    }

    /// The record of a build that has ended, if it was kept.
    #[must_use]
    pub fn record(&self, build: &Build) -> Option<Value> {
        let text = fs::read(self.place(build).join(RECORD)).ok()?;
        serde_json::from_slice(&text).ok()
    }

    /// Forgets the attempts at a build.
    pub fn forget(&self, id: BuildId) {
        // What is left is swept at the next start.
        let _ = fs::remove_dir_all(self.attempt(id));
    }

    /// The builds of which there are attempts.
    #[must_use]
    pub fn attempts(&self) -> Vec<BuildId> {
        let entries = fs::read_dir(self.0.join(INCOMING)).into_iter().flatten();
        let names = entries.flatten().map(|it| it.file_name());
        names
            .filter_map(|it| it.to_str().and_then(|it| it.parse().ok()))
            .collect()
    }

    /// The repositories whose index is older than what is in them.
    #[must_use]
    pub fn stale(&self) -> Vec<Repository> {
        let below = |folder: PathBuf| {
            let entries = fs::read_dir(folder).into_iter().flatten().flatten();
            let folders = entries.filter(|it| it.file_type().is_ok_and(|it| it.is_dir()));
            folders.map(|it| it.path()).collect::<Vec<_>>()
        };
        let owners = below(self.0.clone()).into_iter();
        let targets = owners.flat_map(below).flat_map(below);
        let repositories = targets.map(Repository::at);
        repositories.filter(Repository::is_stale).collect()
    }
}

/// The files below a folder, relative to it, sorted.
fn names(folder: &Path) -> io::Result<Vec<String>> {
    let mut out = Vec::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(below) = folders.pop() {
        for entry in fs::read_dir(folder.join(&below))? {
            let entry = entry?;
            let path = below.join(entry.file_name());
            match entry.file_type()?.is_dir() {
                true => folders.push(path),
                false => out.push(path.to_string_lossy().into_owned()),
            }
        }
    }
    out.sort();
    Ok(out)
}

/// Flushes the files below a folder, and the folders themselves.
fn flush(folder: &Path) -> io::Result<()> {
    let mut folders = vec![folder.to_owned()];
    while let Some(below) = folders.pop() {
        for entry in fs::read_dir(&below)? {
            let entry = entry?;
            match entry.file_type()?.is_dir() {
                true => folders.push(entry.path()),
                false => sync(&entry.path())?,
            }
        }
        sync(&below)?;
    }
    Ok(())
}

fn sync(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

fn remove_dir(folder: &Path) -> Result<(), ResultsError> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(ResultsError::of(folder)(error))
        }
        _ => Ok(()),
    }
}
