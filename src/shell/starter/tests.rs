//! Real commands: what they are told, what is kept, what is written, and how they are ended.

use super::*;
use crate::alloc::pool::Pool;
use crate::alloc::resource::{Offer, Seed};
use crate::alloc::starter::Finished;
use jiff::Timestamp;
use std::fs;
use std::path::Path;
use std::sync::mpsc::{Receiver, channel};
use std::time::Instant;
use tempfile::TempDir;

const LONG: Duration = Duration::from_secs(60);

fn resource(id: u64) -> Resource {
    let seed = Seed {
        id: ResourceId(id),
        name: format!("p_{id}").into(),
        pool: "p".into(),
        id_in_pool: 0,
        counters: [("ip".to_owned(), 4)].into(),
        offer: Offer::default(),
    };
    Resource::new(seed, Timestamp::UNIX_EPOCH)
}

fn shell(dir: &Path, at_once: usize) -> Shell {
    let farm = dir.join("db").display().to_string();
    Shell::new(ShellSettings {
        logs: dir.join("hooks"),
        at_once,
        farm,
    })
    .unwrap()
}

fn begin(shell: &Shell, pool: &Pool, task: Task) -> Receiver<Finished> {
    let (sender, receiver) = channel();
    let order = Order {
        number: 1,
        pool: Arc::new(pool.clone()),
        task,
    };
    shell.begin(order, Done::new(move |it| drop(sender.send(it))));
    receiver
}

fn pool(command: &str) -> Pool {
    let mut pool = Pool::named("p");
    pool.commands.start = command.to_owned();
    pool.commands.delete = command.to_owned();
    pool.commands.livecheck = Some(command.to_owned());
    pool.commands.list = Some(command.to_owned());
    pool
}

#[test]
fn output_is_kept_and_logged_and_the_exit_code_tells() {
    let dir = TempDir::new().unwrap();
    let shell = shell(dir.path(), 4);
    let run = |line: &str, task| begin(&shell, &pool(line), task).recv_timeout(LONG).unwrap();
    let line = "echo out $RESALLOC_NAME $RESALLOC_NAMED_COUNTER_ip; echo err >&2";
    let start = run(line, Task::Start(resource(7)));
    assert_eq!(start, Finished::ok("out p_7 4\n"));
    let log = |name: &str| fs::read_to_string(dir.path().join("hooks").join(name)).unwrap();
    assert!(log("000007_alloc").contains("out p_7 4\n") && log("000007_alloc").contains("err\n"));
    let failed = run("echo x; exit 3", Task::Start(resource(7)));
    assert_eq!((failed.ok, failed.text.as_str()), (false, "exit code 3"));
    assert!(log("000007_alloc").ends_with("x\n"), "logs are appended");
    let gone = run(
        "echo $RESALLOC_NAME; kill -9 $$",
        Task::DeleteStray {
            pool: "p".into(),
            name: "s".to_owned(),
        },
    );
    assert_eq!(gone.text, "ended by signal 9");
    assert!(gone.output.is_empty());
    assert_eq!(log("000000_terminate"), "s\n");
    let list = run("seq 2000", Task::List("p".into()));
    assert!(list.output.len() <= 5120 && list.output.ends_with(b"\n"));
    assert!(
        log("000000_list").ends_with("2000\n"),
        "the log has all of it"
    );
}

#[test]
fn what_a_command_leaves_running_holds_up_nothing() {
    let dir = TempDir::new().unwrap();
    let shell = shell(dir.path(), 4);
    let begun = Instant::now();
    let line = "echo here; sleep 50 & echo $! >&2";
    let it = begin(&shell, &pool(line), Task::Start(resource(1)));
    assert_eq!(it.recv_timeout(LONG).unwrap().output, b"here\n");
    assert!(begun.elapsed() < Duration::from_secs(20));
    let log = fs::read_to_string(dir.path().join("hooks/000001_alloc")).unwrap();
    let pid = log.lines().find(|it| *it != "here").unwrap().to_owned();
    let is_there = Path::new("/proc").join(&pid).exists();
    assert!(is_there, "what it started on purpose goes on");
    let id = pid.parse().ok().and_then(rustix::process::Pid::from_raw);
    rustix::process::kill_process(id.unwrap(), rustix::process::Signal::KILL).unwrap();
}

#[test]
fn a_hanging_command_is_ended_with_all_of_its_group_and_holds_up_no_other_kind() {
    let dir = TempDir::new().unwrap();
    let shell = shell(dir.path(), 1);
    let pids = dir.path().join("pids");
    let line = format!(
        "trap '' TERM; (trap '' TERM; sleep 50) & echo $! > {0}; echo $$ >> {0}; sleep 50",
        pids.display()
    );
    let mut hanging = pool(&line);
    hanging.time_limits.livecheck = Duration::from_millis(300);
    let check = begin(&shell, &hanging, Task::Livecheck(resource(1)));
    // Neither another kind nor another pool waits for it.
    let done = begin(&shell, &pool("echo"), Task::Start(resource(2)));
    assert!(done.recv_timeout(LONG).unwrap().ok);
    let ended = check.recv_timeout(LONG).unwrap();
    assert!(
        ended.text.starts_with("took longer than 0.3 s"),
        "{}",
        ended.text
    );
    for pid in fs::read_to_string(&pids).unwrap().lines() {
        // Who was killed ends when it runs next.
        let is_there = || {
            let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
            !stat.is_empty() && !stat.contains(") Z ")
        };
        let begun = Instant::now();
        while is_there() {
            assert!(begun.elapsed() < LONG, "{pid} goes on");
            std::thread::yield_now();
        }
    }
    let log = fs::read_to_string(dir.path().join("hooks/000001_watch")).unwrap();
    assert!(log.contains("<took longer"), "{log}");
}

#[test]
fn what_a_killed_start_made_is_deleted() {
    let dir = TempDir::new().unwrap();
    let shell = shell(dir.path(), 1);
    let half = dir.path().join("half");
    let mut pool = pool(&format!("mkdir {}; sleep 50", half.display()));
    pool.commands.delete = format!("rmdir {} && echo gone $RESALLOC_NAME", half.display());
    pool.time_limits.start = Duration::from_millis(300);
    let start = begin(&shell, &pool, Task::Start(resource(3)));
    assert!(
        start
            .recv_timeout(LONG)
            .unwrap()
            .text
            .contains("was killed")
    );
    assert!(!half.exists());
    let log = fs::read_to_string(dir.path().join("hooks/000003_terminate")).unwrap();
    assert_eq!(log, "gone p_3\n");
}

#[test]
fn leftovers_of_these_resources_are_ended_and_no_others() {
    let dir = TempDir::new().unwrap();
    let shell = shell(dir.path(), 4);
    let pool = pool("sleep 50");
    let ours = begin(&shell, &pool, Task::Start(resource(1)));
    let other = begin(&shell, &pool, Task::Start(resource(2)));
    let ids = BTreeSet::from([ResourceId(1)]);
    // The command may not have begun yet.
    while shell.end_leftovers(&ids) == 0 {
        std::thread::yield_now();
    }
    assert_eq!(ours.recv_timeout(LONG).unwrap().text, "ended by signal 9");
    assert!(other.try_recv().is_err());
    drop(shell);
    assert!(
        !other.recv_timeout(LONG).unwrap().ok,
        "the end of the server ends it"
    );
}
