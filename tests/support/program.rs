//! The real program, run against a root of its own.

use super::tools::{fsck, git, run};
use serde_json::Value;
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use tempfile::TempDir;
use url::Url;

/// A root, and the program with the options that every call of a test shares.
pub struct Program {
    dir: TempDir,
    root: PathBuf,
    options: Vec<String>,
}

/// How a run ended.
pub struct Run {
    /// The exit code; none when a signal ended it.
    pub code: Option<i32>,
    /// All of stdout.
    pub stdout: String,
    /// All of stderr.
    pub stderr: String,
}

impl Program {
    /// A fresh root.
    pub fn new() -> Self {
        let dir = TempDir::new().unwrap();
        Self {
            root: dir.path().join("root"),
            dir,
            options: vec!["--retries=2".to_owned(), "--timeout=5".to_owned()],
        }
    }

    /// Takes names from a registry on loopback.
    pub fn with_registry(mut self, url: &Url) -> Self {
        for ecosystem in ["pypi", "gem"] {
            self.options.push(format!("--registry={ecosystem}={url}"));
        }
        self
    }

    /// Adds an option to every call.
    pub fn with(mut self, option: &str) -> Self {
        self.options.push(option.to_owned());
        self
    }

    /// Puts the root elsewhere.
    pub fn at(mut self, root: &Path) -> Self {
        self.root = root.to_owned();
        self
    }

    /// The root.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// A folder beside the root, for the test's own files.
    pub fn scratch(&self) -> &Path {
        self.dir.path()
    }

    /// Runs another subcommand on the root, without the shared options.
    pub fn run<S: AsRef<OsStr>>(&self, subcommand: &str, arguments: &[S]) -> Run {
        let mut command = Command::new(env!("CARGO_BIN_EXE_distmill"));
        command.arg(subcommand).arg("--root").arg(&self.root);
        command.args(arguments).stdin(Stdio::null());
        Run::of(command.output().unwrap())
    }

    /// `distmill import` with the shared options, not started yet.
    pub fn command<S: AsRef<OsStr>>(&self, arguments: &[S]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_distmill"));
        command.arg("import").arg("--root").arg(&self.root);
        command.args(&self.options).args(arguments);
        command.stdin(Stdio::null());
        command
    }

    /// `distmill queue` on this root, run to its end.
    pub fn queue<S: AsRef<OsStr>>(&self, arguments: &[S]) -> Run {
        let mut command = Command::new(env!("CARGO_BIN_EXE_distmill"));
        command.arg("queue").arg("--root").arg(&self.root);
        Run::of(command.args(arguments).output().unwrap())
    }

    /// `distmill queue --json` on this root, which must go well; the answer is its objects.
    pub fn queue_json<S: AsRef<OsStr>>(&self, arguments: &[S]) -> Vec<Value> {
        let mut all: Vec<&OsStr> = vec![OsStr::new("--json")];
        all.extend(arguments.iter().map(AsRef::as_ref));
        let run = self.queue(&all);
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        let parse = |line: &str| serde_json::from_str(line).unwrap();
        run.stdout.lines().map(parse).collect()
    }

    /// A worker of this root with the shared options, its output captured.
    pub fn start_worker(&self, arguments: &[&str]) -> Child {
        self.worker_command(arguments).spawn().unwrap()
    }

    /// The same, not started yet.
    pub fn worker_command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_distmill"));
        command.arg("worker").arg("--root").arg(&self.root);
        command.args(["--json", "--jobs=4"]);
        command.args(["--max-per-owner=none", "--max-per-sandbox=none"]);
        command.args(&self.options).args(arguments);
        command.stdin(Stdio::null());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs a worker until nothing is left to do.
    pub fn worker(&self, arguments: &[&str]) -> Run {
        Run::of(self.start_worker(arguments).wait_with_output().unwrap())
    }

    /// Starts an import whose output is captured.
    pub fn start<S: AsRef<OsStr>>(&self, arguments: &[S]) -> Child {
        let mut command = self.command(arguments);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().unwrap()
    }

    /// Runs an import to its end.
    pub fn import<S: AsRef<OsStr>>(&self, arguments: &[S]) -> Run {
        Run::of(self.start(arguments).wait_with_output().unwrap())
    }

    /// Runs an import with `--json`; the answer is the outcomes by source.
    pub fn outcomes<S: AsRef<OsStr>>(&self, arguments: &[S]) -> BTreeMap<String, Value> {
        let mut all = vec!["--json".into()];
        all.extend(arguments.iter().map(|it| it.as_ref().to_owned()));
        self.import(&all).outcomes()
    }

    /// Runs an import of one source that must go well; the answer is its outcome.
    pub fn imported(&self, source: &str) -> Value {
        let outcome = self.outcomes(&[source]).remove(source).unwrap();
        assert_eq!(outcome["state"], "imported", "{outcome:#}");
        outcome
    }

    /// Runs an import of one source that must fail; the answer is its code.
    pub fn failure(&self, source: &str) -> String {
        let outcome = self.outcomes(&[source]).remove(source).unwrap();
        assert_eq!(outcome["state"], "failed", "{outcome:#}");
        outcome["failure"]["code"].as_str().unwrap().to_owned()
    }

    /// The repository of a package of the default project.
    pub fn repository(&self, package: &str) -> PathBuf {
        self.root
            .join("git/local/import")
            .join(format!("{package}.git"))
    }

    /// A file as a branch of a package holds it.
    pub fn show(&self, package: &str, file: &str) -> String {
        git(
            &self.repository(package),
            &["show", &format!("main:{file}")],
        )
    }

    /// Every file below the root but the logs and the record of the layout, relative to it.
    pub fn files(&self) -> Vec<PathBuf> {
        let mut out = Vec::new();
        for folder in ["git", "lookaside", "srpms"] {
            files_below(&self.root.join(folder), &mut out);
        }
        // A second name of a file that is listed by its first one is no further file.
        let is_link = |it: &Path| {
            it.to_string_lossy().contains(".by-hash") && it.metadata().unwrap().nlink() > 1
        };
        out.retain(|it| !it.ends_with("lookaside/.layout") && !is_link(it));
        let relative = |it: PathBuf| it.strip_prefix(&self.root).unwrap().to_owned();
        out.into_iter().map(relative).collect()
    }

    /// Asserts that a package's repository holds what its source package holds: clones it with
    /// the stock git, fetches what `sources` names from the lookaside cache, compares all bytes.
    pub fn assert_same_as_srpm(&self, package: &str, srpm: &Path) {
        let repository = self.repository(package);
        fsck(&repository);
        let dir = TempDir::new().unwrap();
        let (clone, unpacked) = (dir.path().join("clone"), dir.path().join("srpm"));
        let paths = [repository.to_str().unwrap(), clone.to_str().unwrap()];
        run("git", &["clone", "-q", paths[0], paths[1]]);
        for line in fs::read_to_string(clone.join("sources")).unwrap().lines() {
            let (name, hash) = line
                .strip_prefix("SHA512 (")
                .and_then(|it| it.split_once(") = "))
                .unwrap();
            let place = format!("lookaside/local/import/{package}/{name}/sha512/{hash}/{name}");
            fs::copy(self.root.join(place), clone.join(name)).unwrap();
        }
        fs::create_dir(&unpacked).unwrap();
        let script = "cd \"$1\" && rpm2cpio \"$2\" | cpio -idm --quiet";
        let arguments = [
            "-c",
            script,
            "sh",
            unpacked.to_str().unwrap(),
            srpm.to_str().unwrap(),
        ];
        run("sh", &arguments);
        let mut names = Vec::new();
        files_below(&unpacked, &mut names);
        assert!(!names.is_empty());
        for path in names {
            let name = path.strip_prefix(&unpacked).unwrap();
            let committed = fs::read(clone.join(name)).unwrap_or_default();
            assert!(
                committed == fs::read(&path).unwrap(),
                "{} differs",
                name.display()
            );
        }
    }
}

impl Run {
    /// From a captured output.
    pub fn of(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// The JSON objects of stdout, by their sources.
    pub fn outcomes(&self) -> BTreeMap<String, Value> {
        let parse = |line: &str| {
            let outcome: Value = serde_json::from_str(line).unwrap();
            (outcome["source"].as_str().unwrap().to_owned(), outcome)
        };
        assert!(!self.stdout.is_empty(), "no outcome: {}", self.stderr);
        self.stdout.lines().map(parse).collect()
    }
}

fn files_below(folder: &Path, out: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => files_below(&path, out),
            false => out.push(path),
        }
    }
    out.sort();
}
