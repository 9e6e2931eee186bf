//! One measurement, in a process of its own.

use super::arguments::TrialArguments;
use super::worker_trial;
use crate::bench::floor::{Floor, Recipe};
use crate::bench::{Act, Measured, Meter, Task, Work};
use crate::cli::exit::Exit;
use crate::cli::jobs::ARCH;
use crate::config::{Identity, Limits, NetSettings, Registries, Storage};
use crate::event::Silent;
use crate::import::job::{Job, Source};
use crate::import::pipeline::{Destination, Importer, Settings, outcome_of_failure};
use crate::import::root::{Places, Root};
use crate::import::spec::{SpecSettings, Templates};
use crate::model::{BranchName, Code};
use crate::net::Client;
use crate::rpmfile::Compression;
use crate::sync::{Disks, StopToken, hold};
use crate::ui;
use crate::worker::Pool;
use anyhow::{Context as _, ensure};
use rustix::process::{Pid, Signal, getppid, set_parent_process_death_signal};
use std::fs;
use std::io;
use std::sync::Mutex;

/// The branch that everything goes to.
pub(super) const BRANCH: &str = "main";

pub(in crate::cli) fn trial(arguments: &TrialArguments) -> anyhow::Result<Exit> {
    if let Some(parent) = arguments.parent {
        end_with(parent)?;
    }
    let task: Task = serde_json::from_reader(io::stdin().lock())
        .context("this is a part of distmill bench, which hands it a task")?;
    let measured = match (task.act, task.durable) {
        (Act::Prepare, _) => {
            ui::print(&serde_json::to_string(&prepare(&task)?)?);
            return Ok(Exit::Success);
        }
        (Act::Floor, _) => floor(&task),
        (Act::Import, true) => worker_trial::measure(&task),
        (Act::Import, false) => measure(&task),
    }?;
    ui::print(&serde_json::to_string(&measured)?);
    Ok(Exit::Success)
}

/// Has this process killed when the one that started it ends, however that does.
fn end_with(parent: i32) -> anyhow::Result<()> {
    set_parent_process_death_signal(Some(Signal::KILL)).context("cannot watch the parent")?;
    let now = getppid().map(Pid::as_raw_pid);
    ensure!(
        now == Some(parent),
        "the process that asked for this is gone"
    );
    Ok(())
}

/// The least work; where it has to be durable, with one flush for all of it.
fn floor(task: &Task) -> anyhow::Result<Measured> {
    fs::create_dir_all(&task.root)?;
    let disks = Disks::of([task.root.clone()])?;
    if task.durable {
        disks.flush()?;
    }
    let mut floor = Floor::new(&task.root, task.layout)?;
    let meter = Meter::start();
    floor.run(task, &meter);
    if task.durable {
        disks.flush()?;
    }
    Ok(meter.stop())
}

/// Makes a source package of each package; what the floor needs of it, none where that fails.
fn prepare(task: &Task) -> anyhow::Result<Vec<Option<Recipe>>> {
    let stop = StopToken::default();
    let importer = importer(task, Root::open_folder(&task.root)?, &stop)?;
    let recipes = Mutex::new(vec![None; task.packages.len()]);
    let make = |number: usize, source: Source| {
        let path = task.root.join(number.to_string());
        fs::create_dir(&path).ok()?;
        let folder = Destination::Folder { path, specs: false };
        let importer = importer.to(folder, stop.clone());
        let job = Job {
            id: 1,
            source,
            digest: None,
        };
        let srpm = importer.import(&job, &Silent).srpm?;
        let recipe = Recipe::of(srpm.file_name()?.to_str()?, &fs::read(&srpm).ok()?);
        fs::remove_file(&srpm).ok()?;
        recipe
    };
    Pool::new(task.threads).run(
        sources(task)?.into_iter().enumerate(),
        &stop,
        |(number, source)| make(*number, source.clone()),
        |(number, _), made| hold(&recipes)[number] = made.ok().flatten(),
    );
    Ok(std::mem::take(&mut *hold(&recipes)))
}

/// Imports as `distmill import` makes them.
fn measure(task: &Task) -> anyhow::Result<Measured> {
    let stop = StopToken::default();
    let importer = importer(task, root(task)?, &stop)?;
    let projects: Vec<Importer> = (0..task.projects.get())
        .map(|it| Ok(importer.to(destination(task, it)?, stop.clone())))
        .collect::<anyhow::Result<_>>()?;
    let sources = sources(task)?;
    let jobs = (0..task.projects.get()).flat_map(|project| {
        let of = move |source: &Source| (project, source.clone());
        sources.iter().map(of)
    });
    let jobs = (1..).zip(jobs);
    let meter = Meter::start();
    Pool::new(task.threads).run(
        jobs,
        &stop,
        |(id, (project, source))| {
            let job = Job {
                id: *id,
                source: source.clone(),
                digest: None,
            };
            projects[*project].import(&job, &Silent)
        },
        |(id, (_, source)), result| {
            let outcome = result.unwrap_or_else(|panic| {
                outcome_of_failure(id, &source.to_string(), Code::InternalError, panic.0)
            });
            meter.take(&outcome, None);
        },
    );
    Ok(meter.stop())
}

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
