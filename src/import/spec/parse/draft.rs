//! A header in the making.

use super::super::error::Error;
use crate::rpmfile::{Dependency, Sense, SourceHeader, Translation};
use std::collections::{BTreeMap, HashMap, HashSet};

/// How many packages, sources, patches or dependencies a spec may have, each.
const MAX_ENTRIES: usize = 50_000;

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
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct File {
    pub(super) name: String,
    pub(super) left_out: bool,
    /// How many stood before it: RPM lists files in the order of their lines.
    pub(super) place: usize,
}

/// Sources or patches by their numbers.
pub(super) type Files = BTreeMap<u32, File>;

/// What was read so far.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) header: SourceHeader,
    pub(super) packages: Vec<Package>,
    /// The places of the subpackages by their full names.
    places: HashMap<String, usize>,
    pub(super) sources: Files,
    pub(super) patches: Files,
    pub(super) source_license: Option<String>,
    pub(super) has_changelog: bool,
}

/// Holds a list to its bound.
pub(super) const fn check_length(length: usize, line: usize) -> Result<(), Error> {
    if length < MAX_ENTRIES {
        return Ok(());
    }
    Err(Error::TooLarge {
        line,
        limit: "50000 packages, files or dependencies",
    })
}

impl Draft {
    pub(super) fn new() -> Self {
        Self {
            header: SourceHeader::default(),
            packages: vec![Package::default()],
            places: HashMap::new(),
            sources: Files::new(),
            patches: Files::new(),
            source_license: None,
            has_changelog: false,
        }
    }

    /// Adds a subpackage, which begins with the main package's epoch, version and release; gives
    /// its place, or nothing where the name is taken.
    pub(super) fn add(&mut self, name: String, line: usize) -> Result<Option<usize>, Error> {
        check_length(self.packages.len(), line)?;
        if self.find(&name, true).is_some() {
            return Ok(None);
        }
        let place = self.packages.len();
        let main = &self.packages[0];
        let package = Package {
            name: name.clone(),
            epoch: main.epoch,
            version: main.version.clone(),
            release: main.release.clone(),
            ..Package::default()
        };
        self.packages.push(package);
        self.places.insert(name, place);
        Ok(Some(place))
    }

    /// The place of a package; `full` says that the name is not to follow the main package's.
    pub(super) fn find(&self, name: &str, full: bool) -> Option<usize> {
        let name = self.full_name(name, full);
        if name == self.packages[0].name {
            return Some(0);
        }
        self.places.get(&name).copied()
    }

    pub(super) fn full_name(&self, name: &str, full: bool) -> String {
        if full {
            name.to_owned()
        } else {
            format!("{}-{name}", self.packages[0].name)
        }
    }

    /// What is said of the main package in a language other than `C`.
    pub(super) fn translation(&mut self, language: &str) -> &mut Translation {
        let all = &mut self.header.translations;
        let known = all.iter().position(|it| it.language == language);
        let at = known.unwrap_or_else(|| {
            all.push(Translation {
                language: language.to_owned(),
                ..Translation::default()
            });
            all.len() - 1
        });
        &mut all[at]
    }

    /// The header, with the lists in RPM's order.
    pub(super) fn finished(self) -> SourceHeader {
        let mut header = self.header;
        let main = &self.packages[0];
        header.name.clone_from(&main.name);
        header.epoch = main.epoch;
        header.version.clone_from(&main.version);
        header.release.clone_from(&main.release);
        if let Some(license) = self.source_license {
            header.license = license;
        }
        let files = self.sources.values().chain(self.patches.values());
        let left_out = files.filter(|it| it.left_out);
        header.left_out = left_out.map(|it| it.name.clone()).collect();
        (header.sources, header.no_source) = listed(self.sources);
        (header.patches, header.no_patch) = listed(self.patches);
        drop_doubles(&mut header.build_requires);
        drop_doubles(&mut header.build_conflicts);
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

/// The names of all files, and the numbers of those that are left out.
fn listed(files: Files) -> (Vec<String>, Vec<u32>) {
    let mut files: Vec<(u32, File)> = files.into_iter().collect();
    files.sort_by_key(|it| it.1.place);
    let left_out = files.iter().filter(|it| it.1.left_out).map(|it| it.0);
    let left_out = left_out.collect();
    (files.into_iter().map(|it| it.1.name).collect(), left_out)
}

fn drop_doubles(list: &mut Vec<Dependency>) {
    let mut seen = HashSet::new();
    list.retain(|it| seen.insert(it.clone()));
}
