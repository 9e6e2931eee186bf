//! The whole circle with the real program, real pools and real `rpmbuild`: only the machines are
//! folders.

use crate::support::builds::{Yard, count, folder_pool, spec, srpm};
use crate::support::pack::Tar;
use crate::support::program::{Program, Run};
use crate::support::registry::Registry;
use crate::support::resalloc::ResallocFarm;
use crate::support::tools::{have, run};
use distmill::config::BuildFile;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// rpmbuild, as the documentation has it, on a machine without a database of RPMs.
const RPMBUILD: &str = r#"command = '''rpmbuild --rebuild --nodeps --define "_topdir $DISTMILL_WORK" \
    --define "_rpmdir $DISTMILL_RESULTS" \
    --define "_build_name_fmt %%{{NAME}}-%%{{VERSION}}-%%{{RELEASE}}.%%{{ARCH}}.rpm" {srpm}'''
"#;

fn pools(yard: &Yard) {
    let mut text = String::new();
    for (name, max, priority, tags, on_demand) in [
        ("basic", 2, 10, "copr_builder, arch_x86_64, fedora", ""),
        ("other", 1, 0, "copr_builder, arch_x86_64, fedora, epel", ""),
        (
            "strong",
            1,
            0,
            "copr_builder, arch_x86_64, fedora",
            "powerful",
        ),
    ] {
        let tags: Vec<String> = tags
            .split(", ")
            .map(|it| format!("{{name: {it}, priority: {priority}}}"))
            .collect();
        text.push_str(&format!(
            "{name}:\n  max: {max}\n  max_starting: 2\n  max_prealloc: 1\n  tags: [{}]\n",
            tags.join(", ")
        ));
        if !on_demand.is_empty() {
            text.push_str(&format!("  tags_on_demand: [{on_demand}]\n"));
        }
        if name == "basic" {
            text.push_str("  reuse_opportunity_time: 45\n  reuse_max_count: 8\n");
        }
        text.push_str(Yard::commands());
    }
    yard.pools(&text);
}

fn tags_of(pool: &str) -> BTreeSet<&'static str> {
    let mut tags = BTreeSet::from(["copr_builder", "arch_x86_64", "fedora"]);
    match pool {
        "other" => tags.insert("epel"),
        "strong" => tags.insert("powerful"),
        _ => true,
    };
    tags
}

/// The pool of a builder, of which the folder's name begins with it.
fn pool_of(build: &Value) -> String {
    let folder = PathBuf::from(build["builder"].as_str().unwrap());
    let name = folder.file_name().unwrap().to_str().unwrap().to_owned();
    name.split('_').next().unwrap().to_owned()
}

#[test]
fn sixty_packages_are_built_on_three_pools() {
    if !have(&["rpmbuild", "createrepo_c"]) {
        return;
    }
    let yard = Yard::new();
    pools(&yard);
    let runs = yard.program.scratch().join("runs");
    let createrepo = yard.program.scratch().join("createrepo");
    let text = format!(
        "#!/bin/sh\npwd >> {}\nexec createrepo_c \"$@\"\n",
        runs.display()
    );
    fs::write(&createrepo, text).unwrap();
    fs::set_permissions(&createrepo, fs::Permissions::from_mode(0o755)).unwrap();
    yard.configure(&format!(
        "farm = '{{farm}}'\nrefresh = 3600.0\ncreaterepo = '{0}'\n{RPMBUILD}\
         [[targets]]\nname = 'fedora-42-x86_64'\ntags = ['fedora']\n\
         [[targets]]\nname = 'epel-9-x86_64'\ntags = ['epel']\n\
         [[rules]]\npattern = 'local/import/fedora-.*/p-(11|12)$'\ntags = ['powerful']\n\
         [[rules]]\npattern = '('\ntags = ['never']\n",
        createrepo.display()
    ));
    let folder = yard.program.scratch().join("srpms");
    let package = |n: usize| {
        let (name, is_noarch) = (format!("p-{n}"), n.is_multiple_of(2));
        let build = match n {
            n if n % 10 == 9 => "echo this cannot be; exit 1",
            n if n % 2 == 1 => "echo 'int main(void) { return 0; }' > a.c && cc a.c -o a.out",
            _ => ":",
        };
        srpm(&folder, &name, &spec(&name, is_noarch, build))
    };
    let srpms: Vec<PathBuf> = (0..60).map(package).collect();
    yard.add(&srpms, &["--target=fedora-42-x86_64"]);
    yard.add(&srpms[..3], &["--target=epel-9-x86_64"]);
    let ended = yard.run();
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    assert!(
        ended
            .stderr
            .contains("the rule with the pattern \"(\" is skipped"),
        "{}",
        ended.stderr
    );

    let builds = yard.builds();
    let counts = ["finished", "failed"].map(|it| count(&builds, it));
    assert_eq!((builds.len(), counts), (63, [57, 6]));
    assert_eq!(ended.stdout.lines().count(), 63, "each ended once");
    assert_ends(&yard, &builds);
    let strong = builds.iter().filter(|it| pool_of(it) == "strong");
    let strong: BTreeSet<&str> = strong.map(|it| it["package"].as_str().unwrap()).collect();
    assert_eq!(strong, BTreeSet::from(["p-11", "p-12"]));
    yard.assert_clean();
    assert_installs(&yard, &builds);
    let runs = fs::read_to_string(runs).unwrap();
    assert_eq!(runs.lines().count(), 2, "one for each repository: {runs}");
    assert_repository(
        &yard
            .program
            .root()
            .join("results/local/import/fedora-42-x86_64"),
        54,
    );
    assert_repository(
        &yard
            .program
            .root()
            .join("results/local/import/epel-9-x86_64"),
        3,
    );
}

/// Each ran on a builder with all its tags, and ended as its package must.
fn assert_ends(yard: &Yard, builds: &[Value]) {
    for build in builds {
        let asked = build["tags"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| it.as_str().unwrap());
        let pool = pool_of(build);
        for tag in asked {
            assert!(tags_of(&pool).contains(tag), "{tag} is not of {pool}");
        }
        let is_failed = build["package"].as_str().unwrap().ends_with('9');
        assert_eq!(build["state"] == "failed", is_failed, "{build:#}");
        if is_failed {
            assert_eq!(build["code"], "build-failed");
            assert!(yard.log(build).contains("this cannot be"));
        }
        let record = fs::read_to_string(yard.results(build).join("build.json")).unwrap();
        let record: Value = serde_json::from_str(&record).unwrap();
        assert_eq!(
            (&record["build"], &record["state"]),
            (&build["build"], &build["state"])
        );
    }
}

/// Everything that was built installs into an empty root.
fn assert_installs(yard: &Yard, builds: &[Value]) {
    let root = yard.program.scratch().join("installed");
    fs::create_dir(&root).unwrap();
    let fedora = builds
        .iter()
        .filter(|it| it["target"] == "fedora-42-x86_64");
    let packages = fedora.flat_map(|it| {
        let names = it["packages"].as_array().unwrap().iter();
        names.map(|name| yard.results(it).join(name.as_str().unwrap()))
    });
    let mut arguments = vec!["--root".to_owned(), root.to_str().unwrap().to_owned()];
    arguments.extend(["--nodeps", "--nosignature", "-i"].map(str::to_owned));
    arguments.extend(packages.map(|it| it.to_str().unwrap().to_owned()));
    run("rpm", &arguments);
    for n in [0, 1, 11, 58] {
        let file = root.join(format!("opt/p-{n}/file"));
        assert_eq!(fs::read_to_string(file).unwrap(), format!("p-{n}\n"));
    }
    assert!(!root.join("opt/p-9").exists());
}

/// The index names as many packages, and dnf reads it where there is one.
fn assert_repository(folder: &Path, count: usize) {
    let index = folder.join("repodata");
    let names = fs::read_dir(&index).unwrap().map(|it| it.unwrap().path());
    let primary = names
        .into_iter()
        .find(|it| it.to_str().unwrap().ends_with("primary.xml.gz"));
    let text = run("gzip", &["-dc", primary.unwrap().to_str().unwrap()]);
    assert!(
        text.contains(&format!("packages=\"{count}\"")),
        "{}",
        &text[..300]
    );
    assert!(!folder.join(".stale").exists() && !folder.join(".refreshing").exists());
    if have(&["dnf"]) {
        let scratch = tempfile::TempDir::new().unwrap();
        let cache = format!("--setopt=cachedir={}", scratch.path().display());
        let persist = format!("--setopt=persistdir={}", scratch.path().display());
        let from = format!("--repofrompath=built,{}", folder.display());
        let listed = run(
            "dnf",
            &[
                "-q",
                "--disablerepo=*",
                &from,
                "--enablerepo=built",
                "--releasever=42",
                "--setopt=reposdir=/nowhere",
                &cache,
                &persist,
                "repoquery",
                "--qf=%{name}",
            ],
        );
        assert_eq!(listed.split_whitespace().count(), count, "{listed}");
    }
}

/// The least sdist of a name.
fn sdist(name: &str) -> Vec<u8> {
    let info = format!("Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\nLicense: MIT\n");
    let path = format!("{name}-1.0/PKG-INFO");
    Tar::default().file(path.as_bytes(), info.as_bytes()).gz()
}

/// A command that makes one file of a build, quickly.
const QUICK: &str = "command = 'echo building {package} from {commit}; cp {srpm} {results}/made.rpm'\nbuilders = 2\ncreaterepo = ''\n";

#[test]
fn an_import_queues_a_build_for_each_target_that_takes_its_branch() {
    let registry = Registry::start();
    for name in ["one", "two"] {
        registry.add_pypi(name, "1.0", &format!("{name}-1.0.tar.gz"), sdist(name));
    }
    let yard = Yard::new();
    yard.configure(&format!(
        "{QUICK}[[targets]]\nname = 'any-x86_64'\n\
         [[targets]]\nname = 'f42-x86_64'\nbranch = 'f42'\n\
         [[targets]]\nname = 'never-x86_64'\nbranch = 'never'\n"
    ));
    let root = yard.program.root().to_owned();
    let importer = Program::new().with_registry(&registry.url()).at(&root);
    let import = || {
        importer.import(&[
            "--build",
            "--branch=main",
            "--branch=f42",
            "pypi:one",
            "pypi:two",
            "pypi:none",
        ])
    };
    let imported = import();
    assert_eq!(imported.code, Some(1));
    assert!(
        imported.stderr.contains("4 builds queued"),
        "{}",
        imported.stderr
    );
    assert!(
        import().stderr.contains("0 builds queued"),
        "what is there is left as it is"
    );
    let ended = yard.run();
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let builds = yard.builds();
    assert_eq!(count(&builds, "finished"), 4);
    for build in &builds {
        let repository = root
            .join("git/local/import")
            .join(format!("{}.git", build["package"].as_str().unwrap()));
        let tip = crate::support::tools::git(&repository, &["rev-parse", "f42"]);
        assert_eq!(build["commit"], tip.as_str());
        assert!(yard.log(build).contains(&format!("from {tip}")));
    }
    let targets: BTreeSet<&str> = builds
        .iter()
        .map(|it| it["target"].as_str().unwrap())
        .collect();
    assert_eq!(targets, BTreeSet::from(["any-x86_64", "f42-x86_64"]));
}

#[test]
fn a_rebuild_imports_and_builds_and_the_report_counts_both() {
    let registry = Registry::start();
    let names = ["aa", "bb", "cc", "dd"];
    for name in names {
        registry.add_pypi(name, "1.0", &format!("{name}-1.0.tar.gz"), sdist(name));
    }
    let yard = Yard::new();
    yard.configure(&format!(
        "{}[[targets]]\nname = 't-x86_64'\n",
        QUICK.replace(
            "echo building",
            "test {package} != python-dd || exit 1; echo building"
        )
    ));
    let list = yard.program.scratch().join("names.txt");
    let text: Vec<String> = names.iter().map(|it| format!("pypi:{it}")).collect();
    fs::write(&list, format!("{}\npypi:missing\n", text.join("\n"))).unwrap();
    let registry_option = format!("--registry=pypi={}", registry.url());
    let source = format!("@{}", list.display());
    let rebuild = || {
        let arguments = [
            "--json",
            "--run=r",
            "--retries=0",
            &registry_option,
            &source,
            "--target=t-x86_64",
        ];
        yard.program.run("rebuild", &arguments)
    };
    let first = rebuild();
    assert_eq!(first.code, Some(1), "{}", first.stderr);
    let lines: Vec<Value> = first
        .stdout
        .lines()
        .map(|it| serde_json::from_str(it).unwrap())
        .collect();
    let imports = lines.iter().filter(|it| it.get("job").is_some()).count();
    let builds: Vec<Value> = lines
        .iter()
        .filter(|it| it.get("build").is_some())
        .cloned()
        .collect();
    assert_eq!((imports, builds.len()), (5, 4));
    assert_eq!(
        (count(&builds, "finished"), count(&builds, "failed")),
        (3, 1)
    );
    assert!(first.stderr.contains("[build "), "{}", first.stderr);
    // The same command again finds nothing to do.
    let again = rebuild();
    assert_eq!(
        (again.code, again.stdout.as_str()),
        (Some(0), ""),
        "{}",
        again.stderr
    );

    let report = yard.program.run("report", &["r"]).stdout;
    assert!(
        report.contains("| finished |  | 3 |") && report.contains("| failed | build-failed | 1 |"),
        "{report}"
    );
    let html = yard.program.run("report", &["r", "--format=html"]).stdout;
    assert!(html.contains("<h2>Builds</h2>") && html.contains("build-failed"));
    let json: Value =
        serde_json::from_str(&yard.program.run("report", &["r", "--json"]).stdout).unwrap();
    assert_eq!(json["builds"].as_array().unwrap().len(), 2);
}

#[test]
fn builds_are_looked_at_cancelled_and_put_back() {
    let yard = Yard::new();
    yard.configure(
        "builders = 1\ncreaterepo = ''\ncommand = 'echo line of {package}; exit 3'\n\
         [[targets]]\nname = 't-x86_64'\ntags = ['own']\n[[rules]]\npattern = 'local/.*/a'\ntags = ['extra']\n",
    );
    let folder = yard.program.scratch().join("srpms");
    let srpms = ["a", "b"].map(|it| srpm(&folder, it, &spec(it, true, ":")));
    let none = yard.program.run("build", &["list"]);
    assert!(
        none.stderr.contains("there are no builds under"),
        "{}",
        none.stderr
    );
    yard.add(&srpms, &[]);
    let why = yard.program.run("build", &["why", "1"]).stdout;
    assert!(
        why.contains("start distmill build run") && why.contains("2 builds are queued"),
        "{why}"
    );
    assert_eq!(yard.program.run("build", &["cancel"]).code, Some(2));
    assert_eq!(yard.json(&["cancel", "2"])[0]["cancelled"], 1);
    let refused = yard.program.run("build", &["cancel", "2"]);
    assert!(
        refused
            .stderr
            .contains("build 2 is cancelled and cannot be cancelled"),
        "{}",
        refused.stderr
    );
    assert_eq!(yard.run().code, Some(1));
    let shown = yard.program.run("build", &["show", "1"]).stdout;
    for part in [
        "failed (build-failed)",
        "exit code 3",
        "arch_x86_64, copr_builder, extra, own",
        "local-0",
    ] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    let log = yard.program.run("build", &["log", "1"]).stdout;
    assert!(
        log.starts_with("== attempt 1 on local-") && log.contains("line of a"),
        "{log}"
    );
    let why = yard.program.run("build", &["why", "1"]).stdout;
    assert!(
        why.contains("put it back with distmill build retry 1"),
        "{why}"
    );
    yard.configure(
        "builders = 1\ncreaterepo = ''\ncommand = 'true'\n[[targets]]\nname = 't-x86_64'\n",
    );
    assert_eq!(yard.json(&["retry", "--all"])[0]["queued"], 2);
    // A source package that is gone fails its build, and nothing waits for it.
    let (there, away) = (&srpms[1], yard.program.scratch().join("away"));
    fs::rename(there, &away).unwrap();
    assert_eq!(yard.run().code, Some(1));
    assert_eq!(yard.json(&["show", "2"])[0]["code"], "file-not-readable");
    fs::rename(&away, there).unwrap();
    assert_eq!(yard.json(&["retry", "2"])[0]["queued"], 1);
    assert_eq!(yard.run().code, Some(0));
    assert_eq!(count(&yard.builds(), "finished"), 2);
    let stats = yard.json(&["stats"]);
    assert_eq!(
        (&stats[0]["state"], &stats[0]["builds"]),
        (&"finished".into(), &2.into())
    );
    assert!(
        yard.program
            .run("build", &["show", "9"])
            .stderr
            .contains("there is no build 9")
    );
    let help = yard.program.run("build", &["add", "--help"]).stdout;
    for part in ["Examples:", "--again", "--target", "Exit codes:"] {
        assert!(help.contains(part), "{part}");
    }
}

#[test]
fn builders_of_a_resalloc_server_are_used_and_given_back() {
    let yard = Yard::new();
    let farm = ResallocFarm::new(&yard.in_yard(&folder_pool("plain", 2, 0)));
    let server = farm.start();
    let tickets = || farm.maint(&["ticket-list"]).stdout;
    let configure = |command: &str| {
        yard.configure(&format!(
            "resalloc = '{}'\ncreaterepo = ''\npause = 0.1\ncommand = '{command}'\n[[targets]]\nname = 't-x86_64'\n",
            server.url
        ));
    };
    configure("echo on {builder}; echo ok > {results}/ok");
    let scratch = yard.program.scratch().join("srpms");
    let srpms: Vec<PathBuf> = (0..6)
        .map(|n| {
            srpm(
                &scratch,
                &format!("r{n}"),
                &spec(&format!("r{n}"), true, ":"),
            )
        })
        .collect();
    yard.add(&srpms[..5], &[]);
    let run = yard.run();
    assert_eq!(run.code, Some(0), "{}{}", run.stdout, run.stderr);
    let builds = yard.builds();
    assert_eq!(count(&builds, "finished"), 5);
    let folder_of = yard.builders().display().to_string();
    for build in &builds {
        let builder = build["builder"].as_str().unwrap();
        assert!(builder.starts_with(&folder_of), "{builder}");
    }
    assert_eq!(tickets(), "", "every ticket is closed");

    // A dispatcher that is killed leaves a ticket open; the next one closes it.
    configure("sleep 3600");
    yard.add(&srpms[5..], &[]);
    let mut child = yard.start(&[]);
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    lines
        .find(|it| it.as_ref().unwrap().starts_with("[build 6]"))
        .unwrap()
        .unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(tickets().contains("state=OPEN"));
    configure("true");
    let run = yard.run();
    assert_eq!(run.code, Some(0), "{}{}", run.stdout, run.stderr);
    assert_eq!(tickets(), "");
    assert_eq!(count(&yard.builds(), "finished"), 6);
}

#[test]
fn pools_that_are_edited_hold_at_once() {
    let yard = Yard::new();
    let pool = |name: &str, tag: &str| {
        let commands = Yard::commands();
        format!("{name}:\n  max: 1\n  max_prealloc: 1\n  tags: [copr_builder, {tag}]\n{commands}")
    };
    let first = pool("first", "arch_s390x");
    yard.pools(&first);
    yard.configure(
        "farm = '{farm}'\ncreaterepo = ''\ncommand = 'true'\n[[targets]]\nname = 't-x86_64'\n",
    );
    let scratch = yard.program.scratch().join("srpms");
    yard.add(&[srpm(&scratch, "w", &spec("w", true, ":"))], &[]);
    let child = yard.start(&[]);
    let why = || yard.program.run("build", &["why", "1"]).stdout;
    let end = Instant::now() + Duration::from_secs(60);
    while !why().contains("has all of these tags: it waits for ever") {
        assert!(Instant::now() < end, "{}", why());
    }
    // What is there keeps the tags that it was started with: another pool it is.
    yard.pools(&(first + &pool("second", "arch_x86_64")));
    let run = Run::of(child.wait_with_output().unwrap());
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert_eq!(count(&yard.builds(), "finished"), 1);
    yard.assert_clean();
}

/// The keys that a section of the configuration may have, as it tells itself.
fn keys(section: &str) -> Vec<String> {
    let text = format!("{section}no-such-key = 1\n");
    let error = BuildFile::from_toml(&text, Path::new("")).unwrap_err();
    let error = error.to_string();
    let list = error.split("expected one of ").nth(1);
    let list = list.or(error.split("expected ").nth(1)).unwrap();
    let names = list.split('`').skip(1).step_by(2);
    names.map(str::to_owned).collect()
}

#[test]
fn the_example_has_every_key_and_works() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/builds");
    let text = fs::read_to_string(folder.join("builds.toml")).unwrap();
    let named: BTreeSet<&str> = text
        .lines()
        .map(|it| it.trim_start_matches("# "))
        .filter_map(|it| it.split([' ', '=']).next())
        .map(|it| it.trim_matches(['[', ']']))
        .collect();
    let mut all = keys("");
    assert!(all.contains(&"max-log".to_owned()), "{all:?}");
    for section in ["[limits]\n", "[ssh]\n", "[[targets]]\n", "[[rules]]\n"] {
        all.extend(keys(section));
    }
    for key in all {
        assert!(named.contains(key.as_str()), "{key} is missing");
    }
    // What is a remark in it is what could be said instead, or besides.
    let ssh: String = text
        .lines()
        .skip_while(|it| !it.contains("[ssh]"))
        .take_while(|it| it.starts_with("# "))
        .map(|it| format!("{}\n", &it[2..]))
        .collect();
    assert!(BuildFile::from_toml(&ssh, &folder).unwrap().ssh.is_some());

    let yard = Yard::new();
    let text = text.replace("\"farm\"", "\"{farm}\"");
    let (mock, rest) = text.split_once("command = \"mock").unwrap();
    let rest = rest.split_once('\n').unwrap().1;
    yard.configure(&format!("{mock}command = \"true\"\n{rest}"));
    let pools = fs::read_to_string(folder.join("farm/pools.yaml")).unwrap();
    yard.pools(&pools.replace("/tmp/builders", "{yard}"));
    let scratch = yard.program.scratch().join("srpms");
    let srpms = [srpm(&scratch, "e", &spec("e", true, ":"))];
    yard.add(&srpms, &["--target=fedora-42-x86_64"]);
    let run = yard.run();
    let is_missing = run.stderr.contains("createrepo_c");
    assert!(run.code == Some(0) || is_missing, "{}", run.stderr);
    assert_eq!(count(&yard.builds(), "finished"), 1);
}

#[test]
fn tags_are_told_with_their_reasons_and_mistakes_all_at_once() {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/builds/builds.toml");
    let program = Program::new();
    let example = format!("--builds={}", example.display());
    let tags = |package: &str, project: &str| -> BTreeMap<String, Value> {
        let project = format!("--project={project}");
        let run = program.run(
            "build",
            &[
                "--json",
                &example,
                "tags",
                package,
                "fedora-42-x86_64",
                &project,
            ],
        );
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        let value: Value = serde_json::from_str(&run.stdout).unwrap();
        serde_json::from_value(value["tags"].clone()).unwrap()
    };
    let plain = tags("hello", "jdoe/x");
    assert_eq!(
        plain.keys().collect::<Vec<_>>(),
        ["arch_x86_64", "copr_builder"]
    );
    let strong = tags("chromium", "john/projectX");
    assert_eq!(
        strong["extra_powerful"][0]["pattern"],
        "john/projectX.*/fedora-.*-x86_64/chromium"
    );
    assert!(tags("hello", "@team/x").contains_key("team"));
    let unknown = program.run("build", &[&example, "tags", "a", "fedora-1-x86_64"]);
    assert!(
        unknown
            .stderr
            .contains("there is no target fedora-1-x86_64: there are "),
        "{}",
        unknown.stderr
    );

    let bad = program.scratch().join("bad.toml");
    fs::write(
        &bad,
        "farm = 'x'\nresalloc = 'ftp://x'\ncommand = 'x {spec}'\npause = -1.0\n\
         [ssh]\nhost-keys = 'maybe'\n[[targets]]\nname = '../x'\ntags = ['a b']\n",
    )
    .unwrap();
    let bad = format!("--builds={}", bad.display());
    let run = program.run("build", &[&bad, "list"]);
    assert_eq!(run.code, Some(2));
    for part in [
        "say one of farm",
        "{spec}",
        "pause must be",
        "maybe",
        "\"a b\" is no tag",
        "../x",
    ] {
        assert!(run.stderr.contains(part), "{part}: {}", run.stderr);
    }
}
