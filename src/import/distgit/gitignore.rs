//! `.gitignore`: every file that went to the lookaside cache is ignored by git.
//!
//! Lines are only ever added, one `/FILE` for each file that no present line matches. A line
//! matches as git says in gitignore(5); one that is the file's name, with or without a slash
//! before it, always does. Lines that un-ignore match nothing here.

use super::wildcard;

/// The text to append to a `.gitignore` so that every one of `files` is ignored; empty where
/// nothing is missing. The old lines are never touched, whatever encoding they are in.
pub(super) fn additions<'a>(old: &[u8], files: impl Iterator<Item = &'a str>) -> String {
    let text = old.strip_prefix(b"\xef\xbb\xbf").unwrap_or(old);
    let lines: Vec<&[u8]> = text.split(|b| *b == b'\n').collect();
    let mut added = String::new();
    for file in files {
        if !lines.iter().any(|line| matches(line, file.as_bytes())) {
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

/// Whether a line ignores a file at the top of the tree.
fn matches(line: &[u8], file: &[u8]) -> bool {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    if line == file || line.strip_prefix(b"/") == Some(file) {
        return true;
    }
    if matches!(line.first(), Some(b'#' | b'!')) {
        return false;
    }
    let line = without_spaces(line);
    let mut pattern = line.strip_prefix(b"/").unwrap_or(line);
    while let Some(rest) = pattern.strip_prefix(b"**/") {
        pattern = rest;
    }
    // A slash within is a folder's, one at the end asks for a folder.
    !pattern.contains(&b'/') && wildcard::matches(pattern, file)
}

/// Spaces at the end count only where a backslash is before the last of them.
fn without_spaces(line: &[u8]) -> &[u8] {
    let mut end = line.len();
    while end > 0 && line[end - 1] == b' ' {
        let slashes = line[..end - 1].iter().rev().take_while(|b| **b == b'\\');
        if slashes.count() % 2 == 1 {
            break;
        }
        end -= 1;
    }
    &line[..end]
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::process::Command;

    #[test]
    fn only_what_is_missing_is_added() {
        for (old, files, new) in [
            ("", vec!["a.tar.gz"], "/a.tar.gz\n"),
            ("/a.tar.gz\n", vec!["a.tar.gz"], ""),
            ("a.tar.gz", vec!["a.tar.gz", "b", "c"], "\n/b\n/c\n"),
            ("/a-*.tar.gz\n", vec!["a-2.tar.gz"], ""),
            ("a[\n", vec!["a[", "b["], "/b[\n"),
            ("# a\n!a\n", vec!["a"], "/a\n"),
            ("a\r\n", vec!["a"], ""),
            ("\u{feff}a\n", vec!["a"], ""),
            ("/#a\n", vec!["#a"], ""),
        ] {
            assert_eq!(additions(old.as_bytes(), files.into_iter()), new, "{old:?}");
        }
    }

    const LINES: [&str; 46] = [
        "a-1.gz",
        "/a-1.gz",
        "*.gz",
        "/*.gz",
        "a-?.gz",
        "a-[0-9].gz",
        "a-[!0-9].gz",
        "a-[^2].gz",
        "a-[[:digit:]].gz",
        "a-[[:alpha:]].gz",
        "a-[]1].gz",
        "a-[1.gz",
        "a\\-1.gz",
        "a-1.gz/",
        "**/a-1.gz",
        "**",
        "/**",
        "a-1.gz/**",
        "x/a-1.gz",
        "*/a-1.gz",
        "# a-1.gz",
        "a-1.gz   ",
        "a-1.gz\\ ",
        "A-1.gz",
        "a-1.g",
        "*",
        "?-1*",
        "a**gz",
        "a*1*gz",
        "a*2*gz",
        "/**/a-*",
        "a-[\\1].gz",
        "a-[0-].gz",
        "a-[-1].gz",
        "\\*",
        " a-1.gz",
        "[a]*",
        "a-1.gz\\",
        "a-[[:what:]1].gz",
        "a-[1-",
        "a-[a-z0-9].[g]z",
        "***gz",
        "",
        "!a-1.gz",
        "a-[!]].gz",
        "**/**/a-1.gz",
    ];

    /// Asserts of every line that the real tool agrees on whether it ignores the file.
    fn compare(lines: &[String]) {
        let dir = tempfile::TempDir::new().unwrap();
        let git = |arguments: &[&str]| {
            let mut command = Command::new("git");
            let output = command.arg("-C").arg(dir.path()).args(arguments).output();
            String::from_utf8(output.unwrap().stdout).unwrap()
        };
        git(&["init", "-q"]);
        let names = (0..lines.len()).map(|it| format!("{it}/a-1.gz"));
        let names: Vec<String> = names.collect();
        for (number, line) in lines.iter().enumerate() {
            let folder = dir.path().join(number.to_string());
            fs::create_dir(&folder).unwrap();
            fs::write(folder.join(".gitignore"), format!("{line}\n")).unwrap();
        }
        let mut arguments = vec!["check-ignore", "--no-index"];
        arguments.extend(names.iter().map(String::as_str));
        let answer = git(&arguments);
        let ignored: Vec<&str> = answer.lines().collect();
        assert!(ignored.len() > 10, "{answer}");
        for (line, name) in lines.iter().zip(&names) {
            let old = format!("{line}\n");
            let added = additions(old.as_bytes(), ["a-1.gz"].into_iter());
            assert_eq!(
                added.is_empty(),
                ignored.contains(&name.as_str()),
                "{line:?}"
            );
        }
    }

    #[test]
    fn lines_match_as_git_says() {
        compare(&LINES.map(str::to_owned));
    }

    #[test]
    fn random_lines_match_as_git_says() {
        use proptest::strategy::{Strategy as _, ValueTree as _};
        let mut runner = proptest::test_runner::TestRunner::deterministic();
        let pieces = [
            "a",
            "-",
            "1",
            ".",
            "g",
            "z",
            "a-1.gz",
            "*",
            "**",
            "?",
            "[",
            "]",
            "!",
            "^",
            "\\",
            "/",
            " ",
            "[a-z]",
            "[!b]",
            "[[:alnum:]]",
            "[^",
            "[]-a]",
            "0-9",
            "#",
        ];
        let piece = proptest::sample::select(pieces.to_vec());
        let line = proptest::collection::vec(piece, 1..7).prop_map(|it| it.concat());
        let mut draw = || line.new_tree(&mut runner).unwrap().current();
        let lines: Vec<String> = (0..1500).map(|_| draw()).collect();
        compare(&lines);
    }
}
