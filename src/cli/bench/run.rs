//! One call of the benchmark: a corpus, a registry, and one process after the other.

use super::arguments::Arguments;
use super::plan::{Origin, Plan, plan};
use crate::bench::{
    Conditions, Error, Failures, Kind, Measured, Package, Registry, Report, Row, Run, Task,
    changes, file_system, has_room_for_old_roots, prefill, processor_time,
};
use crate::cli::exit::{Exit, UsageError};
use crate::cli::signals;
use crate::config::Storage;
use crate::import::root::Places;
use crate::sync::{Disks, StopToken};
use crate::ui::{self, bench_csv, bench_plot, bench_tables};
use anyhow::{Context as _, bail};
use std::env;
use std::fs;
use std::io::{Seek as _, Write as _};
use std::num::NonZeroUsize;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;

/// How soon the end of a process, or a stop, is seen. Processes take their own time.
const LOOK: Duration = Duration::from_millis(10);

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
    let bench = Bench {
        arguments,
        plan: &plan,
        packages: Package::of(&corpus, &registry, plan.distance.is_some()),
        registry,
        stop,
    };
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
    registry: Registry,
    stop: StopToken,
}

/// The runs of one line of the report.
type Line = (Kind, NonZeroUsize, Vec<Run>);

impl Bench<'_> {
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
                let count = run.measured.package_seconds.len();
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

    /// One measurement in a fresh root, which goes when it is dropped.
    fn once(&self, kind: Kind, threads: NonZeroUsize) -> anyhow::Result<(Run, TempDir)> {
        let root = tempfile::Builder::new()
            .prefix("distmill-bench-")
            .tempdir_in(&self.plan.place)
            .with_context(|| format!("cannot make a folder in {}", self.plan.place.display()))?;
        let task = Task {
            root: root.path().join("root"),
            work: self.arguments.work,
            threads,
            floor: kind == Kind::Floor,
            durable: self.arguments.place.durable,
            layout: self.arguments.place.layout,
            projects: self.arguments.corpus.projects,
            registry: Some(self.registry.url()),
            packages: self.packages.clone(),
        };
        let places = Places::find(&Storage::new(&task.root))?;
        let projects: Vec<_> = (0..task.projects.get()).map(Task::project).collect();
        let count = self.arguments.place.prefill;
        prefill(&places, &projects, count, &self.stop)?;
        // What was written until now is none of this measurement's business.
        Disks::of([self.plan.place.clone()])?.flush()?;
        let _ = self.registry.take_traffic();
        let cpu = processor_time();
        let measured = self.process(&task)?;
        let registry_cpu = processor_time().saturating_sub(cpu);
        let run = Run {
            measured,
            traffic: self.registry.take_traffic(),
            registry_cpu_seconds: registry_cpu.as_secs_f64(),
        };
        Ok((run, root))
    }

    /// Hands a task to a process of this program. Both go through files, which are never full.
    fn process(&self, task: &Task) -> anyhow::Result<Measured> {
        let mut input = tempfile::tempfile()?;
        serde_json::to_writer(&mut input, task)?;
        input.flush()?;
        input.rewind()?;
        let mut output = tempfile::tempfile()?;
        let program = env::current_exe().context("cannot find this program")?;
        let mut child = Command::new(program)
            .arg("bench-trial")
            // Loopback is not reached through anybody's proxy.
            .env("NO_PROXY", "127.0.0.1")
            .stdin(Stdio::from(input))
            .stdout(Stdio::from(output.try_clone()?))
            .spawn()
            .context("cannot start a process for the measurement")?;
        let status = loop {
            if let Some(status) = child.try_wait()? {
                break status;
            }
            if self.stop.is_draining() || !self.stop.sleep(LOOK) {
                child.kill()?;
                child.wait()?;
            }
        };
        if self.stop.is_draining() {
            return Err(Error::Stopped.into());
        }
        if !status.success() {
            bail!("the process of the measurement ended with {status}");
        }
        output.rewind()?;
        let measured = serde_json::from_reader(output);
        measured.context("the measurement was cut off")
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
        let distance = &self.plan.distance;
        let rows = lines.iter();
        let rows = rows.map(|(kind, threads, runs)| Row::of(*kind, threads.get(), distance, runs));
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
