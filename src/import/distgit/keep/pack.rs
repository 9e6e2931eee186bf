//! Packs the objects of a repository, as `git gc` does.
//!
//! A new pack takes in every object that a ref leads to. It is written aside, brought to stable
//! storage, read back and only then moved in; after that go the loose objects, and the older
//! packs, that it holds in full. What no ref leads to stays where it is. Packs that are kept by
//! a `.keep` and those that a multi-pack index covers are left alone.

use super::reach;
use crate::import::distgit::{Error, Repository};
use git2::{ObjectType, Oid};
use serde::Serialize;
use std::collections::HashSet;
use std::fs::{self, File, Permissions};
use std::io;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

/// What packing came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Packed {
    /// Objects in the new pack.
    pub objects: u64,
    /// Bytes that all objects took up on the disk before.
    pub before_bytes: u64,
    /// And after.
    pub after_bytes: u64,
}

/// How the folder begins that a new pack waits in.
const ASIDE: &str = "tmp_distmill_";

/// Packs a repository that is held alone; nothing where one pack holds everything already.
pub(super) fn pack(repository: &Repository) -> Result<Option<Packed>, Error> {
    let objects = repository.path.join("objects");
    let folder = objects.join("pack");
    let io = |error| Error::io("pack", &repository.path)(error);
    sweep(&folder).map_err(io)?;
    let loose = loose(&objects).map_err(io)?;
    let old = packs(&folder).map_err(io)?;
    if loose.is_empty() && old.len() <= 1 {
        return Ok(None);
    }
    let before_bytes = bytes(&objects).map_err(io)?;
    let aside = tempfile::Builder::new().prefix(ASIDE).tempdir_in(&folder);
    let aside = aside.map_err(io)?;
    let written = write(repository, aside.path());
    let count = written.map_err(Error::git("pack", &repository.path))?;
    if count == 0 {
        return Ok(None);
    }
    let (index, held) = read_back(repository, aside.path(), count)?;
    if old.len() <= 1 && !loose.iter().any(|it| held.contains(&it.0)) {
        // All that is loose is what no ref leads to.
        return Ok(None);
    }
    let new = move_in(&index, &folder).map_err(io)?;
    remove_held(&loose, &old, &new, &held).map_err(io)?;
    Ok(Some(Packed {
        objects: count as u64,
        before_bytes,
        after_bytes: bytes(&objects).map_err(io)?,
    }))
}

/// Writes pack and index of all that refs lead to into `aside`. How many objects.
fn write(repository: &Repository, aside: &Path) -> Result<usize, git2::Error> {
    let git = &repository.git;
    let mut builder = git.packbuilder()?;
    builder.set_threads(1);
    builder.insert_walk(&mut reach::walk(repository)?)?;
    for reference in git.references()? {
        if let Some(id) = reference?.target()
            && git.find_object(id, None)?.kind() != Some(ObjectType::Commit)
        {
            builder.insert_recursive(id, None)?;
        }
    }
    if builder.object_count() > 0 {
        builder.write(aside, 0o444)?;
    }
    Ok(builder.object_count())
}

/// The index of the new pack, and the objects that it says are there: as many as were asked for.
fn read_back(
    repository: &Repository,
    aside: &Path,
    count: usize,
) -> Result<(PathBuf, HashSet<Oid>), Error> {
    let io = |error| Error::io("pack", &repository.path)(error);
    let made = packs(aside).map_err(io)?;
    if let [index] = &made[..] {
        let held = ids(index).map_err(io)?.unwrap_or_default();
        if held.len() == count {
            return Ok((index.clone(), held));
        }
    }
    let path = repository.path.clone();
    Err(Error::Pack { path })
}

/// Makes the new pack durable and moves it in. Where its index is then.
fn move_in(index: &Path, folder: &Path) -> io::Result<PathBuf> {
    for file in [index.with_extension("pack"), index.to_owned()] {
        File::open(&file)?.sync_all()?;
        fs::set_permissions(&file, Permissions::from_mode(0o444))?;
    }
    let place = folder.join(index.file_name().unwrap_or_default());
    // The index last: a pack counts once it has one.
    for extension in ["pack", "idx"] {
        let from = index.with_extension(extension);
        fs::rename(from, place.with_extension(extension))?;
    }
    File::open(folder)?.sync_all()?;
    Ok(place)
}

/// Removes what the new pack holds as well.
fn remove_held(
    loose: &[(Oid, PathBuf)],
    old: &[PathBuf],
    new: &Path,
    held: &HashSet<Oid>,
) -> io::Result<()> {
    for (id, path) in loose {
        if held.contains(id) {
            fs::remove_file(path)?;
            // Stays where something is left in it.
            let _ = path.parent().map(fs::remove_dir);
        }
    }
    if new.with_file_name("multi-pack-index").exists() {
        return Ok(());
    }
    for index in old.iter().filter(|it| **it != *new) {
        let kept = ["keep", "promisor"];
        if kept.iter().any(|it| index.with_extension(it).exists()) {
            continue;
        }
        if ids(index)?.is_some_and(|it| it.is_subset(held)) {
            for extension in ["idx", "pack", "rev", "bitmap", "mtimes"] {
                let file = index.with_extension(extension);
                match fs::remove_file(file) {
                    Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                    _ => {}
                }
            }
        }
    }
    Ok(())
}

/// Removes what a killed run left.
fn sweep(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with(ASIDE) {
            fs::remove_dir_all(entry.path())?;
        }
    }
    Ok(())
}

/// Every loose object and its file.
fn loose(objects: &Path) -> io::Result<Vec<(Oid, PathBuf)>> {
    let mut all = Vec::new();
    for head in fs::read_dir(objects)? {
        let head = head?;
        let name = head.file_name().to_string_lossy().into_owned();
        if name.len() != 2 || !head.file_type()?.is_dir() {
            continue;
        }
        for tail in fs::read_dir(head.path())? {
            let tail = tail?;
            let hex = format!("{name}{}", tail.file_name().to_string_lossy());
            if hex.len() == 40
                && let Ok(id) = Oid::from_str(&hex)
            {
                all.push((id, tail.path()));
            }
        }
    }
    Ok(all)
}

/// The indexes of all packs.
fn packs(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|it| it == "idx") && path.with_extension("pack").exists() {
            all.push(path);
        }
    }
    Ok(all)
}

/// The objects that a pack's index names; nothing where it is not of version 2 (gitformat-pack:
/// a magic number, the version, 256 sums of which the last is the count, then the sorted names).
fn ids(index: &Path) -> io::Result<Option<HashSet<Oid>>> {
    const HEAD: usize = 8;
    const NAMES: usize = HEAD + 256 * 4;
    let bytes = fs::read(index)?;
    if !bytes.starts_with(b"\xfftOc\0\0\0\x02") {
        return Ok(None);
    }
    let count = bytes
        .get(NAMES - 4..NAMES)
        .and_then(|it| it.try_into().ok());
    let count = count.map_or(0, u32::from_be_bytes) as usize;
    let names = bytes.get(NAMES..NAMES + count * 20);
    let ids = names.map(|it| it.chunks_exact(20).map(Oid::from_bytes).collect());
    Ok(ids.and_then(Result::ok))
}

/// The bytes that a folder takes up on the disk with all that is in it: a small file takes a block.
fn bytes(folder: &Path) -> io::Result<u64> {
    let mut sum = fs::metadata(folder)?.blocks() * 512;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let metadata = entry.metadata()?;
        sum += match metadata.is_dir() {
            true => bytes(&entry.path())?,
            false => metadata.blocks() * 512,
        };
    }
    Ok(sum)
}
