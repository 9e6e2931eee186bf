//! Refs: each leads to an object, each branch to a commit; and no lock was left behind.

use super::{Finding, Problem};
use crate::import::distgit::Repository;
use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::Path;

pub(super) fn check(repository: &Repository) -> Vec<Finding> {
    let path = &repository.path;
    let mut found = Vec::new();
    let mut names = BTreeSet::from(["HEAD".to_owned()]);
    // A loose ref that is no ref at all is passed over by the iterator: files are looked at, too.
    if let Err(error) = loose(&path.join("refs"), "refs", &mut names, &mut found) {
        let message = format!("its refs cannot be read: {error}");
        found.push(Finding::new(Problem::Unreadable, path, message));
    }
    match repository.git.references() {
        Ok(all) => {
            let known = all.filter_map(Result::ok);
            names.extend(known.filter_map(|it| it.name().ok().map(str::to_owned)));
        }
        Err(error) => {
            let message = format!("its refs cannot be listed: {}", error.message());
            found.push(Finding::new(Problem::BrokenRef, path, message));
        }
    }
    for name in names {
        if let Err(message) = resolve(repository, &name) {
            found.push(Finding::new(Problem::BrokenRef, path, message));
        }
    }
    for name in [
        "HEAD.lock",
        "packed-refs.lock",
        "config.lock",
        "gc.pid.lock",
    ] {
        let lock = path.join(name);
        if lock.exists() {
            found.push(Finding::new(Problem::Leftover, &lock, "a lock was left"));
        }
    }
    found
}

/// The names of all loose refs.
fn loose(
    folder: &Path,
    name: &str,
    names: &mut BTreeSet<String>,
    found: &mut Vec<Finding>,
) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        let name = format!("{name}/{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            loose(&path, &name, names, found)?;
        } else if path.extension().is_some_and(|it| it == "lock") {
            let message = "a lock was left: no import can move the branch";
            found.push(Finding::new(Problem::Leftover, &path, message));
        } else {
            names.insert(name);
        }
    }
    Ok(())
}

fn resolve(repository: &Repository, name: &str) -> Result<(), String> {
    let git = &repository.git;
    let reference = git.find_reference(name);
    let reference = reference.map_err(|it| format!("{name} is broken: {}", it.message()))?;
    let target = match reference.symbolic_target() {
        // HEAD may name a branch that was never made.
        Ok(Some(_)) if name == "HEAD" => return Ok(()),
        Ok(Some(_)) => reference.resolve().ok().and_then(|it| it.target()),
        _ => reference.target(),
    };
    let Some(target) = target else {
        return Err(format!("{name} leads nowhere"));
    };
    match git.find_object(target, None) {
        Err(_) => Err(format!("{name} leads to {target}, which is not there")),
        Ok(object) if name.starts_with("refs/heads/") && object.as_commit().is_none() => {
            Err(format!("{name} leads to {target}, which is no commit"))
        }
        Ok(_) => Ok(()),
    }
}
