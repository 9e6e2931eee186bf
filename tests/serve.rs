//! What is served over HTTP: stock git clones it, and builders fetch and check what they need.

use crate::support::fixtures;
use crate::support::program::{Program, Run};
use crate::support::tools::{fsck, git, run, try_run};
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Stdio};
use tempfile::TempDir;

const TEXT: &str = "srpm-text/hello-1.0-1.src.rpm";
const PATCHES: &str = "srpm-patches/patched-0.9~rc2-3.git0123abc.src.rpm";

/// A running server, killed when dropped.
pub struct Server {
    child: Option<Child>,
    /// Kept open: what the server says later has somewhere to go.
    _stderr: BufReader<ChildStderr>,
    pub url: String,
}

impl Server {
    fn start(root: &Path) -> Self {
        Self::start_with(root, &[])
    }

    pub fn start_with(root: &Path, arguments: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_distmill"));
        command.arg("serve").arg("--root").arg(root);
        command.args(["--listen", "127.0.0.1:0"]).args(arguments);
        command.stdin(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        stderr.read_line(&mut line).unwrap();
        let url = line.trim().rsplit(' ').next().unwrap().to_owned();
        assert!(url.starts_with("http://127.0.0.1:"), "{line}");
        Self {
            child: Some(child),
            _stderr: stderr,
            url,
        }
    }

    /// How many threads it has.
    pub fn threads(&self) -> usize {
        let id = self.child.as_ref().unwrap().id();
        fs::read_dir(format!("/proc/{id}/task")).unwrap().count()
    }

    /// What is said of arguments that are wrong.
    fn refused(root: &Path, arguments: &[&str]) -> String {
        let mut command = Command::new(env!("CARGO_BIN_EXE_distmill"));
        command.arg("serve").arg("--root").arg(root).args(arguments);
        let run = Run::of(command.output().unwrap());
        assert_eq!(run.code, Some(2));
        run.stderr
    }

    pub fn repository(&self, name: &str) -> String {
        format!("{}git/{name}.git", self.url)
    }

    pub fn stop(mut self) {
        let mut child = self.child.take().unwrap();
        run("kill", &["-s", "TERM", &child.id().to_string()]);
        assert_eq!(child.wait().unwrap().code(), Some(0));
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// What curl prints: with `-i`, the head and the body. Proxies of the machine are not asked.
pub fn curl(arguments: &[&str]) -> String {
    let mut all = vec!["-sS", "--noproxy", "*", "--path-as-is"];
    all.extend(arguments);
    run("curl", &all)
}

fn status(arguments: &[&str]) -> String {
    let mut all = vec!["-o", "/dev/null", "-w", "%{http_code}"];
    all.extend(arguments);
    curl(&all)
}

/// `git clone` with further options.
pub fn clone(url: &str, to: &Path, options: &[&str]) {
    let mut all = vec!["-c", "http.proxy=", "clone", "-q"];
    all.extend(options);
    all.extend([url, to.to_str().unwrap()]);
    run("git", &all);
}

/// Every branch and tag of a repository, or what a remote one lists.
fn references(repository: &Path) -> String {
    git(
        repository,
        &["for-each-ref", "--format=%(objectname)\t%(refname)"],
    )
}

/// A work tree of stock git's and a bare repository below a root, with merges and a tag.
fn with_history(root: &Path) -> (PathBuf, PathBuf) {
    let (work, bare) = (root.join("work"), root.join("git/o/p/x.git"));
    fs::create_dir_all(root.join("lookaside")).unwrap();
    fs::create_dir_all(root.join("logs")).unwrap();
    run("git", &["init", "-q", "-b", "main", work.to_str().unwrap()]);
    git(&work, &["config", "user.name", "a"]);
    git(&work, &["config", "user.email", "a@example.org"]);
    run(
        "git",
        &["init", "-q", "--bare", "-b", "main", bare.to_str().unwrap()],
    );
    git(&work, &["remote", "add", "origin", bare.to_str().unwrap()]);
    for number in 0..20 {
        commit(&work, number);
        if number % 5 == 4 {
            git(
                &work,
                &["checkout", "-q", "-b", &format!("side{number}"), "HEAD~2"],
            );
            commit(&work, 100 + number);
            git(&work, &["checkout", "-q", "main"]);
            git(
                &work,
                &["merge", "-q", "-m", "merge", &format!("side{number}")],
            );
        }
    }
    git(&work, &["tag", "-a", "-m", "one", "v1", "HEAD~3"]);
    git(&work, &["tag", "light", "HEAD~5"]);
    git(&work, &["push", "-q", "--all", "origin"]);
    git(&work, &["push", "-q", "--tags", "origin"]);
    (work, bare)
}

fn commit(work: &Path, number: u32) {
    let folder = work.join("dir");
    fs::create_dir_all(&folder).unwrap();
    let text = format!("{number}\n").repeat(200);
    fs::write(folder.join(format!("file{}", number % 7)), text).unwrap();
    git(work, &["add", "."]);
    let message = format!("number {number}");
    git(work, &["commit", "-q", "--allow-empty", "-m", &message]);
}

#[test]
fn stock_git_clones_what_was_imported() {
    let program = Program::new().with("--branch=f42").with("--branch=epel9");
    program.imported(&fixtures::argument(TEXT));
    let server = Server::start(program.root());
    let url = server.repository("local/import/hello");
    let bare = program.repository("hello");
    for version in ["0", "1", "2"] {
        let to = program.scratch().join(format!("clone{version}"));
        let option = format!("protocol.version={version}");
        clone(&url, &to, &["-c", &option]);
        fsck(&to);
        let head = git(&to, &["symbolic-ref", "HEAD"]);
        assert_eq!(head, git(&bare, &["symbolic-ref", "HEAD"]));
        for branch in ["main", "f42", "epel9"] {
            let there = git(&to, &["rev-parse", &format!("origin/{branch}")]);
            assert_eq!(there, git(&bare, &["rev-parse", branch]));
        }
    }
    let listed = run("git", &["-c", "http.proxy=", "ls-remote", "--heads", &url]);
    assert_eq!(listed.trim(), references(&bare));
    // A later import is fetched into a clone that is there.
    let again = program.outcomes(&[&fixtures::argument(TEXT), "--branch=rawhide"]);
    assert_eq!(again.len(), 1);
    let to = program.scratch().join("clone2");
    git(&to, &["fetch", "-q"]);
    let there = git(&to, &["rev-parse", "origin/rawhide"]);
    assert_eq!(there, git(&bare, &["rev-parse", "f42"]));
    // What is not there, or is to be written, is refused.
    let none = server.repository("local/import/none");
    assert!(!try_run("git", &["ls-remote", &none]).status.success());
    assert!(
        !try_run(
            "git",
            &["-C", to.to_str().unwrap(), "push", "origin", "HEAD:x"]
        )
        .status
        .success()
    );
    server.stop();
}

#[test]
fn loose_and_packed_repositories_are_the_same_to_a_client() {
    let root = TempDir::new().unwrap();
    let (work, bare) = with_history(root.path());
    let server = Server::start(root.path());
    let url = server.repository("o/p/x");
    let old = root.path().join("old");
    for state in ["loose", "packed", "both"] {
        let to = root.path().join(state);
        clone(&url, &to, &["--mirror"]);
        fsck(&to);
        assert_eq!(references(&to), references(&bare), "{state}");
        if state == "loose" {
            clone(&url, &old, &[]);
            git(&bare, &["gc", "-q"]);
            assert!(bare.join("packed-refs").exists());
        } else {
            for number in 30..33 {
                commit(&work, number);
            }
            git(&work, &["push", "-q", "origin", "main"]);
        }
    }
    // Many commits later a clone catches up.
    let count = |it: &Path| git(it, &["count-objects", "-v"]);
    let before = count(&old);
    git(&old, &["fetch", "-q"]);
    fsck(&old);
    assert_eq!(
        git(&old, &["rev-parse", "origin/main"]),
        git(&bare, &["rev-parse", "main"])
    );
    assert_ne!(before, count(&old));
    server.stop();
}

#[test]
fn shallow_clones_deepen_like_those_of_the_stock_server() {
    let root = TempDir::new().unwrap();
    let (work, bare) = with_history(root.path());
    let server = Server::start(root.path());
    let url = server.repository("o/p/x");
    let stock = format!("file://{}", bare.display());
    let both = |name: &str| {
        (
            root.path().join(name),
            root.path().join(format!("{name}-stock")),
        )
    };
    let same = |ours: &Path, theirs: &Path| {
        fsck(ours);
        for what in [&["rev-list", "--all"][..], &["for-each-ref"]] {
            assert_eq!(git(ours, what), git(theirs, what));
        }
        let cut = |it: &Path| {
            let text = fs::read_to_string(it.join(".git/shallow")).unwrap_or_default();
            let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
            lines.sort();
            lines
        };
        assert_eq!(cut(ours), cut(theirs));
    };
    for (name, options) in [
        ("one", &["--depth=1"][..]),
        ("three", &["--depth=3", "--no-single-branch"]),
        ("all", &["--depth=500", "--no-single-branch"]),
        ("tag", &["--depth=2", "--branch=v1"]),
    ] {
        let (ours, theirs) = both(name);
        clone(&url, &ours, options);
        clone(&stock, &theirs, options);
        same(&ours, &theirs);
    }
    let (ours, theirs) = both("three");
    for step in [
        &["fetch", "-q", "--depth=5"][..],
        &["fetch", "-q", "--depth=2"],
        &["fetch", "-q"],
        &["fetch", "-q", "--unshallow"],
    ] {
        commit(&work, 50 + u32::try_from(step.len()).unwrap());
        git(&work, &["push", "-q", "origin", "main"]);
        git(&ours, step);
        git(&theirs, step);
        same(&ours, &theirs);
    }
    assert!(!ours.join(".git/shallow").exists());
    server.stop();
}

#[test]
fn only_commits_of_a_reference_can_be_asked_for() {
    let root = TempDir::new().unwrap();
    let (work, bare) = with_history(root.path());
    let server = Server::start(root.path());
    let url = server.repository("o/p/x");
    let to = root.path().join("to");
    run("git", &["init", "-q", to.to_str().unwrap()]);
    let old = git(&work, &["rev-parse", "main~6"]);
    git(&to, &["fetch", "-q", &url, &old]);
    assert_eq!(git(&to, &["rev-parse", "FETCH_HEAD"]), old);
    // A commit that no branch holds any more.
    commit(&work, 60);
    git(&work, &["push", "-q", "origin", "main"]);
    let lost = git(&work, &["rev-parse", "main"]);
    git(&bare, &["update-ref", "refs/heads/main", &old]);
    let fetch = ["-C", to.to_str().unwrap(), "fetch", "-q", &url, &lost];
    let refused = try_run("git", &fetch);
    assert!(!refused.status.success());
    let message = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(message.contains("not our ref"), "{message}");
    server.stop();
}

/// The files that `sources` of a package names: names and hashes.
fn sources(program: &Program, package: &str) -> Vec<(String, String)> {
    let text = program.show(package, "sources");
    let line = |it: &str| {
        let (name, hash) = it
            .strip_prefix("SHA512 (")
            .unwrap()
            .split_once(") = ")
            .unwrap();
        (name.to_owned(), hash.to_owned())
    };
    text.lines().map(line).collect()
}

#[test]
fn the_lookaside_cache_is_served_under_both_patterns() {
    let program = Program::new();
    program.imported(&fixtures::argument(TEXT));
    let server = Server::start(program.root());
    let all = sources(&program, "hello");
    let (name, hash) = &all[0];
    let place = program.root().join(format!(
        "lookaside/local/import/hello/{name}/sha512/{hash}/{name}"
    ));
    let bytes = fs::read(&place).unwrap();
    let base = format!("{}repo/pkgs/local/import/hello/{name}", server.url);
    let typed = format!("{base}/sha512/{hash}/{name}");
    let plain = format!("{base}/{hash}/{name}");
    // A cache that another tool filled has no type of the hash in its paths.
    let md5 = run("md5sum", &[&place])[..32].to_owned();
    let other = program
        .root()
        .join(format!("lookaside/local/import/hello/{name}/{md5}/{name}"));
    fs::create_dir_all(other.parent().unwrap()).unwrap();
    fs::copy(&place, &other).unwrap();
    let copr = [
        format!("{base}/md5/{md5}/{name}"),
        format!("{base}/{md5}/{name}"),
    ];
    let to = program.scratch().join("file");
    let file = to.to_str().unwrap();
    for url in [&typed, &plain, &copr[0], &copr[1]] {
        curl(&["-f", "-o", file, url]);
        assert_eq!(fs::read(&to).unwrap(), bytes, "{url}");
    }
    let head = curl(&["-I", &typed]).to_lowercase();
    let tag = format!("etag: \"{hash}\"");
    let length = format!("content-length: {}", bytes.len());
    for part in [
        "200 ok",
        "last-modified: ",
        "accept-ranges: bytes",
        "nosniff",
        "gzip",
        &tag,
        &length,
    ] {
        assert!(head.contains(part), "{part}: {head}");
    }
    // Ranges, and a download that goes on where it stopped.
    for (range, expected) in [
        ("0-9", 0..10),
        ("5-", 5..bytes.len()),
        ("-7", bytes.len() - 7..bytes.len()),
    ] {
        let code = curl(&["-r", range, "-o", file, "-w", "%{http_code}", &typed]);
        assert_eq!(
            (code.as_str(), fs::read(&to).unwrap()),
            ("206", bytes[expected].to_vec())
        );
    }
    fs::write(&to, &bytes[..20]).unwrap();
    curl(&["-f", "-C", "-", "-o", file, &plain]);
    assert_eq!(fs::read(&to).unwrap(), bytes);
    assert_eq!(status(&["-r", "999999999-", &typed]), "416");
    assert_eq!(
        status(&["-H", &format!("If-None-Match: \"{hash}\""), &typed]),
        "304"
    );
    assert_eq!(status(&["-H", "If-None-Match: \"x\"", &typed]), "200");
    assert_eq!(status(&["-X", "DELETE", &typed]), "405");
    assert!(place.exists());
    server.stop();
}

#[test]
fn nothing_outside_the_served_folders_is_ever_sent() {
    let program = Program::new();
    program.imported(&fixtures::argument(PATCHES));
    let secret = program.scratch().join("secret");
    fs::write(&secret, "secret").unwrap();
    let hash = "0".repeat(128);
    let lookaside = program.root().join("lookaside/local/import");
    let package = lookaside.join("patched");
    // Links that lead out: a file, a folder, a repository.
    let linked = package.join(format!("link/sha512/{hash}"));
    fs::create_dir_all(&linked).unwrap();
    symlink(&secret, linked.join("link")).unwrap();
    let outside = program.scratch().join(format!("outside/f/{hash}"));
    fs::create_dir_all(&outside).unwrap();
    fs::write(outside.join("f"), "secret").unwrap();
    symlink(program.scratch().join("outside"), lookaside.join("out")).unwrap();
    let bare = program.scratch().join("other.git");
    run("git", &["init", "-q", "--bare", bare.to_str().unwrap()]);
    symlink(&bare, program.root().join("git/local/import/other.git")).unwrap();
    let server = Server::start(program.root());
    for path in [
        format!("repo/pkgs/local/import/patched/link/sha512/{hash}/link"),
        format!("repo/pkgs/local/import/out/f/{hash}/f"),
        "git/local/import/other.git/info/refs?service=git-upload-pack".to_owned(),
        format!("repo/pkgs/local/import/../../../secret/{hash}/secret"),
        format!("repo/pkgs/local/import/%2e%2e/%2e%2e/{hash}/%2e%2e"),
        format!("repo/pkgs/local/import/patched/..%2f..%2fsecret/{hash}/..%2f..%2fsecret"),
        "git/local/import/patched.git/config".to_owned(),
        "git/local/../../secret".to_owned(),
        "../secret".to_owned(),
        "..%2fsecret".to_owned(),
        "logs/".to_owned(),
        String::new(),
    ] {
        let url = format!("{}{path}", server.url);
        assert_eq!(status(&[&url]), "404", "{path}");
    }
    server.stop();
}

/// The steps of dist-git-client: clone, read `sources`, fetch each file, check its sum, build.
#[test]
fn a_builder_makes_the_source_package_from_what_is_served() {
    let program = Program::new().with("--branch=main").with("--branch=f42");
    let outcome = program.imported(&fixtures::argument(TEXT));
    let server = Server::start(program.root());
    let to = program.scratch().join("checkout");
    let url = server.repository("local/import/hello");
    clone(&url, &to, &["--depth=500", "--no-single-branch"]);
    let commit = outcome["branch_commits"]["f42"].as_str().unwrap();
    git(&to, &["checkout", "-q", commit]);
    let folder = to.to_str().unwrap();
    for line in fs::read_to_string(to.join("sources")).unwrap().lines() {
        let parts: Vec<&str> = line.split_whitespace().collect();
        let [kind, name, "=", hash] = parts[..] else {
            panic!("{line}");
        };
        let name = name.trim_matches(['(', ')']);
        let kind = kind.to_lowercase();
        let url = format!(
            "{}repo/pkgs/local/import/hello/{name}/{kind}/{hash}/{name}",
            server.url
        );
        let file = to.join(name);
        curl(&[
            "-f",
            "--remote-time",
            "-H",
            "Accept-Encoding: identity",
            "-o",
            file.to_str().unwrap(),
            &url,
        ]);
        assert!(run(&format!("{kind}sum"), &[&file]).starts_with(hash));
    }
    let arguments = [
        "-bs",
        &format!("{folder}/hello.spec"),
        "--nodeps",
        "--define",
        "dist %nil",
        "--define",
        &format!("_sourcedir {folder}"),
        "--define",
        &format!("_srcrpmdir {folder}/out"),
        "--define",
        &format!("_topdir {folder}/top"),
    ];
    run("rpmbuild", &arguments);
    let made = fs::read_dir(to.join("out"))
        .unwrap()
        .next()
        .unwrap()
        .unwrap();
    let list = |it: &Path| run("rpm", &["-qpl", it.to_str().unwrap()]);
    assert_eq!(list(&made.path()), list(&fixtures::path(TEXT)));
    server.stop();
}

#[test]
fn a_client_that_says_nothing_keeps_nobody_out() {
    let program = Program::new();
    program.imported(&fixtures::argument(TEXT));
    let bounds = ["--max-connections=1", "--idle-timeout=1"];
    let server = Server::start_with(program.root(), &bounds);
    let address = server.url.trim_start_matches("http://");
    let mut silent = TcpStream::connect(address.trim_end_matches('/')).unwrap();
    silent
        .write_all(b"GET /repo/pkgs HTTP/1.1\r\nHost:")
        .unwrap();
    // It has the only place; whoever comes next waits until it lost it.
    run(
        "git",
        &["ls-remote", &server.repository("local/import/hello")],
    );
    let mut rest = Vec::new();
    silent.read_to_end(&mut rest).unwrap();
    assert!(!rest.starts_with(b"HTTP/1.1 200"), "{rest:?}");
    let none = Server::refused(program.root(), &["--max-connections=0"]);
    assert!(none.contains("--max-connections"), "{none}");
    server.stop();
}

#[test]
fn what_keeps_it_from_serving_is_said() {
    let program = Program::new();
    let serve = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_distmill"));
        command.arg("serve").arg("--root").arg(program.root());
        Run::of(command.args(arguments).output().unwrap())
    };
    let none = serve(&[]);
    assert_eq!(none.code, Some(1));
    assert!(none.stderr.contains("root/git"), "{}", none.stderr);
    program.imported(&fixtures::argument(TEXT));
    let server = Server::start(program.root());
    let address = server
        .url
        .trim_start_matches("http://")
        .trim_end_matches('/');
    let busy = serve(&["--listen", address]);
    assert_eq!(busy.code, Some(1));
    assert!(busy.stderr.contains(address), "{}", busy.stderr);
    assert_eq!(serve(&["--listen", "everywhere"]).code, Some(2));
    let help = serve(&["--help"]);
    for part in [
        "/repo/pkgs/OWNER",
        "Examples:",
        "git clone",
        "127.0.0.1:8080",
    ] {
        assert!(help.stdout.contains(part), "{part}");
    }
    server.stop();
}

#[test]
fn a_folder_for_logs_is_not_needed() {
    let program = Program::new();
    program.imported(&fixtures::argument(TEXT));
    let file = program.scratch().join("file");
    fs::write(&file, "").unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_distmill"));
    command.args(["serve", "--listen", "127.0.0.1:0"]);
    command.arg("--root").arg(file.join("root"));
    for part in ["git", "lookaside"] {
        let folder = program.root().join(part);
        command.arg(format!("--{part}-root")).arg(folder);
    }
    let mut asked = Command::new(command.get_program());
    asked.args(command.get_args()).arg("--logs").arg(&file);
    assert_eq!(asked.output().unwrap().status.code(), Some(1));
    let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
    let stderr = BufReader::new(child.stderr.take().unwrap());
    let said: Vec<String> = stderr.lines().take(2).map(Result::unwrap).collect();
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(said[0].contains("no log is kept"), "{said:?}");
    assert!(said[1].contains("http://127.0.0.1:"), "{said:?}");
}
