//! Text of a package in whatever encoding its authors had.
//!
//! All that is written today is UTF-8. What is older may be in the encoding of some European
//! machine, of which Windows-1252 has nearly all characters of all others; and a few files come
//! from an editor that saved UTF-16. Nothing fails here: a package with an odd letter in its
//! author's name can be built as well as any. What was guessed is said in a warning.

use std::borrow::Cow;

/// Characters of Windows-1252 from 0x80 to 0x9f; the five bytes that mean nothing are replaced.
const HIGH: [char; 32] = [
    '€', '\u{fffd}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{fffd}', 'Ž',
    '\u{fffd}', '\u{fffd}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{fffd}',
    'ž', 'Ÿ',
];

/// How a text turned out to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    Utf8,
    /// Of either byte order, which a mark at the start tells.
    Utf16,
    /// At least in part: what is valid UTF-8 is read as such.
    Windows1252,
}

impl Encoding {
    /// What a person should know of a file that was read so; nothing where all is well.
    pub(super) fn warning(self, path: &str) -> Option<String> {
        let read_as = match self {
            Self::Utf8 => return None,
            Self::Utf16 => "UTF-16",
            Self::Windows1252 => "Windows-1252",
        };
        let path = super::read_error::shortened(path);
        Some(format!(
            "{path:?} is not UTF-8 text; it was read as {read_as}"
        ))
    }
}

/// The bytes as text without a byte order mark.
pub(super) fn decoded(bytes: &[u8]) -> (Cow<'_, str>, Encoding) {
    if let Ok(text) = std::str::from_utf8(bytes) {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        return (Cow::Borrowed(text), Encoding::Utf8);
    }
    match bytes {
        [0xff, 0xfe, rest @ ..] => (utf16(rest, u16::from_le_bytes), Encoding::Utf16),
        [0xfe, 0xff, rest @ ..] => (utf16(rest, u16::from_be_bytes), Encoding::Utf16),
        _ => (Cow::Owned(windows_1252(bytes)), Encoding::Windows1252),
    }
}

/// A last byte without its partner is dropped.
fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Cow<'_, str> {
    let units = bytes.chunks_exact(2).map(|it| unit([it[0], it[1]]));
    let chars = char::decode_utf16(units).map(|it| it.unwrap_or(char::REPLACEMENT_CHARACTER));
    Cow::Owned(chars.collect())
}

/// Every sequence that is UTF-8 stays: files were pasted together from both.
fn windows_1252(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() + bytes.len() / 8);
    for chunk in bytes.utf8_chunks() {
        out.push_str(chunk.valid());
        out.extend(chunk.invalid().iter().map(|byte| match byte {
            0x80..=0x9f => HIGH[usize::from(byte - 0x80)],
            _ => char::from(*byte),
        }));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_is_read_somehow() {
        for (bytes, text, encoding) in [
            (&b"\xef\xbb\xbfa\xc3\xa9"[..], "aé", Encoding::Utf8),
            (b"", "", Encoding::Utf8),
            (b"a\0b", "a\0b", Encoding::Utf8),
            (
                b"Andr\xe9 \x80 \x93x\x94 \x81",
                "André € “x” \u{fffd}",
                Encoding::Windows1252,
            ),
            (b"\xc3\xa9 and \xe9", "é and é", Encoding::Windows1252),
            (b"\xff\xfea\0\xe9\0", "aé", Encoding::Utf16),
            (b"\xfe\xff\0a\0\xe9\0", "aé", Encoding::Utf16),
            (b"\xff\xfe\0\xd8a\0", "\u{fffd}a", Encoding::Utf16),
        ] {
            assert_eq!(decoded(bytes), (Cow::Borrowed(text), encoding), "{bytes:?}");
        }
    }

    #[test]
    fn what_was_guessed_is_said() {
        assert_eq!(Encoding::Utf8.warning("x"), None);
        assert_eq!(
            Encoding::Windows1252.warning("x/PKG-INFO\n").unwrap(),
            "\"x/PKG-INFO\\n\" is not UTF-8 text; it was read as Windows-1252"
        );
    }
}
