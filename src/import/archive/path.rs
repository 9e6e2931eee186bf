//! The rules for an entry's name, and for where a link may point.
//!
//! A name that any common tool could take for something outside the folder is refused, not
//! repaired: absolute names, `..`, and every form that means so on Windows.

/// Longer names cannot be unpacked on Linux.
const MAX_PATH: usize = 4096;

/// Appends the normal form of `raw` to `out`: parts joined by `/`, without empty ones and `.`.
/// Appends nothing for the root itself (`./`). Bytes that are not UTF-8 become U+FFFD.
///
/// Fails with the rule that the name breaks, as the end of a sentence about it.
pub(super) fn normalise(raw: &[u8], out: &mut String) -> Result<(), &'static str> {
    if raw.is_empty() {
        return Err("has an empty name");
    }
    if raw.len() > MAX_PATH {
        return Err("has a name of more than 4096 bytes");
    }
    if raw.contains(&0) {
        return Err("has a name with a NUL byte");
    }
    if raw.contains(&b'\\') {
        return Err("has a name with a backslash");
    }
    if raw[0] == b'/' {
        return Err("has an absolute name");
    }
    if raw.len() >= 2 && raw[0].is_ascii_alphabetic() && raw[1] == b':' {
        return Err("has a name with a drive letter");
    }
    let start = out.len();
    for part in raw.split(|b| *b == b'/') {
        match part {
            b"" | b"." => continue,
            b".." => return Err("has a name with `..`"),
            _ => {}
        }
        if out.len() > start {
            out.push('/');
        }
        match std::str::from_utf8(part) {
            Ok(text) => out.push_str(text),
            Err(_) => out.push_str(&String::from_utf8_lossy(part)),
        }
    }
    Ok(())
}

/// Whether a symbolic link at `path` (in normal form) with this target stays within the tree.
///
/// Leading `..` are counted exactly, for no part of `path` is a link. A `..` further on could
/// follow another link to a folder of any depth, so it is refused.
///
/// Fails with the rule that the target breaks, as the end of a sentence about the entry.
pub(super) fn check_symlink(path: &str, target: &[u8]) -> Result<(), &'static str> {
    const LEAVES: &str = "is a link that leaves the archive";
    if target.is_empty() || target.contains(&0) {
        return Err("is a link to an empty name or one with a NUL byte");
    }
    let drive = target.len() >= 2 && target[0].is_ascii_alphabetic() && target[1] == b':';
    if target[0] == b'/' || drive || target.contains(&b'\\') {
        return Err(LEAVES);
    }
    let mut depth = path.matches('/').count();
    let mut below = false;
    for part in target.split(|b| *b == b'/') {
        match part {
            b"" | b"." => {}
            b".." if below => return Err("is a link with `..` behind a name"),
            b".." => depth = depth.checked_sub(1).ok_or(LEAVES)?,
            _ => below = true,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn normal(raw: &[u8]) -> Result<String, &'static str> {
        let mut out = String::new();
        normalise(raw, &mut out).map(|()| out)
    }

    #[test]
    fn names_get_one_form() {
        for (raw, want) in [
            (&b"a/b.txt"[..], "a/b.txt"),
            (b"./a//b/./c/", "a/b/c"),
            (b"./", ""),
            (b"a b/..c/d..", "a b/..c/d.."),
            (b"ab:c", "ab:c"),
            ("ü/é".as_bytes(), "ü/é"),
            (b"caf\xe9/x", "caf\u{fffd}/x"),
        ] {
            assert_eq!(normal(raw).unwrap(), want);
        }
    }

    #[test]
    fn names_that_leave_the_tree_are_refused() {
        let long = [b'a'; 4097];
        for raw in [
            &b""[..],
            b"..",
            b"../a",
            b"a/../../b",
            b"a/..",
            b"/etc/passwd",
            b"//a",
            b"C:/a",
            b"c:a",
            b"\\\\host\\a",
            b"..\\a",
            b"a\\b",
            b"a\0b",
            &long,
        ] {
            assert!(normal(raw).is_err(), "{}", String::from_utf8_lossy(raw));
        }
    }

    #[test]
    fn links_may_climb_to_the_top_and_no_further() {
        for (path, target) in [
            ("a/b/l", "../../x"),
            ("a/l", "b/c"),
            ("l", "."),
            ("a/l", ".."),
        ] {
            assert_eq!(check_symlink(path, target.as_bytes()), Ok(()), "{target}");
        }
        for (path, target) in [
            ("a/b/l", "../../../x"),
            ("l", ".."),
            ("l", "/etc"),
            ("l", "C:/x"),
            ("l", "..\\x"),
            ("l", ""),
            ("l", "a\0b"),
            ("a/b/l", "c/../x"),
        ] {
            assert!(check_symlink(path, target.as_bytes()).is_err(), "{target}");
        }
    }
}
