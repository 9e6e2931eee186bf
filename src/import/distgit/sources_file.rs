//! The `sources` file: which files of a package are in the lookaside cache.
//!
//! Two forms are in use. The new one names its hash, `SHA512 (FILE) = HASH`; the old one is MD5
//! with two spaces, `HASH  FILE`. A file is written in one form only; reading takes both.

use std::fmt::Write as _;

/// One line of a `sources` file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceLine {
    /// `sha512`, `md5` or another hash's name, in lower case.
    pub hash_type: String,
    /// The file's digest in lower-case hexadecimal.
    pub hash: String,
    /// The file's base name.
    pub file: String,
}

/// Writes the new form, one line a file, in the given order. Each item is a file name and its
/// SHA-512.
pub(super) fn render<'a>(files: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    files.fold(String::new(), |mut text, (name, hash)| {
        let _ = writeln!(text, "SHA512 ({name}) = {hash}");
        text
    })
}

/// Reads every line that is of one of both forms; others are passed over.
#[must_use]
pub fn parse(text: &str) -> Vec<SourceLine> {
    text.lines().filter_map(parse_line).collect()
}

fn parse_line(line: &str) -> Option<SourceLine> {
    let (hash_type, hash, file) = match line.split_once(" (") {
        // A name may hold `) = ` itself: the digest is behind the last one.
        Some((hash_type, rest)) => {
            let (file, hash) = rest.rsplit_once(") = ")?;
            (hash_type.to_ascii_lowercase(), hash, file)
        }
        None => {
            let (hash, file) = line.split_once("  ")?;
            ("md5".to_owned(), hash, file)
        }
    };
    let is_hash = !hash.is_empty() && hash.bytes().all(|b| b.is_ascii_hexdigit());
    is_hash.then(|| SourceLine {
        hash_type,
        hash: hash.to_ascii_lowercase(),
        file: file.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_are_read() {
        let text =
            "SHA512 (a (1).tar.gz) = AB12\n\nd41d8cd98f00b204e9800998ecf8427e  b c.zip\nnonsense\n";
        let lines = parse(text);
        assert_eq!(lines.len(), 2);
        assert_eq!(
            (
                lines[0].hash_type.as_str(),
                lines[0].file.as_str(),
                lines[0].hash.as_str()
            ),
            ("sha512", "a (1).tar.gz", "ab12")
        );
        assert_eq!(
            (lines[1].hash_type.as_str(), lines[1].file.as_str()),
            ("md5", "b c.zip")
        );
    }

    #[test]
    fn what_is_written_is_read() {
        let text = render([("a.tar.gz", "00ff"), ("b) = c", "11")].into_iter());
        assert_eq!(text, "SHA512 (a.tar.gz) = 00ff\nSHA512 (b) = c) = 11\n");
        assert_eq!(parse(&text)[1].file, "b) = c");
    }
}
