//! `.gitignore`: every file that went to the lookaside cache is ignored by git.
//!
//! Lines are only ever added, one `/FILE` for each file that no present line matches. Matching
//! is that of the tools that share these repositories: shell patterns on the whole line, with
//! leading slashes left out on both sides.

/// The text to append to a `.gitignore` so that every one of `files` is ignored; empty where
/// nothing is missing. The old lines are never touched, whatever encoding they are in.
pub(super) fn additions<'a>(old: &[u8], files: impl Iterator<Item = &'a str>) -> String {
    let lines = String::from_utf8_lossy(old);
    let mut added = String::new();
    for file in files {
        if !lines.lines().any(|line| matches(line, file)) {
            if added.is_empty() && !old.is_empty() && !old.ends_with(b"\n") {
                added.push('\n');
            }
            added.push('/');
            added.push_str(file);
            added.push('\n');
        }
    }
    added
}

fn matches(line: &str, file: &str) -> bool {
    let pattern = line.trim_start_matches('/');
    pattern == file || glob::Pattern::new(pattern).is_ok_and(|it| it.matches(file))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_missing_is_added() {
        for (old, files, new) in [
            ("", vec!["a.tar.gz"], "/a.tar.gz\n"),
            ("/a.tar.gz\n", vec!["a.tar.gz"], ""),
            ("a.tar.gz", vec!["a.tar.gz", "b", "c"], "\n/b\n/c\n"),
            ("/a-*.tar.gz\n", vec!["a-2.tar.gz"], ""),
            ("a[\n", vec!["a[", "b["], "/b[\n"),
            ("# a\n", vec!["a"], "/a\n"),
        ] {
            assert_eq!(additions(old.as_bytes(), files.into_iter()), new, "{old:?}");
        }
    }
}
