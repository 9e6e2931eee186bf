//! One line of a report: several runs of the same task, their medians.

use super::meter::{Measured, stages};
use super::registry::{Distance, Load, Traffic};
use super::statistics::{median, quantile};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What was run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Imports as they are.
    Import,
    /// The least work that leaves the same bytes.
    Floor,
}

impl Kind {
    /// The word that stands for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Import => "import",
            Self::Floor => "floor",
        }
    }
}

/// One run, with what it asked of the registry.
#[derive(Clone, Debug)]
pub struct Run {
    /// What its process measured.
    pub measured: Measured,
    /// What went through the registry.
    pub traffic: Traffic,
    /// Seconds of the processors for the registry meanwhile.
    pub registry_cpu_seconds: f64,
}

/// The medians of some runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// What was run.
    pub kind: Kind,
    /// On how many threads.
    pub threads: usize,
    /// How often.
    pub runs: usize,
    /// Packages in one run.
    pub packages: u64,
    /// Packages by how they ended, in all runs together.
    pub imported: u64,
    /// Those that changed nothing.
    pub unchanged: u64,
    /// Those that failed.
    pub failed: u64,
    /// Seconds of a run.
    pub seconds: f64,
    /// Packages that were imported in a second; others are none.
    pub packages_per_second: f64,
    /// The same of the slowest run.
    #[serde(default)]
    pub packages_per_second_min: f64,
    /// And of the fastest.
    #[serde(default)]
    pub packages_per_second_max: f64,
    /// Megabytes of their sources in a second.
    pub megabytes_per_second: f64,
    /// Milliseconds of the package in the middle.
    pub median_ms: f64,
    /// Milliseconds that 99 of 100 packages do not exceed.
    pub p99_ms: f64,
    /// Milliseconds of the processors for a package.
    pub cpu_ms: f64,
    /// Milliseconds of a package by stage; those of [`stages`] that it went through.
    pub stages_ms: BTreeMap<String, f64>,
    /// Milliseconds that a package waited for locks.
    pub lock_ms: f64,
    /// The most memory that was resident, in MiB; the highest of all runs.
    pub peak_mib: f64,
    /// Requests to the registry for a package.
    pub requests: f64,
    /// Milliseconds of the processors that the registry itself took for a package.
    pub registry_cpu_ms: f64,
    /// How many times as fast as one thread.
    pub speed_up: Option<f64>,
    /// The share of the floor that each thread reaches, of as many as there are processors.
    pub of_floor: Option<f64>,
    /// The share of what latency and bandwidth allow.
    pub of_allowed: Option<f64>,
}

impl Row {
    /// The medians of at least one run of that load from that distance.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "counts for people to read")]
    pub fn of(kind: Kind, threads: usize, way: (&Distance, &Load), runs: &[Run]) -> Self {
        let middle = |value: &dyn Fn(&Run) -> f64| {
            let all: Vec<f64> = runs.iter().map(value).collect();
            median(&all)
        };
        let sum = |value: fn(&Measured) -> u64| runs.iter().map(|it| value(&it.measured)).sum();
        let count = |it: &Run| it.measured.package_seconds.len().max(1);
        let each = |it: &Run, seconds: f64| seconds * 1e3 / count(it) as f64;
        let rate = |it: &Run, what: f64| what / it.measured.seconds.max(1e-9);
        let seconds = |it: &Run, share: f64| quantile(&it.measured.package_seconds, share) * 1e3;
        let stage = |name: &'static str| {
            let stage = |it: &Run| it.measured.stage_seconds.get(name).copied();
            let there = runs.iter().any(|it| stage(it).is_some());
            let value = middle(&|it| each(it, stage(it).unwrap_or(0.0)));
            there.then(|| (name.to_owned(), value))
        };
        let (distance, load) = way;
        let least = distance.least_seconds(load, threads);
        let imported = |it: &Run| it.measured.imported as f64;
        let packages = |it: &Run| rate(it, imported(it));
        let allowed = |it: &Run| rate(it, least) * imported(it) / count(it) as f64;
        let is_distant = distance.is_some() && kind == Kind::Import;
        let peaks = runs.iter().map(|it| it.measured.peak_bytes);
        Self {
            kind,
            threads,
            runs: runs.len(),
            packages: runs.first().map_or(0, |it| count(it) as u64),
            imported: sum(|it| it.imported),
            unchanged: sum(|it| it.unchanged),
            failed: sum(|it| it.failed),
            seconds: middle(&|it| it.measured.seconds),
            packages_per_second: middle(&packages),
            packages_per_second_min: runs.iter().map(packages).reduce(f64::min).unwrap_or(0.0),
            packages_per_second_max: runs.iter().map(packages).fold(0.0, f64::max),
            megabytes_per_second: middle(&|it| rate(it, it.measured.source_bytes as f64 / 1e6)),
            median_ms: middle(&|it| seconds(it, 0.5)),
            p99_ms: middle(&|it| seconds(it, 0.99)),
            cpu_ms: middle(&|it| each(it, it.measured.cpu_seconds)),
            stages_ms: stages().filter_map(stage).collect(),
            lock_ms: middle(&|it| each(it, it.measured.lock_seconds)),
            peak_mib: peaks.max().unwrap_or(0) as f64 / f64::from(1 << 20),
            requests: middle(&|it| it.traffic.requests as f64 / count(it) as f64),
            registry_cpu_ms: middle(&|it| each(it, it.registry_cpu_seconds)),
            speed_up: None,
            of_floor: None,
            of_allowed: is_distant.then(|| middle(&allowed)),
        }
    }

    /// Sets what needs the other rows of the report: the speed-up, and the share of the floor.
    /// More threads than processors are no more hands.
    pub(super) fn relate(rows: &mut [Self], processors: usize) {
        let rate = |kind: Kind, rows: &[Self]| {
            let row = rows.iter().find(|it| it.kind == kind && it.threads == 1);
            row.map(|it| it.packages_per_second).filter(|it| *it > 0.0)
        };
        let (one, floor) = (rate(Kind::Import, rows), rate(Kind::Floor, rows));
        for row in rows.iter_mut().filter(|it| it.kind == Kind::Import) {
            #[expect(clippy::cast_precision_loss, reason = "a number of threads")]
            let hands = row.threads.min(processors).max(1) as f64;
            row.speed_up = one.map(|it| row.packages_per_second / it);
            row.of_floor = floor.map(|it| row.packages_per_second / hands / it);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(seconds: f64, peak_mib: u64) -> Run {
        Run {
            measured: Measured {
                seconds,
                cpu_seconds: seconds * 2.0,
                peak_bytes: peak_mib << 20,
                imported: 4,
                source_bytes: 8_000_000,
                package_seconds: vec![0.1, 0.2, 0.3, 0.4],
                stage_seconds: [("read".to_owned(), seconds)].into(),
                ..Measured::default()
            },
            traffic: Traffic {
                requests: 8,
                bytes: 1,
            },
            registry_cpu_seconds: 0.0,
        }
    }

    #[test]
    fn what_failed_or_changed_nothing_is_no_throughput() {
        let distance = Distance {
            latency_ms: 100.0,
            bandwidth_mb: None,
        };
        let load = Load {
            packages: 4,
            requests: 1,
            bytes: 8_000_000,
        };
        let mut half = run(1.0, 1);
        half.measured.imported = 2;
        half.measured.failed = 1;
        half.measured.unchanged = 1;
        let row = Row::of(Kind::Import, 4, (&distance, &load), &[half]);
        assert_eq!((row.packages, row.packages_per_second), (4, 2.0));
        assert_eq!((row.failed, row.unchanged), (1, 1));
        assert_eq!(row.of_allowed, Some(0.05));
    }

    #[test]
    fn medians_of_runs_and_relations_between_rows() {
        let distance = Distance {
            latency_ms: 100.0,
            bandwidth_mb: None,
        };
        let load = Load {
            packages: 4,
            requests: 1,
            bytes: 8_000_000,
        };
        let way = (&distance, &load);
        let runs = [run(4.0, 10), run(1.0, 30), run(2.0, 20)];
        let row = Row::of(Kind::Import, 2, way, &runs);
        assert_eq!((row.seconds, row.packages_per_second), (2.0, 2.0));
        let range = (row.packages_per_second_min, row.packages_per_second_max);
        assert_eq!(range, (1.0, 4.0));
        assert_eq!((row.packages, row.imported, row.runs), (4, 12, 3));
        assert_eq!((row.megabytes_per_second, row.cpu_ms), (4.0, 1000.0));
        assert_eq!((row.peak_mib, row.requests), (30.0, 2.0));
        assert_eq!(row.stages_ms, [("read".to_owned(), 500.0)].into());
        assert!((row.median_ms - 250.0).abs() < 1e-9);
        // Two rounds of one request are 0.2 seconds, however many the import made.
        assert_eq!(row.of_allowed, Some(0.1));

        let one = Row::of(Kind::Import, 1, way, &[run(4.0, 1)]);
        let floor = Row::of(Kind::Floor, 1, way, &[run(1.0, 1)]);
        assert_eq!(floor.of_allowed, None);
        let mut rows = [row, one, floor];
        Row::relate(&mut rows, 2);
        assert_eq!(
            (rows[0].speed_up, rows[0].of_floor),
            (Some(2.0), Some(0.25))
        );
        assert_eq!(
            (rows[1].speed_up, rows[1].of_floor),
            (Some(1.0), Some(0.25))
        );
        assert_eq!((rows[2].speed_up, rows[2].of_floor), (None, None));
        Row::relate(&mut rows, 1);
        assert_eq!(
            rows[0].of_floor,
            Some(0.5),
            "one processor does the work of two"
        );
        let mut alone = rows[..1].to_vec();
        Row::relate(&mut alone, 2);
        assert_eq!((alone[0].speed_up, alone[0].of_floor), (None, None));
    }
}
