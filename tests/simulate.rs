//! A simulated farm does what a real one would, and its report says so.

use crate::support::farm::{on_demand, ready};
use crate::support::program::Run;
use distmill::alloc::pool::{Policy, Pool, Pools};
use distmill::alloc::simulate::{Results, simulate};
use distmill::config::LoadFile;
use serde_json::Value;
use std::fs;
use std::process::Command;
use std::time::{Duration, Instant};
use tempfile::TempDir;

fn play(pools: &[Pool], load: &str) -> Results {
    let pools = Pools::new(pools.to_vec(), Policy::default()).unwrap();
    let load = LoadFile::from_toml(load).unwrap();
    simulate(&pools, &load, Duration::from_secs(86_400)).unwrap()
}

fn about(value: f64, expected: f64) {
    assert!((value - expected).abs() < 1e-6, "{value} is not {expected}");
}

#[test]
fn a_small_farm_can_be_reckoned_by_hand() {
    let mut pool = on_demand("p", &["a"]);
    pool.max = 2;
    pool.max_starting = 2;
    let load = "[pools.p]\nstart_seconds = 100\ndelete_seconds = 20\ncost_per_hour = 3.6\n\
        [[ticket]]\nat = 10\ntags = ['a']\nseconds = 300\ncount = 3\n";
    let results = play(&[pool], load);
    // Two start at once; the third one waits for 100 + 300 + 20 + 100 seconds.
    let class = &results.classes[0];
    assert_eq!((class.tickets, class.unserved), (3, 0));
    about(class.median_seconds, 100.0);
    about(class.longest_seconds, 520.0);
    let pool = &results.pools[0];
    assert_eq!((pool.starts, pool.failed_starts, pool.peak), (3, 0, 2));
    // The farm ends with the last ticket: 420 seconds each for two, 400 for the last.
    about(results.hours * 3600.0, 830.0);
    about(pool.hours * 3600.0, 1240.0);
    about(pool.taken_hours * 3600.0, 900.0);
    about(results.cost, 1.24);
    assert_eq!(results.series.iter().map(|it| it.waiting).max(), Some(3));
    assert_eq!(results.series.iter().map(|it| it.taken).max(), Some(2));
}

#[test]
fn a_queue_waits_as_long_as_theory_says() {
    // One server, arrivals and service at random (M/M/1) at 50 %: the mean wait is that of service.
    let pool = Pool {
        reuse_opportunity_time: Duration::from_secs(86_400),
        reuse_max_time: Duration::from_secs(86_400 * 1000),
        ..ready("p", &["a"], 1)
    };
    let load = "seed = 5\n[pools.\"*\"]\nstart_seconds = 0\n\
        [[generate]]\ntags = ['a']\nper_hour = 30\nhours = 600\nseconds = 60\nsandboxes = 1\n";
    let results = play(&[pool], load);
    assert_eq!(results.unserved, 0);
    let class = &results.classes[0];
    assert!(class.tickets > 17_000, "{}", class.tickets);
    // Half of the tickets find it free; P(wait > t) = 0.5 e^(-t/120).
    assert!(class.median_seconds < 3.0, "{class:?}");
    let p90 = 120.0 * 5_f64.ln();
    assert!((class.p90_seconds / p90 - 1.0).abs() < 0.1, "{class:?}");
    let p99 = 120.0 * 50_f64.ln();
    assert!((class.p99_seconds / p99 - 1.0).abs() < 0.15, "{class:?}");
    assert!(
        (results.pools[0].used - 0.5).abs() < 0.02,
        "{:?}",
        results.pools
    );
}

#[test]
fn failing_starts_cost_and_the_same_seed_gives_the_same() {
    let mut pool = on_demand("p", &["a"]);
    pool.max = 20;
    let load = "seed = 9\n[pools.p]\nfailures = 0.3\nstart_seconds = 30\n\
        [[generate]]\ntags = ['a']\nper_hour = 60\nhours = 24\nseconds = 300\n";
    let begun = Instant::now();
    let results = play(&[pool.clone()], load);
    assert!(begun.elapsed() < Duration::from_secs(60));
    let part = results.pools[0].failed_starts as f64 / results.pools[0].starts as f64;
    assert!((0.2..0.4).contains(&part), "{part}");
    assert_eq!(results.unserved, 0);
    assert_eq!(results, play(&[pool.clone()], load));
    assert_ne!(
        results,
        play(&[pool], &load.replace("seed = 9", "seed = 10"))
    );
}

const POOLS: &str = "\
aws:
    max: 3
    max_starting: 2
    max_prealloc: 1
    cmd_new: /bin/new
    cmd_delete: /bin/delete
    cmd_livecheck: /bin/check
    tags: [x86_64]
power:
    max: 1
    cmd_new: /bin/new
    cmd_delete: /bin/delete
    tags_on_demand: [ppc64le]
";

const LOAD: &str = "\
[pools.\"*\"]
cost_per_hour = 1

[[generate]]
tags = [\"x86_64\"]
per_hour = 20
hours = 10
seconds = 300

[[ticket]]
at = 60
tags = [\"ppc64le\"]
seconds = 600
count = 2

[[ticket]]
tags = [\"s390x\"]
seconds = 1
";

#[test]
fn the_command_reports_tables_json_and_a_plot() {
    let scratch = TempDir::new().unwrap();
    let program = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_distmill"));
        Run::of(command.arg("simulate").args(arguments).output().unwrap())
    };
    let file = |name: &str, text: &str| {
        let path = scratch.path().join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let (pools, load) = (file("pools.yaml", POOLS), file("load.toml", LOAD));
    let plot = scratch.path().join("farm.svg");
    let simulate = |more: &[&str]| {
        let common = [&pools, "--load", &load, "--patience=1"];
        program(&[&common[..], more].concat())
    };
    let run = simulate(&["--plot", plot.to_str().unwrap()]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    for text in [
        "ppc64le",
        "x86_64",
        "aws",
        "power",
        "1 unserved",
        "pool aws: lacks s390x",
    ] {
        assert!(run.stdout.contains(text), "{text}: {}", run.stdout);
    }
    // Who was not served did not wait 0 s.
    let never = run.stdout.lines().find(|it| it.starts_with(" s390x"));
    assert_eq!(never.unwrap().matches(" - ").count(), 4, "{}", run.stdout);
    let svg = fs::read_to_string(plot).unwrap();
    assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>\n"));
    assert_eq!(svg.matches("<polyline").count(), 3);
    let run = simulate(&["--json", "--seed=3"]);
    let json: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(json["classes"].as_array().unwrap().len(), 3);
    assert_eq!(json["pools"][1]["starts"], 2);
    assert_eq!(json["unserved"], 1);
    assert_eq!(simulate(&["--json", "--seed=3"]).stdout, run.stdout);

    let lines = file("load.jsonl", "{\"tags\": [\"ppc64le\"], \"seconds\": 60}\n");
    // What costs comes from a file beside it: each value of a pool's own table, else of all.
    let costs = "[pools.\"*\"]\nstart_seconds = 120\n[pools.power]\ncost_per_hour = 36\n";
    let costs = file("costs.toml", costs);
    let both = ["--load", &lines, "--load", &costs, "--json"];
    let run = program(&[&[pools.as_str()], &both[..]].concat());
    let json: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(json["classes"][0]["longest_seconds"], 120.0);
    // 120 s of start, 60 s of work, and the deletion is not waited for.
    assert_eq!(json["cost"], 36.0 * 180.0 / 3600.0, "{}", run.stdout);
    let none = program(&[&pools, "--load", &costs]);
    assert!(
        none.stderr.contains("nothing would come"),
        "{}",
        none.stderr
    );
    let bad = file("bad.toml", "[[ticket]]\nat = -1\n");
    let run = program(&[&pools, "--load", &bad]);
    assert_eq!(run.code, Some(1));
    for text in ["bad.toml is wrong", "at is -1"] {
        assert!(run.stderr.contains(text), "{text}: {}", run.stderr);
    }
}
