//! One call of the benchmark: a corpus, a registry, and one process after the other.

use super::arguments::Arguments;
use super::plan::{Origin, Plan, plan};
use super::process;
use crate::bench::floor::Recipe;
use crate::bench::{
    Act, Conditions, Error, Failures, Kind, Load, Package, Registry, Report, Row, Run, Task, Work,
    changes, file_system, has_room_for_old_roots, prefill, processor_time,
};
use crate::cli::exit::{Exit, UsageError};
use crate::cli::signals;
use crate::config::Storage;
use crate::import::root::{Incoming, Places, RootError};
use crate::sync::{Disks, StopToken};
use crate::ui::{self, bench_csv, bench_plot, bench_tables};
use anyhow::Context as _;
use std::fs;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::thread::available_parallelism;

/// Threads that wait for a distant registry where nothing is measured.
const FAR_THREADS: NonZeroUsize = NonZeroUsize::new(64).expect("it is not 0");

pub(in crate::cli) fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    match measure(arguments) {
        Err(error) if matches!(error.downcast_ref(), Some(Error::Stopped)) => Ok(Exit::Interrupted),
        other => other,
    }
}

fn measure(arguments: &Arguments) -> anyhow::Result<Exit> {
    let plan = plan(arguments).map_err(|all| UsageError("bench", all))?;
    let stop = StopToken::default();
    let stopping = |_: &str| ui::notice("stopping: what is being measured is given up");
    let signals = signals::listen(stop.clone(), Arc::new(stopping));
    let _signals = signals.context("cannot listen for signals")?;
    let say = |text: String| match arguments.quiet {
        true => {}
        false => ui::notice(&text),
    };
    if let Origin::Synthetic(_, cache) = &plan.origin {
        say(format!("corpus: in {}, made if need be", cache.display()));
    }
    let (corpus, origin) = plan.origin.corpus(arguments.work, &stop)?;
    let registry = Registry::start(&corpus, plan.distance)?;
    let conditions = Conditions {
        work: arguments.work,
        corpus: corpus.summary(origin),
        projects: arguments.corpus.projects.get(),
        distance: plan.distance,
        durable: arguments.place.durable,
        layout: arguments.place.layout,
        file_system: file_system(&plan.place),
        prefill: arguments.place.prefill,
    };
    let mut bench = Bench {
        arguments,
        plan: &plan,
        packages: Package::of(&corpus, &registry, plan.distance.is_some()),
        prepared: Vec::new(),
        registry,
        stop,
    };
    if arguments.floor {
        bench.prepare(&say)?;
    }
    let all = bench.all(&say)?;
    let mut report = bench.report(conditions, &all);
    if let Some(before) = &plan.before {
        report.changes = Some(changes(before, &report));
        for what in report.unlike(before) {
            ui::notice(&format!("the earlier run differs in: {what}"));
        }
    }
    show(arguments, &report)
}

/// What all measurements of a call share.
struct Bench<'a> {
    arguments: &'a Arguments,
    plan: &'a Plan,
    packages: Vec<Package>,
    /// The same for the floor.
    prepared: Vec<Package>,
    registry: Registry,
    stop: StopToken,
}

/// The runs of one line of the report.
type Line = (Kind, NonZeroUsize, Vec<Run>);

impl Bench<'_> {
    /// Makes once what the floor takes from an import: names, specs and headers.
    fn prepare(&mut self, say: &dyn Fn(String)) -> anyhow::Result<()> {
        self.prepared.clone_from(&self.packages);
        if self.arguments.work == Work::Srpm {
            return Ok(());
        }
        say("floor: specs and headers are made once, unmeasured".to_owned());
        let threads = match self.plan.distance.is_some() {
            true => FAR_THREADS,
            false => available_parallelism().unwrap_or(NonZeroUsize::MIN),
        };
        let root = self.fresh()?;
        let task = self.task(Act::Prepare, &root, threads);
        let recipes: Vec<Option<Recipe>> = process::run(&task, &self.stop)?;
        for (package, recipe) in self.prepared.iter_mut().zip(recipes) {
            package.recipe = recipe;
        }
        Ok(())
    }

    /// Every measurement, in turns.
    fn all(&self, say: &dyn Fn(String)) -> anyhow::Result<Vec<Line>> {
        let floor = self.arguments.floor.then_some(NonZeroUsize::MIN);
        let floor = floor.map(|it| (Kind::Floor, it, Vec::new()));
        let imports = self.plan.threads.iter();
        let imports = imports.map(|it| (Kind::Import, *it, Vec::new()));
        let mut lines: Vec<Line> = imports.chain(floor).collect();
        let repeat = self.arguments.repeat.get();
        let mut roots = Vec::new();
        for round in 1..=repeat {
            for (kind, threads, runs) in &mut lines {
                let (run, root) = self.once(*kind, *threads)?;
                roots.push(root);
                if !has_room_for_old_roots(&self.plan.place, run.measured.source_bytes) {
                    roots.clear();
                }
                let count = run.measured.imported;
                #[expect(clippy::cast_precision_loss, reason = "a rate for people to read")]
                let rate = count as f64 / run.measured.seconds.max(1e-9);
                let word = kind.as_str();
                say(format!(
                    "{word}, threads: {threads}, run {round} of {repeat}: {rate:.1} packages/s"
                ));
                runs.push(run);
            }
        }
        Ok(lines)
    }

    /// A fresh folder, which goes when it is dropped, or with the next one if this process is
    /// killed.
    fn fresh(&self) -> Result<Incoming, RootError> {
        Incoming::open(&self.plan.place, "distmill-bench-")
    }

    fn task(&self, act: Act, folder: &Incoming, threads: NonZeroUsize) -> Task {
        Task {
            root: folder.path().join("root"),
            work: self.arguments.work,
            threads,
            act,
            durable: self.arguments.place.durable,
            layout: self.arguments.place.layout,
            projects: self.arguments.corpus.projects,
            registry: Some(self.registry.url()),
            packages: match act {
                Act::Floor => self.prepared.clone(),
                Act::Import | Act::Prepare => self.packages.clone(),
            },
        }
    }

    /// One measurement in a fresh root, which goes when it is dropped.
    fn once(&self, kind: Kind, threads: NonZeroUsize) -> anyhow::Result<(Run, Incoming)> {
        let root = self.fresh()?;
        let act = match kind {
            Kind::Import => Act::Import,
            Kind::Floor => Act::Floor,
        };
        let task = self.task(act, &root, threads);
        let places = Places::find(&Storage::new(&task.root))?;
        let projects: Vec<_> = (0..task.projects.get()).map(Task::project).collect();
        let count = self.arguments.place.prefill;
        prefill(&places, &projects, count, &self.stop)?;
        // What was written until now is none of this measurement's business.
        Disks::of([self.plan.place.clone()])?.flush()?;
        let _ = self.registry.take_traffic();
        let cpu = processor_time();
        let measured = process::run(&task, &self.stop)?;
        let registry_cpu = processor_time().saturating_sub(cpu);
        let run = Run {
            measured,
            traffic: self.registry.take_traffic(),
            registry_cpu_seconds: registry_cpu.as_secs_f64(),
        };
        Ok((run, root))
    }

    fn report(&self, conditions: Conditions, lines: &[Line]) -> Report {
        let mut failures = Failures::new();
        for run in lines.iter().flat_map(|it| &it.2) {
            for (code, some) in &run.measured.failures {
                let known = failures.get_mut(code).map(|it| it.count += some.count);
                if known.is_none() {
                    failures.insert(code.clone(), some.clone());
                }
            }
        }
        let projects = self.arguments.corpus.projects.get();
        let load = Load {
            packages: self.packages.len() * projects,
            requests: self.arguments.work.requests(),
            bytes: conditions.corpus.bytes * projects as u64,
        };
        let way = (&self.plan.distance, &load);
        let rows = lines.iter();
        let rows = rows.map(|(kind, threads, runs)| Row::of(*kind, threads.get(), way, runs));
        Report::new(conditions, rows.collect(), failures)
    }
}

/// Prints what was asked for, and says what failed.
fn show(arguments: &Arguments, report: &Report) -> anyhow::Result<Exit> {
    let output = &arguments.output;
    if output.json {
        ui::print(&format!("{}\n", serde_json::to_string_pretty(report)?));
    } else if output.csv {
        ui::print(&bench_csv(report));
    } else {
        ui::print(&bench_tables(report));
    }
    if let Some(path) = &output.plot {
        let written = fs::write(path, bench_plot(report));
        written.with_context(|| format!("cannot write {}", path.display()))?;
    }
    for (code, it) in &report.failures {
        let (count, example) = (it.count, ui::printable(&it.example));
        ui::notice(&format!("{count} failed with {code}, such as {example}"));
    }
    Ok(match report.failures.is_empty() {
        true => Exit::Success,
        false => Exit::Failure,
    })
}
