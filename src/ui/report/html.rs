//! Reports as one HTML file that loads nothing: tables, and plots of plain boxes.

use super::compare::Change;
use super::compare::Changes;
use super::gather::RunReport;
use minijinja::Environment;
use minijinja::value::Serde;
use serde::Serialize;

const PAGE: &str = include_str!("page.html");

/// A bar of a plot.
#[derive(Serialize)]
struct Bar {
    label: String,
    text: String,
    /// From 0 to 100.
    share: f64,
    /// The part of it that is bad, from 0 to 100.
    bad: f64,
}

/// What stands on a page.
#[derive(Default, Serialize)]
struct Page<'a> {
    title: String,
    report: Option<&'a RunReport>,
    rate: String,
    stages: Vec<Bar>,
    spans: Vec<Bar>,
    same: u64,
    parts: Vec<(&'static str, &'a [Change])>,
}

/// A part of the whole in percent.
fn percent(part: f64, whole: f64) -> f64 {
    match whole > 0.0 {
        true => (part / whole * 1000.0).round() / 10.0,
        false => 0.0,
    }
}

fn render(page: &Page<'_>) -> String {
    // The ending of the name turns the escaping for HTML on.
    let mut environment = Environment::new();
    environment
        .add_template("report.html", PAGE)
        .and_then(|()| environment.get_template("report.html")?.render(Serde(page)))
        .expect("the template fits what it is given")
}

impl RunReport {
    /// The whole page.
    #[must_use]
    pub fn html(&self) -> String {
        let longest = self.stages.iter().map(|it| it.seconds).fold(0.0, f64::max);
        let stages: Vec<Bar> = self
            .stages
            .iter()
            .map(|it| Bar {
                label: it.stage.to_string(),
                text: format!(
                    "{:.1} s, {:.3} s each",
                    it.seconds,
                    it.seconds / it.jobs.max(1) as f64
                ),
                share: percent(it.seconds, longest),
                bad: 0.0,
            })
            .collect();
        let most = self.throughput.iter().map(|it| it.done + it.failed).max();
        let most = most.unwrap_or_default() as f64;
        let spans: Vec<Bar> = self
            .throughput
            .iter()
            .map(|it| {
                let all = it.done + it.failed;
                Bar {
                    label: it.from.to_string(),
                    text: format!("{} done, {} failed in {} s", it.done, it.failed, it.seconds),
                    share: percent(all as f64, most),
                    bad: percent(it.failed as f64, all as f64),
                }
            })
            .collect();
        let rate = self.jobs.saturating_sub(self.open) as f64 / self.seconds.max(1) as f64;
        render(&Page {
            title: format!("Run {}", self.run.name),
            report: Some(self),
            rate: format!("{rate:.1}"),
            stages,
            spans,
            ..Page::default()
        })
    }
}

impl Changes {
    /// The whole page.
    #[must_use]
    pub fn html(&self) -> String {
        render(&Page {
            title: format!("From {} to {}", self.before, self.after),
            same: self.same,
            parts: self.parts(),
            ..Page::default()
        })
    }
}
