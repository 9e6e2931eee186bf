//! An sdist or a gem: described from its own metadata, given a spec, packed into a source
//! package, committed.

use super::fetch::Fetched;
use super::store::Package;
use super::track::Track;
use super::{Error, Importer};
use crate::event::Stage;
use crate::import::description::Description;
use crate::import::distgit::PackageFile;
use crate::import::job::FileKind;
use crate::import::outcome::PackageId;
use crate::import::source::{pypi::SdistReader, rubygems::GemReader};
use crate::import::spec::{self, ParseSettings, Spec, SpecSettings};
use crate::import::{archive, source};
use crate::rpmfile::{self, Content, SourceFile, SourceHeader, WriteSettings};
use tempfile::NamedTempFile;

/// The host that every source package says it was made on: the same bytes everywhere.
const BUILD_HOST: &str = "localhost";

impl Importer {
    /// Whether anything changed.
    pub(super) fn import_archive(
        &self,
        fetched: Fetched,
        track: &mut Track<'_>,
    ) -> Result<bool, Error> {
        track.enter(Stage::Read);
        let mut description = self.describe(&fetched)?;
        description.download_url = fetched.url.as_ref().map(ToString::to_string);
        self.check_stop()?;

        track.enter(Stage::Spec);
        let (spec, header) = self.write_spec(&description, track)?;
        track.package = Some(PackageId {
            name: header.name.clone(),
            evr: header.evr(),
        });

        track.enter(Stage::Srpm);
        let srpm = self.write_srpm(&fetched, &description, &spec, &header)?;
        self.check_stop()?;

        track.enter(Stage::Commit);
        let file_name = format!("{}-{}-{}.src.rpm", header.name, header.version, header.release);
        let keep = "read the fetched file of";
        let source = PackageFile::of_temporary(&fetched.name, fetched.file, fetched.digests)
            .map_err(Error::root(keep, file_name.as_ref()))?;
        let spec_file = PackageFile::of_bytes(&spec.file_name, spec.text.into_bytes());
        let package = Package {
            name: spec.package,
            files: vec![spec_file, source],
            srpm,
            srpm_name: file_name,
        };
        self.store(package, track)
    }

    fn describe(&self, fetched: &Fetched) -> Result<Description, Error> {
        let kind = archive::Kind::of_file_name(&fetched.name)
            .ok_or_else(|| archive::Error::unsupported(&fetched.name))?;
        let (path, limits) = (fetched.file.path(), &self.settings.limits);
        let wrap = |error: archive::WalkError<source::ReadError>| match error {
            archive::WalkError::Archive(error) => Error::Archive(error.named(&fetched.name)),
            archive::WalkError::Visit(error) => Error::Read(error),
        };
        match fetched.kind {
            FileKind::Gem => {
                let mut reader = GemReader::new();
                let summary = archive::walk(path, kind, limits, &self.stop, &mut |entry, bytes| {
                    reader.offer(entry.path, entry.size, bytes)
                })
                .map_err(wrap)?;
                Ok(reader.finish(&fetched.name, summary.newest_mtime, &summary.members)?)
            }
            FileKind::Sdist | FileKind::Srpm => {
                let mut reader = SdistReader::new();
                let summary = archive::walk(path, kind, limits, &self.stop, &mut |entry, bytes| {
                    reader.offer(entry.path, entry.size, bytes)
                })
                .map_err(wrap)?;
                Ok(reader.finish(&fetched.name, summary.newest_mtime)?)
            }
        }
    }

    fn write_spec(
        &self,
        description: &Description,
        track: &mut Track<'_>,
    ) -> Result<(Spec, SourceHeader), Error> {
        let settings = SpecSettings {
            identity: self.settings.identity.clone(),
        };
        let spec = spec::write(description, &settings)?;
        for warning in &spec.warnings {
            track.warn(warning.clone());
        }
        let header = spec::parse(
            &spec.text,
            &ParseSettings {
                dist: self.settings.dist.clone(),
                ..ParseSettings::default()
            },
        )?;
        Ok((spec, header))
    }

    fn write_srpm(
        &self,
        fetched: &Fetched,
        description: &Description,
        spec: &Spec,
        header: &SourceHeader,
    ) -> Result<NamedTempFile, Error> {
        let time = self.settings.source_date_epoch.unwrap_or(spec.time);
        let spec_bytes = spec.text.as_bytes();
        let files = [
            SourceFile::of_bytes(&spec.file_name, spec_bytes.to_vec(), time, true),
            SourceFile {
                name: description.file_name.clone(),
                content: Content::Path(fetched.file.path().to_owned()),
                size: fetched.digests.size,
                sha256: fetched.digests.sha256,
                mtime: time,
                is_spec: false,
            },
        ];
        let settings = WriteSettings {
            compression: self.settings.compression,
            build_time: time,
            build_host: BUILD_HOST.to_owned(),
        };
        let made = self.root.temporary_srpm();
        let mut out = made.map_err(Error::root("create a source package under", self.root.path()))?;
        rpmfile::write(out.as_file_mut(), header, &files, &settings)?;
        Ok(out)
    }
}
