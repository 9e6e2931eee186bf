//! A file on its way into the root: from an address or a local path into a temporary file, in
//! one pass that also hashes it.

use super::track::Track;
use super::{Destination, Error, Importer};
use crate::event::Stage;
use crate::import::job::{FileKind, Source};
use crate::import::source::{self, Release};
use crate::model::{Digester, Digests, Ecosystem, is_safe_file_name};
use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::path::Path;
use tempfile::NamedTempFile;
use url::Url;

const BUFFER: usize = 256 * 1024;

/// A whole file in the root's file system, gone when dropped.
pub(super) struct Fetched {
    pub(super) name: String,
    pub(super) kind: FileKind,
    pub(super) file: NamedTempFile,
    pub(super) digests: Digests,
    /// Where a spec may say that the file comes from.
    pub(super) url: Option<Url>,
}

impl Importer {
    /// Resolves and fetches the source of a job.
    pub(super) fn fetch(&self, source: &Source, track: &mut Track<'_>) -> Result<Fetched, Error> {
        let fetched = match source {
            Source::Registry {
                ecosystem,
                name,
                version,
            } => {
                track.enter(Stage::Resolve);
                let release = self.resolve(*ecosystem, name, version.as_deref())?;
                self.check_stop()?;
                track.enter(Stage::Fetch);
                self.fetch_release(*ecosystem, release, track)?
            }
            Source::Url(url, kind) => {
                track.enter(Stage::Fetch);
                let name = file_name(url);
                check_kind(&name, *kind)?;
                self.download(url, name, *kind, track)?
            }
            Source::Path(path, kind) => {
                track.enter(Stage::Fetch);
                let name = path.file_name().unwrap_or_default();
                check_kind(&name.to_string_lossy(), *kind)?;
                self.copy(path, *kind, track)?
            }
        };
        track.size_bytes = fetched.digests.size;
        if !is_safe_file_name(&fetched.name) {
            return Err(Error::FileName(fetched.name));
        }
        Ok(fetched)
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
    ) -> Result<Fetched, Error> {
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
        track: &Track<'_>,
    ) -> Result<Fetched, Error> {
        let digester = self.client.download(
            url,
            self.settings.limits.max_download,
            &mut || self.temporary(kind),
            &mut |done, total| track.bytes(done, total),
        )?;
        let (file, digests) = digester.finish();
        Ok(Fetched {
            name,
            kind,
            file,
            digests,
            url: Some(url.clone()),
        })
    }

    fn copy(&self, path: &Path, kind: FileKind, track: &Track<'_>) -> Result<Fetched, Error> {
        let open = |source| Error::Open {
            path: path.to_owned(),
            source,
        };
        let mut from = File::open(path).map_err(open)?;
        let total = from.metadata().map_err(open)?.len();
        let digester = self.temporary(kind);
        let mut digester = digester.map_err(Error::root("copy into the root", path))?;
        let mut buffer = vec![0; BUFFER];
        let mut done = 0;
        loop {
            self.check_stop()?;
            let n = from.read(&mut buffer).map_err(open)?;
            if n == 0 {
                break;
            }
            let written = digester.write_all(&buffer[..n]);
            written.map_err(Error::root("copy into the root", path))?;
            done += n as u64;
            track.bytes(done, Some(total));
        }
        let (file, digests) = digester.finish();
        let name = path.file_name().unwrap_or_default();
        Ok(Fetched {
            name: name.to_string_lossy().into_owned(),
            kind,
            file,
            digests,
            url: None,
        })
    }

    /// A temporary file that hashes what is written into it.
    fn temporary(&self, kind: FileKind) -> io::Result<Digester<NamedTempFile>> {
        match kind {
            FileKind::Srpm => self.root.temporary_srpm().map(Digester::new),
            FileKind::Sdist | FileKind::Wheel | FileKind::Gem => {
                let to_git = matches!(
                    self.settings.destination,
                    Destination::Project { git: true, .. }
                );
                let sum = to_git.then(|| self.root.layout().sum());
                let file = self.root.temporary_source()?;
                Ok(Digester::with_sum(file, sum))
            }
        }
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
