//! What is measured on: processors and file systems.

use rustix::fs::{statfs, statvfs};
use serde::{Deserialize, Serialize};
use std::fs;
use std::num::NonZeroUsize;
use std::path::Path;
use std::thread::available_parallelism;

/// The machine of a report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Machine {
    /// Processors that this process may use.
    pub processors: usize,
    /// What the system calls them; empty where it does not say.
    pub model: String,
}

impl Machine {
    /// The machine that this runs on.
    #[must_use]
    pub fn here() -> Self {
        let text = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let line = text.lines().find(|it| it.starts_with("model name"));
        let model = line.and_then(|it| it.split_once(": "));
        Self {
            processors: available_parallelism().map_or(1, NonZeroUsize::get),
            model: model.map_or(String::new(), |it| it.1.to_owned()),
        }
    }
}

/// The numbers of file systems in `linux/magic.h`, and their names.
const FILE_SYSTEMS: [(u64, &str); 8] = [
    (0x0102_1994, "tmpfs"),
    (0xef53, "ext4"),
    (0x5846_5342, "xfs"),
    (0x9123_683e, "btrfs"),
    (0x794c_7630, "overlayfs"),
    (0x2fc1_2fc1, "zfs"),
    (0x6969, "nfs"),
    (0xf2f5_2010, "f2fs"),
];

/// Whether the roots of earlier measurements, with so many bytes of sources each, stay in a folder
/// until the last one is made. A file system on a disk is busy for a while with what was removed
/// (ext4 looks at every inode that went within seconds before it takes another one); in memory
/// they would only take up room.
#[must_use]
pub fn has_room_for_old_roots(folder: &Path, source_bytes: u64) -> bool {
    // A run leaves sources, source packages, objects, and perhaps a queue.
    let needed = source_bytes.saturating_mul(8);
    file_system(folder) != "tmpfs"
        && statvfs(folder).is_ok_and(|it| it.f_bavail.saturating_mul(it.f_frsize) > needed)
}

/// The file system that a folder is on.
#[must_use]
pub fn file_system(folder: &Path) -> String {
    let Ok(found) = statfs(folder) else {
        return "unknown".to_owned();
    };
    #[expect(
        clippy::cast_sign_loss,
        reason = "the kernel's numbers are bit patterns"
    )]
    let number = found.f_type as u64 & 0xffff_ffff;
    let known = FILE_SYSTEMS.iter().find(|it| it.0 == number);
    known.map_or_else(|| format!("{number:#x}"), |it| it.1.to_owned())
}
