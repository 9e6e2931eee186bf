//! The bytes of a commit and of a tree.

use git2::{Oid, Signature};
use std::collections::BTreeMap;

/// A commit in git's form: its tree, its parent if any, who and when, and the message as it is.
pub(super) fn commit(
    tree: Oid,
    parent: Option<Oid>,
    author: &Signature<'_>,
    committer: &Signature<'_>,
    message: &str,
) -> Vec<u8> {
    let mut out = format!("tree {tree}\n").into_bytes();
    if let Some(parent) = parent {
        out.extend(format!("parent {parent}\n").into_bytes());
    }
    for (role, who) in [("author", author), ("committer", committer)] {
        out.extend(role.as_bytes());
        out.push(b' ');
        out.extend(who.name_bytes());
        out.extend(b" <");
        out.extend(who.email_bytes());
        out.extend(format!("> {}\n", time(who)).into_bytes());
    }
    out.push(b'\n');
    out.extend(message.as_bytes());
    out
}

/// Seconds since 1970 and the offset from UTC as hours and minutes.
fn time(who: &Signature<'_>) -> String {
    let when = who.when();
    let minutes = when.offset_minutes().unsigned_abs();
    let (hours, minutes) = (minutes / 60, minutes % 60);
    format!("{} {}{hours:02}{minutes:02}", when.seconds(), when.sign())
}

/// The entries of a tree: mode and object of each name.
#[derive(Debug, Default)]
pub(super) struct TreeEntries(BTreeMap<Vec<u8>, (i32, Oid)>);

/// The mode of a folder.
const FOLDER: i32 = 0o040_000;

impl TreeEntries {
    /// Puts an entry in; one of the same name gives way.
    pub(super) fn insert(&mut self, name: &[u8], id: Oid, mode: i32) {
        self.0.insert(name.to_owned(), (mode, id));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The tree's bytes, in git's order: by name, that of a folder as if it ended in a slash.
    pub(super) fn render(self) -> Vec<u8> {
        let slash = |mode| (mode == FOLDER).then_some(b'/');
        let mut entries: Vec<_> = self.0.into_iter().collect();
        entries.sort_by(|(a, (a_mode, _)), (b, (b_mode, _))| {
            let a = a.iter().copied().chain(slash(*a_mode));
            a.cmp(b.iter().copied().chain(slash(*b_mode)))
        });
        let mut out = Vec::new();
        for (name, (mode, id)) in entries {
            out.extend(format!("{mode:o} ").into_bytes());
            out.extend(name);
            out.push(0);
            out.extend(id.as_bytes());
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use git2::{ObjectType, Repository, Time};

    #[test]
    fn libgit2_writes_the_same_bytes() {
        let dir = tempfile::TempDir::new().unwrap();
        let git = Repository::init_bare(dir.path()).unwrap();
        let blob = git.blob(b"x").unwrap();
        let empty = git.treebuilder(None).unwrap().write().unwrap();
        let mut builder = git.treebuilder(None).unwrap();
        let mut entries = TreeEntries::default();
        for (name, id, mode) in [
            ("a", empty, FOLDER),
            ("a.b", blob, 0o100_644),
            ("a0", blob, 0o100_755),
            ("ä", blob, 0o120_000),
            ("Z", blob, 0o100_644),
            ("a0", blob, 0o100_644),
        ] {
            builder.insert(name, id, mode).unwrap();
            entries.insert(name.as_bytes(), id, mode);
        }
        let tree = builder.write().unwrap();
        let ours = entries.render();
        assert_eq!(Oid::hash_object(ObjectType::Tree, &ours).unwrap(), tree);

        let tree = git.find_tree(tree).unwrap();
        for (name, offset) in [("Jane Doe", 0), ("  é, x  ", -345), ("J.", 60)] {
            let author = Signature::new(name, "j@example.org", &Time::new(17, offset)).unwrap();
            let committer = Signature::new("c", " d ", &Time::new(1_700_000_000, 90)).unwrap();
            let mut parent = None;
            for message in ["one", "two\n\nthree\n"] {
                let ours = commit(tree.id(), parent, &author, &committer, message);
                let there = parent.map(|it| git.find_commit(it).unwrap());
                let parents: Vec<_> = there.iter().collect();
                let theirs = git.commit(None, &author, &committer, message, &tree, &parents);
                let theirs = theirs.unwrap();
                assert_eq!(Oid::hash_object(ObjectType::Commit, &ours).unwrap(), theirs);
                parent = Some(theirs);
            }
        }
    }
}
