//! From the configuration of builds to checked settings: every mistake is found before anything is
//! done.

use super::arguments::PlanArguments;
use super::bounds::{limits, ssh};
use crate::build::command::Command;
use crate::build::dispatch::{Places, Settings};
use crate::build::results::Results;
use crate::build::runner::SshSettings;
use crate::build::tags::{BASE, Rule, Rules};
use crate::build::target::{Target, Targets};
use crate::config::{BuildFile, TargetEntry};
use crate::import::root::builds_of;
use crate::model::{BranchName, PackageName};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::available_parallelism;
use std::time::Duration;
use url::Url;

/// How a build runs unless the configuration says otherwise.
const COMMAND: &str = "rpmbuild --rebuild --define \"_topdir $DISTMILL_WORK\" \
    --define \"_rpmdir $DISTMILL_RESULTS\" \
    --define \"_build_name_fmt %%{{NAME}}-%%{{VERSION}}-%%{{RELEASE}}.%%{{ARCH}}.rpm\" {srpm}";

/// Bytes of the log of one attempt, unless the configuration says otherwise.
const MAX_LOG: u64 = 256 << 20;

/// Where builders come from.
#[derive(Clone, Debug)]
pub(super) enum Builders {
    /// So many on this machine.
    Here(u32),
    /// The pools of this folder.
    Farm(PathBuf),
    /// A resalloc server, and the file of the token for it.
    Server(Url, Option<PathBuf>),
}

/// Everything that builds need, checked.
#[derive(Clone, Debug)]
pub(in crate::cli) struct Plan {
    pub(in crate::cli) settings: Settings,
    pub(in crate::cli) results: Results,
    pub(super) builders: Builders,
    pub(super) ssh: Option<SshSettings>,
    /// What should be said about the configuration.
    pub(in crate::cli) warnings: Vec<String>,
}

/// Reads and checks the configuration of the builds of a root; mistakes are added to the list.
pub(in crate::cli) fn plan(
    root: &Path,
    git: Option<&Path>,
    arguments: &PlanArguments,
    mistakes: &mut Vec<String>,
) -> Option<Plan> {
    let before = mistakes.len();
    let file = read(root, arguments, mistakes);
    let targets = targets(&file, mistakes);
    let command = file.command.as_deref().unwrap_or(COMMAND);
    let command = parse(command, "command", mistakes);
    let builders = builders(&file, mistakes);
    let ssh = file.ssh.as_ref().map(|it| ssh(root, it, mistakes));
    let seconds = |value: Option<f64>, default: u64, key: &str, mistakes: &mut Vec<String>| {
        let duration = value.map_or(
            Ok(Duration::from_secs(default)),
            Duration::try_from_secs_f64,
        );
        duration.unwrap_or_else(|_| {
            mistakes.push(format!("{key} must be a number of seconds, 0 or more"));
            Duration::ZERO
        })
    };
    let pause = seconds(file.pause, 10, "pause", mistakes);
    let refresh = seconds(file.refresh, 60, "refresh", mistakes);
    let (rules, bad) = rules(&file, mistakes);
    let warnings = bad.iter().map(ToString::to_string).collect();
    let results = file.results.clone().unwrap_or_else(|| root.join("results"));
    let git = git.map_or_else(|| root.join("git"), Path::to_owned);
    let settings = Settings {
        targets,
        rules,
        limits: limits(&file, mistakes),
        command: Arc::new(command?),
        clones: match file.clone_url {
            Some(address) => Places::Address(address),
            None => Places::Folder(absolute(&git)),
        },
        time_limit: Duration::from_secs(file.time_limit.unwrap_or(18_000).max(1)),
        max_log: file.max_log.unwrap_or(MAX_LOG),
        losses: file.losses.unwrap_or(3).max(1),
        pause,
        refresh,
        createrepo: match file.createrepo {
            Some(program) => Some(program).filter(|it| !it.is_empty()),
            None => Some("createrepo_c".to_owned()),
        },
        follow: false,
    };
    (mistakes.len() == before).then(|| Plan {
        settings,
        results: Results::at(&absolute(&results)),
        builders: builders.unwrap_or(Builders::Here(1)),
        ssh,
        warnings,
    })
}

/// The file that is named, or that of the root if it is there.
fn read(root: &Path, arguments: &PlanArguments, mistakes: &mut Vec<String>) -> BuildFile {
    let usual = root.join("builds.toml");
    let path = match &arguments.file {
        Some(path) => path,
        None if usual.exists() => &usual,
        None => return BuildFile::default(),
    };
    let folder = path.parent().unwrap_or(Path::new(""));
    let text = fs::read_to_string(path).map_err(|error| error.to_string());
    let file = text.and_then(|it| {
        let file = BuildFile::from_toml(&it, folder);
        file.map_err(|error| error.to_string())
    });
    file.unwrap_or_else(|error| {
        mistakes.push(format!("{}: {}", path.display(), error.trim_end()));
        BuildFile::default()
    })
}

fn targets(file: &BuildFile, mistakes: &mut Vec<String>) -> Targets {
    let mut targets = Targets::new();
    for entry in &file.targets {
        let target = target(entry, mistakes);
        let name = target.name.clone();
        if targets.insert(name, Arc::new(target)).is_some() {
            mistakes.push(format!("the target {} is there twice", entry.name));
        }
    }
    if targets.is_empty() {
        let name = format!("local-{}", std::env::consts::ARCH);
        targets.insert(name.clone(), Arc::new(Target::named(&name)));
    }
    targets
}

fn target(entry: &TargetEntry, mistakes: &mut Vec<String>) -> Target {
    let mut target = Target::named(&entry.name);
    if let Err(error) = PackageName::new(&entry.name) {
        let error = error.to_string().replace("package name", "name");
        mistakes.push(format!("target {:?}: {error}", entry.name));
    }
    if let Some(architecture) = &entry.architecture {
        target.architecture.clone_from(architecture);
    }
    check_tags(&entry.tags, &entry.name, mistakes);
    check_tags(&[target.architecture.clone()], &entry.name, mistakes);
    target.tags.clone_from(&entry.tags);
    target.branch = entry.branch.as_deref().and_then(|it| {
        let branch = BranchName::new(it);
        branch
            .map_err(|error| mistakes.push(error.to_string()))
            .ok()
    });
    let command = entry.command.as_deref();
    target.command = command.and_then(|it| parse(it, &entry.name, mistakes));
    target
}

fn check_tags(tags: &[String], place: &str, mistakes: &mut Vec<String>) {
    for tag in tags {
        if tag.is_empty() || tag.contains(|c: char| c.is_whitespace() || c.is_control() || c == ',')
        {
            mistakes.push(format!("{place}: {tag:?} is no tag"));
        }
    }
}

fn parse(text: &str, place: &str, mistakes: &mut Vec<String>) -> Option<Command> {
    let command = text.parse::<Command>();
    let say = |error| mistakes.push(format!("{place}: {error}"));
    command.map_err(say).ok()
}

fn rules(
    file: &BuildFile,
    mistakes: &mut Vec<String>,
) -> (Rules, Vec<crate::build::tags::BadRule>) {
    let base = file.base_tag.as_deref().unwrap_or(BASE);
    check_tags(&[base.to_owned()], "base-tag", mistakes);
    for rule in &file.rules {
        check_tags(&rule.tags, &rule.pattern, mistakes);
    }
    let rules = file.rules.iter().map(|it| Rule {
        pattern: it.pattern.clone(),
        tags: it.tags.clone(),
    });
    Rules::new(base, rules.collect())
}

fn builders(file: &BuildFile, mistakes: &mut Vec<String>) -> Option<Builders> {
    match (&file.farm, &file.resalloc, file.builders) {
        (Some(folder), None, None) => Some(Builders::Farm(folder.clone())),
        (None, Some(address), None) => {
            let url = Url::parse(address).ok();
            let url = url.filter(|it| matches!(it.scheme(), "http" | "https") && it.has_host());
            if url.is_none() {
                mistakes.push(format!("resalloc: {address:?} is no http or https address"));
            }
            url.map(|it| Builders::Server(it, file.token_file.clone()))
        }
        (None, None, count) => {
            let processors = available_parallelism().map_or(1, |it| it.get() as u32);
            let count = count.unwrap_or_else(|| processors.div_ceil(2));
            if count == 0 {
                mistakes.push("builders must be above 0".to_owned());
            }
            Some(Builders::Here(count))
        }
        _ => {
            let text = "say one of farm, resalloc and builders: builders come from one place";
            mistakes.push(text.to_owned());
            None
        }
    }
}

pub(super) fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

/// The folder under which connections to builders have theirs.
pub(super) fn connections_folder(root: &Path) -> PathBuf {
    absolute(&builds_of(root).join("ssh"))
}

/// The folder under which builds on this machine have theirs.
pub(super) fn work_folder(root: &Path) -> PathBuf {
    absolute(&builds_of(root).join("work"))
}
