//! Where the files of one package go.

use super::objects::{Objects, hex};
use crate::import::distgit::is_text;
use crate::model::Layout;
use md5::Md5;
use sha2::{Digest, Sha256, Sha512};
use std::collections::HashMap;
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Files of the lookaside cache by their SHA-256: equal ones are links to the first.
pub(super) type Known = HashMap<[u8; 32], PathBuf>;

/// Writes the files of a package into its repository and the lookaside cache.
pub(super) fn put(
    root: &Path,
    layout: Layout,
    project: &str,
    package: &str,
    files: &[(&str, &[u8])],
    known: &mut Known,
) -> io::Result<()> {
    let git = root.join("git").join(project);
    let mut objects = Objects::begin(git.join(format!("{package}.git")))?;
    let (mut sources, mut ignored) = (String::new(), String::new());
    for (name, bytes) in files {
        if is_text(bytes) {
            objects.add(name, bytes)?;
            continue;
        }
        let hash = match layout {
            Layout::DistGit => hex(&Sha512::digest(bytes)),
            Layout::Copr => hex(&Md5::digest(bytes)),
        };
        let sha256: [u8; 32] = Sha256::digest(bytes).into();
        let folder = root.join("lookaside").join(project).join(package);
        let folder = match layout {
            Layout::DistGit => folder.join(name).join("sha512").join(&hash),
            Layout::Copr => folder.join(name).join(&hash),
        };
        fs::create_dir_all(&folder)?;
        let path = folder.join(name);
        match known.get(&sha256) {
            Some(first) => fs::hard_link(first, path)?,
            None => {
                fs::write(&path, bytes)?;
                known.insert(sha256, path);
            }
        }
        let _ = match layout {
            Layout::DistGit => writeln!(sources, "SHA512 ({name}) = {hash}"),
            Layout::Copr => writeln!(sources, "{hash}  {name}"),
        };
        let _ = writeln!(ignored, "/{name}");
    }
    objects.add(".gitignore", ignored.as_bytes())?;
    objects.add("sources", sources.as_bytes())?;
    objects.commit()
}
