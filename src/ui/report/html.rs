//! Reports as one HTML file that loads nothing: tables, and drawings of plain boxes.

use super::compare::Change;
use super::compare::Changes;
use super::gather::RunReport;
use super::plot::Plot;
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
}

/// What stands on a page.
#[derive(Default, Serialize)]
struct Page<'a> {
    title: String,
    report: Option<&'a RunReport>,
    rate: String,
    stages: Vec<Bar>,
    plot: Option<Plot>,
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
            })
            .collect();
        let rate = self.jobs.saturating_sub(self.open) as f64 / self.seconds.max(1) as f64;
        render(&Page {
            title: format!("Run {}", self.run.name),
            report: Some(self),
            rate: format!("{rate:.1}"),
            stages,
            plot: Plot::of(&self.throughput),
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
