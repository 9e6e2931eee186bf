//! Builds as lines, tables and sentences.

use super::lines::printable;
use super::summary::table;
use crate::build::entry::Build;
use crate::build::machine::Machine;
use crate::build::state::State;
use crate::build::store::Counts;
use crate::build::tags::Why;
use crate::model::Code;
use comfy_table::{Cell, CellAlignment};
use indicatif::FormattedDuration;
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

/// How builds ended, by state and code.
#[derive(Clone, Debug, Default)]
pub struct BuildCounts(BTreeMap<(State, Option<String>), (u64, String)>);

impl BuildCounts {
    /// Counts one that has ended.
    pub fn add(&mut self, build: &Build) {
        let entry = self.0.entry((build.state(), build.code.clone()));
        let entry = entry.or_insert_with(|| (0, name(build)));
        entry.0 += 1;
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many ended in this state.
    #[must_use]
    pub fn count(&self, state: State) -> u64 {
        let of_state = self.0.iter().filter(|it| it.0.0 == state);
        of_state.map(|it| it.1.0).sum()
    }

    /// How many ended in all.
    #[must_use]
    pub fn all(&self) -> u64 {
        self.0.values().map(|it| it.0).sum()
    }

    /// The table at the end of a run.
    #[must_use]
    pub fn table(&self, elapsed: Duration) -> String {
        let mut out = table(&["builds", "reason", "number", "example"]);
        for ((state, code), (count, example)) in &self.0 {
            out.add_row(vec![
                Cell::new(state),
                Cell::new(code.as_deref().unwrap_or_default()),
                Cell::new(count).set_alignment(CellAlignment::Right),
                Cell::new(example.chars().take(40).collect::<String>()),
            ]);
        }
        let elapsed = FormattedDuration(Duration::from_secs(elapsed.as_secs()));
        format!("{out}\nbuilds: {} in {elapsed}\n", self.all())
    }
}

fn name(build: &Build) -> String {
    let what = &build.what;
    match what.evr.is_empty() {
        true => printable(&what.package),
        false => printable(&format!("{}-{}", what.package, what.evr)),
    }
}

/// One that begins, in a line.
pub(super) fn begun(build: &Build, machine: &Machine) -> String {
    let (id, target) = (build.id, &build.what.target);
    let machine = printable(&machine.name);
    format!("[build {id}] {} for {target} on {machine}", name(build))
}

/// One that is tried again, in a line.
pub(super) fn again(build: &Build, why: &str) -> String {
    format!("[build {}] {} goes back: {why}", build.id, name(build))
}

/// One that has ended, in a line, and where it did not succeed a second and a third.
pub(super) fn ended(build: &Build) -> String {
    let (id, target) = (build.id, &build.what.target);
    let mut out = format!("{:<9} build {id}  {}  {target}", build.state(), name(build));
    if let Some(builder) = &build.trace.builder {
        let _ = write!(out, "  on {}", printable(builder));
    }
    if let Some(seconds) = build.seconds() {
        let _ = write!(out, "  {seconds:.1} s");
    }
    out.push('\n');
    if let Some(code) = &build.code {
        let message = build.trace.message.as_deref().unwrap_or_default();
        let _ = writeln!(out, "          {code}: {}", printable(message));
        if let Some(code) = Code::named(code) {
            let _ = writeln!(out, "          hint: {}", code.hint());
        }
    }
    out
}

/// Builds, one a line.
#[must_use]
pub fn builds_table(builds: &[Build]) -> String {
    let mut out = table(&[
        "build", "state", "reason", "package", "target", "project", "builder", "changed",
    ]);
    for it in builds {
        out.add_row(vec![
            Cell::new(it.id).set_alignment(CellAlignment::Right),
            Cell::new(it.state()),
            Cell::new(it.code.as_deref().unwrap_or_default()),
            Cell::new(name(it).chars().take(50).collect::<String>()),
            Cell::new(&it.what.target),
            Cell::new(&it.what.project),
            Cell::new(printable(it.trace.builder.as_deref().unwrap_or_default())),
            Cell::new(time(it.changed)),
        ]);
    }
    format!("{out}\n")
}

/// All that is known of one build, a line a fact.
#[must_use]
pub fn build_details(build: &Build) -> String {
    let (what, trace) = (&build.what, &build.trace);
    let mut out = String::new();
    let mut line = |name: &str, value: String| {
        if !value.is_empty() {
            let _ = writeln!(out, "{name:<12}{}", printable(&value));
        }
    };
    let state = match &build.code {
        Some(code) => format!("{} ({code})", build.state()),
        None => build.state().to_string(),
    };
    let text = |it: &Option<String>| it.clone().unwrap_or_default();
    let path = |it: &Option<std::path::PathBuf>| {
        it.as_ref()
            .map(|it| it.display().to_string())
            .unwrap_or_default()
    };
    line("build", build.id.to_string());
    line("package", name(build));
    line("target", what.target.clone());
    line("state", state);
    line("project", what.project.to_string());
    line("commit", text(&what.commit));
    line("srpm", what.srpm.display().to_string());
    line("sandbox", what.sandbox.clone());
    line("priority", what.priority.to_string());
    line(
        "background",
        if what.background { "yes" } else { "" }.to_owned(),
    );
    line("run", text(&what.run));
    line("tags", trace.tags.join(", "));
    line("ticket", text(&trace.ticket));
    line("builder", text(&trace.builder));
    line("attempts", trace.attempts.to_string());
    line("lost", trace.lost.join(", "));
    line("added", time(build.added));
    line("changed", time(build.changed));
    line("due", build.due.map(time).unwrap_or_default());
    let seconds = build.seconds().map(|it| format!("{it:.1} s"));
    line("took", seconds.unwrap_or_default());
    line("message", text(&trace.message));
    let code = build.code.as_deref().and_then(Code::named);
    line("hint", code.map(Code::hint).unwrap_or_default().to_owned());
    line("results", path(&trace.results));
    for package in &trace.packages {
        line("made", package.clone());
    }
    out
}

/// How many builds stand how.
#[must_use]
pub fn counts_of_builds(counts: &Counts) -> String {
    let mut out = table(&["builds", "reason", "number"]);
    for ((state, code), count) in counts {
        out.add_row(vec![
            Cell::new(state),
            Cell::new(code.as_deref().unwrap_or_default()),
            Cell::new(count).set_alignment(CellAlignment::Right),
        ]);
    }
    format!("{out}\n")
}

/// The tags of a build and why it has them.
#[must_use]
pub fn tags_table(tags: &BTreeMap<String, Vec<Why>>) -> String {
    let mut out = table(&["tag", "because of"]);
    for (tag, why) in tags {
        let why: Vec<String> = why.iter().map(ToString::to_string).collect();
        out.add_row(vec![Cell::new(tag), Cell::new(printable(&why.join("; ")))]);
    }
    format!("{out}\n")
}

fn time(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d %H:%M:%SZ").to_string()
}
