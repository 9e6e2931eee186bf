//! What a registry says, without anything being fetched or made.

use super::{Error, Importer};
use crate::import::job::Source;
use crate::import::source::{self, Names, Release};
use crate::model::Ecosystem;

impl Importer {
    /// Every name at the registry of an ecosystem, or those that changed since a serial.
    ///
    /// # Errors
    /// When the registry does not list them, or does not tell what changed.
    pub fn names(&self, ecosystem: Ecosystem, since: Option<&str>) -> Result<Names, Error> {
        let base = self.settings.registries.get(ecosystem);
        Ok(match ecosystem {
            Ecosystem::Pypi => source::pypi::names(&self.client, base, since),
            Ecosystem::Gem => source::rubygems::names(&self.client, base, since),
        }?)
    }

    /// The file that an import of the source would take; nothing for a file that is named itself.
    ///
    /// # Errors
    /// Where the import would end before it fetched anything.
    pub fn predict(&self, source: &Source) -> Result<Option<Release>, Error> {
        match source {
            Source::Registry {
                ecosystem,
                name,
                version,
            } => self.resolve(*ecosystem, name, version.as_deref()).map(Some),
            Source::Path(path, _) => match std::fs::metadata(path) {
                Ok(_) => Ok(None),
                Err(source) => Err(Error::Open {
                    path: path.clone(),
                    source,
                }),
            },
            Source::Url(..) => Ok(None),
        }
    }
}
