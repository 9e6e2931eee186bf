//! Progress bars: one for the whole run, one for each running job.

use super::lines::printable;
use crate::build::entry::BuildId;
use crate::event::{Event, JobId};
use crate::sync::hold;
use indicatif::{MultiProgress, ProgressBar, ProgressState, ProgressStyle};
use std::collections::HashMap;
use std::fmt::Write;
use std::sync::Mutex;
use std::time::Duration;

const OVERALL: &str = "{bar:30} {pos}/{len}  {rate}  {elapsed_precise}  left {eta}  {msg}";
const BUILDS: &str = "{bar:30} {pos}/{len}  {elapsed_precise}  left {eta}  {msg}";
const COUNTED: &str =
    "  {spinner} {prefix:<32!} {msg:<7} {bar:20} {binary_bytes}/{binary_total_bytes}";
const UNCOUNTED: &str = "  {spinner} {prefix:<32!} {msg:<7} {binary_bytes}";
const WORKING: &str = "  {spinner} {prefix:<32!} {msg}";

/// How often a bar moves by itself.
const TICK: Duration = Duration::from_millis(120);

/// The bars of one run, on stderr.
pub(super) struct Bars {
    all: MultiProgress,
    overall: ProgressBar,
    running: Mutex<HashMap<JobId, ProgressBar>>,
    /// A line on all builds, once there are any, and one for each that runs.
    builds: Mutex<(Option<ProgressBar>, HashMap<BuildId, ProgressBar>)>,
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).expect("the template is well-formed")
}

impl Bars {
    pub(super) fn new(total: u64) -> Self {
        let all = MultiProgress::new();
        let overall =
            style(OVERALL).with_key("rate", |state: &ProgressState, out: &mut dyn Write| {
                let _ = write!(out, "{:.1}/s", state.per_sec());
            });
        let overall = all.add(ProgressBar::new(total).with_style(overall));
        overall.enable_steady_tick(TICK);
        Self {
            all,
            overall,
            running: Mutex::default(),
            builds: Mutex::default(),
        }
    }

    /// Follows one event.
    pub(super) fn emit(&self, event: Event) {
        let mut running = hold(&self.running);
        match event {
            Event::Started(id, source) => {
                let bar = ProgressBar::new_spinner()
                    .with_style(style(WORKING))
                    .with_prefix(printable(&source));
                let bar = self.all.add(bar);
                bar.enable_steady_tick(TICK);
                running.insert(id, bar);
            }
            Event::Entered(id, stage) => {
                if let Some(bar) = running.get(&id) {
                    bar.set_style(style(WORKING));
                    bar.unset_length();
                    bar.set_position(0);
                    bar.set_message(stage.as_str());
                }
            }
            Event::Bytes(id, done, total) => {
                if let Some(bar) = running.get(&id) {
                    match total {
                        Some(total) if bar.length() != Some(total) => {
                            bar.set_style(style(COUNTED));
                            bar.set_length(total);
                        }
                        None if bar.position() == 0 => bar.set_style(style(UNCOUNTED)),
                        Some(_) | None => {}
                    }
                    bar.set_position(done);
                }
            }
            Event::Warning(_, text) => self.line(&format!("warning: {text}")),
            Event::Ended(id) => {
                if let Some(bar) = running.remove(&id) {
                    bar.finish_and_clear();
                    self.all.remove(&bar);
                }
                self.overall.inc(1);
            }
        }
    }

    /// Shows the counts so far behind the overall bar.
    pub(super) fn counts(&self, text: String) {
        self.overall.set_message(text);
    }

    /// So many jobs have ended.
    pub(super) fn position(&self, ended: u64) {
        self.overall.set_position(ended);
    }

    /// A build runs.
    pub(super) fn build_begun(&self, id: BuildId, text: &str) {
        let bar = self.spinner(text);
        let mut builds = hold(&self.builds);
        builds.1.insert(id, bar);
    }

    /// A build does not run any more.
    pub(super) fn build_ended(&self, id: BuildId) {
        let mut builds = hold(&self.builds);
        if let Some(bar) = builds.1.remove(&id) {
            bar.finish_and_clear();
            self.all.remove(&bar);
        }
    }

    /// Says how many of all builds have ended, and how many stand how: in the bar of the whole run where
    /// there is nothing but builds, else in one of their own, whose time left is theirs alone.
    pub(super) fn builds(&self, is_alone: bool, ended: u64, all: u64, text: &str) {
        let mut builds = hold(&self.builds);
        let bar = match is_alone {
            true => &self.overall,
            false => builds.0.get_or_insert_with(|| {
                let bar = ProgressBar::new(all).with_style(style(BUILDS));
                let bar = self.all.insert_after(&self.overall, bar);
                bar.enable_steady_tick(TICK);
                bar
            }),
        };
        bar.set_length(all);
        bar.set_position(ended);
        bar.set_message(text.to_owned());
    }

    fn spinner(&self, text: &str) -> ProgressBar {
        let bar = ProgressBar::new_spinner()
            .with_style(style("  {spinner} {prefix}  {elapsed_precise}"))
            .with_prefix(printable(text));
        let bar = self.all.add(bar);
        bar.enable_steady_tick(TICK);
        bar
    }

    /// Runs `print` while the bars are out of the way.
    pub(super) fn suspend(&self, print: impl FnOnce()) {
        self.all.suspend(print);
    }

    /// Writes one line above the bars.
    pub(super) fn line(&self, text: &str) {
        // A terminal that went away is no reason to fail.
        let _ = self.all.println(printable(text));
    }

    /// Takes the bars away.
    pub(super) fn finish(&self) {
        self.overall.finish_and_clear();
        let _ = self.all.clear();
    }
}
