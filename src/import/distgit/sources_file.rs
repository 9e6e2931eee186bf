//! The `sources` file: which files of a package are in the lookaside cache.
//!
//! Two forms are in use. The new one names its hash, `SHA512 (FILE) = HASH`; the old one is MD5
//! with two spaces, `HASH  FILE`. A file is written in one form only; reading takes both.

use crate::model::Layout;
use std::fmt::Write as _;

/// One line of a `sources` file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SourceLine {
    /// `sha512`, `md5` or another hash's name, in lower case.
    pub hash_type: String,
    /// The file's digest in lower-case hexadecimal.
    pub hash: String,
    /// The file's base name.
    pub file: String,
}

/// Writes the form that a layout has, one line a file, in the given order. Each item is a file
/// name and its digest of [`Layout::sum`].
pub(super) fn render<'a>(
    layout: Layout,
    files: impl Iterator<Item = (&'a str, &'a str)>,
) -> String {
    files.fold(String::new(), |mut text, (name, hash)| {
        let _ = match layout {
            Layout::DistGit => writeln!(text, "SHA512 ({name}) = {hash}"),
            Layout::Copr => writeln!(text, "{hash}  {name}"),
        };
        text
    })
}

/// Reads every line that is of one of both forms; others are passed over.
#[must_use]
pub fn parse(text: &str) -> Vec<SourceLine> {
    text.lines().filter_map(parse_line).collect()
}

/// One line of either form.
pub(super) fn parse_line(line: &str) -> Option<SourceLine> {
    let is_hash = |it: &str| !it.is_empty() && it.bytes().all(|b| b.is_ascii_hexdigit());
    let old = line.split_once("  ").filter(|(hash, _)| is_hash(hash));
    let (hash_type, hash, file) = match old {
        Some((hash, file)) => ("md5".to_owned(), hash, file),
        None => {
            let (hash_type, rest) = line.split_once(" (")?;
            // A name may hold `) = ` itself: the digest is behind the last one.
            let (file, hash) = rest.rsplit_once(") = ")?;
            (hash_type.to_ascii_lowercase(), hash, file)
        }
    };
    is_hash(hash).then(|| SourceLine {
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
        let files = [("a.tar.gz", "00ff"), ("b) = c", "11"), ("d  e (f)", "22")];
        for (layout, expected) in [
            (
                Layout::DistGit,
                "SHA512 (a.tar.gz) = 00ff\nSHA512 (b) = c) = 11\nSHA512 (d  e (f)) = 22\n",
            ),
            (Layout::Copr, "00ff  a.tar.gz\n11  b) = c\n22  d  e (f)\n"),
        ] {
            let text = render(layout, files.into_iter());
            assert_eq!(text, expected);
            let lines = parse(&text);
            let lines = lines.iter().map(|it| (it.file.as_str(), it.hash.as_str()));
            assert_eq!(lines.collect::<Vec<_>>(), files);
        }
    }
}
