//! Whether a file is text, as `file -b --mime-encoding` decides.
//!
//! Text goes to git, everything else to the lookaside cache. Neither extension nor size matter.
//! The procedure looks at the first 64 KiB: ASCII, UTF-8, UTF-16 and UTF-32 with a byte order
//! mark, the 8-bit sets, EBCDIC; what fits none of them is binary, and so is a file of 0 or 1 byte.

/// How many bytes from a file's beginning decide.
pub(super) const HEAD: usize = 64 * 1024;

/// Whether a file that begins with `head` is text. `head` is the whole file or its first
/// 64 KiB.
#[must_use]
pub fn is_text(head: &[u8]) -> bool {
    let head = &head[..head.len().min(HEAD)];
    if head.len() < 2 {
        return false;
    }
    head.iter().all(|b| is_extended(*b))
        || is_utf32(head)
        || is_utf16(head)
        || head.iter().all(|b| is_ebcdic(*b))
}

/// Bytes of plain ASCII text: printable ones and BEL BS HT LF VT FF CR ESC.
const fn is_ascii(b: u8) -> bool {
    matches!(b, 0x07..=0x0d | 0x1b | 0x20..=0x7e)
}

/// Bytes of text in any 8-bit superset of ASCII, UTF-8 among them.
const fn is_extended(b: u8) -> bool {
    is_ascii(b) || b >= 0x80
}

/// Bytes of EBCDIC text: the codes of the ASCII and Latin-1 text characters.
const fn is_ebcdic(b: u8) -> bool {
    matches!(b, 0x05 | 0x0b..=0x0d | 0x15 | 0x16 | 0x25 | 0x27 | 0x2f | 0x40..=0xe0 | 0xe2..=0xff)
}

/// UTF-16 with a byte order mark, without control characters, noncharacters and lone surrogates;
/// a high surrogate may be the last unit, as the text may be cut off there.
fn is_utf16(head: &[u8]) -> bool {
    let unit: fn([u8; 2]) -> u16 = match head {
        [0xff, 0xfe, ..] => u16::from_le_bytes,
        [0xfe, 0xff, ..] => u16::from_be_bytes,
        _ => return false,
    };
    let mut units: Vec<u16> = head[2..]
        .chunks_exact(2)
        .map(|it| unit([it[0], it[1]]))
        .collect();
    if units.last().is_some_and(|it| (0xd800..0xdc00).contains(it)) {
        units.pop();
    }
    char::decode_utf16(units).all(|it| {
        it.is_ok_and(|c| is_text_character(u32::from(c)) && !is_noncharacter(u32::from(c)))
    })
}

/// Code points that Unicode never assigns and that `file` refuses in UTF-16.
const fn is_noncharacter(character: u32) -> bool {
    matches!(character, 0xfdd0..=0xfdef | 0xfffe | 0xffff)
}

/// UTF-32 with a byte order mark, without control characters.
fn is_utf32(head: &[u8]) -> bool {
    let unit: fn([u8; 4]) -> u32 = match head {
        [0xff, 0xfe, 0, 0, ..] => u32::from_le_bytes,
        [0, 0, 0xfe, 0xff, ..] => u32::from_be_bytes,
        _ => return false,
    };
    head[4..]
        .chunks_exact(4)
        .all(|it| is_text_character(unit([it[0], it[1], it[2], it[3]])))
}

fn is_text_character(character: u32) -> bool {
    match u8::try_from(character) {
        Ok(b) if b < 0x80 => is_ascii(b),
        _ => character != 0xfffe,
    }
}
