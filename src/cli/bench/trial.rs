//! One measurement, in a process of its own.

use super::arguments::TrialArguments;
use super::set_up::{destination, importer, root, sources};
use super::worker_trial;
use crate::bench::floor::{Floor, Recipe};
use crate::bench::{Act, Measured, Meter, Task};
use crate::cli::exit::Exit;
use crate::event::Silent;
use crate::import::job::{Job, Source};
use crate::import::pipeline::{Destination, Importer, outcome_of_failure};
use crate::import::root::Root;
use crate::model::Code;
use crate::sync::{Disks, StopToken, hold};
use crate::ui;
use crate::worker::Pool;
use anyhow::{Context as _, ensure};
use rustix::process::{Pid, Signal, getppid, set_parent_process_death_signal};
use std::fs;
use std::io;
use std::sync::Mutex;

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
