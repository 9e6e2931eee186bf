//! The plot.

use crate::alloc::simulate::{Point, Results};
use std::fmt::Write as _;

/// The size of the drawing in its own units, and the space left for the scales.
const WIDTH: f64 = 960.0;
const HEIGHT: f64 = 420.0;
const LEFT: f64 = 60.0;
const RIGHT: f64 = 20.0;
const TOP: f64 = 40.0;
const BOTTOM: f64 = 50.0;

/// What is drawn: its name, its colour, and its value.
type Line = (&'static str, &'static str, fn(&Point) -> u64);

const LINES: [Line; 3] = [
    ("waiting tickets", "#c0392b", |it| it.waiting),
    ("resources", "#7f8c8d", |it| it.resources),
    ("with a ticket", "#2471a3", |it| it.taken),
];

/// Waiting tickets, resources, and resources with a ticket over time, as an SVG file.
#[must_use]
pub fn simulation_plot(results: &Results) -> String {
    let series = &results.series;
    let end = series.last().map_or(0.0, |it| it.at).max(1.0);
    let values = series.iter().flat_map(|it| LINES.map(|line| line.2(it)));
    let top = round_up(values.max().unwrap_or_default());
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" \
         font-family=\"sans-serif\" font-size=\"13\">\n\
         <rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"white\"/>\n"
    );
    scales(&mut out, end, top);
    for (number, (name, colour, value)) in LINES.into_iter().enumerate() {
        let points: Vec<String> = steps(series, value)
            .map(|(at, value)| format!("{:.1},{:.1}", x(at, end), y(value, top)))
            .collect();
        let _ = writeln!(
            out,
            "<polyline fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.5\" points=\"{}\"/>",
            points.join(" ")
        );
        let at = LEFT + 160.0 * number as f64;
        let _ = writeln!(
            out,
            "<rect x=\"{at}\" y=\"14\" width=\"12\" height=\"12\" fill=\"{colour}\"/>\
             <text x=\"{}\" y=\"25\">{name}</text>",
            at + 18.0
        );
    }
    out.push_str("</svg>\n");
    out
}

/// A value holds from its point to the next one.
fn steps(series: &[Point], value: fn(&Point) -> u64) -> impl Iterator<Item = (f64, u64)> {
    let until = series.iter().skip(1).chain(series.last());
    let spans = series.iter().zip(until);
    spans.flat_map(move |(from, until)| [(from.at, value(from)), (until.at, value(from))])
}

fn scales(out: &mut String, end: f64, top: u64) {
    for part in 0..=4_u64 {
        let value = top * part / 4;
        let at = y(value, top);
        let _ = writeln!(
            out,
            "<line x1=\"{LEFT}\" x2=\"{}\" y1=\"{at:.1}\" y2=\"{at:.1}\" stroke=\"#ddd\"/>\
             <text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{value}</text>",
            WIDTH - RIGHT,
            LEFT - 8.0,
            at + 4.0
        );
    }
    for part in 0..=6_u32 {
        let time = end * f64::from(part) / 6.0;
        let _ = writeln!(
            out,
            "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{:.1} h</text>",
            x(time, end),
            HEIGHT - BOTTOM + 22.0,
            time / 3600.0
        );
    }
}

fn x(at: f64, end: f64) -> f64 {
    LEFT + at / end * (WIDTH - LEFT - RIGHT)
}

fn y(value: u64, top: u64) -> f64 {
    HEIGHT - BOTTOM - value as f64 / top as f64 * (HEIGHT - TOP - BOTTOM)
}

/// The next number that four lines divide evenly.
pub(in crate::ui) fn round_up(value: u64) -> u64 {
    let digits = value.max(4).ilog10();
    let unit = 10_u64.pow(digits) * 4 / 10_u64.pow(digits.min(1));
    value.max(1).div_ceil(unit) * unit
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scale_holds_the_highest_value() {
        for value in [0, 1, 4, 5, 39, 41, 100, 999, 123_456] {
            let top = round_up(value);
            assert!(
                top >= value && top > 0 && top.is_multiple_of(4),
                "{value}: {top}"
            );
            assert!(top <= value.max(4) * 2, "{value}: {top}");
        }
    }

    #[test]
    fn values_hold_until_the_next_point() {
        let point = |at, waiting| Point {
            at,
            waiting,
            resources: 0,
            taken: 0,
        };
        let series = [point(0.0, 1), point(5.0, 3)];
        let steps: Vec<_> = steps(&series, |it| it.waiting).collect();
        assert_eq!(steps, [(0.0, 1), (5.0, 1), (5.0, 3), (5.0, 3)]);
    }
}
