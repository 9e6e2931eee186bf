//! A text as the words that count: without case, punctuation, wrapping, bullets, copyright lines
//! and the few spellings in which copies of one license differ.
//!
//! A word is kept as a hash of 32 bits; 0 is no word and equals nothing.

use std::borrow::Cow;

/// What stands for words that are no longer there.
pub(super) const GONE: u32 = 0;

/// The hash of a word in lower case. For words known beforehand; see [`words`] for texts.
pub(super) const fn word(text: &str) -> u32 {
    let bytes = text.as_bytes();
    let mut hash = START;
    let mut at = 0;
    while at < bytes.len() {
        hash = step(hash, bytes[at]);
        at += 1;
    }
    end(hash)
}

const START: u32 = 0x811c_9dc5;

const fn step(hash: u32, byte: u8) -> u32 {
    (hash ^ byte as u32).wrapping_mul(0x0100_0193)
}

const fn end(hash: u32) -> u32 {
    let mixed = hash ^ (hash >> 15);
    if mixed == GONE { 1 } else { mixed }
}

/// Spellings, and the one that stands for both.
const SAME: &[(u32, u32)] = &[
    (word("licence"), word("license")),
    (word("licences"), word("licenses")),
    (word("licenced"), word("licensed")),
    (word("sublicence"), word("sublicense")),
    (word("owner"), word("holder")),
    (word("owners"), word("holders")),
    (word("organisation"), word("organization")),
    (word("acknowledgement"), word("acknowledgment")),
    (word("https"), word("http")),
];

/// The longest part of a word that is carried to the next line.
const MAX_WORD: usize = 60;
/// What may stand before the text of a line.
const MARGIN: &[char] = &[
    ' ', '\t', '*', '#', '/', ';', '-', '.', '<', '>', '!', '|', '_', '\u{feff}',
];

const RESERVED: [u32; 3] = [word("all"), word("rights"), word("reserved")];

/// The words of a text.
pub(super) fn words(text: &str) -> Vec<u32> {
    let mut out = Vec::with_capacity(text.len() / 6);
    let text = text.replace("\r\n", "\n");
    // The begin of a word that goes on in the next line.
    let mut begun = String::new();
    for line in text.split(['\n', '\r', '\u{c}', '\u{2028}']) {
        if is_copyright_line(line) {
            continue;
        }
        let whole = match begun.is_empty() {
            true => Cow::Borrowed(line),
            false => Cow::Owned(begun.clone() + line.trim_start_matches(MARGIN)),
        };
        begun.clear();
        let kept = match whole.trim_end().strip_suffix('-') {
            Some(it) if it.ends_with(char::is_alphabetic) => {
                let (rest, word) = it.rsplit_once([' ', '\t']).unwrap_or(("", it));
                if word.len() > MAX_WORD {
                    it
                } else {
                    begun.push_str(word);
                    rest
                }
            }
            _ => &whole,
        };
        push_line(kept, &mut out);
    }
    push_line(&begun, &mut out);
    // Stands where a copyright line does, on either side of a line break.
    while let Some(at) = out.windows(3).position(|it| it == RESERVED) {
        out.drain(at..at + 3);
    }
    out
}

fn push_line(line: &str, out: &mut Vec<u32>) {
    let mut rest = line.char_indices().peekable();
    while let Some((at, first)) = rest.next() {
        if !first.is_alphanumeric() {
            continue;
        }
        let (mut hash, mut length) = (push_char(START, first), 1);
        let mut digits = first.is_ascii_digit();
        let mut next = line.len();
        while let Some(&(here, c)) = rest.peek() {
            next = here;
            // An apostrophe parts no word: the kinds of it differ between copies.
            let apostrophe = matches!(c, '\'' | '\u{2019}');
            if !apostrophe && !c.is_alphanumeric() {
                break;
            }
            if !apostrophe {
                (hash, length) = (push_char(hash, c), length + 1);
                digits &= c.is_ascii_digit();
            }
            rest.next();
            next = line.len();
        }
        let hash = end(hash);
        let letter = length == 1 && !digits;
        let bullet = digits && length <= 2 && ends_bullet(&line[next..]) && !is_version(out);
        if !letter && !bullet && at < line.len() {
            let same = SAME.iter().find(|it| it.0 == hash);
            out.push(same.map_or(hash, |it| it.1));
        }
    }
}

fn push_char(hash: u32, c: char) -> u32 {
    if c.is_ascii() {
        return step(hash, c.to_ascii_lowercase() as u8);
    }
    let mut bytes = [0; 4];
    c.to_lowercase().fold(hash, |hash, lower| {
        let encoded = lower.encode_utf8(&mut bytes).bytes();
        encoded.fold(hash, step)
    })
}

/// Whether a number with this behind it counts the items of a list.
fn ends_bullet(rest: &str) -> bool {
    let mut rest = rest.chars();
    matches!(rest.next(), Some('.' | ')')) && rest.next().is_none_or(char::is_whitespace)
}

fn is_version(before: &[u32]) -> bool {
    before.last() == Some(&const { word("version") })
}

/// Whether a line says whose work it is and nothing else.
fn is_copyright_line(line: &str) -> bool {
    let line = line.trim_start_matches(MARGIN);
    let begins = |word: &str| {
        let start = line.get(..word.len());
        start.is_some_and(|it| it.eq_ignore_ascii_case(word))
    };
    if !(begins("copyright") || begins("(c)") || line.starts_with('\u{a9}')) {
        return false;
    }
    let lower = line.to_lowercase();
    // At the start it may as well be the third item of a list.
    let lower = lower.strip_prefix("(c)").unwrap_or(&lower);
    let year = lower.as_bytes().windows(4);
    let marked = lower.contains(['<', '[', '{', '\u{a9}'])
        || lower.contains("(c)")
        || year.into_iter().any(|it| it.iter().all(u8::is_ascii_digit));
    let more = ["permission", "redistribut", "notice", "warrant", "granted"];
    marked && lower.split_whitespace().count() <= 25 && !more.iter().any(|it| lower.contains(it))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_of_one_text_have_the_same_words() {
        let plain = words("The licensor's Software, 1. as is. Version 2. x");
        for copy in [
            "# The  LICENSOR\u{2019}S\n# software; as (is).\n# version 2.",
            "Copyright (c) 2020 Jane Doe <j@example.org>\n\nThe licensors \"Software\"\n 2) as is\nversion 2",
            "\u{a9} 1999, 2001 Foo Inc.\nAll rights\nreserved.\nThe Licensors software as is, version 2",
        ] {
            assert_eq!(words(copy), plain, "{copy}");
        }
        assert_eq!(words("to dis-\r\n # tribute"), words("to distribute"));
        assert_eq!(words("third-\r\n\r\nlast-"), words("third last"));
        assert_eq!(words("the licence"), words("THE LICENSE"));
        assert_ne!(words("version 2"), words("version 3"));
        assert_eq!(words("version 2.0").len(), 3);
    }

    #[test]
    fn lines_that_only_begin_so_are_kept() {
        for line in [
            "copyright notice, this list of 3 conditions",
            "COPYRIGHT HOLDERS BE LIABLE",
            "(c) You must retain all of this",
            "(c) and all",
        ] {
            assert!(!words(line).is_empty(), "{line}");
        }
        assert!(words("Copyright [yyyy] [name of copyright owner]").is_empty());
    }

    #[test]
    fn old_encodings_are_read() {
        for (old, plain) in [
            (
                &b"the licensor\x92s \x93Software\x94"[..],
                "the licensor's \"Software\"",
            ),
            (b"gr\xfcn \x96 as is", "gr\u{fc}n - as is"),
            (b"\xff\xfea\0 \0b\0", "a b"),
        ] {
            let (text, _) = crate::import::source::text::decoded(old);
            assert_eq!(words(&text), words(plain));
        }
    }
}
