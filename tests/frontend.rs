//! The importer of a build system's frontend: every build is imported once and every result
//! arrives, whatever the frontend, the source packages and the machine do.

use crate::support::fixtures;
use crate::support::frontend::{Fate, Frontend, PASSWORD, State};
use crate::support::program::Run;
use crate::support::registry::{Fault, Registry, Reply};
use crate::support::said::Said;
use crate::support::tools::{fsck, git, run};
use serde_json::json;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime};
use tempfile::TempDir;

const HELLO: &str = "/hello-1.0-1.src.rpm";
const PATCHED: &str = "/patched-1-1.src.rpm";

/// A frontend, a server of source packages, and a root.
struct Site {
    dir: TempDir,
    frontend: Frontend,
    registry: Registry,
}

/// A daemon, killed when dropped.
struct Daemon {
    child: Option<Child>,
    said: Said,
}

impl Site {
    fn new() -> Self {
        let registry = Registry::start();
        for (path, file) in [
            (HELLO, "srpm-text/hello-1.0-1.src.rpm"),
            (PATCHED, "srpm-patches/patched-0.9~rc2-3.git0123abc.src.rpm"),
        ] {
            let reply = Reply::page("application/x-rpm", fixtures::bytes(file));
            registry.serve(path, reply);
        }
        let dir = TempDir::new().unwrap();
        fs::write(dir.path().join("auth"), format!("{PASSWORD}\n")).unwrap();
        Self {
            dir,
            frontend: Frontend::start(),
            registry,
        }
    }

    fn root(&self) -> PathBuf {
        self.dir.path().join("root")
    }

    fn repository(&self, name: &str) -> PathBuf {
        self.root().join("git").join(format!("{name}.git"))
    }

    fn log(&self, build_id: u64) -> String {
        let path = self.root().join(format!("logs/tasks/{build_id}.log"));
        fs::read_to_string(path).unwrap()
    }

    fn outbox(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.root().join("outbox")).unwrap();
        let paths = entries.map(|it| it.unwrap().path());
        // Not those that are just being written.
        let whole = paths.filter(|it| it.extension().is_some_and(|it| it == "json"));
        whole.collect()
    }

    fn address(&self, path: &str) -> String {
        self.registry.url().join(path).unwrap().to_string()
    }

    /// Lists a build as today's frontends do.
    fn task(&self, build_id: u64, name: &str, path: &str) {
        self.task_of(build_id, name, &format!("{name}--me"), path);
    }

    fn task_of(&self, build_id: u64, name: &str, sandbox: &str, path: &str) {
        let parts: Vec<&str> = name.split('/').collect();
        self.frontend.add(json!({
            "build_id": build_id, "owner": parts[0], "project": parts[1], "branches": ["f42", "epel9"],
            "pkg_name": parts[2], "srpm_url": self.address(path), "sandbox": sandbox,
            "background": false, "future": {"key": [1]},
        }));
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_distmill"));
        command.arg("work").arg("--root").arg(self.root());
        command.args(["--sleep-time=0.05", "--retries=1", "--timeout=30", "--json"]);
        command.args(arguments);
        command.stdin(Stdio::null());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    fn start(&self, arguments: &[&str]) -> Daemon {
        let auth = self.dir.path().join("auth");
        let mut command = self.command(&["--frontend", &self.frontend.url()]);
        command.arg("--auth-file").arg(auth).args(arguments);
        Daemon::start(&mut command)
    }

    /// Waits until the frontend listed its tasks that much more often.
    fn listed_again(&self, times: usize) {
        let until = self.frontend.state().listings + times;
        self.frontend.wait("listings", |it| it.listings >= until);
    }
}

impl Daemon {
    fn start(command: &mut Command) -> Self {
        let mut child = command.spawn().unwrap();
        let said = Said::read(child.stderr.take().unwrap());
        let child = Some(child);
        Self { child, said }
    }

    fn signal(&self, name: &str) {
        let id = self.child.as_ref().unwrap().id().to_string();
        run("kill", &["-s", name, &id]);
    }

    /// Asks it to stop, and waits until it says how far it does.
    fn is_told_to_stop(&self, answer: &str) {
        self.signal("TERM");
        self.said.wait(answer);
    }

    fn end(mut self) -> Run {
        let output = self.child.take().unwrap().wait_with_output().unwrap();
        Run {
            stderr: self.said.all(),
            ..Run::of(output)
        }
    }

    /// Asks it to stop and waits for that.
    fn stop(self) -> Run {
        self.signal("TERM");
        let run = self.end();
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        run
    }

    fn kill(self) {
        self.signal("KILL");
        self.end();
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn imports(repository: &Path, branch: &str) -> String {
    git(repository, &["log", "--format=%s", branch])
}

#[test]
fn results_are_what_the_protocol_says() {
    let site = Site::new();
    site.task(11, "jdoe/name/hello", HELLO);
    site.task(12, "@group/copr-dev:pr:123/patched", PATCHED);
    let daemon = site.start(&["--name=Importer", "--email=i@example.org"]);
    site.frontend.wait_for(&[11, 12]);
    let run = daemon.stop();
    for (build_id, name) in [
        (11, "jdoe/name/hello"),
        (12, "@group/copr-dev:pr:123/patched"),
    ] {
        let repository = site.repository(name);
        fsck(&repository);
        let tip = git(&repository, &["rev-parse", "f42"]);
        let expected = json!({
            "build_id": build_id, "branch_commits": {"f42": tip, "epel9": tip}, "reponame": name,
        });
        assert_eq!(site.frontend.state().result(build_id), Some(&expected));
        let package = name.rsplit('/').next().unwrap();
        let author = git(&repository, &["log", "-1", "--format=%an <%ae> %s", "f42"]);
        assert_eq!(
            author,
            format!("Importer <i@example.org> automatic import of {package}")
        );
        let log = site.log(build_id);
        for part in [
            name.rsplit_once('/').unwrap().0,
            "fetch",
            "commit",
            &tip,
            "result: {",
        ] {
            assert!(log.contains(part), "{part}: {log}");
        }
    }
    assert_eq!(run.stdout.lines().count(), 2, "{}", run.stdout);
    assert!(site.outbox().is_empty());
    assert!(!site.root().join("srpms/jdoe").exists());
    assert_eq!(site.frontend.state().attempts, [(11, 1), (12, 1)].into());
}

#[test]
fn a_build_that_stays_listed_is_imported_once() {
    let site = Site::new();
    site.task(1, "a/b/hello", HELLO);
    // Twice taken and forgotten: the result is sent again, the build is not done again.
    site.frontend.fates(&[Fate::Forgotten, Fate::Forgotten]);
    let daemon = site.start(&[]);
    site.frontend
        .wait("the third result", |it| it.results.len() == 3);
    site.listed_again(20);
    daemon.stop();
    let state = site.frontend.state();
    assert_eq!(state.begun, [1]);
    assert!(state.results.iter().all(|it| it == &state.results[0]));
    assert_eq!(state.results.len(), 3);
    assert_eq!(site.registry.requests(HELLO), 1);
}

#[test]
fn a_result_that_is_lost_on_the_way_is_sent_again() {
    let site = Site::new();
    site.task(1, "a/b/hello", HELLO);
    site.frontend
        .fates(&[Fate::Refused(500), Fate::Refused(503), Fate::TakenUnheard]);
    let daemon = site.start(&[]);
    site.frontend
        .wait("four attempts", |it| it.attempts.get(&1) == Some(&4));
    daemon.stop();
    assert!(site.outbox().is_empty());
    assert_eq!(site.registry.requests(HELLO), 1);
    let state = site.frontend.state();
    assert_eq!(state.results[0], state.results[1]);
}

#[test]
fn one_refused_result_does_not_hold_up_the_others() {
    let site = Site::new();
    site.task(1, "a/b/hello", HELLO);
    site.frontend.fates(&[Fate::Refused(400)]);
    let daemon = site.start(&[]);
    site.frontend
        .wait("an attempt", |it| it.attempts.contains_key(&1));
    site.task(2, "a/b/other", HELLO);
    site.frontend.wait_for(&[1, 2]);
    daemon.stop();
}

#[test]
fn a_build_that_is_gone_is_no_trouble() {
    let site = Site::new();
    site.task(1, "a/b/hello", HELLO);
    site.frontend.state().gone.push(1);
    let daemon = site.start(&[]);
    site.frontend.wait("a question", |it| it.begun.contains(&1));
    site.task(2, "a/b/other", HELLO);
    site.frontend.wait_for(&[2]);
    daemon.stop();
    assert!(!site.frontend.state().attempts.contains_key(&1));
    // Gone only when its result arrives: that counts as taken.
    let site = Site::new();
    site.task(3, "a/b/hello", HELLO);
    site.frontend.state().is_old = true;
    site.frontend.state().gone.push(3);
    let daemon = site.start(&[]);
    site.frontend.wait_for(&[3]);
    site.listed_again(2);
    daemon.stop();
    assert_eq!(site.frontend.state().attempts[&3], 1);
    assert!(site.outbox().is_empty());
}

#[test]
fn slow_source_packages_meet_their_limits() {
    let site = Site::new();
    site.registry.path(HELLO).fault(Fault::Stall);
    site.registry
        .path(PATCHED)
        .fault(Fault::Trickle(Duration::from_millis(10)));
    site.task(1, "a/b/hello", HELLO);
    let begin = Instant::now();
    let daemon = site.start(&["--download-timeout=0.5"]);
    site.frontend.wait_for(&[1]);
    daemon.stop();
    assert!(site.log(1).contains("network-timeout"), "{}", site.log(1));

    site.task(2, "a/b/patched", PATCHED);
    let daemon = site.start(&["--import-timeout=0.5"]);
    site.frontend.wait_for(&[2]);
    daemon.stop();
    assert!(site.log(2).contains("time-limit"), "{}", site.log(2));
    assert!(
        begin.elapsed() < Duration::from_secs(20),
        "no other limit was it"
    );
    let state = site.frontend.state();
    assert_eq!(
        state.results,
        [json!({"build_id": 1}), json!({"build_id": 2})]
    );
    assert!(!site.repository("a/b/hello").exists());
}

#[test]
fn what_cannot_be_imported_is_answered() {
    let site = Site::new();
    site.task(1, "a/b/gone", "/no-such-1-1.src.rpm");
    site.task(2, "a/../x", HELLO);
    site.frontend.add(json!({"build_id": 3, "owner": "a"}));
    site.frontend.add(json!({"no": "build"}));
    site.registry
        .serve("/text-1-1.src.rpm", Reply::page("x/y", "no package"));
    site.task(4, "a/b/text", "/text-1-1.src.rpm");
    site.task(5, "a/b/hello", HELLO);
    let daemon = site.start(&[]);
    site.frontend.wait_for(&[1, 2, 3, 4, 5]);
    site.listed_again(3);
    daemon.stop();
    let state = site.frontend.state();
    for build_id in 1..=4_u64 {
        assert_eq!(state.result(build_id), Some(&json!({"build_id": build_id})));
        assert_eq!(state.attempts[&build_id], 1);
    }
    assert!(state.result(5).unwrap()["branch_commits"].is_object());
    for (build_id, code) in [
        (1, "http-refused"),
        (2, "unsafe-name"),
        (3, "bad-source"),
        (4, "srpm-invalid"),
    ] {
        assert!(site.log(build_id).contains(code), "{}", site.log(build_id));
    }
}

#[test]
fn the_repository_is_named_by_the_task_or_else_by_the_package() {
    let site = Site::new();
    site.frontend.state().is_old = true;
    site.task(1, "a/b/other", HELLO);
    site.frontend.add(json!({
        "build_id": 2, "owner": "a", "project": "old", "branches": ["f42"],
        "srpm_url": site.address(HELLO),
    }));
    let daemon = site.start(&[]);
    site.frontend.wait_for(&[1, 2]);
    daemon.stop();
    let state = site.frontend.state();
    for (build_id, name) in [(1, "a/b/other"), (2, "a/old/hello")] {
        assert_eq!(state.result(build_id).unwrap()["reponame"], name);
        let files = git(&site.repository(name), &["ls-tree", "--name-only", "f42"]);
        assert!(files.contains("hello.spec"), "{files}");
    }
    assert_eq!(
        imports(&site.repository("a/b/other"), "f42").lines().next(),
        Some("automatic import of other")
    );
}

#[test]
fn only_branches_that_were_moved_are_in_the_result() {
    let site = Site::new();
    site.task(1, "a/b/hello", HELLO);
    let daemon = site.start(&[]);
    site.frontend.wait_for(&[1]);
    // A branch that git cannot make: another one stands where its folder would be.
    let repository = site.repository("a/b/hello");
    git(&repository, &["update-ref", "-d", "refs/heads/epel9"]);
    git(&repository, &["branch", "epel9/x", "f42"]);
    site.task(2, "a/b/hello", PATCHED);
    site.frontend.wait_for(&[2]);
    daemon.stop();
    let state = site.frontend.state();
    let commits = state.result(2).unwrap()["branch_commits"]
        .as_object()
        .unwrap();
    let tip = git(&site.repository("a/b/hello"), &["rev-parse", "f42"]);
    assert_eq!(commits.len(), 1, "{commits:?}");
    assert_eq!(commits["f42"], tip.as_str());
    assert!(
        site.log(2).contains("epel9: repository-invalid"),
        "{}",
        site.log(2)
    );
}

#[test]
fn hidden_folders_that_somebody_cleans_up_fail_nothing() {
    let site = Site::new();
    site.task(1, "a/b/hello", HELLO);
    let daemon = site.start(&[]);
    site.frontend.wait_for(&[1]);
    // As the original's script for deleted projects does: it takes them for owners.
    for folder in ["git/.incoming", "lookaside/.incoming", "lookaside/.by-hash"] {
        fs::remove_dir_all(site.root().join(folder)).unwrap();
    }
    site.task(2, "a/b/other", PATCHED);
    site.task(3, "a/b/hello", PATCHED);
    site.frontend.wait_for(&[2, 3]);
    daemon.stop();
    for build_id in [2, 3] {
        let result = site.frontend.state().result(build_id).cloned().unwrap();
        assert!(
            result["branch_commits"].is_object(),
            "{}",
            site.log(build_id)
        );
    }
    let incoming = fs::read_dir(site.root().join("git/.incoming")).unwrap();
    assert_eq!(incoming.count(), 0);
}

#[test]
fn a_list_for_cgit_that_goes_away_fails_nothing() {
    let site = Site::new();
    let folder = site.dir.path().join("cgit");
    fs::create_dir(&folder).unwrap();
    let daemon = site.start(&["--cgit-list", folder.join("list").to_str().unwrap()]);
    site.listed_again(1);
    fs::remove_dir_all(&folder).unwrap();
    site.task(1, "a/b/hello", HELLO);
    site.frontend.wait_for(&[1]);
    daemon.stop();
    let state = site.frontend.state();
    assert!(state.result(1).unwrap()["branch_commits"].is_object());
    let log = site.log(1);
    assert!(log.contains("not in the list for cgit"), "{log}");
}

#[test]
fn a_lock_that_a_killed_process_left_is_no_obstacle() {
    let site = Site::new();
    site.task(1, "a/b/hello", HELLO);
    let daemon = site.start(&[]);
    site.frontend.wait_for(&[1]);
    let lock = site.repository("a/b/hello").join("refs/heads/f42.lock");
    let file = File::create(&lock).unwrap();
    file.set_modified(SystemTime::now() - Duration::from_secs(60))
        .unwrap();
    site.task(2, "a/b/hello", PATCHED);
    site.frontend.wait_for(&[2]);
    daemon.stop();
    let state = site.frontend.state();
    let commits = &state.result(2).unwrap()["branch_commits"];
    assert_eq!(commits.as_object().unwrap().len(), 2, "{}", site.log(2));
    assert!(!lock.exists());
}

#[test]
fn the_limit_of_an_import_holds_for_its_commit_too() {
    let site = Site::new();
    site.task(1, "a/b/hello", HELLO);
    let daemon = site.start(&[]);
    site.frontend.wait_for(&[1]);
    daemon.stop();
    // Locks that are too young to be nobody's, for far longer than the import may take.
    let heads = site.repository("a/b/hello").join("refs/heads");
    let locks = ["f42.lock", "epel9.lock"].map(|it| heads.join(it));
    for lock in &locks {
        let file = File::create(lock).unwrap();
        file.set_modified(SystemTime::now() + Duration::from_secs(3600))
            .unwrap();
    }
    site.task(2, "a/b/hello", PATCHED);
    let daemon = site.start(&["--import-timeout=1"]);
    site.frontend.wait_for(&[2]);
    daemon.stop();
    assert!(site.log(2).contains("time-limit"), "{}", site.log(2));
    assert!(locks.iter().all(|it| it.exists()));
    assert_eq!(
        site.frontend.state().result(2),
        Some(&json!({"build_id": 2}))
    );
}

#[test]
fn two_builds_of_one_package_keep_their_order() {
    let site = Site::new();
    // The first one takes longer to arrive.
    let late = Fault::Delay(Duration::from_millis(300));
    site.registry.path(HELLO).fault(late);
    site.task(1, "a/b/same", HELLO);
    site.task(2, "a/b/same", PATCHED);
    let daemon = site.start(&[]);
    site.frontend.wait_for(&[1, 2]);
    daemon.stop();
    assert_eq!(site.frontend.state().done(), [1, 2]);
    let repository = site.repository("a/b/same");
    assert_eq!(imports(&repository, "f42").lines().count(), 3);
    let files = git(&repository, &["ls-tree", "--name-only", "f42"]);
    assert!(
        files.contains("patched.spec") && !files.contains("hello.spec"),
        "{files}"
    );
}

#[test]
fn an_owner_with_one_build_does_not_wait_for_one_with_a_hundred() {
    let site = Site::new();
    for build_id in 1..=100 {
        site.task_of(
            build_id,
            &format!("many/p/pkg{build_id}"),
            &format!("many/{build_id}"),
            HELLO,
        );
    }
    site.task(1000, "one/p/pkg", HELLO);
    let daemon = site.start(&["--max-workers=5", "--max-per-owner=5"]);
    site.frontend
        .wait("all results", |it| it.results.len() == 101);
    daemon.stop();
    let state = site.frontend.state();
    let position = state.begun.iter().position(|it| *it == 1000).unwrap();
    assert!(position <= 5, "{position} others began before it");
    assert!(state.attempts.values().all(|it| *it == 1));
    assert!(
        state
            .results
            .iter()
            .all(|it| it["branch_commits"].is_object())
    );
}

#[test]
fn a_repository_that_somebody_else_holds_is_waited_for_no_longer_than_an_import_may_take() {
    let site = Site::new();
    site.task(1, "a/b/hello", HELLO);
    let daemon = site.start(&[]);
    site.frontend.wait_for(&[1]);
    daemon.stop();
    let held = File::open(site.repository("a/b/hello")).unwrap();
    held.lock().unwrap();
    site.task(2, "a/b/hello", PATCHED);
    let daemon = site.start(&["--import-timeout=0.5"]);
    site.frontend.wait_for(&[2]);
    daemon.stop();
    assert!(site.log(2).contains("time-limit"), "{}", site.log(2));
    // Once it is let go, the import goes on.
    site.task(3, "a/b/hello", PATCHED);
    let daemon = site.start(&[]);
    site.frontend.wait("an import", |it| it.begun.contains(&3));
    held.unlock().unwrap();
    site.frontend.wait_for(&[3]);
    daemon.stop();
    let state = site.frontend.state();
    assert!(state.result(3).unwrap()["branch_commits"].is_object());
}

#[test]
fn a_place_that_becomes_free_is_filled_at_once() {
    let site = Site::new();
    let builds: Vec<u64> = (1..=20).collect();
    for build_id in &builds {
        site.task(*build_id, &format!("o{build_id}/p/pkg"), HELLO);
    }
    let daemon = site.start(&["--sleep-time=3600", "--max-workers=2"]);
    site.frontend.wait_for(&builds);
    daemon.stop();
    assert_eq!(site.frontend.state().listings, 1);
}

#[test]
fn a_frontend_that_hangs_holds_up_neither_imports_nor_a_stop() {
    let site = Site::new();
    site.registry
        .path(HELLO)
        .fault(Fault::Delay(Duration::from_millis(200)));
    for build_id in 1..=3 {
        site.task(build_id, &format!("o{build_id}/p/pkg"), HELLO);
    }
    let daemon = site.start(&["--max-workers=1", "--timeout=1000"]);
    site.frontend.wait("the first import", |it| it.begun == [1]);
    site.frontend.state().hangs = true;
    site.frontend.wait_for(&[1, 2, 3]);
    let begin = Instant::now();
    daemon.stop();
    assert!(begin.elapsed() < Duration::from_secs(20));
}

#[test]
fn nothing_is_lost_or_doubled_by_kill_9() {
    let site = Site::new();
    let builds: Vec<u64> = (1..=40).collect();
    for build_id in &builds {
        site.task_of(*build_id, &format!("o/p/pkg{build_id}"), "s", HELLO);
    }
    let bad = [
        Fate::Refused(500),
        Fate::TakenUnheard,
        Fate::Forgotten,
        Fate::Refused(503),
    ];
    site.frontend.fates(&bad.repeat(4));
    let list = site.dir.path().join("cgit-list");
    let listed = format!("--cgit-list={}", list.display());
    let arguments = ["--max-per-owner=4", "--max-per-sandbox=4", &listed];
    for enough in [5, 15, 25] {
        let daemon = site.start(&arguments);
        site.frontend
            .wait("some results", |it| it.results.len() >= enough);
        daemon.kill();
    }
    let daemon = site.start(&arguments);
    site.frontend.wait_for(&builds);
    // Also those that were taken and forgotten.
    site.frontend.wait("an empty queue", State::is_idle);
    daemon.stop();
    assert!(site.outbox().is_empty());
    let list = fs::read_to_string(list).unwrap();
    for build_id in &builds {
        let line = format!("\nrepo.url=o/p/pkg{build_id}.git\n");
        assert_eq!(list.matches(&line).count(), 1, "{line}: {list}");
        let result = site.frontend.state().result(*build_id).cloned().unwrap();
        let log = site.log(*build_id);
        assert!(result["branch_commits"].is_object(), "{log}");
        let repository = site.repository(&format!("o/p/pkg{build_id}"));
        fsck(&repository);
        assert_eq!(imports(&repository, "f42").lines().count(), 2);
        let tip = git(&repository, &["rev-parse", "f42"]);
        assert!(!repository.join("refs/heads/f42.lock").exists());
        // A result may have been on its way when the daemon was killed: twice, but the same.
        let state = site.frontend.state();
        let of_build = state
            .results
            .iter()
            .filter(|it| it["build_id"] == *build_id);
        assert!(
            of_build
                .map(|it| &it["branch_commits"]["f42"])
                .all(|it| *it == tip)
        );
    }
    for folder in ["git", "lookaside", "srpms"] {
        let incoming = site.root().join(folder).join(".incoming");
        assert_eq!(fs::read_dir(incoming).unwrap().count(), 0, "{folder}");
    }
}

#[test]
fn a_result_survives_kill_9_and_is_not_imported_again() {
    let site = Site::new();
    site.frontend.state().refuses_all = Some(502);
    site.task(1, "a/b/hello", HELLO);
    let daemon = site.start(&[]);
    site.frontend
        .wait("an attempt", |it| it.attempts.contains_key(&1));
    daemon.kill();
    assert_eq!(site.outbox().len(), 1);
    // One of another frontend is not handed in to this one.
    let other = r#"{"frontend": "http://example.org/", "result": {"build_id": 7}}"#;
    fs::write(site.root().join("outbox/7.json"), other).unwrap();
    site.frontend.state().refuses_all = None;
    let daemon = site.start(&[]);
    site.frontend.wait_for(&[1]);
    site.listed_again(3);
    let run = daemon.stop();
    assert_eq!(site.registry.requests(HELLO), 1);
    assert!(site.frontend.state().result(7).is_none());
    assert!(run.stderr.contains("7.json"), "{}", run.stderr);
    assert_eq!(site.outbox().len(), 1);
}

#[test]
fn the_first_signal_finishes_what_runs_and_the_second_gives_it_up() {
    let site = Site::new();
    site.registry.path(HELLO).fault(Fault::Hold);
    site.task(1, "a/b/hello", HELLO);
    let daemon = site.start(&["--max-workers=1"]);
    site.frontend.wait("the first import", |it| it.begun == [1]);
    site.task(2, "a/b/other", HELLO);
    site.listed_again(2);
    daemon.is_told_to_stop("running jobs finish");
    site.registry.path(HELLO).heal();
    assert_eq!(daemon.end().code, Some(0));
    assert_eq!(site.frontend.state().done(), [1]);
    assert_eq!(site.frontend.state().begun, [1]);

    site.registry.path(HELLO).fault(Fault::Stall);
    let daemon = site.start(&["--timeout=1000", "--download-timeout=1000"]);
    site.frontend
        .wait("the second import", |it| it.begun == [1, 2]);
    daemon.is_told_to_stop("running jobs finish");
    daemon.is_told_to_stop("running jobs are given up");
    assert_eq!(daemon.end().code, Some(130));
    site.registry.path(HELLO).heal();
    let daemon = site.start(&[]);
    site.frontend.wait_for(&[2]);
    daemon.stop();
    let state = site.frontend.state();
    assert!(state.result(2).unwrap()["branch_commits"].is_object());
}

#[test]
fn one_daemon_at_a_time_uses_a_root() {
    let site = Site::new();
    let daemon = site.start(&[]);
    site.listed_again(1);
    let second = site.start(&[]).end();
    assert_eq!(second.code, Some(1));
    assert!(
        second.stderr.contains("another distmill work"),
        "{}",
        second.stderr
    );
    daemon.stop();
    site.task(1, "a/b/hello", HELLO);
    let daemon = site.start(&[]);
    site.frontend.wait_for(&[1]);
    daemon.stop();
}

#[test]
fn a_frontend_that_is_away_is_waited_for() {
    let site = Site::new();
    site.task(1, "a/b/hello", HELLO);
    site.frontend.state().refuses_all = Some(401);
    let daemon = site.start(&[]);
    site.frontend
        .wait("two attempts", |it| it.attempts.get(&1) >= Some(&2));
    site.frontend.state().refuses_all = None;
    site.frontend.wait_for(&[1]);
    let run = daemon.stop();
    assert_eq!(
        run.stderr.matches("status 401").count(),
        1,
        "{}",
        run.stderr
    );
    assert!(run.stderr.contains("no longer: a result"), "{}", run.stderr);
    // A wrong password is the same: nothing is lost, and the log says it.
    fs::write(site.dir.path().join("auth"), "wrong").unwrap();
    site.task(2, "a/b/hello", HELLO);
    let daemon = site.start(&[]);
    site.frontend.wait("an import", |it| it.begun.contains(&2));
    let end = Instant::now() + Duration::from_secs(30);
    while site.outbox().is_empty() {
        assert!(Instant::now() < end, "no result in the outbox");
        std::thread::yield_now();
    }
    daemon.kill();
    assert!(!site.frontend.state().attempts.contains_key(&2));
    fs::write(site.dir.path().join("auth"), PASSWORD).unwrap();
    let daemon = site.start(&[]);
    site.frontend.wait_for(&[2]);
    daemon.stop();
    assert_eq!(site.registry.requests(HELLO), 2);
}

#[test]
fn the_other_tool_s_configuration_is_read_as_it_is() {
    let site = Site::new();
    site.task(1, "a/b/hello", HELLO);
    let file = site.dir.path().join("copr-dist-git.conf");
    let place = site.dir.path().display();
    let text = format!(
        "[dist-git]\n# a comment\nfrontend_base_url={}/\nfrontend_auth={PASSWORD}\n\
         log_dir={place}/main\nper_task_log_dir={place}/tasks/\nmax_workers=2\nsleep_time=1\n\
         git_base_url={place}/dist-git/%%(module)s\nlookaside_location={place}/cache/pkgs/\n\
         cgit_cache_file={place}/cgit.rc\nredis_host=localhost\nstrange_key=1\n",
        site.frontend.url()
    );
    fs::write(&file, text).unwrap();
    let command = &mut site.command(&["--copr-config", file.to_str().unwrap()]);
    let daemon = Daemon::start(command);
    site.frontend.wait_for(&[1]);
    let run = daemon.stop();
    assert!(run.stderr.contains("strange_key"), "{}", run.stderr);
    assert!(!run.stderr.contains("redis_host"), "{}", run.stderr);
    let log = fs::read_to_string(site.dir.path().join("tasks/1.log")).unwrap();
    let mut everything = format!("{log}{}{}", run.stdout, run.stderr);
    for entry in fs::read_dir(site.dir.path().join("main")).unwrap() {
        everything += &fs::read_to_string(entry.unwrap().path()).unwrap();
    }
    assert!(everything.contains("run ends"), "{everything}");
    assert!(!everything.contains(PASSWORD), "the password is in a log");
    // All lies where the other tool has it, and as it has it.
    let repository = site.dir.path().join("dist-git/a/b/hello.git");
    let author = git(&repository, &["log", "-1", "--format=%an", "f42"]);
    assert_eq!(author, "CoprDistGit");
    let sources = git(&repository, &["show", "f42:sources"]);
    let (md5, name) = sources.split_once("  ").unwrap();
    let cached = format!("cache/pkgs/a/b/hello/{name}/{md5}/{name}");
    let sum = crate::support::tools::run("md5sum", &[&site.dir.path().join(cached)]);
    assert!(sum.starts_with(md5), "{sum}");
    let list = fs::read_to_string(site.dir.path().join("cgit.rc")).unwrap();
    assert!(list.contains("repo.url=a/b/hello.git"), "{list}");
}

#[test]
fn every_mistake_is_said_before_anything_is_done() {
    let site = Site::new();
    let run = Run::of(
        site.command(&[
            "--auth-file=/nowhere/auth",
            "--max-workers=0",
            "--import-timeout=0",
            "--email=<>",
            "--frontend=ftp://example.org",
        ])
        .output()
        .unwrap(),
    );
    assert_eq!(run.code, Some(2));
    for part in [
        "/nowhere/auth",
        "max-workers",
        "import-timeout",
        "<>",
        "ftp://example.org",
    ] {
        assert!(run.stderr.contains(part), "{part}: {}", run.stderr);
    }
    assert!(!site.root().exists());
    let toml = site.dir.path().join("work.toml");
    fs::write(&toml, "frontend = \"http://example.org\"\nmax-worker = 3\n").unwrap();
    let run = Run::of(
        site.command(&["--config", toml.to_str().unwrap()])
            .output()
            .unwrap(),
    );
    assert_eq!(run.code, Some(2));
    assert!(run.stderr.contains("max-worker"), "{}", run.stderr);
    let none = Run::of(site.command(&[]).output().unwrap());
    assert!(none.stderr.contains("--frontend"), "{}", none.stderr);
    let help = Run::of(site.command(&["--help"]).output().unwrap());
    for part in ["Examples:", "--copr-config", "SIGTERM", "max-per-owner"] {
        assert!(help.stdout.contains(part), "{part}");
    }
}

#[test]
fn a_bad_branch_keeps_no_other_from_being_imported() {
    let site = Site::new();
    for (build_id, branches) in [(14, ["f42", "bad..name"]), (15, ["-x", "bad..name"])] {
        site.frontend.add(json!({
            "build_id": build_id, "owner": "a", "project": "b", "branches": branches,
            "pkg_name": "hello", "srpm_url": site.address(HELLO),
        }));
    }
    let daemon = site.start(&[]);
    site.frontend.wait_for(&[14, 15]);
    daemon.stop();
    let tip = git(&site.repository("a/b/hello"), &["rev-parse", "f42"]);
    let state = site.frontend.state();
    let commits = &state.result(14).unwrap()["branch_commits"];
    assert_eq!(commits, &json!({"f42": tip.trim()}));
    assert_eq!(state.result(15).unwrap(), &json!({"build_id": 15}));
    assert!(site.log(14).contains("bad..name"), "{}", site.log(14));
    assert!(site.log(15).contains("unsafe-name"), "{}", site.log(15));
}

#[test]
fn two_daemons_do_not_share_repositories() {
    let site = Site::new();
    site.task(1, "a/b/hello", HELLO);
    let git = site.root().join("git");
    let daemon = site.start(&[]);
    site.frontend.wait_for(&[1]);
    let mut second = Command::new(env!("CARGO_BIN_EXE_distmill"));
    second.args(["work", "--frontend", &site.frontend.url()]);
    second.arg("--root").arg(site.dir.path().join("other"));
    second.arg("--git-root").arg(&git);
    let run = Run::of(second.output().unwrap());
    assert_eq!(run.code, Some(1));
    assert!(run.stderr.contains("is held by another"), "{}", run.stderr);
    daemon.stop();
}

#[test]
fn the_other_tool_s_configuration_needs_a_root_and_no_cgit() {
    let site = Site::new();
    site.task(1, "a/b/hello", HELLO);
    let place = site.dir.path().display();
    let text = format!(
        "[dist-git]\nfrontend_base_url={}\nfrontend_auth={PASSWORD}\nlog_dir={place}/main\n\
         per_task_log_dir={place}/tasks\ngit_base_url={place}/git/%%(module)s\n\
         lookaside_location={place}/pkgs\n",
        site.frontend.url()
    );
    let file = site.dir.path().join("copr-dist-git.conf");
    let config = ["--copr-config", file.to_str().unwrap()];
    fs::write(&file, &text).unwrap();
    let mut rootless = Command::new(env!("CARGO_BIN_EXE_distmill"));
    rootless
        .arg("work")
        .args(config)
        .current_dir(site.dir.path());
    let run = Run::of(rootless.env_remove("DISTMILL_ROOT").output().unwrap());
    assert_eq!(run.code, Some(2));
    assert!(run.stderr.contains("--root"), "{}", run.stderr);
    // Nothing of cgit's is on this machine.
    if !Path::new("/var/cache/cgit").exists() {
        let daemon = Daemon::start(&mut site.command(&config));
        site.frontend.wait_for(&[1]);
        let run = daemon.stop();
        assert!(run.stderr.contains("/var/cache/cgit"), "{}", run.stderr);
    }
    // A list that was asked for is another matter.
    let list = format!("{text}cgit_cache_file={place}/nowhere/list\n");
    fs::write(&file, list).unwrap();
    let run = Run::of(site.command(&config).output().unwrap());
    assert_eq!(run.code, Some(1));
    let cause = "No such file or directory";
    assert_eq!(run.stderr.matches(cause).count(), 1, "{}", run.stderr);
    site.task(2, "a/b/hello", HELLO);
    let none = [&config[..], &["--cgit-list="]].concat();
    let daemon = Daemon::start(&mut site.command(&none));
    site.frontend.wait_for(&[2]);
    let run = daemon.stop();
    assert!(!run.stderr.contains("cgit"), "{}", run.stderr);
}

#[test]
fn a_redirect_that_keeps_the_result_is_followed() {
    let site = Site::new();
    site.frontend.fates(&[307, 308].map(Fate::Refused));
    site.task(1, "a/b/hello", HELLO);
    let daemon = site.start(&[]);
    site.frontend.wait_for(&[1]);
    let run = daemon.stop();
    assert!(
        !run.stderr.contains("cannot be handed in"),
        "{}",
        run.stderr
    );
    // The two redirects, and the one that took it: nothing was tried again.
    assert_eq!(site.frontend.state().attempts[&1], 3);
}

#[test]
fn a_redirect_that_loses_the_result_is_told_as_what_it_is() {
    let site = Site::new();
    let fates = [301, 302, 303].map(Fate::Refused);
    site.frontend.fates(&fates);
    site.task(1, "a/b/hello", HELLO);
    let daemon = site.start(&[]);
    site.frontend.wait_for(&[1]);
    let run = daemon.stop();
    for part in [
        "a redirect to http://",
        "/elsewhere/",
        "hint: check --frontend",
    ] {
        assert!(run.stderr.contains(part), "{part}: {}", run.stderr);
    }
    assert!(!run.stderr.contains("auth-file"), "{}", run.stderr);
}
