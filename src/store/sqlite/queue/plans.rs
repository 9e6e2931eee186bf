//! How SQLite goes about each statement: none reads all jobs, so that none costs more for a million
//! of them.

use super::SqliteQueue;
use super::find::Condition;
use super::row::{JOB, JOB_FROM};
use crate::import::queue::{Filter, State};
use rusqlite::Connection;
use tempfile::TempDir;

/// The files of statements, and how many of them each has at least.
const FILES: [(&str, usize); 11] = [
    (include_str!("abandon.rs"), 5),
    (include_str!("add.rs"), 4),
    (include_str!("backlog.rs"), 5),
    (include_str!("claim.rs"), 10),
    (include_str!("finish.rs"), 4),
    (include_str!("lanes.rs"), 9),
    (include_str!("runs.rs"), 4),
    (include_str!("standing.rs"), 4),
    (include_str!("stats.rs"), 4),
    (include_str!("tally.rs"), 3),
    (include_str!("workers.rs"), 3),
];

/// Indices of only those jobs that wait, run, or have a time: to read one of these is what is meant.
const SMALL: [&str; 3] = ["jobs_waiting", "jobs_leased", "jobs_due"];

/// The statements that a file of Rust holds as texts.
fn statements(source: &str) -> Vec<&str> {
    let texts = source.split('"').skip(1).step_by(2);
    let is_statement = |it: &&str| {
        let words = ["SELECT ", "INSERT ", "UPDATE ", "DELETE "];
        words.iter().any(|word| it.starts_with(word)) && !it.contains('{')
    };
    texts.filter(is_statement).collect()
}

/// The steps that read jobs from the first to the last one.
fn scans(sql: &Connection, statement: &str) -> Vec<String> {
    let mut plan = sql
        .prepare(&format!("EXPLAIN QUERY PLAN {statement}"))
        .unwrap();
    let nothing = vec![rusqlite::types::Null; plan.parameter_count()];
    let steps = plan.query_map(rusqlite::params_from_iter(nothing), |it| {
        it.get::<_, String>(3)
    });
    let mut steps: Vec<String> = steps.unwrap().map(Result::unwrap).collect();
    steps.retain(|it| {
        let mut words = it.split_whitespace();
        let is_scan = words.next() == Some("SCAN");
        is_scan
            && words
                .next()
                .is_some_and(|it| ["jobs", "j", "records"].contains(&it))
            && !SMALL.iter().any(|small| it.contains(small))
    });
    steps
}

#[test]
fn no_statement_reads_all_jobs() {
    let dir = TempDir::new().unwrap();
    drop(SqliteQueue::open(dir.path()).unwrap());
    let sql = Connection::open(dir.path().join("queue.sqlite")).unwrap();
    assert_eq!(scans(&sql, "SELECT * FROM jobs").len(), 1);
    for (source, least) in FILES {
        let statements = statements(source);
        assert!(statements.len() >= least, "{statements:#?}");
        for it in statements {
            assert_eq!(scans(&sql, it), [""; 0], "{it}");
        }
    }
}

#[test]
fn no_list_of_bad_jobs_reads_the_good_ones() {
    let dir = TempDir::new().unwrap();
    drop(SqliteQueue::open(dir.path()).unwrap());
    let sql = Connection::open(dir.path().join("queue.sqlite")).unwrap();
    let of = |states: &[State], result: Option<&str>| Filter {
        states: (!states.is_empty()).then(|| states.to_vec()),
        result: result.map(str::to_owned),
        ..Filter::default()
    };
    for filter in [
        Filter::job(1),
        of(&[State::Failed], None),
        of(&[State::Failed, State::Poison], None),
        of(&[State::Retry], None),
        of(&[], Some("no-sdist")),
        of(&[State::Failed], Some("no-sdist")),
        Filter {
            run: Some(1),
            ..Filter::default()
        },
    ] {
        let Condition { text, .. } = Condition::of(&filter);
        let it = format!("SELECT {JOB} FROM {JOB_FROM} WHERE {text} ORDER BY j.id LIMIT 50");
        assert_eq!(scans(&sql, &it), [""; 0], "{filter:?}");
    }
}
