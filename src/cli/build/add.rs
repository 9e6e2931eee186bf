//! Builds that are added: by hand, or for what was imported.

use super::arguments::AddArguments;
use super::plan::Plan;
use crate::build::entry::NewBuild;
use crate::build::store::{Added, BuildStore};
use crate::build::target::Target;
use crate::cli::exit::{Exit, UsageError};
use crate::cli::jobs::check_line;
use crate::config::{Limits, Storage};
use crate::import::distgit::{commit_of_spec, tip};
use crate::import::root::Places;
use crate::model::version::evr;
use crate::model::{PackageName, Project};
use crate::rpmfile::{ReadError, SourcePackage};
use crate::store::SqliteBuilds;
use crate::ui;
use anyhow::Context as _;
use jiff::Timestamp;
use serde_json::json;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// How the packages of a call are built.
#[derive(Clone, Debug)]
pub(in crate::cli) struct Order {
    pub(in crate::cli) targets: Vec<Arc<Target>>,
    pub(in crate::cli) sandbox: String,
    pub(in crate::cli) priority: i32,
    pub(in crate::cli) background: bool,
    pub(in crate::cli) run: Option<String>,
    /// Build anew what was built already.
    pub(in crate::cli) again: bool,
}

/// A source package that is to be built.
#[derive(Clone, Debug)]
pub(in crate::cli) struct Item {
    pub(in crate::cli) project: Project,
    pub(in crate::cli) package: String,
    pub(in crate::cli) evr: String,
    pub(in crate::cli) srpm: PathBuf,
    /// The branches that have it, with their commits; none of one that is in no repository.
    pub(in crate::cli) commits: Vec<(String, String)>,
}

impl Order {
    /// The build of a package for each target that takes it.
    pub(in crate::cli) fn builds(&self, item: &Item) -> Vec<NewBuild> {
        let branches = || item.commits.iter().map(|it| it.0.as_str());
        let takes = |it: &&Arc<Target>| item.commits.is_empty() || it.takes(branches());
        let targets = self.targets.iter().filter(takes);
        targets
            .map(|target| {
                let is_its = |it: &&(String, String)| {
                    let wanted = target.branch.as_ref();
                    wanted.is_none_or(|wanted| wanted.as_str() == it.0)
                };
                let commit = item.commits.iter().find(is_its);
                self.build(item, target, commit.map(|it| it.1.clone()))
            })
            .collect()
    }

    /// The build of a package for one target, of this commit.
    fn build(&self, item: &Item, target: &Target, commit: Option<String>) -> NewBuild {
        NewBuild {
            project: item.project.clone(),
            package: item.package.clone(),
            evr: item.evr.clone(),
            commit,
            srpm: item.srpm.clone(),
            target: target.name.clone(),
            sandbox: self.sandbox.clone(),
            priority: self.priority,
            background: self.background,
            run: self.run.clone(),
        }
    }
}

/// Adds the builds of packages.
pub(in crate::cli) fn queue(
    store: &SqliteBuilds,
    order: &Order,
    items: &[Item],
) -> anyhow::Result<Vec<(NewBuild, Added)>> {
    add(
        store,
        items.iter().flat_map(|it| order.builds(it)).collect(),
        order.again,
    )
}

fn add(
    store: &SqliteBuilds,
    builds: Vec<NewBuild>,
    again: bool,
) -> anyhow::Result<Vec<(NewBuild, Added)>> {
    if builds.is_empty() {
        return Ok(Vec::new());
    }
    let added = store.add(&builds, again, Timestamp::now())?;
    Ok(builds.into_iter().zip(added).collect())
}

/// The targets of these names, or all.
pub(in crate::cli) fn targets(
    plan: &Plan,
    names: &[String],
    mistakes: &mut Vec<String>,
) -> Vec<Arc<Target>> {
    let all = &plan.settings.targets;
    if names.is_empty() {
        return all.values().cloned().collect();
    }
    let mut out = Vec::new();
    for name in names {
        match all.get(name) {
            Some(target) => out.push(Arc::clone(target)),
            None => {
                let known: Vec<&str> = all.keys().map(String::as_str).collect();
                let known = known.join(", ");
                mistakes.push(format!("there is no target {name}: there are {known}"));
            }
        }
    }
    out
}

pub(super) fn run(
    root: &Path,
    plan: &Plan,
    json: bool,
    arguments: &AddArguments,
) -> anyhow::Result<Exit> {
    let mut mistakes = Vec::new();
    let project = Project::parse(&arguments.project);
    let project = project.map_err(|error| mistakes.push(error.to_string()));
    let sandbox = arguments.sandbox.as_ref().unwrap_or(&arguments.project);
    check_line("--sandbox", sandbox, &mut mistakes);
    let order = Order {
        targets: targets(plan, &arguments.targets, &mut mistakes),
        sandbox: sandbox.clone(),
        priority: arguments.priority,
        background: arguments.background,
        run: None,
        again: arguments.again,
    };
    let (Ok(project), []) = (project, &mistakes[..]) else {
        return Err(UsageError("build add", mistakes).into());
    };
    let places = Places::find(&Storage::new(root))?;
    let is_named = !arguments.targets.is_empty();
    let mut builds = Vec::new();
    for text in &arguments.packages {
        let found = builds_of(&places, &project, &order, is_named, text);
        builds.extend(found.with_context(|| ui::printable(text))?);
    }
    let store = super::run::open(root)?;
    for (build, added) in add(&store, builds, order.again)? {
        ui::print(&line(&build, added, json));
    }
    Ok(Exit::Success)
}

/// The builds of the package that an argument names.
fn builds_of(
    places: &Places,
    project: &Project,
    order: &Order,
    is_named: bool,
    text: &str,
) -> anyhow::Result<Vec<NewBuild>> {
    let srpm = match text.ends_with(".src.rpm") {
        true => PathBuf::from(text),
        false => newest(places, project, &PackageName::new(text)?)?,
    };
    let srpm = std::path::absolute(&srpm)?;
    let header = SourcePackage::open(&srpm, &Limits::default())?;
    let name = PackageName::new(header.name())?;
    let item = Item {
        project: project.clone(),
        package: name.to_string(),
        evr: evr(header.epoch(), header.version(), header.release()),
        srpm: srpm.clone(),
        commits: Vec::new(),
    };
    let repository = places.repository(project, &name);
    if !repository.exists() {
        // It was never imported: there is no branch that a target could mean.
        let targets = order.targets.iter();
        return Ok(targets.map(|it| order.build(&item, it, None)).collect());
    }
    let (spec_name, spec) = spec_of(header)?;
    let mut out = Vec::new();
    for target in &order.targets {
        let branch = target.branch.as_ref();
        if tip(&repository, branch).is_none() {
            let place = branch.map_or_else(
                || "in its repository".to_owned(),
                |it| format!("on the branch {it}"),
            );
            let text = format!(
                "{name} is not {place}, from which target {} builds",
                target.name
            );
            anyhow::ensure!(!is_named, "{text}: import it there first");
            ui::notice(&format!("{text}: it is not built for it"));
            continue;
        }
        let commit = commit_of_spec(&repository, branch, &spec_name, &spec);
        if commit.is_none() {
            let (file, target) = (srpm.display(), &target.name);
            ui::notice(&format!(
                "warning: no commit for target {target} is of {file}: the build has none"
            ));
        }
        out.push(order.build(&item, target, commit));
    }
    Ok(out)
}

/// The name and the bytes of a source package's spec.
fn spec_of(package: SourcePackage<File>) -> anyhow::Result<(String, Vec<u8>)> {
    let mut spec = (String::new(), Vec::new());
    package.for_each_file(|file, bytes| -> Result<(), ReadError> {
        if file.is_spec {
            spec.0.clone_from(&file.name);
            bytes.read_to_end(&mut spec.1).map_err(ReadError::Io)?;
        }
        Ok(())
    })?;
    Ok(spec)
}

/// The newest source package of a name in a project.
fn newest(places: &Places, project: &Project, name: &PackageName) -> anyhow::Result<PathBuf> {
    let folder = places.srpms(project);
    let entries = fs::read_dir(&folder).into_iter().flatten().flatten();
    let versions = entries.filter_map(|it| {
        let file = it.file_name().into_string().ok()?;
        let rest = file.strip_suffix(".src.rpm")?;
        let rest = rest.strip_prefix(name.as_str())?.strip_prefix('-')?;
        // NAME-VERSION-RELEASE: neither of both has a dash.
        let is_one = rest.matches('-').count() == 1;
        is_one.then(|| (rest.to_owned(), it.path()))
    });
    let newest = versions.max_by(|a, b| rpm_version::rpm_evr_compare(&a.0, &b.0));
    newest.map(|it| it.1).with_context(|| {
        let folder = folder.display();
        format!("there is no source package of it in {folder}: import it first")
    })
}

fn line(build: &NewBuild, added: Added, json: bool) -> String {
    let (package, target) = (&build.package, &build.target);
    let (id, is_new) = match added {
        Added::New(id) => (id, true),
        Added::Known(id, _) => (id, false),
    };
    if json {
        let object = json!({
            "build": id, "package": package, "target": target, "added": is_new,
        });
        return format!("{object}\n");
    }
    match added {
        Added::New(_) => format!("added    build {id}  {package}  {target}\n"),
        Added::Known(_, state) => format!("known    build {id}  {package}  {target}  ({state})\n"),
    }
}
