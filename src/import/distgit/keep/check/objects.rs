//! Objects: every one is what its name says, and every one that is named is there.

use super::{Finding, Problem};
use crate::import::distgit::Repository;
use git2::{ErrorCode, ObjectType, Oid, Tree};
use std::collections::HashSet;
use std::fs;
use std::path::Path;

/// How files begin that were never finished: git's, libgit2's and ours.
const UNFINISHED: [&str; 4] = ["tmp_", ".tmp-", "pack_git2_", "streamed_git2_"];

pub(super) fn check(repository: &Repository) -> Vec<Finding> {
    let mut found = Vec::new();
    let damaged = read_all(repository, &mut found);
    follow(repository, &damaged, &mut found);
    leftovers(&repository.path.join("objects"), &mut found);
    found
}

/// Reads every object, which compares its hash. Those that cannot be read.
fn read_all(repository: &Repository, found: &mut Vec<Finding>) -> HashSet<Oid> {
    let path = &repository.path;
    let mut damaged = HashSet::new();
    let mut all = Vec::new();
    let listed = repository.git.odb().and_then(|odb| {
        odb.foreach(|id| {
            all.push(*id);
            true
        })?;
        Ok(odb)
    });
    let odb = match listed {
        Ok(odb) => odb,
        Err(error) => {
            let message = format!("its objects cannot be listed: {}", error.message());
            found.push(Finding::new(Problem::Unreadable, path, message));
            return damaged;
        }
    };
    for id in all {
        if let Err(error) = odb.read(id) {
            let message = format!("object {id} cannot be read: {}", error.message());
            found.push(Finding::new(Problem::DamagedObject, path, message));
            damaged.insert(id);
        }
    }
    damaged
}

/// Follows every ref to all that it leads to.
fn follow(repository: &Repository, damaged: &HashSet<Oid>, found: &mut Vec<Finding>) {
    let git = &repository.git;
    let references = git.references().into_iter().flatten().flatten();
    let starts = references.filter_map(|it| Some((it.target()?, it.name().ok()?.to_owned())));
    let mut queue: Vec<(Oid, String)> = starts.collect();
    let mut seen = damaged.clone();
    while let Some((id, from)) = queue.pop() {
        if !seen.insert(id) {
            continue;
        }
        let object = match git.find_object(id, None) {
            Ok(object) => object,
            // What a ref leads to is told with the refs.
            Err(error) if error.code() == ErrorCode::NotFound && from.starts_with("refs/") => {
                continue;
            }
            Err(error) => {
                let problem = match error.code() {
                    ErrorCode::NotFound => Problem::MissingObject,
                    _ => Problem::DamagedObject,
                };
                let message = format!("object {id}, named by {from}: {}", error.message());
                found.push(Finding::new(problem, &repository.path, message));
                continue;
            }
        };
        if let Some(commit) = object.as_commit() {
            let from = format!("commit {id}");
            queue.push((commit.tree_id(), from.clone()));
            queue.extend(commit.parent_ids().map(|it| (it, from.clone())));
        } else if let Some(tag) = object.as_tag() {
            queue.push((tag.target_id(), format!("tag {id}")));
        } else if let Some(tree) = object.as_tree() {
            if let Some(message) = fault_of(tree) {
                let message = format!("tree {id} {message}");
                found.push(Finding::new(Problem::BadTree, &repository.path, message));
            }
            for entry in tree
                .iter()
                .filter(|it| it.kind() != Some(ObjectType::Commit))
            {
                let name = String::from_utf8_lossy(entry.name_bytes()).into_owned();
                queue.push((entry.id(), format!("tree {id} as {name:?}")));
            }
        }
    }
}

/// What keeps a tree from being checked out.
fn fault_of(tree: &Tree<'_>) -> Option<String> {
    let mut names = HashSet::new();
    tree.iter().find_map(|entry| {
        let name = entry.name_bytes().to_ascii_lowercase();
        let shown = String::from_utf8_lossy(entry.name_bytes()).into_owned();
        let is_unsafe = matches!(&name[..], b"" | b"." | b".." | b".git") || name.contains(&b'/');
        if is_unsafe {
            Some(format!("has an entry with the name {shown:?}"))
        } else if !names.insert(entry.name_bytes().to_owned()) {
            Some(format!("has two entries with the name {shown:?}"))
        } else {
            None
        }
    })
}

/// Files that were never finished.
fn leftovers(folder: &Path, found: &mut Vec<Finding>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if UNFINISHED.iter().any(|it| name.starts_with(it)) {
            let message = "an object or pack that was never finished";
            found.push(Finding::new(Problem::Leftover, &path, message));
        } else if path.is_dir() {
            leftovers(&path, found);
        }
    }
}
