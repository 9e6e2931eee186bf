//! `distmill queue` and `distmill worker`, as users see them.

use crate::support::fixtures;
use crate::support::program::{Program, Run};
use crate::support::registry::{Fault, Registry};
use crate::support::said::Said;
use crate::support::sdist::sdist;
use crate::support::tools::{self, git};
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

const GEM: &str = "gem-plain/plaingem-1.2.0.gem";
const SRPM: &str = "srpm-text/hello-1.0-1.src.rpm";
const OTHER_SRPM: &str = "srpm-patches/patched-0.9~rc2-3.git0123abc.src.rpm";

fn with_packages(registry: &Registry, names: &[&str]) {
    for name in names {
        let file = format!("{name}-1.0.tar.gz");
        registry.add_pypi(name, "1.0", &file, sdist(name, "1.0"));
    }
}

fn program(registry: &Registry) -> Program {
    Program::new()
        .with_registry(&registry.url())
        .with("--retries=0")
        .with("--retry-pause=0.05")
}

fn job(program: &Program, id: u64) -> Value {
    program.queue_json(&["show", &id.to_string()]).remove(0)
}

fn signal(child: &Child, name: &str) {
    tools::run("kill", &["-s", name, &child.id().to_string()]);
}

/// Waits until a file of a package was asked for.
fn wait_for(registry: &Registry, path: &str, times: usize) {
    while registry.requests(path) < times {
        std::thread::yield_now();
    }
}

#[test]
fn jobs_are_added_worked_off_and_shown() {
    let registry = Registry::start();
    with_packages(&registry, &["one", "two"]);
    let program = program(&registry);
    let gem = fixtures::argument(GEM);
    let sources = ["add", &gem, "pypi:one==1.0", "pypi:two", "pypi:nothing"];
    let added = program.queue_json(&sources);
    assert_eq!(
        added[1],
        json!({"source": "pypi:one==1.0", "job": 2, "added": true})
    );
    let again = program.queue(&sources);
    assert!(
        again
            .stdout
            .contains("0 jobs added, 4 were there already, 0 refused")
    );

    let why = program.queue(&["why", "3"]);
    for part in [
        "job 3 pypi:two is queued",
        "no worker is running",
        "of its sandbox",
    ] {
        assert!(why.stdout.contains(part), "{part}: {}", why.stdout);
    }
    let run = program.worker(&["--dummy"]);
    assert_eq!(run.code, Some(2), "an unknown option is wrong usage");
    let run = program.worker(&[]);
    assert_eq!(run.code, Some(1), "one failed: {}", run.stderr);
    let outcomes = run.outcomes();
    assert_eq!(outcomes.len(), 4);
    assert_eq!(
        outcomes["pypi:nothing"]["failure"]["code"],
        "unknown-package"
    );

    let one = job(&program, 2);
    assert_eq!(
        (&one["state"], &one["result"]),
        (&json!("done"), &json!("imported"))
    );
    assert_eq!(
        (&one["attempts"], &one["registry"]),
        (&json!(1), &json!("pypi"))
    );
    let outcome = &one["outcome"];
    assert_eq!(outcome["package"], "python-one");
    assert_eq!(
        outcome["branch_commits"],
        outcomes["pypi:one==1.0"]["branch_commits"]
    );
    assert!(outcome["stages"]["commit"].is_f64(), "{outcome}");
    let shown = program.queue(&["show", "4"]).stdout;
    for part in ["failed (unknown-package)", "hint", "attempts    1"] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    let listed = program.queue_json(&["list", "--state", "done"]);
    assert_eq!(listed.len(), 3);
    let table = program.queue(&["list", "--limit", "1"]).stdout;
    assert!(table.contains("there are more: --after 1"), "{table}");
    let stats = program.queue_json(&["stats"]).remove(0);
    assert_eq!(stats["done"], json!({"imported": 3}));
    assert_eq!(stats["failed"], json!({"unknown-package": 1}));

    // With a version it stays what it is; without one it means the latest again.
    let again = program.queue(&sources).stdout;
    assert!(
        again.contains("2 jobs added, 2 were there already"),
        "{again}"
    );
}

#[test]
fn what_may_pass_is_tried_again_and_the_rest_by_hand() {
    let registry = Registry::start();
    with_packages(&registry, &["shaky", "late"]);
    registry
        .package("shaky")
        .files()
        .fault(Fault::FailFirst(2, 500));
    let program = program(&registry);
    program.queue_json(&["add", "pypi:shaky", "pypi:unborn"]);
    let run = program.worker(&[]);
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    assert!(run.stderr.contains("http-error"), "{}", run.stderr);
    let shaky = job(&program, 1);
    assert_eq!(
        (&shaky["state"], &shaky["attempts"]),
        (&json!("done"), &json!(3))
    );
    assert_eq!(
        job(&program, 2)["attempts"],
        1,
        "what is not there does not come by waiting"
    );

    let why = program.queue(&["why", "2"]).stdout;
    assert!(
        why.contains("put it back with distmill queue retry 2"),
        "{why}"
    );
    with_packages(&registry, &["unborn"]);
    assert_eq!(
        program.queue_json(&["retry", "--code=unknown-package"])[0]["queued"],
        1
    );
    assert_eq!(program.worker(&[]).code, Some(0));
    assert_eq!(job(&program, 2)["state"], "done");

    // What the server does not give is not asked for again.
    with_packages(&registry, &["gone", "forbidden"]);
    registry.package("gone").files().fault(Fault::Fail(410));
    registry
        .package("forbidden")
        .files()
        .fault(Fault::Fail(403));
    program.queue_json(&["add", "pypi:gone", "pypi:forbidden"]);
    assert_eq!(program.worker(&[]).code, Some(1));
    for id in [3, 4] {
        let it = job(&program, id);
        assert_eq!(
            (&it["result"], &it["attempts"]),
            (&json!("http-refused"), &json!(1))
        );
    }

    // At most so many attempts.
    registry.package("late").files().fault(Fault::Fail(503));
    program.queue_json(&["add", "pypi:late"]);
    assert_eq!(program.worker(&["--attempts=2"]).code, Some(1));
    let late = job(&program, 5);
    assert_eq!(
        (&late["state"], &late["attempts"]),
        (&json!("failed"), &json!(2))
    );
}

#[test]
fn a_pause_that_a_registry_asks_for_is_kept_by_all_jobs_and_costs_them_no_attempt() {
    let registry = Registry::start();
    with_packages(&registry, &["one", "two", "three"]);
    let limit = Fault::RateLimit(1, "1000".to_owned());
    registry.everything().fault(limit);
    let program = program(&registry).with("--jobs=1");
    program.queue_json(&["add", "pypi:one", "pypi:two", "pypi:three"]);
    let mut child = program.start_worker(&["--attempts=2"]);
    while program.queue_json(&["stats"])[0]["retry"] != 3 {
        std::thread::yield_now();
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let jobs = [1, 2, 3].map(|id| job(&program, id));
    assert_eq!(jobs.each_ref().map(|it| it["attempts"].clone()), [1, 0, 0]);
    for it in jobs {
        let time = |key: &str| {
            it[key]
                .as_str()
                .unwrap()
                .parse::<jiff::Timestamp>()
                .unwrap()
        };
        let pause = time("due").duration_since(time("changed")).as_secs();
        assert!((990..=1000).contains(&pause), "{it}");
    }
    assert_eq!(registry.all_requests().values().sum::<usize>(), 1);
}

#[test]
fn jobs_are_cancelled_and_nobody_means_all_by_saying_nothing() {
    let program = Program::new();
    let run = program.queue(&["list"]);
    assert_eq!(run.code, Some(1));
    assert!(
        run.stderr.contains("there is no queue under"),
        "{}",
        run.stderr
    );
    assert!(!program.root().exists(), "who looks makes nothing");

    let run = program.queue(&["add", "six", "--branch=-b"]);
    assert_eq!(run.code, Some(2));
    for part in ["did you mean pypi:six", "branch name \"-b\""] {
        assert!(run.stderr.contains(part), "{part}: {}", run.stderr);
    }
    program.queue_json(&["add", "--sandbox=s", "pypi:a", "pypi:b", "pypi:c"]);
    assert_eq!(program.queue(&["cancel"]).code, Some(2));
    assert_eq!(program.queue_json(&["cancel", "1"])[0]["cancelled"], 1);
    let run = program.queue(&["cancel", "1"]);
    assert_eq!(run.code, Some(1));
    assert!(
        run.stderr
            .contains("job 1 is cancelled and cannot be cancelled")
    );
    assert!(
        program
            .queue(&["show", "99"])
            .stderr
            .contains("there is no job 99")
    );
    assert_eq!(
        program.queue_json(&["cancel", "--sandbox=s"])[0]["cancelled"],
        2
    );
    assert_eq!(program.worker(&[]).code, Some(0), "nothing is left to do");
    program.queue_json(&["add", "pypi:d==1"]);
    program.queue_json(&["cancel", "4"]);
    let known = program.queue(&["add", "pypi:d==1"]).stdout;
    assert!(
        known.contains("put it back with distmill queue retry 4"),
        "{known}"
    );
    assert_eq!(program.queue_json(&["stats"])[0]["cancelled"], 4);
    let help = program.queue(&["add", "--help"]).stdout;
    for part in ["Examples:", "Exit codes:", "--sandbox", "there for good"] {
        assert!(help.contains(part), "{part}");
    }
}

#[test]
fn a_file_that_was_replaced_after_it_was_queued_is_not_imported() {
    let program = Program::new();
    let file = program.scratch().join("x-1.0.tar.gz");
    let srpm = program.scratch().join("x.src.rpm");
    let take = |fixture: &str| std::fs::copy(fixtures::argument(fixture), &srpm).unwrap();
    std::fs::write(&file, sdist("x", "1.0")).unwrap();
    take(SRPM);
    let [text, srpm_text] = [&file, &srpm].map(|it| it.to_str().unwrap());
    program.queue_json(&["add", text, srpm_text]);
    std::fs::write(&file, sdist("y", "1.0")).unwrap();
    take(OTHER_SRPM);
    assert_eq!(program.worker(&[]).code, Some(1));
    for id in [1, 2] {
        let job = job(&program, id);
        assert_eq!(job["result"], "source-changed", "{job}");
        assert!(
            job["outcome"]["message"]
                .as_str()
                .unwrap()
                .contains("was replaced")
        );
    }
    assert!(!program.root().join("git").join("local").exists());
    // As it was, and as it is now.
    program.queue_json(&["add", srpm_text]);
    std::fs::write(&file, sdist("x", "1.0")).unwrap();
    assert_eq!(program.queue_json(&["add", text])[0]["job"], 4);
    assert_eq!(program.worker(&[]).code, Some(0));
}

#[test]
fn a_password_in_an_address_is_refused_and_comes_nowhere() {
    let program = Program::new();
    let list = program.scratch().join("list");
    let address = "http://bob:hunter2@127.0.0.1:1/x-1.0.tar.gz";
    let token = "http://127.0.0.1:1/x-1.0.tar.gz?token=hunter2";
    std::fs::write(&list, format!("{address}\n{token}\npypi:six\n")).unwrap();
    let list = format!("@{}", list.display());
    let runs = [
        program.queue(&["add", address]),
        program.queue(&["add", token]),
        program.queue(&["add", &list]),
        program.queue(&["--json", "add", &list]),
        program.import(&[address]),
        program.run(
            "batch",
            &["--dry-run", "--registry=pypi=http://127.0.0.1:1", &list],
        ),
    ];
    for run in runs {
        let said = format!("{}{}", run.stdout, run.stderr);
        assert!(!said.contains("hunter2"), "{said}");
        assert!(said.contains("give its path"), "{said}");
    }
    let queue = std::fs::read(program.root().join("queue/queue.sqlite")).unwrap();
    assert!(!String::from_utf8_lossy(&queue).contains("hunter2"));
}

#[test]
fn the_login_of_a_registry_stays_out_of_the_spec() {
    let registry = Registry::start();
    with_packages(&registry, &["one"]);
    let mut url = registry.url();
    url.set_username("bob").unwrap();
    url.set_password(Some("hunter2")).unwrap();
    let program = Program::new().with_registry(&url);
    program.imported("pypi:one");
    let spec = program.show("python-one", "python-one.spec");
    assert!(spec.contains("Source0:"), "{spec}");
    assert!(!spec.contains("hunter2") && !spec.contains("bob"), "{spec}");
}

#[test]
fn each_job_brings_its_own_project_and_settings() {
    let program = Program::new();
    let gem = fixtures::argument(GEM);
    let add = |more: &[&str]| {
        let mut all = vec!["add", &gem];
        all.extend(more);
        assert_eq!(program.queue_json(&all)[0]["added"], true);
    };
    add(&["--project=@group/one", "--branch=f42", "--branch=main"]);
    add(&[
        "--project=me/two:pr:5",
        "--dist=.fc42",
        "--no-git",
        "--compression=gzip:9",
    ]);
    assert_eq!(program.worker(&[]).code, Some(0));
    let first = job(&program, 1);
    let commits = first["outcome"]["branch_commits"].as_object().unwrap();
    assert_eq!(commits.keys().collect::<Vec<_>>(), ["f42", "main"]);
    assert!(
        program
            .root()
            .join("git/@group/one/rubygem-plaingem.git")
            .exists()
    );
    let srpm = program
        .root()
        .join("srpms/me/two:pr:5/rubygem-plaingem-1.2.0-1.fc42.src.rpm");
    let payload = tools::run(
        "rpm",
        &["-qp", "--qf=%{payloadcompressor}", srpm.to_str().unwrap()],
    );
    assert_eq!(payload, "gzip");
    assert!(!program.root().join("git/me").exists());
}

#[test]
fn a_worker_that_stays_is_woken_by_another_process() {
    let registry = Registry::start();
    with_packages(&registry, &["one", "two"]);
    let program = program(&registry);
    program.queue_json(&["add", "pypi:one"]);
    let mut child = program.start_worker(&["--follow"]);
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut next = || -> Value { serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap() };
    assert_eq!(next()["source"], "pypi:one");
    program.queue_json(&["add", "pypi:two"]);
    assert_eq!(next()["source"], "pypi:two");
    let why = program.queue(&["why", "2"]).stdout;
    assert!(why.contains("is done"), "{why}");
    signal(&child, "TERM");
    let run = Run::of(child.wait_with_output().unwrap());
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert_eq!(program.queue_json(&["stats"])[0]["workers"], 0);
}

#[test]
fn what_is_given_up_goes_back_into_the_queue() {
    let registry = Registry::start();
    with_packages(&registry, &["one", "two"]);
    registry.package("one").files().fault(Fault::Hang);
    let program = program(&registry).with("--timeout=600");
    program.queue_json(&["add", "pypi:one==1.0"]);
    let mut child = program.start_worker(&[]);
    let mut said = Said::read(child.stderr.take().unwrap());
    wait_for(&registry, "/files/one/one-1.0.tar.gz", 1);
    let why = program.queue(&["why", "1"]).stdout;
    assert!(why.contains("has had it since"), "{why}");
    signal(&child, "TERM");
    said.wait("running jobs finish");
    // The job runs on: only the second signal gives it up.
    program.queue_json(&["add", "pypi:two"]);
    signal(&child, "TERM");
    let code = child.wait().unwrap().code();
    assert_eq!(code, Some(130), "{}", said.all());
    let one = job(&program, 1);
    assert_eq!(
        (&one["state"], &one["attempts"]),
        (&json!("queued"), &json!(0))
    );
    assert_eq!(job(&program, 2)["state"], "queued");
}

#[test]
fn a_job_that_takes_the_process_down_is_set_aside_and_the_others_are_not() {
    let registry = Registry::start();
    with_packages(&registry, &["bad", "good"]);
    registry.package("bad").files().fault(Fault::Hang);
    let program = program(&registry).with("--timeout=600").with("--jobs=1");
    program.queue_json(&["add", "pypi:bad", "pypi:good"]);
    // The good one is done as soon as the bad one has been put behind it.
    for crash in 1..=3 {
        let mut child = program.start_worker(&[]);
        wait_for(&registry, "/files/bad/bad-1.0.tar.gz", crash);
        signal(&child, "KILL");
        child.wait().unwrap();
        let why = program.queue(&["why", "1"]).stdout;
        assert!(
            why.contains("is dead: the next worker takes the job over"),
            "{why}"
        );
    }
    let run = program.worker(&[]);
    assert_eq!(run.code, Some(1), "it counts as a failure: {}", run.stderr);
    assert!(run.stderr.contains("job 1 is set aside"), "{}", run.stderr);
    assert_eq!(run.outcomes()["pypi:bad"]["failure"]["code"], "crashed");
    let bad = job(&program, 1);
    assert_eq!(
        (&bad["state"], &bad["crashes"]),
        (&json!("poison"), &json!(3))
    );
    let good = job(&program, 2);
    assert_eq!(
        (&good["state"], &good["crashes"]),
        (&json!("done"), &json!(0))
    );
    assert_eq!(good["attempts"], 1);
    let why = program.queue(&["why", "1"]).stdout;
    assert!(why.contains("the process died 3 times"), "{why}");
    let shown = program.queue(&["show", "1"]).stdout;
    assert!(
        shown.contains("poison (crashed)") && shown.contains("hint"),
        "{shown}"
    );
}

#[test]
fn two_workers_that_are_killed_lose_nothing_and_only_what_they_ran_counts() {
    let registry = Registry::start();
    let names = ["a", "b", "c", "d", "e", "f"];
    with_packages(&registry, &names);
    registry.everything().files().fault(Fault::Hold);
    let program = program(&registry).with("--timeout=600").with("--jobs=1");
    let mut add = vec!["add".to_owned()];
    add.extend(names.map(|it| format!("pypi:{it}")));
    program.queue_json(&add);
    let mut workers = [program.start_worker(&[]), program.start_worker(&[])];
    let asked = || {
        let all = registry.all_requests().into_iter();
        let files = all.filter(|it| it.0.starts_with("/files/"));
        files.map(|it| it.1).sum::<usize>()
    };
    while asked() < 2 {
        std::thread::yield_now();
    }
    for it in &mut workers {
        it.kill().unwrap();
    }
    for it in &mut workers {
        it.wait().unwrap();
    }
    registry.everything().files().heal();
    let run = program.worker(&[]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert_eq!(run.outcomes().len(), 6);
    let jobs = program.queue_json(&["list"]);
    assert!(
        jobs.iter()
            .all(|it| it["state"] == "done" && it["attempts"].as_u64() <= Some(2))
    );
    let crashes = jobs.iter().map(|it| it["crashes"].as_u64().unwrap());
    assert_eq!(crashes.sum::<u64>(), 2, "{jobs:#?}");
    assert_eq!(program.queue_json(&["stats"])[0]["workers"], 0);
    for name in names {
        let count = ["rev-list", "--count", "main"];
        let commits = git(&program.repository(&format!("python-{name}")), &count);
        assert_eq!(commits, "2", "the first commit and one import");
    }
}

#[test]
fn a_worker_that_hangs_is_taken_over_and_only_what_it_ran_counts_against_it() {
    let registry = Registry::start();
    with_packages(&registry, &["one", "two"]);
    registry.package("one").files().fault(Fault::Hold);
    let program = program(&registry).with("--timeout=600").with("--jobs=1");
    program.queue_json(&["add", "pypi:one", "pypi:two"]);
    let hung = program.start_worker(&["--lease=1"]);
    wait_for(&registry, "/files/one/one-1.0.tar.gz", 1);
    signal(&hung, "STOP");
    let next = program.start_worker(&["--lease=1", "--follow"]);
    wait_for(&registry, "/files/one/one-1.0.tar.gz", 2);
    registry.package("one").files().heal();
    while program.queue_json(&["stats"])[0]["done"]["imported"] != 2 {
        std::thread::yield_now();
    }
    signal(&hung, "CONT");
    let run = Run::of(hung.wait_with_output().unwrap());
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    assert!(run.stderr.contains("the lease was lost"), "{}", run.stderr);
    signal(&next, "TERM");
    let run = Run::of(next.wait_with_output().unwrap());
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let crashes = [1, 2].map(|id| job(&program, id)["crashes"].clone());
    assert_eq!(crashes, [1, 0]);
}

#[test]
fn a_limit_holds_over_all_workers() {
    let registry = Registry::start();
    let names: Vec<String> = (0..12).map(|it| format!("p{it}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    with_packages(&registry, &names);
    registry
        .everything()
        .fault(Fault::Delay(std::time::Duration::from_millis(20)));
    let program = program(&registry);
    let sources: Vec<String> = names.iter().map(|it| format!("pypi:{it}")).collect();
    let mut add = vec!["add".to_owned()];
    add.extend(sources);
    program.queue_json(&add);
    let limit = ["--max-per-registry=pypi=2"];
    let workers = [program.start_worker(&limit), program.start_worker(&limit)];
    for it in workers {
        let run = Run::of(it.wait_with_output().unwrap());
        assert_eq!(run.code, Some(0), "{}", run.stderr);
    }
    assert!(registry.max_concurrent_requests() <= 2);
    assert_eq!(
        program.queue_json(&["stats"])[0]["done"],
        json!({"imported": 12})
    );
}

#[test]
fn a_worker_keeps_room_for_others_unless_told_otherwise() {
    let registry = Registry::start();
    let names = ["a", "b", "c", "d", "e", "f"];
    with_packages(&registry, &names);
    registry.everything().files().fault(Fault::Hang);
    let program = program(&registry);
    let sources = names.map(|it| format!("pypi:{it}"));
    let mut add = vec!["add"];
    add.extend(sources.iter().map(String::as_str));
    program.queue_json(&add);
    let leased = || {
        program.queue_json(&["stats"])[0]["leased"]
            .as_u64()
            .unwrap()
    };
    for (options, most) in [
        (&[][..], 3),
        (&["--max-per-owner=none", "--max-per-sandbox=none"], 6),
    ] {
        let mut worker = Command::new(env!("CARGO_BIN_EXE_distmill"));
        worker.arg("worker").arg("--root").arg(program.root());
        worker.arg(format!("--registry=pypi={}", registry.url()));
        worker.args(["--jobs=10", "--timeout=600"]).args(options);
        let mut worker = worker.stderr(Stdio::null()).spawn().unwrap();
        while leased() < most {
            std::thread::yield_now();
        }
        let why = program.queue(&["why", "6"]).stdout;
        assert_eq!(why.contains("sandbox"), most == 3, "{why}");
        assert_eq!(leased(), most);
        worker.kill().unwrap();
        worker.wait().unwrap();
    }
}
