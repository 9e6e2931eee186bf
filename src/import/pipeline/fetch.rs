//! A file on its way into the root: from an address or a local path into a temporary file, in
//! one pass that also hashes it.

use super::track::Track;
use super::{Destination, Error, Importer};
use crate::event::Stage;
use crate::import::job::{FileKind, Job, Source};
use crate::import::source::{self, Release};
use crate::model::{Digester, Digests, Ecosystem, Sha256, is_safe_file_name};
use std::fs::File;
use std::io::{self, Read as _, Seek as _, Write};
use std::path::Path;
use tempfile::NamedTempFile;
use url::Url;

const BUFFER: usize = 256 * 1024;

/// What a job is about, ready to be read.
pub(super) enum Fetched {
    /// What a spec is written for.
    Archive(Archive),
    /// A ready source package.
    Srpm(SrpmFile),
}

/// A whole file in the root's file system, gone when dropped.
pub(super) struct Archive {
    pub(super) name: String,
    pub(super) kind: FileKind,
    pub(super) file: NamedTempFile,
    pub(super) digests: Digests,
    /// Where a spec may say that the file comes from.
    pub(super) url: Option<Url>,
}

/// A source package; its own digests tell whether it is whole.
pub(super) enum SrpmFile {
    /// A file in the root's file system, gone when dropped.
    Own(NamedTempFile),
    /// The user's own, which is read where it lies because nobody keeps it.
    Given(File),
}

impl SrpmFile {
    /// The file, at its beginning.
    pub(super) fn read(&self) -> io::Result<&File> {
        let mut file = match self {
            Self::Own(file) => file.as_file(),
            Self::Given(file) => file,
        };
        file.rewind()?;
        Ok(file)
    }
}

impl Importer {
    /// Resolves and fetches the source of a job.
    pub(super) fn fetch(&self, job: &Job, track: &mut Track<'_>) -> Result<Fetched, Error> {
        match &job.source {
            Source::Registry {
                ecosystem,
                name,
                version,
            } => {
                track.enter(Stage::Resolve);
                let release = self.resolve(*ecosystem, name, version.as_deref())?;
                self.check_stop()?;
                track.enter(Stage::Fetch);
                let archive = self.fetch_release(*ecosystem, release, track)?;
                Ok(Fetched::Archive(archive))
            }
            Source::Url(url, kind) => {
                track.enter(Stage::Fetch);
                let name = file_name(url);
                check_kind(&name, *kind)?;
                match kind {
                    FileKind::Srpm => self.download_srpm(url, &name, track),
                    FileKind::Sdist | FileKind::Wheel | FileKind::Gem => {
                        self.download(url, name, *kind, track).map(Fetched::Archive)
                    }
                }
            }
            Source::Path(path, kind) => {
                track.enter(Stage::Fetch);
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                check_kind(&name, *kind)?;
                check_name(&name)?;
                match kind {
                    FileKind::Srpm => self.take_local(path, job.digest, track),
                    FileKind::Sdist | FileKind::Wheel | FileKind::Gem => self
                        .copy(path, *kind, job.digest, track)
                        .map(Fetched::Archive),
                }
            }
        }
    }

    pub(super) fn resolve(
        &self,
        ecosystem: Ecosystem,
        name: &str,
        version: Option<&str>,
    ) -> Result<Release, Error> {
        let base = self.settings.registries.get(ecosystem);
        Ok(match ecosystem {
            Ecosystem::Pypi => source::pypi::resolve(&self.client, base, name, version),
            Ecosystem::Gem => source::rubygems::resolve(&self.client, base, name, version),
        }?)
    }

    fn fetch_release(
        &self,
        ecosystem: Ecosystem,
        release: Release,
        track: &mut Track<'_>,
    ) -> Result<Archive, Error> {
        for warning in release.warnings {
            track.warn(warning);
        }
        let kind = match ecosystem {
            Ecosystem::Pypi => match FileKind::of_name(&release.file_name) {
                Some(FileKind::Wheel) => FileKind::Wheel,
                _ => FileKind::Sdist,
            },
            Ecosystem::Gem => FileKind::Gem,
        };
        let fetched = self.download(&release.url, release.file_name, kind, track)?;
        match release.sha256 {
            Some(expected) if expected != fetched.digests.sha256 => Err(Error::Checksum {
                file: fetched.name,
                expected,
                found: fetched.digests.sha256,
            }),
            // Where the registry gives none, its own warning says so.
            Some(_) | None => Ok(fetched),
        }
    }

    fn download(
        &self,
        url: &Url,
        name: String,
        kind: FileKind,
        track: &mut Track<'_>,
    ) -> Result<Archive, Error> {
        let digester = self.client.download(
            url,
            self.settings.limits.max_download,
            &mut || self.temporary(),
            &mut |done, total| track.bytes(done, total),
        )?;
        let (file, digests) = digester.finish();
        track.size_bytes = digests.size;
        check_name(&name)?;
        Ok(Archive {
            name,
            kind,
            file,
            digests,
            url: Some(url.clone()),
        })
    }

    fn download_srpm(
        &self,
        url: &Url,
        name: &str,
        track: &mut Track<'_>,
    ) -> Result<Fetched, Error> {
        let file = self.client.download(
            url,
            self.settings.limits.max_download,
            &mut || self.root.temporary_srpm(),
            &mut |done, total| track.bytes(done, total),
        )?;
        let size = file.as_file().metadata();
        track.size_bytes = size.map_err(Error::root("look at", name.as_ref()))?.len();
        check_name(name)?;
        Ok(Fetched::Srpm(SrpmFile::Own(file)))
    }

    fn copy(
        &self,
        path: &Path,
        kind: FileKind,
        queued: Option<Sha256>,
        track: &mut Track<'_>,
    ) -> Result<Archive, Error> {
        let (mut from, total) = open(path)?;
        let digester = self.temporary();
        let mut digester = digester.map_err(Error::root("copy into the root", path))?;
        self.copy_into(path, &mut from, total, &mut digester, track)?;
        let (file, digests) = digester.finish();
        check_queued(path, queued, digests.sha256)?;
        let name = path.file_name().unwrap_or_default();
        Ok(Archive {
            name: name.to_string_lossy().into_owned(),
            kind,
            file,
            digests,
            url: None,
        })
    }

    /// A source package of the user's: copied where it is to be kept, else only opened. One that was
    /// queued is read once more before: whatever stands at its path later, it is the file that is open.
    fn take_local(
        &self,
        path: &Path,
        queued: Option<Sha256>,
        track: &mut Track<'_>,
    ) -> Result<Fetched, Error> {
        let (mut from, total) = open(path)?;
        if !self.settings.destination.keeps_srpms() {
            if queued.is_some() {
                self.copy_queued(path, (&mut from, total), io::sink(), queued, track)?;
            } else {
                track.size_bytes = total;
                track.bytes(total, Some(total));
            }
            return Ok(Fetched::Srpm(SrpmFile::Given(from)));
        }
        let made = self.root.temporary_srpm();
        let mut file = made.map_err(Error::root("copy into the root", path))?;
        match queued {
            None => self.copy_into(path, &mut from, total, &mut file, track)?,
            Some(_) => self.copy_queued(path, (&mut from, total), &mut file, queued, track)?,
        }
        Ok(Fetched::Srpm(SrpmFile::Own(file)))
    }

    /// Copies a file that has to be the one that was queued.
    fn copy_queued(
        &self,
        path: &Path,
        (from, total): (&mut File, u64),
        to: impl Write,
        queued: Option<Sha256>,
        track: &mut Track<'_>,
    ) -> Result<(), Error> {
        let mut digester = Digester::new(to);
        self.copy_into(path, from, total, &mut digester, track)?;
        check_queued(path, queued, digester.finish().1.sha256)
    }

    fn copy_into(
        &self,
        path: &Path,
        from: &mut File,
        total: u64,
        to: &mut impl Write,
        track: &mut Track<'_>,
    ) -> Result<(), Error> {
        let mut buffer = vec![0; BUFFER];
        loop {
            self.check_stop()?;
            let n = from.read(&mut buffer).map_err(cannot_open(path))?;
            if n == 0 {
                return Ok(());
            }
            let written = to.write_all(&buffer[..n]);
            written.map_err(Error::root("copy into the root", path))?;
            track.size_bytes += n as u64;
            track.bytes(track.size_bytes, Some(total));
        }
    }

    /// A temporary file that hashes what is written into it.
    fn temporary(&self) -> io::Result<Digester<NamedTempFile>> {
        let to_git = matches!(
            self.settings.destination,
            Destination::Project { git: true, .. }
        );
        let sum = to_git.then(|| self.root.layout().sum());
        let file = self.root.temporary_source()?;
        Ok(Digester::with_sum(file, sum))
    }
}

/// A local file and its length in bytes.
fn open(path: &Path) -> Result<(File, u64), Error> {
    let file = File::open(path).map_err(cannot_open(path))?;
    let there = file.metadata().map_err(cannot_open(path))?;
    Ok((file, there.len()))
}

fn cannot_open(path: &Path) -> impl Fn(io::Error) -> Error {
    move |source| Error::Open {
        path: path.to_owned(),
        source,
    }
}

/// Refuses a file that was replaced after it was queued.
fn check_queued(path: &Path, queued: Option<Sha256>, found: Sha256) -> Result<(), Error> {
    match queued {
        Some(queued) if queued != found => Err(Error::Replaced {
            path: path.to_owned(),
            queued,
            found,
        }),
        _ => Ok(()),
    }
}

fn check_name(name: &str) -> Result<(), Error> {
    match is_safe_file_name(name) {
        true => Ok(()),
        false => Err(Error::FileName(name.to_owned())),
    }
}

/// Refuses what its name shows to be of no use, before it is fetched.
fn check_kind(name: &str, kind: FileKind) -> Result<(), Error> {
    match kind {
        FileKind::Wheel => Ok(source::pypi::check_wheel(name)?),
        FileKind::Srpm | FileKind::Sdist | FileKind::Gem => Ok(()),
    }
}

/// The last part of an address, decoded where that is a safe file name.
fn file_name(url: &Url) -> String {
    let last = url.path().rsplit('/').next().unwrap_or_default();
    match percent_encoding::percent_decode_str(last).decode_utf8() {
        Ok(name) if is_safe_file_name(&name) => name.into_owned(),
        _ => last.to_owned(),
    }
}
