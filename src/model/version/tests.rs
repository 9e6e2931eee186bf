//! Versions against the real `rpm`: it must sort what we write as upstream sorts what we read.

use super::*;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use std::cmp::Ordering;
use std::fmt::Write as _;
use std::process::Command;

#[test]
fn pep440_versions_become_rpm_versions() {
    for (upstream, rpm) in [
        ("1.0", "1.0"),
        ("1.0rc1", "1.0~rc1"),
        ("1.0.dev2", "1.0~~dev2"),
        ("1.0rc1.dev2", "1.0~rc1~~dev2"),
        ("1.0.post1", "1.0^post1"),
        ("1.0+cu118", "1.0^cu118"),
        ("1.0+1.ubuntu", "1.0^plus.1.ubuntu"),
        ("1!2.0", "1:2.0"),
        ("V1.0-Alpha_3", "1.0~a3"),
        ("99999999999!1", "4294967295:1"),
    ] {
        let version: pep440_rs::Version = upstream.parse().unwrap();
        assert_eq!(of_pep440(&version).to_string(), rpm, "{upstream}");
    }
}

/// How the real `rpm` compares each pair: one process for all.
fn compared_by_rpm(pairs: &[(RpmVersion, RpmVersion)]) -> Vec<Ordering> {
    let mut script = String::from("local out = {}\n");
    for (a, b) in pairs {
        let (a, b) = (with_epoch(a), with_epoch(b));
        let _ = writeln!(script, "table.insert(out, rpm.vercmp(\"{a}\", \"{b}\"))");
    }
    script.push_str("print(table.concat(out, \"\\n\"))");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("compare.lua");
    std::fs::write(&file, script).unwrap();
    let call = format!("%{{lua: dofile(\"{}\")}}", file.display());
    let output = Command::new("rpm")
        .args(["--eval", &call])
        .output()
        .expect("rpm is installed");
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    let answers: Vec<Ordering> = text
        .lines()
        .map(|it| it.trim().parse::<i32>().unwrap().cmp(&0))
        .collect();
    assert_eq!(answers.len(), pairs.len());
    answers
}

/// A missing epoch is zero; said, so that `rpm.vercmp` takes the text for a whole version.
fn with_epoch(version: &RpmVersion) -> String {
    format!("{}:{}", version.epoch.unwrap_or(0), version.version)
}

fn samples<T: std::fmt::Debug>(strategy: impl Strategy<Value = T>, count: usize) -> Vec<T> {
    let mut runner = TestRunner::deterministic();
    (0..count)
        .map(|_| strategy.new_tree(&mut runner).unwrap().current())
        .collect()
}

/// Every pair of neighbours of a few thousand random versions, sorted in both ways.
fn check_order<T: std::fmt::Display>(
    pairs: &[(T, T)],
    upstream: impl Fn(&T, &T) -> Ordering,
    rpm: impl Fn(&T) -> RpmVersion,
) {
    let converted: Vec<_> = pairs.iter().map(|(a, b)| (rpm(a), rpm(b))).collect();
    let mut seen = [0_usize; 3];
    for ((a, b), ((rpm_a, rpm_b), order)) in pairs
        .iter()
        .zip(converted.iter().zip(compared_by_rpm(&converted)))
    {
        let expected = upstream(a, b);
        seen[match expected {
            Ordering::Less => 0,
            Ordering::Equal => 1,
            Ordering::Greater => 2,
        }] += 1;
        assert_eq!(order, expected, "{a} -> {rpm_a}, {b} -> {rpm_b}");
    }
    assert!(seen.iter().all(|it| *it > 10), "lopsided samples: {seen:?}");
}

/// A release of so many numbers, with every mixture of what PEP 440 lets follow.
fn pep440(release: impl Strategy<Value = String>) -> impl Strategy<Value = pep440_rs::Version> {
    let epoch =
        prop_oneof![4 => Just(String::new()), 1 => (1..3_u32).prop_map(|n| format!("{n}!"))];
    let pre = prop_oneof![
        2 => Just(String::new()),
        3 => ("a|b|rc", 0..12_u32).prop_map(|(word, n)| format!("{word}{n}")),
    ];
    let number = |word: &'static str| prop_oneof![2 => Just(String::new()), 1 => (0..12_u32).prop_map(move |n| format!(".{word}{n}"))];
    let local = prop_oneof![
        6 => Just(String::new()),
        // One each of what sorts before, at and after `plus` and `post` under RPM's rules.
        1 => "(cu|ubuntu|plus|posh|[0-9])".prop_map(|it| format!("+{it}")),
    ];
    (epoch, release, pre, number("post"), number("dev"), local).prop_map(
        |(epoch, release, pre, post, dev, local)| {
            format!("{epoch}{release}{pre}{post}{dev}{local}")
                .parse()
                .unwrap()
        },
    )
}

#[test]
fn rpm_sorts_pep440_versions_as_upstream_does() {
    // The same count of numbers, trailing zeros and all.
    let same = samples((pep440("1\\.[01]\\.0"), pep440("1\\.[01]\\.0")), 6000);
    // Any count, without trailing zeros.
    let bare = || pep440("([0-9]{1,2}\\.){0,3}[1-9]");
    let mut pairs = same;
    pairs.extend(samples((bare(), bare()), 3000));
    // Any count with trailing zeros, where the releases differ.
    let zeros = || pep440("[12](\\.[0-3]){0,3}");
    pairs.extend(
        samples((zeros(), zeros()), 3000)
            .into_iter()
            .filter(|(a, b)| {
                let trimmed = |it: &pep440_rs::Version| {
                    let mut numbers = it.release().to_vec();
                    numbers.truncate(numbers.iter().rposition(|n| *n != 0).map_or(0, |i| i + 1));
                    (it.epoch(), numbers)
                };
                trimmed(a) != trimmed(b)
            }),
    );
    check_order(&pairs, Ord::cmp, of_pep440);
}

#[test]
fn rpm_sorts_gem_versions_as_upstream_does() {
    let tail = "((\\.|)(a|b|rc|beta)(\\.?[1-9]{1,2}){0,2}){0,3}";
    let same = || format!("[01]\\.[0-2]\\.[0-2]{tail}");
    let bare = || format!("([0-9]{{1,2}}\\.){{0,3}}[1-9]{tail}");
    let dashed = || format!("1\\.[0-2]-(rc[1-9]|[1-9]){tail}");
    let mut pairs = Vec::new();
    for (a, b) in [(same(), same()), (bare(), bare()), (dashed(), dashed())] {
        let gem = |regex: String| {
            proptest::string::string_regex(&regex)
                .unwrap()
                .prop_map(|it| it.parse::<GemVersion>().unwrap())
        };
        pairs.extend(samples((gem(a), gem(b)), 4000));
    }
    check_order(&pairs, Ord::cmp, GemVersion::to_rpm);
}
