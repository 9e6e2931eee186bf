//! What goes wrong with builders and with distmill itself: every build ends once, every ticket is
//! closed, no builder is left.

use crate::support::builds::{Yard, count, folder_pool, kill, packages, pool, wait_until};
use crate::support::disk::SmallDisk;
use crate::support::program::Run;
use crate::support::said::Said;
use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead as _, BufReader};

const TARGET: &str = "createrepo = ''\npause = 0.1\n[[targets]]\nname = 't-x86_64'\n";

/// A yard with one pool of folders, where builds run this command.
fn yard(max: u32, command: &str, more: &str) -> Yard {
    let yard = Yard::new();
    yard.pools(&folder_pool("plain", max, 0));
    yard.configure(&format!(
        "farm = '{{farm}}'\ncommand = '''{command}'''\n{more}{TARGET}"
    ));
    yard
}

/// The process groups in which a command of this marker runs.
fn running(marker: &str) -> usize {
    let processes = fs::read_dir("/proc").unwrap().flatten();
    let command = |it: fs::DirEntry| fs::read(it.path().join("environ")).ok();
    let marker = marker.as_bytes();
    processes
        .filter_map(command)
        .filter(|it| it.windows(marker.len()).any(|it| it == marker))
        .count()
}

#[test]
fn a_kill_in_the_middle_of_twenty_builds_loses_and_doubles_nothing() {
    let yard = yard(
        4,
        "echo $DISTMILL_BUILD >> BEGUN; sleep 0.4; echo done > {results}/done.txt",
        "",
    );
    let marks = yard.program.scratch().join("begun");
    yard.configure(&format!(
        "farm = '{{farm}}'\ncommand = '''echo {{build}} >> {0}; sleep 0.4; echo ok > {{results}}/ok'''\n{TARGET}",
        marks.display()
    ));
    yard.add(&packages(&yard, 20), &[]);
    let mut ended = BTreeSet::new();
    let mut lines = 0;
    for _ in 0..3 {
        let mut child = yard.start(&[]);
        let mut out = BufReader::new(child.stdout.take().unwrap()).lines();
        for _ in 0..4 {
            let line: serde_json::Value =
                serde_json::from_str(&out.next().unwrap().unwrap()).unwrap();
            assert!(
                ended.insert(line["build"].as_u64().unwrap()),
                "{line} ended twice"
            );
            lines += 1;
        }
        let farm = format!("DISTMILL_WORK={}", yard.builders().display());
        wait_until("a build that runs", || running(&farm) > 0);
        kill(&mut child);
        // What it ran ends with it.
        wait_until("the end of what ran", || running(&farm) == 0);
    }
    let last = yard.run();
    assert_eq!(last.code, Some(0), "{}", last.stderr);
    assert!(
        last.stderr
            .contains("tickets of a process that died are closed"),
        "{}",
        last.stderr
    );
    lines += last.stdout.lines().count();
    let builds = yard.builds();
    assert_eq!(count(&builds, "finished"), 20);
    // An end that was written down and not said is none that was said twice.
    assert!(lines <= 20, "{lines}");
    for build in &builds {
        let folder = yard.results(build);
        assert_eq!(fs::read_to_string(folder.join("ok")).unwrap(), "ok\n");
        assert!(folder.join("build.json").exists());
    }
    let begun = fs::read_to_string(&marks).unwrap().lines().count();
    assert!((20..=20 + 3 * 4).contains(&begun), "{begun} attempts");
    yard.assert_clean();
}

#[test]
fn a_builder_that_dies_in_the_middle_is_replaced() {
    let yard = yard(1, "true", "");
    let mark = yard.program.scratch().join("first");
    // The first attempt takes its own builder away, with all that runs there.
    yard.configure(&format!(
        "farm = '{{farm}}'\ncommand = '''test -e {0} || {{{{ touch {0}; rm -rf $(dirname $PWD); exit 1; }}}}; echo ok > {{results}}/ok'''\n{TARGET}",
        mark.display()
    ));
    yard.add(&packages(&yard, 2), &[]);
    let run = yard.run();
    assert_eq!(run.code, Some(0), "{}{}", run.stdout, run.stderr);
    assert!(run.stderr.contains("is gone"), "{}", run.stderr);
    let builds = yard.builds();
    assert_eq!(count(&builds, "finished"), 2);
    let lost: Vec<_> = builds
        .iter()
        .filter(|it| it["lost"].as_array().unwrap().len() == 1)
        .collect();
    assert_eq!(lost.len(), 1);
    assert_ne!(lost[0]["builder"], lost[0]["lost"][0]);
    let log = yard.log(lost[0]);
    assert!(
        log.contains("== attempt 1 on") && log.contains("== attempt 2 on"),
        "{log}"
    );
    yard.assert_clean();
}

#[test]
fn a_hanging_build_is_ended_with_all_that_it_began() {
    let yard = yard(
        2,
        "(sleep 3600 & sleep 3600) & sleep 3600",
        "time-limit = 1\n",
    );
    yard.add(&packages(&yard, 2), &[]);
    let run = yard.run();
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    let builds = yard.builds();
    assert_eq!(count(&builds, "failed"), 2);
    assert!(builds.iter().all(|it| it["code"] == "build-time-limit"));
    let farm = format!("DISTMILL_WORK={}", yard.builders().display());
    wait_until("the end of what hung", || running(&farm) == 0);
    yard.assert_clean();
}

#[test]
fn a_full_disk_is_the_builder_s_fault() {
    let yard = Yard::new();
    let disk = yard.program.scratch().join("small");
    let Some(_disk) = SmallDisk::mount(&disk, "4m") else {
        return;
    };
    let used = yard.program.scratch().join("used");
    let tried = yard.program.scratch().join("tried");
    let small = format!(
        "  cmd_new: 'test ! -e {1} && touch {1} && echo {0}'\n  cmd_delete: 'true'\n",
        disk.display(),
        used.display()
    );
    // The others come up once a build runs on the small one.
    let plain = Yard::commands().replace(
        "cmd_new: ",
        &format!(
            "cmd_new: while ! test -e {}; do sleep 0.02; done; ",
            tried.display()
        ),
    );
    yard.pools(&(pool("small", 1, 100) + &small + &pool("plain", 1, 0) + &plain));
    yard.configure(&format!(
        "farm = '{{farm}}'\ncommand = 'touch {}; dd if=/dev/zero of=big bs=1M count=16 && cp {{srpm}} {{results}}/ok'\n{TARGET}",
        tried.display()
    ));
    yard.add(&packages(&yard, 3), &[]);
    let run = yard.run();
    assert_eq!(run.code, Some(0), "{}{}", run.stdout, run.stderr);
    let builds = yard.builds();
    assert_eq!(count(&builds, "finished"), 3);
    let lost: Vec<_> = builds
        .iter()
        .flat_map(|it| it["lost"].as_array().unwrap())
        .collect();
    assert_eq!(lost, [&serde_json::json!(disk.to_str().unwrap())]);
    assert!(run.stderr.contains("no room left"), "{}", run.stderr);
}

#[test]
fn a_ticket_that_says_nothing_is_no_builder() {
    let yard = Yard::new();
    let once = yard.program.scratch().join("once");
    let odd = format!(
        "  cmd_new: 'if test -e {0}; then mkdir {{yard}}/$RESALLOC_NAME && echo {{yard}}/$RESALLOC_NAME; else touch {0}; echo -- -oProxyCommand=x; fi'\n  \
         cmd_delete: rm -rf {{yard}}/$RESALLOC_NAME\n",
        once.display()
    );
    yard.pools(&(pool("odd", 1, 0) + &odd));
    yard.configure(&format!("farm = '{{farm}}'\ncommand = 'true'\n{TARGET}"));
    yard.add(&packages(&yard, 1), &[]);
    let run = yard.run();
    assert_eq!(run.code, Some(0), "{}{}", run.stdout, run.stderr);
    assert!(run.stderr.contains("which is no host"), "{}", run.stderr);
    assert_eq!(count(&yard.builds(), "finished"), 1);
    yard.assert_clean();
}

#[test]
fn a_stop_lets_builds_finish_and_a_second_one_gives_them_up() {
    let yard = yard(2, "sleep 3600", "");
    yard.add(&packages(&yard, 4), &[]);
    let mut child = yard.start(&["--follow"]);
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let mut begun = 0;
    while begun < 2 {
        begun += usize::from(lines.next().unwrap().unwrap().starts_with("[build "));
    }
    let running = yard.json(&["list", "--state=running"]);
    assert_eq!(running.len(), 2);
    let why = yard.program.run("build", &["why", "1"]).stdout;
    assert!(why.contains("has had it since"), "{why}");
    // Another process cancels one of those that run.
    let id = running[0]["build"].to_string();
    assert_eq!(yard.json(&["cancel", &id])[0]["cancelled"], 1);
    wait_until("the cancelled build", || {
        yard.json(&["show", &id])[0]["state"] == "cancelled"
    });
    let second = yard.run();
    assert!(
        second.stderr.contains("another process dispatches"),
        "{}",
        second.stderr
    );
    for _ in 0..2 {
        crate::support::tools::run("kill", &["-TERM", &child.id().to_string()]);
        lines
            .by_ref()
            .find(|it| it.as_ref().unwrap().contains("stopping"))
            .unwrap()
            .unwrap();
    }
    // Its builders stay for the next start, as --follow means a service.
    let rest: Vec<_> = lines.collect();
    let run = Run::of(child.wait_with_output().unwrap());
    assert_eq!(run.code, Some(0), "{rest:?}");
    let builds = yard.builds();
    assert_eq!(
        (count(&builds, "queued"), count(&builds, "cancelled")),
        (3, 1)
    );
    yard.configure(&format!("farm = '{{farm}}'\ncommand = 'true'\n{TARGET}"));
    assert_eq!(yard.run().code, Some(0));
    assert_eq!(count(&yard.builds(), "finished"), 3);
    yard.assert_clean();
}

#[test]
fn the_first_stop_lets_builds_finish_that_run() {
    let yard = yard(2, "true", "");
    let go = yard.program.scratch().join("go");
    yard.configure(&format!(
        "farm = '{{farm}}'\ncommand = 'echo ok > {{results}}/ok; while ! test -e {}; do sleep 0.02; done'\n{TARGET}",
        go.display()
    ));
    yard.add(&packages(&yard, 4), &[]);
    let mut child = yard.start(&[]);
    let said = Said::read(child.stderr.take().unwrap());
    for build in ["[build 1]", "[build 2]"] {
        said.wait(build);
    }
    crate::support::tools::run("kill", &["-TERM", &child.id().to_string()]);
    said.wait("stopping");
    fs::write(go, "").unwrap();
    let run = Run::of(child.wait_with_output().unwrap());
    assert_eq!(run.code, Some(130), "{}", run.stdout);
    let builds = yard.builds();
    let counts = ["finished", "queued"].map(|it| count(&builds, it));
    assert_eq!(counts, [2, 2]);
    yard.assert_clean();
}
