//! A report as tables for people.

use crate::bench::{self, Change, Kind, Report, Row};
use crate::model::Layout;
use crate::ui::lines::printable;
use crate::ui::summary::table;
use comfy_table::{Cell, CellAlignment, Table};
use std::fmt::Write as _;

/// Conditions, throughput, time by stage, and what has changed.
#[must_use]
pub fn bench_tables(report: &Report) -> String {
    let mut out = conditions(report);
    let _ = write!(out, "\n{}\n", throughput(report));
    if !stages_of(report).is_empty() {
        let _ = write!(out, "\n{}\n", stages(report));
    }
    if let Some(changes) = &report.changes {
        let _ = write!(out, "\n{}\n", changed(changes));
    }
    out
}

fn conditions(report: &Report) -> String {
    let it = &report.conditions;
    let corpus = &it.corpus;
    let mut out = format!(
        "{}, {} files ({}): {:.1} MB, median {:.0} kB, average {:.0} kB, largest {:.1} MB\n",
        it.work,
        corpus.files,
        printable(&corpus.origin),
        mega(corpus.bytes),
        mega(corpus.median_bytes) * 1e3,
        mega(corpus.mean_bytes) * 1e3,
        mega(corpus.max_bytes),
    );
    let _ = write!(
        out,
        "{} processors, {}",
        report.machine.processors, it.file_system
    );
    if it.projects > 1 {
        let _ = write!(out, ", into {} projects", it.projects);
    }
    if it.layout != Layout::default() {
        let _ = write!(out, ", layout {}", it.layout);
    }
    if it.durable {
        out.push_str(", durable");
    }
    if it.prefill > 0 {
        let _ = write!(out, ", {} repositories before", it.prefill);
    }
    if it.distance.latency_ms > 0.0 {
        let _ = write!(out, ", {} ms a request", it.distance.latency_ms);
    }
    if let Some(bandwidth) = it.distance.bandwidth_mb {
        let _ = write!(out, ", {bandwidth} MB/s");
    }
    out.push('\n');
    out
}

#[expect(clippy::cast_precision_loss, reason = "sizes for people to read")]
fn mega(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

/// A column: its heading, and what stands in a row.
type Column = (&'static str, fn(&Row) -> Option<String>);

const COLUMNS: [Column; 14] = [
    ("", |it| Some(it.kind.as_str().to_owned())),
    ("threads", |it| Some(it.threads.to_string())),
    ("packages/s", |it| Some(short(it.packages_per_second))),
    ("MB/s", |it| Some(short(it.megabytes_per_second))),
    ("median ms", |it| Some(short(it.median_ms))),
    ("99 % ms", |it| Some(short(it.p99_ms))),
    ("CPU ms", |it| Some(short(it.cpu_ms))),
    ("locks ms", |it| Some(short(it.lock_ms))),
    ("peak MiB", |it| Some(short(it.peak_mib))),
    ("speed-up", |it| it.speed_up.map(short)),
    ("of floor", |it| it.of_floor.map(percent)),
    ("of allowed", |it| it.of_allowed.map(percent)),
    ("unchanged", |it| count(it.unchanged)),
    ("failed", |it| count(it.failed)),
];

/// What is mostly none.
fn count(number: u64) -> Option<String> {
    (number > 0).then(|| number.to_string())
}

/// Columns that no row has anything in are left out.
fn throughput(report: &Report) -> Table {
    let used = |it: &&Column| report.rows.iter().any(|row| it.1(row).is_some());
    let columns: Vec<&Column> = COLUMNS.iter().filter(used).collect();
    let names: Vec<&str> = columns.iter().map(|it| it.0).collect();
    let mut out = table(&names);
    for row in &report.rows {
        let cells = columns.iter().map(|it| it.1(row).unwrap_or_default());
        out.add_row(right(cells));
    }
    out
}

/// The stages that any row went through, in their order.
pub(super) fn stages_of(report: &Report) -> Vec<&'static str> {
    let used = |name: &&str| {
        report
            .rows
            .iter()
            .any(|it| it.stages_ms.contains_key(*name))
    };
    bench::stages().filter(used).collect()
}

fn stages(report: &Report) -> Table {
    let rows = report.rows.iter().filter(|it| it.kind == Kind::Import);
    let names = stages_of(report);
    let mut out = table(&[&["ms a package, by stage", "threads"], &names[..]].concat());
    for row in rows {
        let values = names.iter().map(|it| row.stages_ms.get(*it));
        let values = values.map(|it| it.copied().unwrap_or(0.0));
        let first = [String::new(), row.threads.to_string()];
        out.add_row(right(first.into_iter().chain(values.map(short))));
    }
    out
}

fn changed(changes: &[Change]) -> Table {
    let mut out = table(&[
        "since then",
        "threads",
        "packages/s",
        "",
        "CPU ms",
        "",
        "99 % ms",
        "",
        "peak MiB",
        "",
    ]);
    for it in changes {
        let pairs = [it.packages_per_second, it.cpu_ms, it.p99_ms, it.peak_mib];
        let pair = |(before, now): (f64, f64)| {
            let change = match before > 0.0 {
                true => format!("{:+.1} %", (now / before - 1.0) * 100.0),
                false => String::new(),
            };
            [format!("{} -> {}", short(before), short(now)), change]
        };
        let first = [it.kind.as_str().to_owned(), it.threads.to_string()];
        out.add_row(right(
            first.into_iter().chain(pairs.into_iter().flat_map(pair)),
        ));
    }
    out
}

/// Cells of numbers; the first one is a word.
fn right(cells: impl IntoIterator<Item = String>) -> Vec<Cell> {
    let cells = cells.into_iter().enumerate();
    cells
        .map(|(place, text)| match place {
            0 => Cell::new(text),
            _ => Cell::new(text).set_alignment(CellAlignment::Right),
        })
        .collect()
}

/// Three digits that say something.
pub(super) fn short(value: f64) -> String {
    match value.abs() {
        0.0 => "0".to_owned(),
        0.0..1.0 => format!("{value:.3}"),
        1.0..10.0 => format!("{value:.2}"),
        10.0..100.0 => format!("{value:.1}"),
        _ => format!("{value:.0}"),
    }
}

fn percent(share: f64) -> String {
    format!("{:.0} %", share * 100.0)
}
