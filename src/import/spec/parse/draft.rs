//! A header in the making.

use super::super::error::Error;
use crate::rpmfile::{Dependency, Sense, SourceHeader};

/// How many packages, sources, patches or dependencies a spec may have, each.
const MAX_ENTRIES: usize = 10_000;

/// Adds an entry to a list of bounded length.
pub(super) fn add<T>(list: &mut Vec<T>, entry: T, line: usize) -> Result<(), Error> {
    if list.len() >= MAX_ENTRIES {
        return Err(Error::TooLarge {
            line,
            limit: "10000 packages, files or dependencies",
        });
    }
    list.push(entry);
    Ok(())
}

/// A binary package that the spec describes; the first one is the main package.
#[derive(Clone, Debug, Default)]
pub(super) struct Package {
    pub(super) name: String,
    pub(super) epoch: Option<u32>,
    pub(super) version: String,
    pub(super) release: String,
    pub(super) has_summary: bool,
    pub(super) has_description: bool,
    pub(super) has_files: bool,
}

/// A source or a patch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Numbered {
    pub(super) number: u32,
    pub(super) file: String,
    pub(super) left_out: bool,
}

/// What was read so far.
#[derive(Debug, Default)]
pub(super) struct Draft {
    pub(super) header: SourceHeader,
    pub(super) packages: Vec<Package>,
    pub(super) sources: Vec<Numbered>,
    pub(super) patches: Vec<Numbered>,
    pub(super) source_license: Option<String>,
    pub(super) has_changelog: bool,
}

impl Draft {
    /// The place of a package; `full` says that the name is not to follow the main package's.
    pub(super) fn find(&self, name: &str, full: bool) -> Option<usize> {
        let name = self.full_name(name, full);
        self.packages.iter().position(|it| it.name == name)
    }

    pub(super) fn full_name(&self, name: &str, full: bool) -> String {
        match self.packages.first() {
            Some(main) if !full => format!("{}-{name}", main.name),
            _ => name.to_owned(),
        }
    }

    /// The header, with the lists in RPM's order.
    pub(super) fn finished(mut self) -> SourceHeader {
        let numbers = |list: &[Numbered]| {
            list.iter()
                .filter(|it| it.left_out)
                .map(|it| it.number)
                .collect()
        };
        let files = |list: Vec<Numbered>| list.into_iter().map(|it| it.file).collect();
        self.sources.sort_by_key(|it| it.number);
        self.patches.sort_by_key(|it| it.number);
        let mut header = self.header;
        if let Some(main) = self.packages.first() {
            header.name.clone_from(&main.name);
            header.epoch = main.epoch;
            header.version.clone_from(&main.version);
            header.release.clone_from(&main.release);
        }
        if let Some(license) = self.source_license {
            header.license = license;
        }
        header.no_source = numbers(&self.sources);
        header.no_patch = numbers(&self.patches);
        header.sources = files(self.sources);
        header.patches = files(self.patches);
        header.provides = self
            .packages
            .into_iter()
            .filter(|it| it.has_files)
            .map(|it| {
                let epoch = it
                    .epoch
                    .map_or_else(String::new, |epoch| format!("{epoch}:"));
                Dependency {
                    name: it.name,
                    sense: Sense::Equal,
                    version: format!("{epoch}{}-{}", it.version, it.release),
                }
            })
            .collect();
        header
    }
}
