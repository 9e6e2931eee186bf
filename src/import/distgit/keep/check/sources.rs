//! `sources`: every line names a file of the lookaside cache that has the digest it should have;
//! and every file of the package's part of the cache is named by some commit.

use super::{Finding, Problem};
use crate::import::distgit::keep::RepositoryId;
use crate::import::distgit::keep::cached;
use crate::import::distgit::keep::reach::{self, Scope};
use crate::import::distgit::keep::sweep::unused;
use crate::import::distgit::lookaside::path_of;
use crate::import::distgit::sources_file::parse_line;
use crate::import::distgit::{Error, Repository, SourceLine};
use crate::import::root::Places;
use crate::model::{Layout, is_safe_file_name};
use git2::Oid;
use md5::Md5;
use sha1::Sha1;
use sha2::digest::DynDigest;
use sha2::{Digest as _, Sha224, Sha256, Sha384, Sha512};
use std::collections::{BTreeMap, HashSet};
use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

pub(super) fn check(
    repository: &Repository,
    places: &Places,
    id: &RepositoryId,
    scope: Scope,
) -> Vec<Finding> {
    let mut found = Vec::new();
    // A commit that cannot be read is told with the objects.
    if let Ok(lines) = lines(repository, scope, &mut found) {
        for (line, commit) in lines {
            found.extend(check_line(places, id, &line, commit));
        }
    }
    let folder = id.lookaside(places);
    let all = reach::references(repository, Scope::AllCommits);
    match all.and_then(|all| Ok(unused(cached::files(&folder)?, &all))) {
        Ok(unused) => found.extend(unused.iter().map(|it| {
            let message = "no commit refers to this file";
            Finding::new(Problem::UnusedFile, &it.path, message)
        })),
        // It was told with the objects, too.
        Err(Error::Git { .. }) => {}
        Err(error) => {
            found.push(Finding::new(
                Problem::Unreadable,
                &folder,
                error.to_string(),
            ));
        }
    }
    found
}

/// Every line of every `sources`, with one of the commits that have it.
fn lines(
    repository: &Repository,
    scope: Scope,
    found: &mut Vec<Finding>,
) -> Result<BTreeMap<SourceLine, Oid>, git2::Error> {
    let git = &repository.git;
    let mut seen = HashSet::new();
    let mut lines = BTreeMap::new();
    for id in reach::commits(repository, scope)? {
        let tree = git.find_commit(id)?.tree()?;
        let Some(entry) = tree.get_name("sources") else {
            continue;
        };
        let Ok(blob) = git.find_blob(entry.id()) else {
            continue;
        };
        if !seen.insert(entry.id()) {
            continue;
        }
        let text = String::from_utf8_lossy(blob.content()).into_owned();
        for text in text.lines().filter(|it| !it.trim().is_empty()) {
            match parse_line(text) {
                Some(line) if is_safe_file_name(&line.file) => {
                    lines.entry(line).or_insert(id);
                }
                _ => {
                    let message = format!("sources of commit {id} has a line {text:?}");
                    let path = &repository.path;
                    found.push(Finding::new(Problem::BadSources, path, message));
                }
            }
        }
    }
    Ok(lines)
}

fn check_line(
    places: &Places,
    id: &RepositoryId,
    line: &SourceLine,
    commit: Oid,
) -> Option<Finding> {
    let folder = id.lookaside(places);
    // An older commit may be of a time when another layout was used.
    let mut layouts = Layout::ALL;
    layouts.sort_by_key(|it| *it != places.layout());
    let candidates = layouts.map(|it| path_of(it, &line.file, &line.hash_type, &line.hash));
    let candidates = candidates.map(|it| folder.join(it));
    let Some(path) = candidates.iter().find(|it| it.is_file()) else {
        let message = format!("sources of commit {commit} names {}", line.file);
        return Some(Finding::new(Problem::MissingFile, &candidates[0], message));
    };
    let Some(hasher) = hasher(&line.hash_type) else {
        let message = format!("its digest is of the kind {:?}", line.hash_type);
        return Some(Finding::new(Problem::UnknownDigest, path, message));
    };
    match hash(path, hasher) {
        Err(error) => Some(Finding::new(Problem::Unreadable, path, error.to_string())),
        Ok(hash) if hash != line.hash => {
            let message = format!("its {} is {hash}", line.hash_type);
            Some(Finding::new(Problem::WrongSum, path, message))
        }
        Ok(_) => None,
    }
}

/// The hashers of the kinds of digest that `sources` files are written with.
fn hasher(hash_type: &str) -> Option<Box<dyn DynDigest>> {
    Some(match hash_type {
        "md5" => Box::new(Md5::new()),
        "sha1" => Box::new(Sha1::new()),
        "sha224" => Box::new(Sha224::new()),
        "sha256" => Box::new(Sha256::new()),
        "sha384" => Box::new(Sha384::new()),
        "sha512" => Box::new(Sha512::new()),
        _ => return None,
    })
}

fn hash(path: &Path, mut hasher: Box<dyn DynDigest>) -> io::Result<String> {
    let mut file = File::open(path)?;
    let mut buffer = vec![0; 256 * 1024];
    loop {
        match file.read(&mut buffer)? {
            0 => break,
            n => hasher.update(&buffer[..n]),
        }
    }
    let mut hex = String::new();
    for byte in hasher.finalize() {
        let _ = write!(hex, "{byte:02x}");
    }
    Ok(hex)
}
