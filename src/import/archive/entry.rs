//! What a walk shows and what it sums up.

use crate::import::description::MemberDigest;

/// One entry of an archive, checked: its path stays within the tree that it would unpack to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry<'a> {
    /// Its path, parts joined by `/`, without `.`, `..` and a slash at either end. Bytes that are
    /// not UTF-8 stand as U+FFFD: no such byte can become a separator or a dot, and two such
    /// names that fall together are only compared to find links, where that errs to the safe side.
    pub path: &'a str,
    /// Bytes of its content. For the members `metadata` and `checksums` of a gem, which come
    /// compressed, their compressed size.
    pub size: u64,
    /// Seconds since 1970; 0 where the archive does not say.
    pub mtime: i64,
    /// The permission bits, as far as the archive has them.
    pub mode: u32,
    /// What it is.
    pub kind: EntryKind,
    /// Where a symbolic link points, as the archive writes it; empty for all else.
    pub target: &'a [u8],
}

/// What an entry is. Devices, pipes and sockets are refused and never shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EntryKind {
    /// A file.
    File,
    /// A folder.
    Directory,
    /// A symbolic or hard link that stays within the tree.
    Link,
}

/// What a whole walk has seen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Entries, with those of the archive within a gem.
    pub entries: u64,
    /// Bytes after decompression, with the framing of a tar.
    pub bytes: u64,
    /// The newest modification time of an entry, in seconds since 1970.
    pub newest_mtime: Option<i64>,
    /// The digests of a gem's compressed members, for the check against `checksums`.
    pub members: Vec<MemberDigest>,
}
