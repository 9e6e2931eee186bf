//! A bare repository: its folders and files, one pack with two commits, the first of them in
//! `packed-refs`, the second on the branch.

use super::hex;
use super::make_folder;
use super::pack::{Id, Kind, Packer};
use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

/// Each after those that it is in.
const FOLDERS: [&str; 6] = [
    "objects",
    "objects/info",
    "objects/pack",
    "refs",
    "refs/heads",
    "refs/tags",
];

const FILES: [(&str, &str); 3] = [
    ("HEAD", "ref: refs/heads/main\n"),
    (
        "config",
        "[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = true\n\
         \tsharedrepository = 1\n[receive]\n\tdenyNonFastforwards = true\n",
    ),
    (
        "description",
        "Unnamed repository; edit this file 'description' to name the repository.\n",
    ),
];

const BRANCH: &str = "refs/heads/main";
const GITIGNORE: &str = ".gitignore";

/// The files of a commit by name: whether they are executable, and their blobs.
pub(super) type Entries<'a> = BTreeMap<&'a str, (bool, Id)>;

/// All repositories of a root.
pub(super) struct Repositories {
    pub(super) packer: Packer,
    /// Who commits, and when.
    who: String,
    standing: HashMap<PathBuf, Standing>,
}

/// Where the branch of a repository stands.
#[derive(Clone, Default)]
struct Standing {
    tip: Id,
    tree: Id,
    ignored: String,
}

impl Repositories {
    /// None yet; all commits are of now.
    pub(super) fn new() -> Self {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let seconds = now.unwrap_or_default().as_secs();
        Self {
            packer: Packer::default(),
            who: format!("distmill <distmill@localhost> {seconds} +0000"),
            standing: HashMap::new(),
        }
    }

    /// Commits files, whose blobs are in the pack, with a line of `.gitignore` for each name that
    /// is not among them. The repository is made where this is its first package.
    pub(super) fn commit(
        &mut self,
        git: PathBuf,
        package: &str,
        mut entries: Entries<'_>,
        uploaded: &[&str],
    ) -> io::Result<()> {
        let known = self.standing.get(&git).cloned();
        let is_new = known.is_none();
        let mut standing = match known {
            Some(known) => known,
            None => self.begin(&git)?,
        };
        let first = standing.tip;
        for name in uploaded {
            let line = format!("/{name}\n");
            if !standing.ignored.contains(&line) {
                standing.ignored.push_str(&line);
            }
        }
        let ignored = self.packer.add(Kind::Blob, standing.ignored.as_bytes())?;
        entries.insert(GITIGNORE, (false, ignored));
        let tree = self.tree(&entries)?;
        if tree != standing.tree {
            standing.tree = tree;
            let message = format!("automatic import of {package}");
            standing.tip = self.object(tree, Some(first), &message)?;
        }
        self.packer.write(&git.join("objects/pack"))?;
        if is_new {
            let first = hex(&first);
            let packed =
                format!("# pack-refs with: peeled fully-peeled sorted \n{first} {BRANCH}\n");
            fs::write(git.join("packed-refs"), packed)?;
        }
        fs::write(git.join(BRANCH), hex(&standing.tip) + "\n")?;
        self.standing.insert(git, standing);
        Ok(())
    }

    /// Makes a repository, and the commit that all begin with.
    fn begin(&mut self, git: &Path) -> io::Result<Standing> {
        make_folder(git)?;
        for folder in FOLDERS {
            fs::create_dir(git.join(folder))?;
        }
        for (name, text) in FILES {
            fs::write(git.join(name), text)?;
        }
        let empty = self.packer.add(Kind::Blob, b"")?;
        let tree = self.tree(&Entries::from([(GITIGNORE, (false, empty))]))?;
        Ok(Standing {
            tip: self.object(tree, None, "Initial setup of the repo")?,
            tree,
            ignored: String::new(),
        })
    }

    fn tree(&mut self, entries: &Entries<'_>) -> io::Result<Id> {
        let mut out = Vec::with_capacity(64 * entries.len());
        for (name, (is_executable, id)) in entries {
            let mode: &[u8] = if *is_executable {
                b"100755 "
            } else {
                b"100644 "
            };
            for part in [mode, name.as_bytes(), b"\0", id] {
                out.extend_from_slice(part);
            }
        }
        self.packer.add(Kind::Tree, &out)
    }

    fn object(&mut self, tree: Id, parent: Option<Id>, message: &str) -> io::Result<Id> {
        let parent = parent.map(|it| format!("parent {}\n", hex(&it)));
        let text = format!(
            "tree {}\n{}author {who}\ncommitter {who}\n\n{message}",
            hex(&tree),
            parent.unwrap_or_default(),
            who = self.who
        );
        self.packer.add(Kind::Commit, text.as_bytes())
    }
}
