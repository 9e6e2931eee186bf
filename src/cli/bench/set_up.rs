//! What every measurement of imports begins with.

use crate::bench::{Task, Work};
use crate::cli::jobs::ARCH;
use crate::config::{Identity, Limits, NetSettings, Registries, Storage};
use crate::import::job::Source;
use crate::import::pipeline::{Destination, Importer, Settings};
use crate::import::root::{Places, Root};
use crate::import::spec::{SpecSettings, Templates};
use crate::model::BranchName;
use crate::net::Client;
use crate::rpmfile::Compression;
use crate::sync::StopToken;

/// The branch that everything goes to.
pub(super) const BRANCH: &str = "main";

/// A fresh root in the layout that is asked for.
pub(super) fn root(task: &Task) -> anyhow::Result<Root> {
    let storage = Storage {
        layout: Some(task.layout),
        ..Storage::new(&task.root)
    };
    Ok(Root::open_at(Places::find(&storage)?)?)
}

/// The sources of all packages.
pub(super) fn sources(task: &Task) -> anyhow::Result<Vec<Source>> {
    let packages = task.packages.iter();
    let sources = packages.map(|it| Ok(it.source.parse()?));
    sources.collect()
}

/// Where the packages of a project go: source packages are kept where they are made.
pub(super) fn destination(task: &Task, project: usize) -> anyhow::Result<Destination> {
    Ok(Destination::Project {
        project: Task::project(project),
        repository: None,
        branches: vec![BranchName::new(BRANCH)?],
        git: true,
        srpms: task.work != Work::Srpm,
    })
}

/// An importer with the usual settings; packages whose license nothing tells go on.
pub(super) fn importer(task: &Task, root: Root, stop: &StopToken) -> anyhow::Result<Importer> {
    let mut registries = Registries::default();
    for ecosystem in ["pypi", "gem"] {
        if let Some(address) = &task.registry {
            registries.set(&format!("{ecosystem}={address}"))?;
        }
    }
    let settings = Settings {
        destination: destination(task, 0)?,
        allow_unknown_license: true,
        spec: SpecSettings {
            dist: String::new(),
            arch: ARCH.to_owned(),
            identity: Identity::default(),
            templates: Templates::default(),
        },
        registries,
        limits: Limits::default(),
        identity: Identity::default(),
        compression: Compression::default(),
        source_date_epoch: None,
    };
    let client = Client::new(NetSettings::default(), stop.clone());
    Ok(Importer::new(settings, root, client, stop.clone()))
}
