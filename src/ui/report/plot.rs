//! How many jobs ended when, as a drawing with scales in the page.

use super::throughput::Span;
use crate::ui::simulation::round_up;
use jiff::Timestamp;
use serde::Serialize;

/// The size of the drawing in its own units, and the space left for the scales.
const WIDTH: f64 = 960.0;
const HEIGHT: f64 = 260.0;
const LEFT: f64 = 60.0;
const RIGHT: f64 = 40.0;
const TOP: f64 = 14.0;
const BOTTOM: f64 = 34.0;

/// Parts that the scale of times is divided into.
const PARTS: usize = 6;

/// A bar: the jobs that ended in a span, the failed ones at its foot.
#[derive(Serialize)]
struct Bar {
    x: f64,
    width: f64,
    y: f64,
    height: f64,
    bad_y: f64,
    bad_height: f64,
    text: String,
}

/// A number or a time beside a scale.
#[derive(Serialize)]
struct Mark {
    at: f64,
    text: String,
}

/// What the page draws.
#[derive(Serialize)]
pub(super) struct Plot {
    width: f64,
    height: f64,
    left: f64,
    right: f64,
    bottom: f64,
    /// What a bar counts.
    unit: String,
    numbers: Vec<Mark>,
    times: Vec<Mark>,
    bars: Vec<Bar>,
}

impl Plot {
    /// None where nothing has ended.
    pub(super) fn of(spans: &[Span]) -> Option<Self> {
        let (first, last) = (spans.first()?, spans.last()?);
        let most = spans.iter().map(|it| it.done + it.failed).max();
        let top = round_up(most.unwrap_or_default());
        let tall = |jobs: u64| round(jobs as f64 / top as f64 * (HEIGHT - TOP - BOTTOM));
        let step = (WIDTH - LEFT - RIGHT) / spans.len() as f64;
        let bottom = HEIGHT - BOTTOM;
        let bars = spans.iter().enumerate().map(|(number, it)| {
            let (height, bad_height) = (tall(it.done + it.failed), tall(it.failed));
            Bar {
                x: round(LEFT + step * number as f64),
                width: round(step * 0.9),
                y: round(bottom - height),
                height,
                bad_y: round(bottom - bad_height),
                bad_height,
                text: format!(
                    "{}: {} done, {} failed in {} s",
                    it.from, it.done, it.failed, it.seconds
                ),
            }
        });
        let numbers = (0..=4_u64).map(|part| {
            let jobs = top * part / 4;
            Mark {
                at: round(bottom - tall(jobs)),
                text: jobs.to_string(),
            }
        });
        let begin = first.from.as_second();
        let end = last.from.as_second() + last.seconds;
        // Where it took more than a day the time alone says too little.
        let form = match end - begin > 86_400 {
            true => "%d %b %H:%M",
            false => "%H:%M:%S",
        };
        let parts = PARTS.min(spans.len());
        let times = (0..=parts).filter_map(|part| {
            let number = spans.len() * part / parts;
            let second = begin + first.seconds * i64::try_from(number).ok()?;
            Some(Mark {
                at: round(LEFT + step * number as f64),
                text: Timestamp::from_second(second)
                    .ok()?
                    .strftime(form)
                    .to_string(),
            })
        });
        Some(Self {
            width: WIDTH,
            height: HEIGHT,
            left: LEFT,
            right: WIDTH - RIGHT,
            bottom,
            unit: match first.seconds {
                1 => "second".to_owned(),
                many => format!("{many} seconds"),
            },
            numbers: numbers.collect(),
            times: times.collect(),
            bars: bars.collect(),
        })
    }
}

fn round(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(second: i64, done: u64, failed: u64) -> Span {
        Span {
            from: Timestamp::from_second(second).unwrap(),
            seconds: 2,
            done,
            failed,
        }
    }

    #[test]
    fn scales_have_numbers_and_times() {
        assert!(Plot::of(&[]).is_none());
        let spans = [span(0, 3, 1), span(2, 0, 0), span(4, 1, 0)];
        let plot = Plot::of(&spans).unwrap();
        let texts =
            |marks: &[Mark]| -> Vec<String> { marks.iter().map(|it| it.text.clone()).collect() };
        assert_eq!(texts(&plot.numbers), ["0", "1", "2", "3", "4"]);
        let times = ["00:00:00", "00:00:02", "00:00:04", "00:00:06"];
        assert_eq!(texts(&plot.times), times);
        assert_eq!(plot.unit, "2 seconds");
        let bar = &plot.bars[0];
        assert_eq!((bar.x, bar.y), (LEFT, TOP));
        assert_eq!(bar.bad_height * 4.0, bar.height);
    }
}
