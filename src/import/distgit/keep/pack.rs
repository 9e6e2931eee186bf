//! Packs the objects of a repository, as `git gc` does.
//!
//! A new pack takes in every object that a ref leads to. It is written aside, brought to stable
//! storage, read back and only then moved in; after that go the loose objects, and the older
//! packs, that it holds in full. What no ref leads to stays where it is. Packs that are kept by
//! a `.keep` are left alone, and so is all where git keeps a chain of multi-pack indexes, or `git gc`
//! is at work. Other tools of git's may pack at the same time: what one takes away the other holds.

use super::gc_lock::GcLock;
use super::reach;
use crate::import::distgit::objects::ASIDE;
use crate::import::distgit::{Error, Repository};
use git2::{ObjectType, Oid};
use serde::Serialize;
use std::collections::HashSet;
use std::fs::{self, File, Permissions};
use std::io;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

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

/// How often it is tried where git, which knows nothing of our lock, packs at the same time.
const TRIES: usize = 10;

/// The index of several packs, and the folder of a chain of such.
const MULTI: &str = "multi-pack-index";
const CHAIN: &str = "multi-pack-index.d";

/// Packs a repository that is held alone; nothing where one pack holds everything already, or
/// `git gc` is at work.
pub(super) fn pack(repository: &Repository) -> Result<Option<Packed>, Error> {
    let folder = repository.path.join("objects/pack");
    let io = |error| Error::io("pack", &repository.path)(error);
    let Some(_lock) = GcLock::take(&repository.path).map_err(io)? else {
        let path = repository.path.display();
        tracing::info!(%path, "not packed: git gc is at work on it");
        return Ok(None);
    };
    for _ in 1..TRIES {
        let before = packs(&folder).map_err(io)?;
        match try_pack(repository, &folder) {
            // What it read from is gone: somebody else packed meanwhile.
            Err(_) if packs(&folder).map_err(io)? != before => {}
            other => return other,
        }
        let refreshed = repository.git.odb().and_then(|it| it.refresh());
        refreshed.map_err(Error::git("pack", &repository.path))?;
    }
    try_pack(repository, &folder)
}

fn try_pack(repository: &Repository, folder: &Path) -> Result<Option<Packed>, Error> {
    let objects = repository.path.join("objects");
    let io = |error| Error::io("pack", &repository.path)(error);
    sweep(folder).map_err(io)?;
    let loose = loose(&objects).map_err(io)?;
    let mut old = packs(folder).map_err(io)?;
    old.retain(|it| !is_kept(it));
    if loose.is_empty() && old.len() <= 1 || folder.join(CHAIN).exists() {
        return Ok(None);
    }
    let before_bytes = bytes(&objects).map_err(io)?;
    let aside = tempfile::Builder::new().prefix(ASIDE).tempdir_in(folder);
    let aside = aside.map_err(io)?;
    let written = write(repository, aside.path());
    let count = written.map_err(Error::git("pack", &repository.path))?;
    if count == 0 {
        return Ok(None);
    }
    let (index, held) = read_back(repository, aside.path(), count)?;
    let mut place = folder.join(index.file_name().unwrap_or_default());
    let is_held = |it: &&PathBuf| matches!(ids(it), Ok(Some(ids)) if ids.is_subset(&held));
    let superfluous: Vec<&PathBuf> = old.iter().filter(is_held).collect();
    let others = superfluous.iter().any(|it| **it != place);
    if !others && !loose.iter().any(|it| held.contains(&it.0)) {
        // What there is beside one pack is what no ref leads to.
        return Ok(None);
    }
    if place.exists() {
        // Equal bytes have equal names. A repack that is at work may have marked that one.
        place = folder.join(new_name());
    }
    move_in(&index, &place, folder).map_err(io)?;
    remove_held(&loose, &superfluous, &held).map_err(io)?;
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

/// Makes the new pack durable and moves it in, its index to `place`.
fn move_in(index: &Path, place: &Path, folder: &Path) -> io::Result<()> {
    for file in [index.with_extension("pack"), index.to_owned()] {
        File::open(&file)?.sync_all()?;
        fs::set_permissions(&file, Permissions::from_mode(0o444))?;
    }
    // The index last: a pack counts once it has one.
    for extension in ["pack", "idx"] {
        let from = index.with_extension(extension);
        fs::rename(from, place.with_extension(extension))?;
    }
    File::open(folder)?.sync_all()
}

/// A name that no pack had before.
fn new_name() -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let nanoseconds = now.unwrap_or_default().as_nanos();
    format!("pack-{:08x}{nanoseconds:032x}.idx", std::process::id())
}

/// Removes what the new pack holds as well. What git removed meanwhile is gone.
fn remove_held(
    loose: &[(Oid, PathBuf)],
    packs: &[&PathBuf],
    held: &HashSet<Oid>,
) -> io::Result<()> {
    for (id, path) in loose {
        if held.contains(id) {
            remove(path)?;
            // Stays where something is left in it.
            let _ = path.parent().map(fs::remove_dir);
        }
    }
    if let Some(folder) = packs.first().and_then(|it| it.parent()) {
        // As git does: an index that names packs goes before they do, and is made anew by its
        // next repack.
        for entry in below(folder)? {
            let name = entry.file_name().unwrap_or_default().to_string_lossy();
            if name == MULTI || name.starts_with("multi-pack-index-") {
                remove(&entry)?;
            }
        }
    }
    for index in packs {
        for extension in ["idx", "pack", "rev", "bitmap", "mtimes"] {
            remove(&index.with_extension(extension))?;
        }
    }
    Ok(())
}

/// Whether a pack is to stay whatever else holds its objects.
fn is_kept(index: &Path) -> bool {
    let kept = ["keep", "promisor"];
    kept.iter().any(|it| index.with_extension(it).exists())
}

fn remove(file: &Path) -> io::Result<()> {
    match fs::remove_file(file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

/// What is in a folder; nothing where it is gone.
fn below(folder: &Path) -> io::Result<Vec<PathBuf>> {
    match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        entries => entries?.map(|it| Ok(it?.path())).collect(),
    }
}

/// Removes what a killed run left.
fn sweep(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    for path in below(folder)? {
        let name = path.file_name().unwrap_or_default();
        if name.to_string_lossy().starts_with(ASIDE) {
            fs::remove_dir_all(path)?;
        }
    }
    Ok(())
}

/// Every loose object and its file.
fn loose(objects: &Path) -> io::Result<Vec<(Oid, PathBuf)>> {
    let mut all = Vec::new();
    for folder in below(objects)? {
        let head = folder.file_name().unwrap_or_default().to_string_lossy();
        if head.len() != 2 || !folder.is_dir() {
            continue;
        }
        for path in below(&folder)? {
            let tail = path.file_name().unwrap_or_default().to_string_lossy();
            let hex = format!("{head}{tail}");
            if hex.len() == 40
                && let Ok(id) = Oid::from_str(&hex)
            {
                all.push((id, path));
            }
        }
    }
    Ok(all)
}

/// The indexes of all packs, in their order.
fn packs(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut all = below(folder)?;
    all.retain(|it| {
        it.extension().is_some_and(|it| it == "idx") && it.with_extension("pack").exists()
    });
    all.sort();
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
    let mut sum = 0;
    for path in below(folder)?.iter().map(PathBuf::as_path).chain([folder]) {
        sum += match fs::symlink_metadata(path) {
            Ok(metadata) if metadata.is_dir() && path != folder => bytes(path)?,
            Ok(metadata) => metadata.blocks() * 512,
            Err(error) if error.kind() == io::ErrorKind::NotFound => 0,
            Err(error) => return Err(error),
        };
    }
    Ok(sum)
}
