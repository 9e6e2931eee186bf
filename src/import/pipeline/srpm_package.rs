//! A ready source package: read, checked, and taken apart; it keeps its own spec.

use super::fetch::SrpmFile;
use super::store::Package;
use super::track::Track;
use super::{Error, Importer};
use crate::event::Stage;
use crate::import::distgit::Spool;
use crate::import::outcome::PackageId;
use crate::model::PackageName;
use crate::model::version::evr;
use crate::rpmfile::{ReadError, SourcePackage};
use crate::sync::Stoppable;

impl Importer {
    /// Reads a source package.
    pub(super) fn take_srpm(
        &self,
        srpm: SrpmFile,
        track: &mut Track<'_>,
    ) -> Result<Package, Error> {
        track.enter(Stage::Read);
        let file = srpm.read().map_err(ReadError::Io)?;
        let limits = &self.settings.limits;
        let package = match self.settings.destination.keeps_srpms() {
            true => SourcePackage::read(file, limits),
            false => SourcePackage::read_for_files(file, limits),
        }?;
        let name = PackageName::new(package.name())?;
        let (version, release) = (package.version(), package.release());
        let srpm_name = format!("{name}-{version}-{release}.src.rpm");
        track.package = Some(PackageId {
            name: name.to_string(),
            evr: evr(package.epoch(), version, release),
        });
        let mut spool = Spool::new(&self.root);
        let mut spec_name = String::new();
        package.for_each_file(|entry, bytes| -> Result<(), Error> {
            self.check_stop()?;
            if entry.is_spec {
                spec_name.clone_from(&entry.name);
            }
            // git looks at the owner's bit alone.
            let mut bytes = Stoppable::new(bytes, &self.stop);
            let executable = entry.mode & 0o100 != 0;
            let taken = spool.take(&entry.name, executable, entry.sha256, &mut bytes);
            // A stop in the midst of a file looks like a broken one.
            taken.or_else(|error| self.check_stop().and(Err(error.into())))
        })?;
        Ok(Package {
            name,
            files: spool.finish(),
            spec_name,
            srpm: match srpm {
                SrpmFile::Own(file) => Some(file),
                SrpmFile::Given(_) => None,
            },
            srpm_name,
        })
    }
}
