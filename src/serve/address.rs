//! From the path of a request to what it asks for: split first, decoded then, every part checked.

use super::places::{Cached, Package};
use crate::model::{PackageName, Project, is_safe_file_name};
use percent_encoding::percent_decode_str;

/// What an address asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Address {
    /// The branches of a repository.
    References(Package),
    /// Commits of a repository.
    Pack(Package),
    /// A file of the lookaside cache.
    File(Cached),
}

/// The types of hashes and their lengths in hexadecimal digits.
const HASHES: [(&str, usize); 6] = [
    ("sha512", 128),
    ("md5", 32),
    ("sha256", 64),
    ("sha1", 40),
    ("sha224", 56),
    ("sha384", 96),
];

impl Address {
    /// Reads a path as it stands in a request; nothing where it names nothing that could be.
    pub(super) fn read(path: &str) -> Option<Self> {
        let parts: Option<Vec<String>> = path.strip_prefix('/')?.split('/').map(decoded).collect();
        let parts = parts?;
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        match parts[..] {
            ["git", owner, project, name, "info", "refs"] => {
                Some(Self::References(repository(owner, project, name)?))
            }
            ["git", owner, project, name, "git-upload-pack"] => {
                Some(Self::Pack(repository(owner, project, name)?))
            }
            [
                "repo" | "lookaside",
                "pkgs",
                owner,
                project,
                name,
                file,
                ref hash @ ..,
                last,
            ] if file == last => {
                let package = package(owner, project, name)?;
                cached(package, file, hash).map(Self::File)
            }
            _ => None,
        }
    }
}

fn decoded(part: &str) -> Option<String> {
    let text = percent_decode_str(part).decode_utf8().ok()?;
    // What decodes to several parts was meant to escape a check.
    (!text.contains('/')).then(|| text.into_owned())
}

fn package(owner: &str, project: &str, name: &str) -> Option<Package> {
    Some(Package {
        project: Project::new(owner, project).ok()?,
        name: PackageName::new(name).ok()?,
    })
}

fn repository(owner: &str, project: &str, name: &str) -> Option<Package> {
    package(owner, project, name.strip_suffix(".git").unwrap_or(name))
}

fn cached(package: Package, file: &str, hash: &[&str]) -> Option<Cached> {
    let (hash_type, hash) = match *hash {
        [hash] => (None, hash),
        [hash_type, hash] => (Some(hash_type), hash),
        _ => return None,
    };
    let hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
    let of_length = HASHES.iter().find(|it| it.1 == hash.len())?.0;
    if !hash.bytes().all(hex) || hash_type.is_some_and(|it| it != of_length) {
        return None;
    }
    is_safe_file_name(file).then(|| Cached {
        package,
        file: file.to_owned(),
        hash_type: of_length.to_owned(),
        hash: hash.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_patterns_and_encoded_names_are_known() {
        let hash = "0".repeat(128);
        let file = |path: &str| match Address::read(path) {
            Some(Address::File(cached)) => cached,
            other => panic!("{path}: {other:?}"),
        };
        let plain = file(&format!("/repo/pkgs/@g/p:pr:1/n/a%20b.gz/{hash}/a%20b.gz"));
        assert_eq!(plain.file, "a b.gz");
        let typed = file(&format!(
            "/repo/pkgs/%40g/p%3Apr%3A1/n/a b.gz/sha512/{hash}/a b.gz"
        ));
        assert_eq!(plain, typed);
        let md5 = "1".repeat(32);
        let cached = file(&format!("/lookaside/pkgs/o/p/n/f/{md5}/f"));
        assert_eq!(cached.hash_type, "md5");
        for path in ["/git/o/p/n.git/info/refs", "/git/o/p/n/info/refs"] {
            assert!(matches!(Address::read(path), Some(Address::References(_))));
        }
        let pack = Address::read("/git/o/p/n.git/git-upload-pack");
        assert!(matches!(pack, Some(Address::Pack(_))));
    }

    #[test]
    fn nothing_else_is() {
        let hash = "0".repeat(32);
        for path in [
            "",
            "/",
            "//git/o/p/n.git/info/refs",
            "/git/o/p/n.git/HEAD",
            "/git/o/p/n.git/objects/info/packs",
            "/git/o/../n.git/info/refs",
            "/git/o/%2e%2e/n.git/info/refs",
            "/git/o/p%2Fq/n.git/info/refs",
            "/git/o/p/.git/info/refs",
            "/git/o/p/n.git%00/info/refs",
            "/git/%ff/p/n.git/info/refs",
            &format!("/repo/pkgs/o/p/n/f/{hash}/g"),
            &format!("/repo/pkgs/o/p/n/../{hash}/.."),
            &format!("/repo/pkgs/o/p/n/%2e%2e/{hash}/%2e%2e"),
            &format!("/repo/pkgs/o/p/n/f/sha512/{hash}/f"),
            &format!("/repo/pkgs/o/p/n/f/x/md5/{hash}/f"),
            "/repo/pkgs/o/p/n/f/f",
            "/repo/pkgs/o/p/n/f/abc/f",
        ] {
            assert_eq!(Address::read(path), None, "{path}");
        }
    }
}
