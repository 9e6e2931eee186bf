//! What came of a simulation.

use serde::Serialize;
use std::time::Duration;

/// No series has more points.
const POINTS: usize = 240;

/// What came of a simulation.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Results {
    /// How long the farm ran, to the end of the last ticket.
    pub hours: f64,
    /// Tickets that came.
    pub tickets: u64,
    /// Tickets that got no resource to the end.
    pub unserved: u64,
    /// Waiting times by tags.
    pub classes: Vec<Class>,
    /// Use and cost by pool.
    pub pools: Vec<PoolUse>,
    /// What all pools cost.
    pub cost: f64,
    /// How the farm did over time.
    pub series: Vec<Point>,
}

/// The waiting times of tickets with the same tags, in seconds.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Class {
    /// The tags, joined by commas.
    pub tags: String,
    /// Tickets that came.
    pub tickets: u64,
    /// Tickets that got no resource to the end.
    pub unserved: u64,
    /// What the first of these waited for at the end.
    pub unserved_because: Option<String>,
    /// Half of the served ones waited no longer.
    pub median_seconds: f64,
    /// 90 % of them waited no longer.
    pub p90_seconds: f64,
    /// 99 % of them waited no longer.
    pub p99_seconds: f64,
    /// The longest that one waited.
    pub longest_seconds: f64,
}

/// How a pool was used.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PoolUse {
    /// The pool.
    pub pool: String,
    /// Resources at most.
    pub max: u32,
    /// The most that there were at once.
    pub peak: u32,
    /// Starts that were begun.
    pub starts: u64,
    /// Starts that failed.
    pub failed_starts: u64,
    /// Hours of all resources, from their start to their end.
    pub hours: f64,
    /// Hours of all resources with a ticket.
    pub taken_hours: f64,
    /// The part of the former that the latter are, from 0 to 1.
    pub used: f64,
    /// What it cost.
    pub cost: f64,
}

/// The farm at a time.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Point {
    /// Seconds after the beginning.
    pub at: f64,
    /// Waiting tickets; the most of the span up to the next point.
    pub waiting: u64,
    /// Living resources, likewise.
    pub resources: u64,
    /// Resources with a ticket, likewise.
    pub taken: u64,
}

impl Class {
    /// The class of these waiting times.
    pub(super) fn new(tags: &str, mut waits: Vec<Duration>) -> Self {
        waits.sort_unstable();
        let part = |part: f64| {
            let rank = (part * waits.len() as f64).ceil() as usize;
            let at = rank.saturating_sub(1);
            waits.get(at).map_or(0.0, Duration::as_secs_f64)
        };
        Self {
            tags: tags.to_owned(),
            tickets: waits.len() as u64,
            unserved: 0,
            unserved_because: None,
            median_seconds: part(0.5),
            p90_seconds: part(0.9),
            p99_seconds: part(0.99),
            longest_seconds: part(1.0),
        }
    }
}

/// The most of each span, for a bounded number of spans.
pub(super) fn thin(points: &[Point]) -> Vec<Point> {
    let end = points.last().map_or(0.0, |it| it.at);
    let width = end / POINTS as f64;
    let mut thin: Vec<Point> = Vec::new();
    for point in points {
        match thin.last_mut() {
            Some(last) if point.at < last.at + width => {
                last.waiting = last.waiting.max(point.waiting);
                last.resources = last.resources.max(point.resources);
                last.taken = last.taken.max(point.taken);
            }
            _ => thin.push(*point),
        }
    }
    thin
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_by_rank() {
        let waits = (1..=200).rev().map(Duration::from_secs).collect();
        let class = Class::new("a", waits);
        let parts = [
            class.median_seconds,
            class.p90_seconds,
            class.p99_seconds,
            class.longest_seconds,
        ];
        assert_eq!(parts, [100.0, 180.0, 198.0, 200.0]);
        assert_eq!(Class::new("a", Vec::new()).longest_seconds, 0.0);
    }

    #[test]
    fn no_peak_is_lost() {
        let point = |at: u32| Point {
            at: f64::from(at),
            waiting: if at == 4321 { 77 } else { 1 },
            resources: 2,
            taken: 1,
        };
        let points: Vec<Point> = (0..10_000).map(point).collect();
        let thin = thin(&points);
        assert!(thin.len() <= POINTS + 1 && thin.len() > POINTS / 2);
        assert_eq!(thin.iter().filter(|it| it.waiting == 77).count(), 1);
    }
}
