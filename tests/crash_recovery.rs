//! Killed at any moment, nothing is lost, done twice or left half-done.
//!
//! `DISTMILL_KILLS=100` is the long form; `DISTMILL_SEED=N` repeats a run's moments.

use crate::support::disk::SmallDisk;
use crate::support::faults::{FileFault, Saboteur};
use crate::support::program::{Program, Run};
use crate::support::registry::{Fault, Registry};
use crate::support::sdist::sdist;
use crate::support::tools::{fsck, git};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha512};
use std::collections::BTreeSet;
use std::fs;
use std::hash::{BuildHasher as _, RandomState};
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;

/// A number of the environment.
fn number(name: &str, default: u64) -> u64 {
    let text = std::env::var(name).ok();
    text.map_or(default, |it| it.parse().unwrap())
}

/// Kills workers at random moments until so many were killed or nothing is left to do.
fn kill_workers(program: &Program, kills: u64, seed: u64) -> u64 {
    let mut random = seed;
    let mut killed = 0;
    while killed < kills {
        let mut child = program.start_worker(&["--quiet"]);
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        // The moment is the thing that is tested: from before the first claim to amid the work.
        sleep(Duration::from_millis((random >> 33) % 700));
        if let Some(status) = child.try_wait().unwrap() {
            assert!(status.success(), "it ended by itself, and not well");
            break;
        }
        child.kill().unwrap();
        child.wait().unwrap();
        killed += 1;
    }
    killed
}

fn files_below(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => files_below(&path, out),
            false => out.push(path),
        }
    }
}

/// Asserts that the repository of a package is sound, has one commit for its one job, and that
/// every file that `sources` names is there. The answer is these files.
fn check_package(program: &Program, name: &str) -> Vec<PathBuf> {
    let package = format!("python-{name}");
    let repository = program.repository(&package);
    fsck(&repository);
    for branch in ["main", "f42"] {
        let count = git(&repository, &["rev-list", "--count", branch]);
        assert_eq!(count, "2", "{name}: the first commit and one import");
    }
    let sources = program.show(&package, "sources");
    assert_eq!(sources.lines().count(), 1, "{sources}");
    let place = |line: &str| {
        let line = line.strip_prefix("SHA512 (").unwrap();
        let (file, hash) = line.split_once(") = ").unwrap();
        let below = format!("lookaside/local/import/{package}/{file}/sha512/{hash}/{file}");
        let path = program.root().join(below);
        let bytes = fs::read(&path).unwrap();
        let found: String = Sha512::digest(&bytes)
            .iter()
            .map(|b| format!("{b:02x}"))
            .collect();
        assert_eq!(found, hash, "{}", path.display());
        path
    };
    sources.lines().map(place).collect()
}

/// Asserts that no file of anything unfinished is there.
fn check_nothing_is_left(program: &Program) {
    let mut all = Vec::new();
    files_below(&program.root().join("git"), &mut all);
    files_below(&program.root().join("queue/workers"), &mut all);
    let is_left = |it: &&PathBuf| {
        let name = it.file_name().unwrap().to_str().unwrap();
        name.starts_with("tmp_")
            || name.ends_with(".lock")
            || name == "distmill-writes"
            || it.parent().unwrap().ends_with("workers")
            || it.components().any(|part| part.as_os_str() == ".incoming")
    };
    assert_eq!(all.iter().find(is_left), None, "left behind");
}

/// Asserts that every job is done, once, and that all of it is there and nothing else.
fn check_all(program: &Program, names: &[String]) {
    let jobs = program.queue_json(&["list"]);
    let not_done = |it: &&Value| it["state"] != "done";
    assert_eq!(jobs.iter().find(not_done), None);
    let done: BTreeSet<&str> = jobs
        .iter()
        .map(|it| it["source"].as_str().unwrap())
        .collect();
    let sources: Vec<String> = names.iter().map(|it| format!("pypi:{it}==1.0")).collect();
    assert_eq!(done, sources.iter().map(String::as_str).collect());
    assert_eq!(jobs.len(), names.len(), "none twice");
    let stats = &program.queue_json(&["stats"])[0];
    assert_eq!(
        (&stats["leased"], &stats["workers"]),
        (&json!(0), &json!(0))
    );

    let mut expected: Vec<PathBuf> = Vec::new();
    for name in names {
        expected.extend(check_package(program, name));
    }
    let mut lookaside = Vec::new();
    files_below(&program.root().join("lookaside"), &mut lookaside);
    // The record of the layout, and the index by digest.
    let is_hidden = |it: &PathBuf| {
        let below = it.strip_prefix(program.root()).unwrap();
        below
            .iter()
            .any(|part| part.to_str().unwrap().starts_with('.'))
    };
    lookaside.retain(|it| !is_hidden(it));
    assert_eq!(
        lookaside.into_iter().collect::<BTreeSet<_>>(),
        expected.into_iter().collect(),
        "files that nothing names, or that are missing"
    );
    let mut srpms = Vec::new();
    files_below(&program.root().join("srpms"), &mut srpms);
    assert_eq!(srpms.len(), names.len());
    assert!(
        srpms.iter().all(|it| it.extension().unwrap() == "rpm"),
        "{srpms:?}"
    );
    check_nothing_is_left(program);
}

#[test]
fn a_job_is_done_in_the_queue_only_after_its_files_were_flushed() {
    let program = Program::new().with("--jobs=1");
    let Some(saboteur) = Saboteur::new(program.scratch()) else {
        return;
    };
    let file = program.scratch().join("x-1.0.tar.gz");
    fs::write(&file, sdist("x", "1.0")).unwrap();
    program.queue_json(&["add", file.to_str().unwrap()]);
    let log = program.scratch().join("calls");
    let calls = "rename,renameat,renameat2,link,linkat,syncfs,pwrite64,fsync,fdatasync";
    let mut worker = saboteur.watch(calls, &log, &program.worker_command(&[]));
    assert!(worker.output().unwrap().status.success());
    let (mut moves, mut unflushed, mut commits, mut unsynced) = (0, false, 0, false);
    let calls = fs::read_to_string(&log).unwrap();
    // Before it comes, it sets the root up.
    let (_, calls) = calls.split_once("workers/1.new").unwrap();
    for line in calls.lines() {
        let is_wal = line.contains("queue.sqlite-wal");
        let places = ["/git/", "/lookaside/", "/srpms/", "refs/heads/"];
        if line.contains("syncfs") && line.ends_with("= 0") {
            unflushed = false;
        } else if line.contains("pwrite64(") && is_wal {
            assert!(!unflushed, "what is moved is not flushed yet: {line}");
            unsynced = true;
        } else if line.contains("sync(") && is_wal {
            unsynced = false;
            commits += usize::from(moves > 0);
        } else if line.contains("link") || line.contains("rename") {
            let is_made = places.iter().any(|it| line.contains(it));
            unflushed |= is_made;
            moves += usize::from(is_made);
        }
    }
    // The repository, its branch, the source and its second name, the source package.
    assert!(
        moves >= 4 && commits > 0 && !unsynced,
        "{moves} moves, {commits} commits"
    );
}

#[test]
fn a_full_disk_loses_no_job() {
    let scratch = Program::new();
    let place = scratch.scratch().join("disk");
    let Some(disk) = SmallDisk::mount(&place, "3m") else {
        return;
    };
    let registry = Registry::start();
    let names: Vec<String> = (0..60).map(|it| format!("p{it}")).collect();
    for name in &names {
        let file = format!("{name}-1.0.tar.gz");
        registry.add_pypi(name, "1.0", &file, sdist(name, "1.0"));
    }
    let program = Program::new()
        .at(&place.join("root"))
        .with_registry(&registry.url())
        .with("--retry-pause=0.05");
    let mut add = vec![
        "add".to_owned(),
        "--branch=main".to_owned(),
        "--branch=f42".to_owned(),
    ];
    add.extend(names.iter().map(|it| format!("pypi:{it}==1.0")));
    program.queue_json(&add);
    // Packages fail for want of space, or the queue itself cannot be written any more.
    let run = program.worker(&["--quiet", "--attempts=2"]);
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    disk.grow("200m");
    let stats = program.queue_json(&["stats"]).remove(0);
    let done = stats["done"]["imported"].as_u64().unwrap_or(0);
    assert!(done < 60, "the disk was not full: {stats}");
    program.queue_json(&["retry", "--all"]);
    let run = program.worker(&["--quiet"]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let stats = program.queue_json(&["stats"]).remove(0);
    let count = |result: &str| stats["done"][result].as_u64().unwrap_or(0);
    assert_eq!(count("imported") + count("unchanged"), 60, "{stats}");
    for name in &names {
        assert_eq!(check_package(&program, name).len(), 1);
    }
}

/// What a failing disk, one that is full and one that was remounted read-only do.
const FILE_FAULTS: &[FileFault] = &[
    FileFault::Write(61),
    FileFault::Write(97),
    FileFault::Write(151),
    FileFault::Call("fsync,fdatasync", "EIO", 9, 5),
    FileFault::Call("syncfs", "EIO", 1, 2),
    FileFault::Call("rename,renameat,renameat2", "EIO", 2, 5),
    FileFault::Call("link,linkat", "EIO", 2, 3),
    FileFault::Call("pwrite64", "ENOSPC", 70, 60),
    FileFault::Call("mkdir,mkdirat", "EROFS", 10, 15),
];

#[test]
fn a_file_system_that_fails_loses_no_job() {
    let program = Program::new();
    let Some(saboteur) = Saboteur::new(program.scratch()) else {
        return;
    };
    let registry = Registry::start();
    let program = program.with_registry(&registry.url());
    let folder = program.root().to_owned();
    let mut names = Vec::new();
    let mut failed_writes = 0;
    for (round, fault) in FILE_FAULTS.iter().enumerate() {
        let fresh: Vec<String> = (0..20).map(|it| format!("p{round}x{it}")).collect();
        let mut add = vec!["add".to_owned(), "--branch=main".to_owned()];
        add.push("--branch=f42".to_owned());
        for name in &fresh {
            let file = format!("{name}-1.0.tar.gz");
            registry.add_pypi(name, "1.0", &file, sdist(name, "1.0"));
            add.push(format!("pypi:{name}==1.0"));
        }
        program.queue_json(&add);
        names.extend(fresh);
        // Only failures that are final make it end otherwise than well.
        let command = program.worker_command(&["--quiet", "--attempts=1"]);
        let run = saboteur.meet(*fault, &folder, &command).output().unwrap();
        let run = Run::of(run);
        let ended = run.stdout.lines().count();
        eprintln!("{fault:?}: {:?}, {ended} ended", run.code);
        let may_be: &[i32] = match fault {
            // Where files cannot be linked they are copied.
            FileFault::Call("link,linkat", ..) => &[0],
            // Which write is hit differs from run to run: it may be that of a page, which fails no
            // job, or one of the queue before any.
            FileFault::Write(_) => &[0, 1],
            FileFault::Call(..) => &[1],
        };
        let is_expected = run.code.is_some_and(|it| may_be.contains(&it));
        assert!(is_expected, "{fault:?}: {:?} {}", run.code, run.stderr);
        let is_write = matches!(fault, FileFault::Write(_));
        assert!(
            is_write || ended > 0,
            "{fault:?} came too early: {}",
            run.stderr
        );
        failed_writes += u32::from(is_write && run.code == Some(1));
        assert!(
            !run.stderr.contains("panicked"),
            "{fault:?}: {}",
            run.stderr
        );
        program.queue_json(&["retry", "--all"]);
    }
    assert!(failed_writes > 0, "no write failed that matters");
    let run = program.worker(&["--quiet"]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    check_all(&program, &names);
}

#[test]
fn a_worker_may_be_killed_at_any_moment() {
    let kills = number("DISTMILL_KILLS", 10);
    let seed = number("DISTMILL_SEED", RandomState::new().hash_one(()));
    eprintln!("DISTMILL_SEED={seed}");
    let registry = Registry::start();
    registry
        .everything()
        .fault(Fault::Delay(Duration::from_millis(40)));
    let names: Vec<String> = (0..300.max(kills * 30))
        .map(|it| format!("p{it}"))
        .collect();
    for name in &names {
        let file = format!("{name}-1.0.tar.gz");
        registry.add_pypi(name, "1.0", &file, sdist(name, "1.0"));
    }
    // The registry is not well either.
    for name in names.iter().step_by(7) {
        registry
            .package(name)
            .files()
            .fault(Fault::FailFirst(2, 503));
    }
    for name in names.iter().step_by(11) {
        let cut = Fault::First(1, Box::new(Fault::Truncate));
        registry.package(name).files().fault(cut);
    }
    for name in names.iter().step_by(13) {
        let slow = Fault::Trickle(Duration::from_millis(1));
        let slow = Fault::First(1, Box::new(slow));
        registry.package(name).files().fault(slow);
    }
    let program = Program::new()
        .with_registry(&registry.url())
        .with("--retries=0")
        .with("--retry-pause=0.1");
    let list = program.scratch().join("list");
    let sources: Vec<String> = names.iter().map(|it| format!("pypi:{it}==1.0")).collect();
    fs::write(&list, sources.join("\n")).unwrap();
    let add = format!("@{}", list.display());
    let added = program.queue_json(&["add", "--branch=main", "--branch=f42", &add]);
    assert_eq!(added.len(), names.len());

    let killed = kill_workers(&program, kills, seed);
    // Whoever was hit for the third time was set aside, as it should be; and comes back by hand.
    let poison = program.queue_json(&["list", "--state=poison"]);
    assert!(poison.iter().all(|it| it["crashes"] == 3));
    program.queue_json(&["retry", "--state=poison"]);
    let run = program.worker(&["--quiet"]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert_eq!(killed, kills, "there was too little to do");
    eprintln!("{killed} kills, {} set aside", poison.len());

    check_all(&program, &names);
}
