//! Builds: plain ones, source packages to build, and farms whose builders are folders.

use super::program::{Program, Run};
use super::tools;
use distmill::build::entry::NewBuild;
use distmill::model::Project;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// A build of a package that is nowhere.
pub fn new_build(project: &str, package: &str, target: &str) -> NewBuild {
    NewBuild {
        project: Project::parse(project).unwrap(),
        package: package.to_owned(),
        evr: "1-1".to_owned(),
        commit: None,
        srpm: format!("/nowhere/{package}-1-1.src.rpm").into(),
        target: target.to_owned(),
        sandbox: project.to_owned(),
        priority: 0,
        background: false,
        run: None,
    }
}

/// A spec that needs nothing: `build` are the lines of its `%build`.
pub fn spec(name: &str, is_noarch: bool, build: &str) -> String {
    let arch = if is_noarch { "BuildArch: noarch\n" } else { "" };
    format!(
        "Name: {name}\nVersion: 1\nRelease: 1\nSummary: A test\nLicense: MIT\n{arch}\
         %global debug_package %{{nil}}\n%description\nA test.\n%build\n{build}\n%install\n\
         mkdir -p %{{buildroot}}/opt/{name}\necho {name} > %{{buildroot}}/opt/{name}/file\n\
         %files\n/opt/{name}\n"
    )
}

/// The least source package of a spec, written by the real program.
pub fn srpm(folder: &Path, name: &str, spec: &str) -> PathBuf {
    fs::create_dir_all(folder).unwrap();
    let path = folder.join(format!("{name}.spec"));
    fs::write(&path, spec).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_distmill"));
    command.args(["srpm", "--quiet", "--from-spec"]).arg(&path);
    command.arg("--sources").arg(folder).arg("-o").arg(folder);
    tools::output(&mut command);
    folder.join(format!("{name}-1-1.src.rpm"))
}

/// A root with a configuration of builds, and a folder whose folders are builders.
pub struct Yard {
    pub program: Program,
}

impl Yard {
    /// Nothing configured yet.
    pub fn new() -> Self {
        let program = Program::new();
        fs::create_dir_all(program.root()).unwrap();
        let yard = Self { program };
        fs::create_dir_all(yard.builders()).unwrap();
        fs::create_dir_all(yard.farm()).unwrap();
        yard
    }

    /// The folder of builders.
    pub fn builders(&self) -> PathBuf {
        self.program.scratch().join("builders")
    }

    fn farm(&self) -> PathBuf {
        self.program.scratch().join("farm")
    }

    /// Writes `builds.toml`; `{farm}` is the folder of the pools.
    pub fn configure(&self, toml: &str) {
        let text = toml.replace("{farm}", self.farm().to_str().unwrap());
        fs::write(self.program.root().join("builds.toml"), text).unwrap();
    }

    /// Writes `pools.yaml`; `{yard}` is the folder of builders.
    pub fn pools(&self, yaml: &str) {
        fs::write(self.farm().join("pools.yaml"), self.in_yard(yaml)).unwrap();
    }

    /// A text where `{yard}` is the folder of builders.
    pub fn in_yard(&self, text: &str) -> String {
        text.replace("{yard}", self.builders().to_str().unwrap())
    }

    /// The usual commands of a pool whose builders are folders, indented as keys of it.
    pub fn commands() -> &'static str {
        "  cmd_new: mkdir {yard}/$RESALLOC_NAME && echo {yard}/$RESALLOC_NAME\n  \
           cmd_delete: rm -rf {yard}/$RESALLOC_NAME\n  \
           cmd_livecheck: test -d {yard}/$RESALLOC_NAME\n  \
           cmd_list: ls {yard}\n"
    }

    /// `distmill build`, which must go well; the answer is its lines as JSON.
    pub fn json(&self, arguments: &[&str]) -> Vec<Value> {
        let mut all = vec!["--json"];
        all.extend(arguments);
        let run = self.program.run("build", &all);
        assert_eq!(
            run.code,
            Some(0),
            "{arguments:?}\n{}{}",
            run.stdout,
            run.stderr
        );
        let parse = |line: &str| serde_json::from_str(line).unwrap();
        run.stdout.lines().map(parse).collect()
    }

    /// Adds packages by their source packages.
    pub fn add(&self, srpms: &[PathBuf], more: &[&str]) {
        let mut all = vec!["add"];
        all.extend(more);
        all.extend(srpms.iter().map(|it| it.to_str().unwrap()));
        let added = self.json(&all);
        assert!(added.iter().all(|it| it["added"] == true), "{added:?}");
    }

    /// A dispatcher, its output captured.
    pub fn start(&self, more: &[&str]) -> Child {
        let mut command = Command::new(env!("CARGO_BIN_EXE_distmill"));
        command.arg("build").arg("--root").arg(self.program.root());
        command
            .args(["--json", "run"])
            .args(more)
            .stdin(Stdio::null());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().unwrap()
    }

    /// Dispatches until nothing is left to do.
    pub fn run(&self) -> Run {
        Run::of(self.start(&[]).wait_with_output().unwrap())
    }

    /// All builds.
    pub fn builds(&self) -> Vec<Value> {
        self.json(&["list"])
    }

    /// The folder of a build that has ended.
    pub fn results(&self, build: &Value) -> PathBuf {
        PathBuf::from(build["results"].as_str().unwrap())
    }

    /// The log of a build.
    pub fn log(&self, build: &Value) -> String {
        fs::read_to_string(self.results(build).join("build.log")).unwrap()
    }

    /// Asserts that no builder, no ticket and no attempt is left.
    pub fn assert_clean(&self) {
        let left: Vec<_> = fs::read_dir(self.builders()).unwrap().collect();
        assert!(left.is_empty(), "builders are left: {left:?}");
        let database = self.program.root().join("builds/tickets.sqlite");
        if database.exists() {
            let sql = rusqlite::Connection::open(database).unwrap();
            for query in [
                "SELECT count(*) FROM tickets WHERE state = 'OPEN'",
                "SELECT count(*) FROM resources WHERE state <> 'ENDED'",
            ] {
                let left: i64 = sql.query_row(query, [], |it| it.get(0)).unwrap();
                assert_eq!(left, 0, "{query}");
            }
        }
        let attempts = self.program.root().join("results/.incoming");
        let left = fs::read_dir(attempts).map_or(0, Iterator::count);
        assert_eq!(left, 0, "attempts are left");
    }
}

/// By state, how many.
pub fn count(builds: &[Value], state: &str) -> usize {
    builds.iter().filter(|it| it["state"] == state).count()
}

/// So many source packages: the name of the file makes another build, what is in it is the same.
pub fn packages(yard: &Yard, count: usize) -> Vec<PathBuf> {
    let folder = yard.program.scratch().join("srpms");
    let one = srpm(&folder, "p", &spec("p", true, ":"));
    let copy = |n: usize| {
        let path = folder.join(format!("p{n}-1-1.src.rpm"));
        fs::copy(&one, &path).unwrap();
        path
    };
    (0..count).map(copy).collect()
}

/// Waits for what another process does.
pub fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let end = std::time::Instant::now() + std::time::Duration::from_secs(120);
    while !is_so() {
        assert!(std::time::Instant::now() < end, "{what} did not come");
        std::thread::yield_now();
    }
}

/// A pool for builds on x86_64, without commands.
pub fn pool(name: &str, max: u32, priority: i32) -> String {
    format!(
        "{name}:\n  max: {max}\n  max_starting: {max}\n  max_prealloc: 1\n  tags:\n  \
         - {{name: copr_builder, priority: {priority}}}\n  - arch_x86_64\n"
    )
}

/// The same, whose builders are folders of the yard.
pub fn folder_pool(name: &str, max: u32, priority: i32) -> String {
    pool(name, max, priority) + Yard::commands()
}

/// Kills a process of ours, and waits for its end.
pub fn kill(child: &mut Child) {
    child.kill().unwrap();
    child.wait().unwrap();
}
