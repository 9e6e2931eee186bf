//! A report as a picture: packages a second by threads, and the floor as a line across.

use super::tables::short;
use crate::bench::{Kind, Report};
use minijinja::Environment;
use minijinja::value::Serde;
use serde::Serialize;

const PICTURE: &str = include_str!("plot.svg");

/// Of the picture, and of what is between its bars and its edges.
const HEIGHT: f64 = 320.0;
const TOP: f64 = 80.0;
const BOTTOM: f64 = 280.0;
const SIDE: f64 = 30.0;
/// A bar, and the way to the next one.
const BAR: f64 = 60.0;
const STEP: f64 = 90.0;
/// The picture is never narrower: its title needs room.
const WIDTH: f64 = 560.0;

#[derive(Serialize)]
struct Bar {
    x: f64,
    y: f64,
    width: f64,
    height: f64,
    middle: f64,
    value: String,
    label: String,
    text: String,
}

#[derive(Serialize)]
struct Line {
    y: f64,
    text: String,
}

#[derive(Serialize)]
struct Picture {
    title: String,
    note: String,
    width: f64,
    height: f64,
    bottom: f64,
    bars: Vec<Bar>,
    lines: Vec<Line>,
}

/// The picture as SVG 1.1, complete in itself.
#[must_use]
pub fn bench_plot(report: &Report) -> String {
    let most = report.rows.iter().map(|it| it.packages_per_second);
    let most = most.fold(1e-9, f64::max);
    let scale = |value: f64| ((BOTTOM - TOP) * value / most * 10.0).round() / 10.0;
    let imports = report.rows.iter().filter(|it| it.kind == Kind::Import);
    let mut x = SIDE - STEP;
    let bars = imports.map(|row| {
        let height = scale(row.packages_per_second);
        x += STEP;
        Bar {
            x,
            y: BOTTOM - height,
            width: BAR,
            height,
            middle: x + BAR / 2.0,
            value: short(row.packages_per_second),
            label: match row.threads {
                1 => "1 thread".to_owned(),
                many => format!("{many} threads"),
            },
            text: format!("{} MB/s", short(row.megabytes_per_second)),
        }
    });
    let bars: Vec<Bar> = bars.collect();
    let floor = report.rows.iter().find(|it| it.kind == Kind::Floor);
    let line = floor.map(|it| Line {
        y: BOTTOM - scale(it.packages_per_second),
        text: format!(
            "least work, 1 thread: {} packages/s",
            short(it.packages_per_second)
        ),
    });
    let (it, corpus) = (&report.conditions, &report.conditions.corpus);
    let picture = Picture {
        title: format!("{}: packages imported in a second", it.work),
        note: format!(
            "{} files of {} kB on average, {}, {} processors, {}",
            corpus.files,
            corpus.mean_bytes / 1000,
            it.file_system,
            report.machine.processors,
            report.program
        ),
        width: bars.last().map_or(0.0, |it| it.x + STEP + SIDE).max(WIDTH),
        height: HEIGHT,
        bottom: BOTTOM,
        bars,
        lines: line.into_iter().collect(),
    };
    // The ending of the name turns the escaping for XML on.
    let mut environment = Environment::new();
    environment
        .add_template("plot.xml", PICTURE)
        .and_then(|()| {
            environment
                .get_template("plot.xml")?
                .render(Serde(&picture))
        })
        .expect("the template fits what it is given")
}
