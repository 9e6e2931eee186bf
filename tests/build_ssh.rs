//! Builds on builders that are reached by ssh: a real sshd on loopback.

use crate::support::builds::{Yard, count, kill, spec, srpm, wait_until};
use crate::support::said::Said;
use crate::support::tools::{output, try_run};
use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

/// An sshd of our own, with keys of our own.
struct Sshd {
    dir: TempDir,
    port: u16,
    child: Child,
    said: Said,
}

fn sshd_program() -> Option<PathBuf> {
    let places = ["/usr/sbin/sshd", "/usr/bin/sshd"];
    places.iter().map(PathBuf::from).find(|it| it.exists())
}

fn keygen(path: &Path) {
    let mut command = Command::new("ssh-keygen");
    output(
        command
            .args(["-q", "-t", "ed25519", "-N", "", "-f"])
            .arg(path),
    );
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

impl Sshd {
    /// Starts one; nothing where there is none, which is said, and a failure in CI.
    fn start() -> Option<Self> {
        let Some(program) = sshd_program() else {
            assert!(std::env::var_os("CI").is_none(), "sshd is missing");
            eprintln!("skipped: sshd is missing");
            return None;
        };
        // Where it is root it wants this folder of its package's.
        let _ = fs::create_dir_all("/run/sshd");
        let dir = TempDir::new().unwrap();
        fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o700)).unwrap();
        let at = |name: &str| dir.path().join(name);
        keygen(&at("host"));
        keygen(&at("user"));
        fs::copy(at("user.pub"), at("authorized")).unwrap();
        loop {
            // Somebody may take it before sshd does: then another one.
            let port = free_port();
            let config = format!(
                "ListenAddress 127.0.0.1:{port}\nHostKey {0}/host\nAuthorizedKeysFile {0}/authorized\n\
                 StrictModes no\nUsePAM no\nPasswordAuthentication no\nPermitRootLogin yes\nPidFile none\n",
                dir.path().display()
            );
            fs::write(at("config"), config).unwrap();
            let mut command = Command::new(&program);
            command.args(["-D", "-e", "-f"]).arg(at("config"));
            command.stdin(Stdio::null()).stderr(Stdio::piped());
            let mut child = command.spawn().unwrap();
            let said = Said::read(child.stderr.take().unwrap());
            if said.wait_or_end("Server listening on") {
                return Some(Self {
                    dir,
                    port,
                    child,
                    said,
                });
            }
            child.wait().unwrap();
            assert!(said.so_far().contains("in use"), "{}", said.so_far());
        }
    }

    fn log(&self) -> String {
        self.said.so_far()
    }

    fn configuration(&self, more: &str) -> String {
        let user = output(Command::new("id").arg("-un"));
        format!(
            "[ssh]\nuser = '{}'\nidentity = '{}'\nport = {}\nconnect-timeout = 10\n{more}",
            user.trim(),
            self.dir.path().join("user").display(),
            self.port
        )
    }
}

impl Drop for Sshd {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn pool(name: &str, max: u32, new: &str) -> String {
    format!(
        "{name}:\n  max: {max}\n  max_starting: {max}\n  max_prealloc: 1\n  \
         tags: [copr_builder, arch_x86_64]\n  cmd_new: '{new}'\n  cmd_delete: 'true'\n"
    )
}

fn packages(yard: &Yard, count: usize) -> Vec<PathBuf> {
    let folder = yard.program.scratch().join("srpms");
    let package = |n| {
        let name = format!("s{n}");
        srpm(&folder, &name, &spec(&name, true, ":"))
    };
    (0..count).map(package).collect()
}

/// The folders that builds have at the other end.
fn left(work: &Path) -> usize {
    fs::read_dir(work).unwrap().count()
}

#[test]
fn builds_go_over_and_their_files_come_back() {
    let Some(sshd) = Sshd::start() else { return };
    let yard = Yard::new();
    let work = yard.program.scratch().join("it's work");
    fs::create_dir(&work).unwrap();
    yard.pools(&pool(
        "there",
        3,
        "printf -- \"---\\nhost: 127.0.0.1\\nname: b$RESALLOC_ID\\n\"",
    ));
    let settings = format!("work = \"{}\"\n", work.display());
    yard.configure(&format!(
        "farm = '{{farm}}'\ncreaterepo = ''\npause = 0.1\ntime-limit = 60\n\
         command = '''echo on $SSH_CONNECTION; test {{package}} != s1 || exit 255; test {{package}} != s2 || kill -9 $$
mkdir {{results}}/sub; cp {{srpm}} {{results}}/sub/; ln -s /etc/passwd {{results}}/link; echo {{builder}} > {{results}}/builder'''\n\
         {}[[targets]]\nname = 't-x86_64'\n",
        sshd.configuration(&settings)
    ));
    yard.add(&packages(&yard, 5), &[]);
    let run = yard.run();
    assert_eq!(
        run.code,
        Some(1),
        "{}{}\n{}",
        run.stdout,
        run.stderr,
        sshd.log()
    );
    let builds = yard.builds();
    assert_eq!(
        (count(&builds, "finished"), count(&builds, "failed")),
        (3, 2),
        "{}",
        run.stderr
    );
    for build in &builds {
        let log = yard.log(build);
        assert!(log.contains("on 127.0.0.1"), "{log}");
        if build["state"] == "failed" {
            // What the command does to itself is not the builder's fault.
            assert_eq!(
                (&build["code"], &build["attempts"]),
                (&"build-failed".into(), &1.into())
            );
            continue;
        }
        let folder = yard.results(build);
        let builder = fs::read_to_string(folder.join("builder")).unwrap();
        assert_eq!(builder.trim(), build["builder"].as_str().unwrap());
        let name = format!("sub/{}-1-1.src.rpm", build["package"].as_str().unwrap());
        let original = fs::read(build["srpm"].as_str().unwrap()).unwrap();
        assert_eq!(fs::read(folder.join(name)).unwrap(), original);
        assert!(
            fs::symlink_metadata(folder.join("link")).is_err(),
            "links stay behind"
        );
    }
    assert_eq!(left(&work), 0, "folders are left at the other end");
}

#[test]
fn a_host_that_refuses_is_left_for_another_one() {
    let Some(sshd) = Sshd::start() else { return };
    let yard = Yard::new();
    let once = yard.program.scratch().join("once");
    // The first builder listens nowhere.
    let new = format!(
        "if test -e {0}; then printf -- \"---\\nhost: 127.0.0.1\\nname: good$RESALLOC_ID\\nssh_port: {1}\\n\"; else touch {0}; printf -- \"---\\nhost: 127.0.0.1\\nname: bad\\nssh_port: {2}\\n\"; fi",
        once.display(),
        sshd.port,
        // A port that nobody listens on and that is given to nobody.
        1
    );
    yard.pools(&pool("there", 1, &new));
    yard.configure(&format!(
        "farm = '{{farm}}'\ncreaterepo = ''\npause = 0.1\ncommand = 'echo ok > {{results}}/ok'\n{}[[targets]]\nname = 't-x86_64'\n",
        sshd.configuration("")
    ));
    yard.add(&packages(&yard, 1), &[]);
    let run = yard.run();
    assert_eq!(run.code, Some(0), "{}{}", run.stdout, run.stderr);
    let build = &yard.builds()[0];
    assert_eq!(build["lost"], serde_json::json!(["bad"]));
    assert!(run.stderr.contains("ssh"), "{}", run.stderr);
    assert!(
        run.stderr.to_lowercase().contains("refused"),
        "{}",
        run.stderr
    );
}

#[test]
fn an_unknown_host_key_is_refused_where_keys_are_to_be_known() {
    let Some(sshd) = Sshd::start() else { return };
    let yard = Yard::new();
    let known = yard.program.scratch().join("my \"known\" 50% hosts");
    fs::write(&known, "").unwrap();
    yard.pools(&pool(
        "there",
        1,
        "printf -- \"---\\nhost: 127.0.0.1\\nname: b$RESALLOC_ID\\n\"",
    ));
    let configure = |policy: &str| {
        let more = format!(
            "host-keys = '{policy}'\nknown-hosts = '{}'\n",
            known.display()
        );
        yard.configure(&format!(
            "farm = '{{farm}}'\ncreaterepo = ''\npause = 0.1\nlosses = 1\ncommand = 'true'\n{}[[targets]]\nname = 't-x86_64'\n",
            sshd.configuration(&more)
        ));
    };
    configure("strict");
    yard.add(&packages(&yard, 1), &[]);
    assert_eq!(yard.run().code, Some(1));
    let build = &yard.builds()[0];
    assert_eq!(build["state"], "set-aside");
    let message = build["message"].as_str().unwrap().to_lowercase();
    assert!(
        message.contains("host key verification failed"),
        "{message}"
    );
    // One that is remembered is known from then on.
    for policy in ["remember", "strict"] {
        configure(policy);
        let verb = if policy == "remember" { "retry" } else { "add" };
        match verb {
            "retry" => assert_eq!(yard.json(&["retry", "1"])[0]["queued"], 1),
            _ => {
                let again = yard.program.scratch().join("srpms/s0-1-1.src.rpm");
                yard.add(&[again], &["--again"]);
            }
        }
        let run = yard.run();
        assert_eq!(run.code, Some(0), "{policy}: {}{}", run.stdout, run.stderr);
    }
    assert!(fs::read_to_string(&known).unwrap().contains("ssh-ed25519"));
}

#[test]
fn a_connection_that_breaks_ends_what_runs_there() {
    let Some(sshd) = Sshd::start() else { return };
    let yard = Yard::new();
    let mark = yard.program.scratch().join("first");
    yard.pools(&pool(
        "there",
        1,
        "printf -- \"---\\nhost: 127.0.0.1\\nname: b$RESALLOC_ID\\n\"",
    ));
    // The first attempt kills the sshd process of its own connection, and would go on for an hour.
    yard.configure(&format!(
        "farm = '{{farm}}'\ncreaterepo = ''\npause = 0.1\n\
         command = '''test -e {0} || {{{{ touch {0}; p=$PPID; while ! tr '\\0' ' ' < /proc/$p/cmdline | grep -q '^sshd'; do p=$(awk '/^PPid/ {{{{ print $2 }}}}' /proc/$p/status); done; kill -9 $p; sleep 3600; }}}}; echo ok > {{results}}/ok'''\n\
         {1}[[targets]]\nname = 't-x86_64'\n",
        mark.display(),
        sshd.configuration("")
    ));
    yard.add(&packages(&yard, 1), &[]);
    let run = yard.run();
    assert_eq!(run.code, Some(0), "{}{}", run.stdout, run.stderr);
    let build = &yard.builds()[0];
    assert_eq!(build["lost"].as_array().unwrap().len(), 1, "{}", run.stderr);
    let marker = format!("touch {}", mark.display());
    let end = std::time::Instant::now() + std::time::Duration::from_secs(60);
    while try_run("pgrep", &["-f", &marker]).status.success() {
        assert!(std::time::Instant::now() < end, "what ran there goes on");
        std::thread::yield_now();
    }
}

/// The pool of one builder there, whose name is another each time.
const ONE: &str = "printf -- \"---\\nhost: 127.0.0.1\\nname: b$RESALLOC_ID\\n\"";

/// Sets how builds run at the other end, in folders under the answer.
fn there(yard: &Yard, sshd: &Sshd, command: &str, limit: u32, ssh: &str) -> PathBuf {
    let work = yard.program.scratch().join("work");
    fs::create_dir_all(&work).unwrap();
    yard.pools(&pool("there", 1, ONE));
    let ssh = format!("work = '{}'\n{ssh}", work.display());
    yard.configure(&format!(
        "farm = '{{farm}}'\ncreaterepo = ''\npause = 0.02\nlosses = 2\ntime-limit = {limit}\n\
         command = '''{command}'''\n{}[[targets]]\nname = 't-x86_64'\n",
        sshd.configuration(&ssh)
    ));
    work
}

#[test]
fn more_results_than_may_come_fail_the_build_and_do_not_come() {
    let Some(sshd) = Sshd::start() else { return };
    let yard = Yard::new();
    let command = "case {package} in s0) head -c 50000000 /dev/zero > {results}/big;; \
                   s1) rmdir {results}; echo x > {results};; \
                   *) mkdir {results}/build.log; echo x > {results}/build.log/x;; esac";
    let work = there(&yard, &sshd, command, 600, "max-results = 1000000\n");
    yard.add(&packages(&yard, 3), &[]);
    let run = yard.run();
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    let builds = yard.builds();
    for build in &builds[..2] {
        let code = (&build["code"], &build["attempts"]);
        assert_eq!(code, (&"build-results".into(), &1.into()), "{build:#}");
    }
    let message = builds[0]["message"].as_str().unwrap();
    assert!(message.contains("more than 1000000 bytes"), "{message}");
    let big = fs::metadata(yard.results(&builds[0]).join("big"));
    assert!(big.is_err() || big.unwrap().len() <= 1_000_000);
    let theirs = yard.results(&builds[2]).join("builder.build.log/x");
    assert!(theirs.exists());
    assert_eq!(left(&work), 0, "folders are left at the other end");
}

#[test]
fn the_operator_s_options_come_first_and_any_key_may_do() {
    let Some(sshd) = Sshd::start() else { return };
    let yard = Yard::new();
    there(&yard, &sshd, "true", 600, "host-keys = 'off'\n");
    let all = packages(&yard, 2);
    yard.add(&all[..1], &[]);
    let run = yard.run();
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let strict = "host-keys = 'once'\noptions = ['StrictHostKeyChecking=yes']\n";
    there(&yard, &sshd, "true", 600, strict);
    yard.add(&all[1..], &[]);
    assert_eq!(yard.run().code, Some(1));
    let message = yard.builds()[1]["message"].as_str().unwrap().to_lowercase();
    assert!(
        message.contains("host key verification failed"),
        "{message}"
    );
}

#[test]
fn what_runs_there_is_asked_to_end_and_its_folder_goes_even_after_a_kill() {
    let Some(sshd) = Sshd::start() else { return };
    let yard = Yard::new();
    let said = yard.program.scratch().join("said");
    let command = format!(
        "sh -c 'trap \"echo bye >> {}; exit\" TERM; touch runs; while :; do sleep 0.05; done' 2>/dev/null",
        said.display()
    );
    let work = there(&yard, &sshd, &command, 600, "");
    yard.add(&packages(&yard, 1), &[]);
    let mut child = yard.start(&[]);
    wait_until("the command", || {
        let mut folders = fs::read_dir(&work).unwrap().flatten();
        folders.any(|it| it.path().join("runs").exists())
    });
    kill(&mut child);
    wait_until("the end of its folder", || left(&work) == 0);
    assert_eq!(fs::read_to_string(&said).unwrap(), "bye\n");
    there(&yard, &sshd, &command, 1, "");
    assert_eq!(yard.run().code, Some(1));
    assert_eq!(yard.builds()[0]["code"], "build-time-limit");
    assert_eq!(fs::read_to_string(&said).unwrap(), "bye\nbye\n");
    assert_eq!(left(&work), 0);
    let connections = yard.program.root().join("builds/ssh");
    assert_eq!(left(&connections), 0, "connections are left here");
}
