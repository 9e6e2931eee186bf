//! Which of the known forms a file has, told from its name.

/// The form of an archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A tar, plain or compressed by gzip, bzip2 or xz. Which of these is told from its first
    /// bytes, as tar and rpm do, for there are `.tar.gz` files that are none.
    Tar,
    /// A zip, under that name or as a wheel.
    Zip,
    /// A gem: a plain tar with two compressed members.
    Gem,
}

/// Suffixes of archives that can be read.
const SUFFIXES: &[(&str, Kind)] = &[
    (".tar.gz", Kind::Tar),
    (".tgz", Kind::Tar),
    (".tar.bz2", Kind::Tar),
    (".tbz2", Kind::Tar),
    (".tar.xz", Kind::Tar),
    (".txz", Kind::Tar),
    (".tar", Kind::Tar),
    (".zip", Kind::Zip),
    (".whl", Kind::Zip),
    (".gem", Kind::Gem),
];

impl Kind {
    /// The form that a file's name promises; none where it cannot be read.
    #[must_use]
    pub fn of_file_name(name: &str) -> Option<Self> {
        Self::split(name).map(|(_, kind)| kind)
    }

    /// The name without its suffix, and the form that the suffix promises.
    #[must_use]
    pub fn split(name: &str) -> Option<(&str, Self)> {
        SUFFIXES.iter().find_map(|(suffix, kind)| {
            let at = name.len().checked_sub(suffix.len())?;
            let (stem, end) = name.split_at_checked(at)?;
            (!stem.is_empty() && end.eq_ignore_ascii_case(suffix)).then_some((stem, *kind))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_follow_the_suffix() {
        for (name, kind) in [
            ("a-1.0.tar.gz", Some(Kind::Tar)),
            ("a-1.0.TGZ", Some(Kind::Tar)),
            ("a-1.0.tar.bz2", Some(Kind::Tar)),
            ("a-1.0.tar.xz", Some(Kind::Tar)),
            ("a-1.0.zip", Some(Kind::Zip)),
            ("a-1.0.gem", Some(Kind::Gem)),
            ("a-1.0-py3-none-any.whl", Some(Kind::Zip)),
            ("a-1.0.tar.Z", None),
            (".gem", None),
            ("é.ge", None),
            ("", None),
        ] {
            assert_eq!(Kind::of_file_name(name), kind, "{name}");
        }
        assert_eq!(Kind::split("a-1.0.tar.gz"), Some(("a-1.0", Kind::Tar)));
    }
}
