//! One 512-byte header block of a tar, checked and taken apart.
//!
//! Follows POSIX.1-1988 (`ustar`) and the GNU tar manual. Where GNU tar and Python's tarfile
//! would read the same header as different things, it is refused.

use super::budget::Budget;
use super::error::ArchiveError;
use tar::Header;

/// Bytes of a block; headers and contents begin at multiples of it.
pub(super) const BLOCK: usize = 512;

/// The checksum field within the block.
const CHECKSUM: std::ops::Range<usize> = 148..156;
/// The size field within the block.
const SIZE: std::ops::Range<usize> = 124..136;
/// Whether an extension of the sparse map follows a GNU sparse header, and one of its extensions.
const EXTENDED: usize = 482;
const EXTENSION_EXTENDED: usize = 504;

/// Bytes between the end of a content and the next block.
pub(super) const fn padding(size: u64) -> u64 {
    size.wrapping_neg() % BLOCK as u64
}

/// The type of an entry, as far as it matters here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Type {
    File,
    Directory,
    Symlink,
    HardLink,
    /// GNU sparse, in the old form.
    Sparse,
    LongName,
    LongLink,
    Pax,
    PaxGlobal,
    /// The label of a volume: no entry at all.
    Label,
    Device,
    /// A part of a file that goes on in another archive, or a list of a folder's files.
    Foreign,
}

/// A header block.
pub(super) struct Block<'b> {
    header: &'b Header,
    bytes: &'b [u8; BLOCK],
}

impl<'b> Block<'b> {
    /// Checks the block's checksum and takes it.
    pub(super) fn new(bytes: &'b [u8; BLOCK], budget: &Budget<'_>) -> Result<Self, ArchiveError> {
        let header = Header::from_byte_slice(bytes);
        let told = header.cksum().ok().map(i64::from);
        if told != Some(unsigned_sum(bytes)) && told != Some(signed_sum(bytes)) {
            return Err(budget.malformed("a tar header does not fit its checksum"));
        }
        Ok(Self { header, bytes })
    }

    /// What the type flag says.
    pub(super) fn entry_type(&self) -> Type {
        match self.bytes[156] {
            b'1' => Type::HardLink,
            b'2' => Type::Symlink,
            b'3' | b'4' | b'6' => Type::Device,
            b'5' => Type::Directory,
            b'L' => Type::LongName,
            b'K' => Type::LongLink,
            b'x' | b'X' => Type::Pax,
            b'g' => Type::PaxGlobal,
            b'S' => Type::Sparse,
            b'V' => Type::Label,
            b'M' | b'D' => Type::Foreign,
            // POSIX: an unknown type is a file.
            _ => Type::File,
        }
    }

    /// The bytes of content that follow.
    pub(super) fn size(&self, budget: &Budget<'_>) -> Result<u64, ArchiveError> {
        let field = &self.bytes[SIZE];
        if field.iter().all(|b| matches!(b, 0 | b' ')) {
            return Ok(0);
        }
        // The wide form has 95 bits; more than 63 of them are no size.
        let too_wide = field[0] & 0x80 != 0 && (field[0] != 0x80 || field[1..5] != [0; 4]);
        match self.header.entry_size() {
            Ok(size) if !too_wide && size <= i64::MAX as u64 => Ok(size),
            _ => Err(budget.malformed("a tar header holds a size that is none")),
        }
    }

    /// The size of a GNU sparse file with its holes.
    pub(super) fn sparse_size(&self) -> Option<u64> {
        self.header.as_gnu()?.real_size().ok()
    }

    /// Whether the sparse map goes on in the next block.
    pub(super) const fn map_goes_on(&self) -> bool {
        self.bytes[EXTENDED] != 0
    }

    /// The name in the header, with its prefix.
    pub(super) fn name(&self) -> std::borrow::Cow<'b, [u8]> {
        self.header.path_bytes()
    }

    /// The target of a link.
    pub(super) fn link(&self) -> std::borrow::Cow<'b, [u8]> {
        self.header.link_name_bytes().unwrap_or_default()
    }

    /// Seconds since 1970; 0 where there is no such number.
    pub(super) fn mtime(&self) -> i64 {
        let told = self.header.mtime().ok();
        told.and_then(|it| i64::try_from(it).ok()).unwrap_or(0)
    }

    /// The permission bits; 0 where there is no such number.
    pub(super) fn mode(&self) -> u32 {
        self.header.mode().unwrap_or(0) & 0o7777
    }
}

/// Whether the sparse map goes on behind this extension of it.
pub(super) const fn extension_goes_on(block: &[u8; BLOCK]) -> bool {
    block[EXTENSION_EXTENDED] != 0
}

fn unsigned_sum(bytes: &[u8; BLOCK]) -> i64 {
    let sum: i64 = bytes.iter().map(|b| i64::from(*b)).sum();
    let field: i64 = bytes[CHECKSUM].iter().map(|b| i64::from(*b)).sum();
    sum - field + 8 * i64::from(b' ')
}

/// Some old tars summed signed characters.
fn signed_sum(bytes: &[u8; BLOCK]) -> i64 {
    let signed = |b: &u8| i64::from(b.cast_signed());
    let sum: i64 = bytes.iter().map(signed).sum();
    let field: i64 = bytes[CHECKSUM].iter().map(signed).sum();
    sum - field + 8 * i64::from(b' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contents_are_padded_to_blocks() {
        for (size, want) in [(0, 0), (1, 511), (511, 1), (512, 0), (513, 511)] {
            assert_eq!(padding(size), want);
        }
    }

    #[test]
    fn sums_agree_on_ascii_only() {
        let mut block = [0; BLOCK];
        block[0] = b'a';
        assert_eq!(unsigned_sum(&block), signed_sum(&block));
        block[1] = 0xe9;
        assert_eq!(unsigned_sum(&block) - signed_sum(&block), 256);
    }
}
