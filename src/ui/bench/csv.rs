//! A report as comma-separated values (RFC 4180), a line a row; absent numbers are empty. All
//! values are numbers and plain words, so that nothing needs quotes.

use super::tables::stages_of;
use crate::bench::{Report, Row};
use std::fmt::Write as _;

/// A column: its name, and what stands in a row.
type Column = (&'static str, fn(&Row) -> String);

/// The columns that every report has.
const COLUMNS: [Column; 22] = [
    ("kind", |it| it.kind.as_str().to_owned()),
    ("threads", |it| it.threads.to_string()),
    ("runs", |it| it.runs.to_string()),
    ("packages", |it| it.packages.to_string()),
    ("imported", |it| it.imported.to_string()),
    ("unchanged", |it| it.unchanged.to_string()),
    ("failed", |it| it.failed.to_string()),
    ("seconds", |it| number(it.seconds)),
    ("packages_per_second", |it| number(it.packages_per_second)),
    ("megabytes_per_second", |it| number(it.megabytes_per_second)),
    ("median_ms", |it| number(it.median_ms)),
    ("p99_ms", |it| number(it.p99_ms)),
    ("cpu_ms", |it| number(it.cpu_ms)),
    ("lock_ms", |it| number(it.lock_ms)),
    ("peak_mib", |it| number(it.peak_mib)),
    ("requests", |it| number(it.requests)),
    ("registry_cpu_ms", |it| number(it.registry_cpu_ms)),
    ("speed_up", |it| optional(it.speed_up)),
    ("of_floor", |it| optional(it.of_floor)),
    ("of_allowed", |it| optional(it.of_allowed)),
    ("packages_per_second_min", |it| {
        number(it.packages_per_second_min)
    }),
    ("packages_per_second_max", |it| {
        number(it.packages_per_second_max)
    }),
];

fn number(value: f64) -> String {
    format!("{value:.4}")
}

fn optional(value: Option<f64>) -> String {
    value.map(number).unwrap_or_default()
}

/// The report with a header line. Behind the fixed columns there is one for each stage.
#[must_use]
pub fn bench_csv(report: &Report) -> String {
    let stages = stages_of(report);
    let fixed = COLUMNS.iter().map(|it| it.0.to_owned());
    let names = fixed.chain(stages.iter().map(|it| format!("{it}_ms")));
    let mut out = names.collect::<Vec<_>>().join(",");
    out.push('\n');
    for row in &report.rows {
        let fixed = COLUMNS.iter().map(|it| it.1(row));
        let stage = |name: &&str| optional(row.stages_ms.get(*name).copied());
        let values: Vec<String> = fixed.chain(stages.iter().map(stage)).collect();
        let _ = writeln!(out, "{}", values.join(","));
    }
    out
}
