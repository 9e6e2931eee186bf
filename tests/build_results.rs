//! What builds leave behind: logs, files and folders, whatever a package does and however it ends.

use crate::support::builds::{Yard, count, folder_pool, kill, packages, spec, srpm, wait_until};
use crate::support::disk::SmallDisk;
use crate::support::program::Run;
use crate::support::said::Said;
use crate::support::tools::{have, run};
use serde_json::Value;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

const TARGET: &str = "createrepo = ''\npause = 0.02\n[[targets]]\nname = 't-x86_64'\n";

/// A yard where builds run this command on this machine.
fn here(command: &str, more: &str) -> Yard {
    let yard = Yard::new();
    yard.configure(&format!(
        "builders = 1\ncommand = '''{command}'''\n{more}{TARGET}"
    ));
    yard
}

fn is_empty(folder: &Path) -> bool {
    fs::read_dir(folder).map_or(0, Iterator::count) == 0
}

#[test]
fn files_with_names_of_ours_are_kept_apart() {
    let yard = here(
        "echo ours; echo theirs > {results}/build.log; mkdir {results}/build.json; echo x > {results}/build.json/x",
        "",
    );
    yard.add(&packages(&yard, 1), &[]);
    assert_eq!(yard.run().code, Some(0));
    let build = &yard.builds()[0];
    let folder = yard.results(build);
    let theirs = fs::read_to_string(folder.join("builder.build.log")).unwrap();
    assert_eq!(theirs, "theirs\n");
    assert!(folder.join("builder.build.json/x").exists());
    let log = yard.log(build);
    assert!(log.contains("ours") && !log.contains("theirs"), "{log}");
    let record: Value =
        serde_json::from_str(&fs::read_to_string(folder.join("build.json")).unwrap()).unwrap();
    assert_eq!(
        record["files"],
        serde_json::json!(["build.log", "builder.build.json/x", "builder.build.log"])
    );
}

#[test]
fn results_that_are_no_folder_fail_the_build_and_not_this_machine() {
    let yard = here("rmdir {results}; echo x > {results}", "");
    yard.add(&packages(&yard, 1), &[]);
    let run = yard.run();
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    let build = &yard.builds()[0];
    assert_eq!(
        (&build["state"], &build["code"], &build["attempts"]),
        (&"failed".into(), &"build-results".into(), &1.into())
    );
}

#[test]
fn a_folder_for_results_that_is_none_sets_builds_aside() {
    let yard = here("true", "results = 'no-folder'\n");
    fs::write(yard.program.root().join("no-folder"), "").unwrap();
    yard.add(&packages(&yard, 1), &[]);
    let run = yard.run();
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    let build = &yard.builds()[0];
    assert_eq!(
        (&build["state"], &build["code"]),
        (&"set-aside".into(), &"build-trouble".into())
    );
}

#[test]
fn a_full_disk_here_pauses_builds_until_there_is_room() {
    let yard = here(
        "head -c 3000000 /dev/zero > {results}/big",
        "results = 'kept'\n",
    );
    let disk = yard.program.root().join("kept");
    let Some(_disk) = SmallDisk::mount(&disk, "8m") else {
        return;
    };
    let filler = disk.join("filler");
    fs::write(&filler, vec![0; 7_000_000]).unwrap();
    yard.add(&packages(&yard, 2), &[]);
    let mut child = yard.start(&[]);
    let said = Said::read(child.stderr.take().unwrap());
    said.wait("no room left: builds pause");
    fs::remove_file(filler).unwrap();
    let run = Run::of(child.wait_with_output().unwrap());
    assert_eq!(run.code, Some(0), "{}", run.stdout);
    assert_eq!(count(&yard.builds(), "finished"), 2);
}

#[test]
fn a_log_without_end_is_cut() {
    let yard = here("yes text | head -c 5000000; exit 3", "max-log = 1000\n");
    yard.add(&packages(&yard, 1), &[]);
    assert_eq!(yard.run().code, Some(1));
    let log = yard.log(&yard.builds()[0]);
    assert!(log.len() < 1200, "{} bytes", log.len());
    assert!(log.contains("== cut here: more than 1000 bytes"), "{log}");
}

#[test]
fn the_log_stays_however_a_build_ends() {
    let yard = here("echo said; sleep 3600", "losses = 1\n");
    yard.add(&packages(&yard, 2), &[]);
    for id in 1..3_u64 {
        let mut child = yard.start(&[]);
        let said = Said::read(child.stderr.take().unwrap());
        said.wait(&format!("[build {id}]"));
        let log = yard
            .program
            .root()
            .join(format!("results/.incoming/{id}/build.log"));
        wait_until("the log", || {
            fs::read_to_string(&log).is_ok_and(|it| it.contains("said"))
        });
        kill(&mut child);
        if id == 2 {
            assert_eq!(yard.json(&["cancel", "2"])[0]["cancelled"], 1);
        }
    }
    assert_eq!(yard.run().code, Some(1));
    let builds = yard.builds();
    assert_eq!(builds[0]["state"], "set-aside");
    assert_eq!(builds[1]["state"], "cancelled");
    for build in &builds {
        let id = build["build"].to_string();
        let log = yard.program.run("build", &["log", &id]).stdout;
        assert!(log.contains("said"), "{log}");
    }
    assert!(is_empty(&yard.program.root().join("results/.incoming")));
}

#[test]
fn folders_of_a_process_that_was_killed_are_removed() {
    let yard = here("touch {work}/runs; sleep 3600", "");
    yard.add(&packages(&yard, 1), &[]);
    let mut child = yard.start(&[]);
    Said::read(child.stderr.take().unwrap()).wait("[build 1]");
    let work = yard.program.root().join("builds/work");
    wait_until("the command", || work.join("distmill-1-1/runs").exists());
    kill(&mut child);
    // By the watch of its command.
    wait_until("the end of its folder", || is_empty(&work));
    fs::create_dir_all(work.join("old/results")).unwrap();
    let connection = yard.program.root().join("builds/ssh/ssh-old");
    fs::create_dir_all(&connection).unwrap();
    yard.configure(&format!("builders = 1\ncommand = 'true'\n{TARGET}"));
    assert_eq!(yard.run().code, Some(0));
    assert!(is_empty(&work) && !connection.exists());
}

#[test]
fn a_build_is_asked_to_end_before_it_is_killed_and_daemons_of_it_are_found() {
    let yard = here("true", "");
    let said = yard.program.scratch().join("said");
    let daemon = yard.program.scratch().join("daemon");
    yard.configure(&format!(
        "builders = 1\ntime-limit = 1\ncommand = '''setsid sh -c 'echo $$ > {1}; exec sleep 3600' &
sh -c 'trap \"echo bye > {0}; exit\" TERM; while :; do sleep 0.05; done' '''\n{TARGET}",
        said.display(),
        daemon.display()
    ));
    yard.add(&packages(&yard, 1), &[]);
    assert_eq!(yard.run().code, Some(1));
    assert_eq!(yard.builds()[0]["code"], "build-time-limit");
    assert_eq!(fs::read_to_string(said).unwrap(), "bye\n");
    let id = fs::read_to_string(daemon).unwrap();
    let state = fs::read_to_string(format!("/proc/{}/stat", id.trim()));
    assert!(
        state.is_err() || state.unwrap().contains(") Z "),
        "it lives"
    );
}

#[test]
fn a_build_here_sees_none_of_our_variables() {
    let yard = here("env", "");
    yard.add(&packages(&yard, 1), &[]);
    let mut command = Command::new(env!("CARGO_BIN_EXE_distmill"));
    command
        .args(["build", "--json", "--root"])
        .arg(yard.program.root());
    command
        .arg("run")
        .env("RESALLOC_TOKEN", "geheim")
        .stdin(Stdio::null());
    assert!(command.output().unwrap().status.success());
    let log = yard.log(&yard.builds()[0]);
    assert!(
        log.contains("DISTMILL_PACKAGE=p") && log.contains("PATH="),
        "{log}"
    );
    assert!(!log.contains("geheim"), "{log}");
}

/// The packages that the index of a repository names, sorted.
fn indexed(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder.join("repodata")).unwrap();
    let mut names = names.map(|it| it.unwrap().path());
    let primary = names.find(|it| it.to_string_lossy().ends_with("primary.xml.gz"));
    let text = run("gzip", &["-dc", primary.unwrap().to_str().unwrap()]);
    let parts = text.split("location href=\"").skip(1);
    let mut out: Vec<String> = parts
        .map(|it| it.split('"').next().unwrap().to_owned())
        .collect();
    out.sort();
    out
}

const RPMBUILD: &str = r#"rpmbuild --rebuild --nodeps --define "_topdir $DISTMILL_WORK" --define "_rpmdir $DISTMILL_RESULTS" --define "_build_name_fmt %%{{NAME}}-%%{{VERSION}}-%%{{RELEASE}}.%%{{ARCH}}.rpm" {srpm}"#;

#[test]
fn the_repository_has_what_finished_and_each_package_once() {
    if !have(&["rpmbuild", "createrepo_c"]) {
        return;
    }
    let yard = Yard::new();
    yard.pools(&folder_pool("plain", 2, 0));
    yard.configure(&format!(
        "farm = '{{farm}}'\npause = 0.02\ncommand = '''{RPMBUILD} && test {{package}} != b'''\n\
         [[targets]]\nname = 't-x86_64'\n"
    ));
    let folder = yard.program.scratch().join("srpms");
    let srpms = ["a", "b"].map(|it| srpm(&folder, it, &spec(it, true, ":")));
    yard.add(&srpms, &[]);
    assert_eq!(yard.run().code, Some(1));
    let builds = yard.builds();
    assert_eq!(
        builds[1]["packages"],
        serde_json::json!(["b-1-1.noarch.rpm"])
    );
    let repository = yard.program.root().join("results/local/import/t-x86_64");
    assert_eq!(indexed(&repository), ["00000001-a/a-1-1.noarch.rpm"]);
    yard.add(&srpms[..1], &["--again"]);
    assert_eq!(yard.run().code, Some(0));
    assert_eq!(indexed(&repository), ["00000003-a/a-1-1.noarch.rpm"]);
}

#[test]
fn an_index_that_cannot_be_made_is_told_and_made_later() {
    let yard = Yard::new();
    let program = yard.program.scratch().join("createrepo");
    let marks = yard.program.scratch().join("runs");
    let write = |fails: u32| {
        let text = format!(
            "#!/bin/sh\necho run >> {0}\n[ $(wc -l < {0}) -gt {fails} ] || {{ echo no index; exit 1; }}\n",
            marks.display()
        );
        fs::write(&program, text).unwrap();
        fs::set_permissions(&program, Permissions::from_mode(0o755)).unwrap();
    };
    let configure = |more: &str| {
        yard.configure(&format!(
            "builders = 1\ncreaterepo = '{}'\ncommand = 'true'\n{more}[[targets]]\nname = 't-x86_64'\n",
            program.display()
        ));
    };
    write(1000);
    configure("");
    yard.add(&packages(&yard, 1), &[]);
    let failed = yard.run();
    assert_eq!(failed.code, Some(1), "{}", failed.stderr);
    assert!(failed.stderr.contains("no index"), "{}", failed.stderr);
    // A service tries again by itself, after ever longer pauses.
    fs::remove_file(&marks).unwrap();
    write(2);
    configure("refresh = 0.02\n");
    let child = yard.start(&["--follow"]);
    let repository = yard.program.root().join("results/local/import/t-x86_64");
    wait_until("the index", || {
        fs::read_to_string(&marks).is_ok_and(|it| it.lines().count() == 3)
            && ![".stale", ".refreshing"]
                .iter()
                .any(|it| repository.join(it).exists())
    });
    run("kill", &["-TERM", &child.id().to_string()]);
    assert!(child.wait_with_output().unwrap().status.success());
}

#[test]
fn a_project_goes_with_its_builds() {
    let yard = here("echo ok > {results}/ok", "");
    let all = packages(&yard, 3);
    yard.add(&all[..2], &["--project=a/one"]);
    yard.add(&all[2..], &["--project=a/two"]);
    assert_eq!(yard.run().code, Some(0));
    yard.add(&all[..1], &["--project=a/one", "--again"]);
    let prune = |more: &[&str]| {
        let arguments = [more, &["--json", "a/one"]].concat();
        let run = yard.program.run("prune", &arguments);
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        serde_json::from_str::<Value>(&run.stdout).unwrap()
    };
    assert_eq!(prune(&["--dry-run"])["builds"], 3);
    assert_eq!(prune(&["--yes"])["builds"], 3);
    let results = yard.program.root().join("results/a");
    assert!(!results.join("one").exists() && results.join("two").exists());
    let left = yard.builds();
    assert_eq!((left.len(), &left[0]["project"]), (1, &"a/two".into()));
}
