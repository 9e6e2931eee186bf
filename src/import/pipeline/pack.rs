//! A spec and its files on this machine, packed into a source package.

use super::store::place_srpm;
use super::track::Track;
use super::{Destination, Error, Importer};
use crate::event::{EventSink, Stage};
use crate::import::distgit::{Part, ProjectLock};
use crate::import::outcome::{Failure, Outcome, PackageId, State};
use crate::import::spec;
use crate::model::{Digester, is_safe_file_name};
use crate::rpmfile::{SourceFile, SourceHeader};
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

/// A spec and where its files are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipe {
    /// The spec.
    pub spec: PathBuf,
    /// The folder of its sources and patches.
    pub sources: PathBuf,
    /// Further macros that the spec may use: names and bodies.
    pub defines: Vec<(String, String)>,
}

impl Importer {
    /// Packs a spec into a source package, which goes into the folder of the settings. Never
    /// fails: what went wrong is in the outcome.
    #[must_use]
    pub fn pack(&self, recipe: &Recipe, sink: &dyn EventSink) -> Outcome {
        let name = recipe.spec.display().to_string();
        let mut track = Track::start(1, &name, sink);
        let state = match self.pack_spec(recipe, &mut track) {
            Ok(true) => State::Imported,
            Ok(false) => State::Unchanged,
            Err(error) => State::Failed(Failure::from(&error)),
        };
        track.end(state)
    }

    fn pack_spec(&self, recipe: &Recipe, track: &mut Track<'_>) -> Result<bool, Error> {
        track.enter(Stage::Spec);
        let path = &recipe.spec;
        let bytes = fs::read(path).map_err(open(path))?;
        let text = str::from_utf8(&bytes).map_err(|_| Error::NoSpec(path.clone()))?;
        let mut settings = self.settings.spec.parse_settings();
        settings.defines.clone_from(&recipe.defines);
        let header = spec::parse(text, &settings).map_err(|source| Error::Recipe {
            path: path.clone(),
            source,
        })?;
        track.package = Some(PackageId {
            name: header.name.clone(),
            evr: header.evr(),
        });

        track.enter(Stage::Read);
        let files = self.gather(recipe, &header)?;
        track.size_bytes = files.iter().map(|it| it.size).sum();
        let newest = files.iter().map(|it| it.mtime).max().unwrap_or_default();
        self.check_stop()?;

        track.enter(Stage::Srpm);
        let srpm = self.write_srpm(&header, &files, newest)?;
        let (folder, mut held) = match &self.settings.destination {
            Destination::Folder { path, .. } => (path.clone(), None),
            Destination::Project { project, .. } => {
                let held = ProjectLock::share(&self.root, project, Part::Srpms, &self.stop)?;
                let folder = self.root.srpms(project);
                (folder, Some(held))
            }
        };
        let kept = place_srpm(srpm, &header.file_name(), &folder, track)?;
        if let Some(held) = &mut held {
            held.keep();
        }
        Ok(kept)
    }

    /// The spec and every file that it names, hashed.
    fn gather(&self, recipe: &Recipe, header: &SourceHeader) -> Result<Vec<SourceFile>, Error> {
        let name = recipe.spec.file_name().and_then(|it| it.to_str());
        let name = name.filter(|it| is_safe_file_name(it));
        let name = name.ok_or_else(|| Error::NoSpec(recipe.spec.clone()))?;
        let named: BTreeSet<&String> = header.sources.iter().chain(&header.patches).collect();
        if let Some(bad) = named.iter().find(|it| !is_safe_file_name(it)) {
            return Err(Error::FileName((*bad).clone()));
        }
        let place = |name: &str| recipe.sources.join(name);
        let missing = named.iter().filter(|it| !place(it).is_file());
        let names: Vec<String> = missing.map(|it| (*it).clone()).collect();
        if !names.is_empty() {
            let folder = recipe.sources.clone();
            return Err(Error::Sources { folder, names });
        }
        let spec = self.hashed(name, &recipe.spec)?.as_spec();
        let sources = named.iter().map(|it| self.hashed(it, &place(it)));
        std::iter::once(Ok(spec)).chain(sources).collect()
    }

    fn hashed(&self, name: &str, path: &Path) -> Result<SourceFile, Error> {
        let mut file = File::open(path).map_err(open(path))?;
        let mut digester = Digester::new(io::sink());
        io::copy(&mut file, &mut digester).map_err(open(path))?;
        let (_, digests) = digester.finish();
        let metadata = file.metadata().map_err(open(path))?;
        let modified = u32::try_from(metadata.mtime()).unwrap_or_default();
        let time = self.settings.source_date_epoch.unwrap_or(modified);
        let mut file = SourceFile::from_path(name, path, &digests, time);
        file.is_executable = metadata.mode() & 0o111 != 0;
        Ok(file)
    }
}

fn open(path: &Path) -> impl FnOnce(io::Error) -> Error {
    move |source| Error::Open {
        path: path.to_owned(),
        source,
    }
}
