//! Which layout a lookaside cache has: recorded in it, asked for, or seen in what is there.
//!
//! The record is a hidden file `.layout` with one word. A cache that another tool made has none;
//! then the first file in it tells. The record is written by the first run that imports.

use super::RootError;
use crate::model::Layout;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

const RECORD: &str = ".layout";

/// The layout of a cache. `asked` must agree with the record, where there is one.
///
/// # Errors
/// When they disagree, or the record cannot be read.
pub(super) fn of(cache: &Path, asked: Option<Layout>) -> Result<Layout, RootError> {
    match (recorded(cache)?, asked) {
        (Some(recorded), Some(asked)) if recorded != asked => Err(RootError::Layout {
            path: cache.to_owned(),
            recorded,
            asked,
        }),
        (Some(layout), _) | (None, Some(layout)) => Ok(layout),
        (None, None) => Ok(seen(cache).unwrap_or_default()),
    }
}

/// Records the layout, unless it is recorded.
///
/// # Errors
/// When it cannot be written, or another run recorded another one meanwhile.
pub(super) fn record(cache: &Path, layout: Layout) -> Result<(), RootError> {
    let path = cache.join(RECORD);
    let write = || {
        let mut file = tempfile::Builder::new()
            .permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644))
            .prefix(".layout-")
            .tempfile_in(cache)?;
        writeln!(file, "{layout}")?;
        file.persist_noclobber(&path).map_err(|error| error.error)
    };
    if path.exists() {
        return Ok(());
    }
    match write() {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            of(cache, Some(layout)).map(drop)
        }
        Err(error) => Err(RootError::write(&path)(error)),
    }
}

fn recorded(cache: &Path) -> Result<Option<Layout>, RootError> {
    let path = cache.join(RECORD);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
            ) =>
        {
            return Ok(None);
        }
        Err(error) => return Err(RootError::read(&path)(error)),
    };
    match text.trim().parse() {
        Ok(layout) => Ok(Some(layout)),
        Err(_) => Err(RootError::Record { path, text }),
    }
}

/// The layout of the first file that is found: `OWNER/PROJECT/PKG/FILE/` and then an MD5, or the
/// name of a digest.
fn seen(cache: &Path) -> Option<Layout> {
    let mut level = vec![cache.to_owned()];
    for _ in 0..4 {
        // A package may be empty, so a few of each level are looked into.
        let below = level.iter().flat_map(|it| folders(it));
        level = below.take(100).collect();
    }
    level.iter().flat_map(|it| folders(it)).find_map(|it| {
        let name = it.file_name()?.to_str()?;
        let is_md5 = name.len() == 32 && name.bytes().all(|b| b.is_ascii_hexdigit());
        match name {
            "md5" | "sha1" | "sha256" | "sha512" => Some(Layout::DistGit),
            _ if is_md5 => Some(Layout::Copr),
            _ => None,
        }
    })
}

/// The folders in a folder that are not hidden.
fn folders(path: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(path).into_iter().flatten().flatten();
    let shown = entries.filter(|it| !it.file_name().as_encoded_bytes().starts_with(b"."));
    let folders = shown.filter(|it| it.file_type().is_ok_and(|it| it.is_dir()));
    folders.map(|it| it.path()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_record_wins_then_the_wish_then_what_is_seen() {
        let dir = tempfile::TempDir::new().unwrap();
        let cache = dir.path();
        assert_eq!(of(cache, None).unwrap(), Layout::DistGit);
        let md5 = "0123456789abcdef0123456789abcdef";
        fs::create_dir_all(cache.join("o/p/pkg/a.gz").join(md5)).unwrap();
        fs::create_dir_all(cache.join(".incoming/x/y/z/sha512")).unwrap();
        assert_eq!(of(cache, None).unwrap(), Layout::Copr);
        assert_eq!(of(cache, Some(Layout::DistGit)).unwrap(), Layout::DistGit);
        record(cache, Layout::Copr).unwrap();
        assert_eq!(of(cache, Some(Layout::Copr)).unwrap(), Layout::Copr);
        let error = of(cache, Some(Layout::DistGit)).unwrap_err();
        assert!(error.to_string().contains("laid out as copr"), "{error}");
        record(cache, Layout::DistGit).unwrap();
        assert_eq!(of(cache, None).unwrap(), Layout::Copr, "it was overwritten");
        fs::write(cache.join(RECORD), "other").unwrap();
        assert!(matches!(of(cache, None), Err(RootError::Record { .. })));
    }
}
