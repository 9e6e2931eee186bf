//! Names that are safe as a path component and as a part of a git ref.
//!
//! A value of these types has been checked: nothing below needs to check it again. All are at
//! most 100 characters and free of `/`, `..`, control characters and anything a shell, git or a
//! file system would read as more than a name.

use crate::model::Code;
use std::fmt;

/// The longest name in characters.
pub const MAX_NAME: usize = 100;

/// Why a name was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} {name:?} {problem}")]
pub struct NameError {
    what: &'static str,
    name: String,
    problem: &'static str,
}

impl NameError {
    /// The stable code of this failure.
    #[must_use]
    pub const fn code(&self) -> Code {
        Code::UnsafeName
    }
}

/// What is wrong with a name that may hold `extra` beside letters, digits and `. _ + -`.
fn problem(name: &str, extra: &str) -> Option<&'static str> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "._+-".contains(c) || extra.contains(c);
    if name.is_empty() {
        Some("is empty")
    } else if name.chars().count() > MAX_NAME {
        Some("is longer than 100 characters")
    } else if name.starts_with('.') || name.starts_with('-') {
        Some("begins with a dot or a dash")
    } else if name.contains("..") {
        Some("holds `..`")
    } else if name.to_ascii_lowercase().ends_with(".lock") {
        Some("ends with `.lock`")
    } else if name.ends_with('.') {
        Some("ends with a dot")
    } else if !name.chars().all(allowed) {
        Some("holds a character that is not allowed")
    } else {
        None
    }
}

fn check(what: &'static str, name: &str, extra: &str) -> Result<String, NameError> {
    match problem(name, extra) {
        None => Ok(name.to_owned()),
        Some(problem) => Err(NameError {
            what,
            name: name.chars().take(MAX_NAME + 1).collect(),
            problem,
        }),
    }
}

/// The length of a name is that of each part between colons: `name:pr:5` belongs to `name`.
fn check_project(name: &str) -> Result<String, NameError> {
    let (main, suffix) = name
        .split_once(':')
        .map_or((name, None), |it| (it.0, Some(it.1)));
    check("project", main, "")?;
    if let Some(suffix) = suffix {
        check("project", suffix, ":")?;
    }
    Ok(name.to_owned())
}

macro_rules! name_type {
    ($(#[$doc:meta])+ $name:ident, $what:literal, $extra:literal) => {
        $(#[$doc])+
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(String);

        impl $name {
            /// Checks and takes a name.
            ///
            /// # Errors
            /// Says which rule the name breaks.
            pub fn new(name: &str) -> Result<Self, NameError> {
                check($what, name, $extra).map(Self)
            }

            /// The name.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

name_type!(
    /// The name of a source package, and so of its repository.
    PackageName, "package name", ""
);
name_type!(
    /// The name of a branch; never a path of several parts.
    BranchName, "branch name", ""
);

/// Where packages are imported to: an owner (a user, or `@group`) and a project of theirs
/// (`name`, or `name:pr:5` for a pull request).
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Project {
    owner: String,
    name: String,
}

impl Project {
    /// Checks and takes an owner and a project name.
    ///
    /// # Errors
    /// Says which of both breaks which rule.
    pub fn new(owner: &str, name: &str) -> Result<Self, NameError> {
        let bare = owner.strip_prefix('@').unwrap_or(owner);
        check("owner", bare, "")?;
        Ok(Self {
            owner: owner.to_owned(),
            name: check_project(name)?,
        })
    }

    /// Parses `OWNER/PROJECT`.
    ///
    /// # Errors
    /// Says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        let (owner, name) = text.split_once('/').ok_or_else(|| NameError {
            what: "project",
            name: text.chars().take(MAX_NAME).collect(),
            problem: "is not of the form OWNER/PROJECT",
        })?;
        Self::new(owner, name)
    }

    /// The owner, with its `@` where it is a group.
    #[must_use]
    pub fn owner(&self) -> &str {
        &self.owner
    }

    /// The project's own name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl fmt::Display for Project {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.owner, self.name)
    }
}

/// Whether a file of a package may be called so: one path component of at most 255 bytes that is
/// neither `.`, `..` nor a git directory in any spelling, without control characters.
#[must_use]
pub fn is_safe_file_name(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= 255
        && name != "."
        && name != ".."
        && !is_git_folder(name)
        && !name
            .chars()
            .any(|c| c == '/' || c == '\\' || c.is_control())
}

/// Whether some file system takes the name for `.git`, as `git fsck` has it: NTFS by its short
/// name and what may stand behind, HFS+ by code points that it passes over.
fn is_git_folder(name: &str) -> bool {
    let passed_over = |it: char| {
        matches!(it, '\u{200c}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{206a}'..='\u{206f}')
            || it == '\u{feff}'
    };
    let plain: String = name.chars().filter(|it| !passed_over(*it)).collect();
    let plain = plain.split(':').next().unwrap_or_default();
    let plain = plain.trim_end_matches([' ', '.']);
    plain.eq_ignore_ascii_case(".git") || plain.eq_ignore_ascii_case("git~1")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_names_pass() {
        for name in ["python-requests", "gtk+", "0ad", "a.b_c", &"x".repeat(100)] {
            assert_eq!(PackageName::new(name).unwrap().as_str(), name);
        }
        assert_eq!(Project::parse("@copr/dev:pr:5").unwrap().owner(), "@copr");
        let longest = format!("jdoe/{}:custom:x-1", "x".repeat(100));
        for project in ["@copr/copr-dev:pr:123", "me_/_a.b:custom:foo-1", &longest] {
            assert_eq!(Project::parse(project).unwrap().to_string(), project);
        }
    }

    #[test]
    fn unsafe_names_are_refused() {
        let long = "x".repeat(101);
        for name in [
            "", ".", "..", "a..b", "-x", ".x", "a/b", "a\\b", "x.lock", "X.LOCK", "a\nb", "a\0b",
            "a b", "a~b", "a^b", "a:b", "a?", "a*", "a[", "a@{b", "é", "x.", &long,
        ] {
            assert!(PackageName::new(name).is_err(), "{name:?} passed");
            assert!(BranchName::new(name).is_err(), "{name:?} passed");
        }
        for project in [
            "a", "/b", "a/", "a/b/c", "@/b", "@@a/b", "../x", "a/..", "a/b:", "a/:pr:1",
        ] {
            assert!(Project::parse(project).is_err(), "{project:?} passed");
        }
    }

    #[test]
    fn file_names_are_one_component() {
        for name in ["a.spec", "x y.tar.gz", "übung.txt", ".gitignore", "-dash"] {
            assert!(is_safe_file_name(name), "{name:?}");
        }
        for name in ["", ".", "..", "a/b", ".git", ".GIT", "a\nb", "a\0"] {
            assert!(!is_safe_file_name(name), "{name:?}");
        }
        for name in [
            "git~1",
            "GIT~1",
            ".git.",
            ".git ",
            ".git:x",
            ".g\u{200c}it",
            ".git. .",
        ] {
            assert!(!is_safe_file_name(name), "{name:?}");
        }
        for name in [
            ".gitattributes",
            "git",
            "git~2",
            ".git2",
            "a:b",
            ":x",
            "x.git",
        ] {
            assert!(is_safe_file_name(name), "{name:?}");
        }
    }
}
