//! An sdist, a wheel or a gem: described from its own metadata, given a spec, packed into a source
//! package.

use super::fetch::Archive;
use super::store::Package;
use super::track::Track;
use super::{Error, Importer};
use crate::event::Stage;
use crate::import::archive::{self, Entry, EntryKind, Kind, Summary, WalkError};
use crate::import::description::Description;
use crate::import::distgit::PackageFile;
use crate::import::job::FileKind;
use crate::import::outcome::PackageId;
use crate::import::source::pypi::{SdistReader, WheelReader};
use crate::import::source::{ReadError, rubygems::GemReader};
use crate::import::spec::{self, Spec};
use crate::net::published;
use crate::rpmfile::{self, SourceFile, SourceHeader, WriteSettings};
use std::io::Read;
use tempfile::NamedTempFile;

impl Importer {
    /// Makes the package of an archive.
    pub(super) fn make_srpm(
        &self,
        fetched: Archive,
        track: &mut Track<'_>,
    ) -> Result<Package, Error> {
        track.enter(Stage::Read);
        let mut description = self.describe(&fetched)?;
        for warning in std::mem::take(&mut description.warnings) {
            track.warn(warning);
        }
        description.download_url = fetched.url.as_ref().map(|it| published(it).into());
        if let Some(epoch) = self.settings.source_date_epoch {
            description.modified = Some(i64::from(epoch));
        }
        if description.license.is_none() && !self.settings.allow_unknown_license {
            return Err(Error::License {
                package: description.name,
                search: description.license_search,
            });
        }
        self.check_stop()?;

        track.enter(Stage::Spec);
        let (spec, header) = spec::make(&description, &self.settings.spec)?;
        for warning in &spec.warnings {
            track.warn(warning.to_string());
        }
        track.package = Some(PackageId {
            name: header.name.clone(),
            evr: header.evr(),
        });

        track.enter(Stage::Srpm);
        let time = time_of(&description, &header);
        let srpm = self.archive_srpm(&fetched, &spec, &header, time)?;
        let source = PackageFile::of_temporary(&fetched.name, fetched.file, fetched.digests)
            .map_err(Error::root("read back", fetched.name.as_ref()))?;
        let spec_file = PackageFile::of_bytes(&spec.file_name, spec.text.into_bytes());
        Ok(Package {
            name: spec.package,
            files: vec![spec_file, source],
            spec_name: spec.file_name,
            srpm: Some(srpm),
            srpm_name: header.file_name(),
        })
    }

    fn describe(&self, fetched: &Archive) -> Result<Description, Error> {
        let max_metadata = self.settings.limits.max_metadata;
        match fetched.kind {
            FileKind::Gem => {
                let mut reader = GemReader::new(max_metadata);
                let summary =
                    self.walk_all(fetched, Kind::Gem, |entry, content| match entry.kind {
                        EntryKind::File => reader.offer(entry.path, entry.size, content),
                        EntryKind::Link => reader.offer_link(entry.path, entry.target),
                        EntryKind::Directory => Ok(()),
                    })?;
                let (newest, members) = (summary.newest_mtime, &summary.members);
                Ok(reader.finish(&fetched.name, newest, members)?)
            }
            FileKind::Wheel => {
                let mut reader = WheelReader::new(&fetched.name, max_metadata)?;
                let summary = self.walk(fetched, Kind::Zip, |path, size, content| {
                    reader.offer(path, size, content)
                })?;
                Ok(reader.finish(summary.newest_mtime)?)
            }
            FileKind::Sdist | FileKind::Srpm => {
                let kind = Kind::of_file_name(&fetched.name);
                let kind = kind.ok_or_else(|| Error::Kind(fetched.name.clone()))?;
                let mut reader = SdistReader::new(max_metadata);
                let summary = self.walk(fetched, kind, |path, size, content| {
                    reader.offer(path, size, content)
                })?;
                Ok(reader.finish(&fetched.name, summary.newest_mtime)?)
            }
        }
    }

    /// Shows every file of the archive to a reader.
    fn walk(
        &self,
        fetched: &Archive,
        kind: Kind,
        mut offer: impl FnMut(&str, u64, &mut dyn Read) -> Result<(), ReadError>,
    ) -> Result<Summary, Error> {
        self.walk_all(fetched, kind, |entry, content| match entry.kind {
            EntryKind::File => offer(entry.path, entry.size, content),
            EntryKind::Directory | EntryKind::Link => Ok(()),
        })
    }

    /// Shows every entry of the archive to a reader.
    fn walk_all(
        &self,
        fetched: &Archive,
        kind: Kind,
        mut offer: impl FnMut(&Entry<'_>, &mut dyn Read) -> Result<(), ReadError>,
    ) -> Result<Summary, Error> {
        let (file, limits) = (fetched.file.as_file(), &self.settings.limits);
        archive::walk(file, &fetched.name, kind, limits, &self.stop, &mut offer).map_err(|error| {
            match error {
                WalkError::Archive(error) => Error::Archive(error),
                WalkError::Visit(error) => Error::Read(error),
            }
        })
    }

    fn archive_srpm(
        &self,
        fetched: &Archive,
        spec: &Spec,
        header: &SourceHeader,
        time: u32,
    ) -> Result<NamedTempFile, Error> {
        let files = [
            SourceFile::from_bytes(&spec.file_name, spec.text.as_bytes(), time).as_spec(),
            SourceFile::from_path(&fetched.name, fetched.file.path(), &fetched.digests, time)
                .as_own(),
        ];
        self.write_srpm(header, &files, time)
    }

    /// Writes a source package whose times are all `time` into a temporary file.
    pub(super) fn write_srpm(
        &self,
        header: &SourceHeader,
        files: &[SourceFile],
        time: u32,
    ) -> Result<NamedTempFile, Error> {
        let settings = WriteSettings {
            compression: self.settings.compression,
            build_time: time,
            arch: self.settings.spec.arch.clone(),
            ..WriteSettings::default()
        };
        let made = self.root.temporary_srpm();
        let mut srpm = made.map_err(Error::root("create", header.file_name().as_ref()))?;
        rpmfile::write(srpm.as_file_mut(), header, files, &settings)?;
        Ok(srpm)
    }
}

/// The time of all that is made: the newest file's in the archive, else the changelog's. Nothing
/// of this machine's clock, so that the same source makes the same bytes.
fn time_of(description: &Description, header: &SourceHeader) -> u32 {
    let own = description.modified.and_then(|it| u32::try_from(it).ok());
    let changelog = header.changelog.first().map(|it| it.time);
    own.or(changelog).unwrap_or_default()
}
