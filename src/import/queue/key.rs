//! Which jobs are the same.
//!
//! Two jobs are the same when source, digest, target and branches are, and all that changes what
//! comes out. The key is the beginning of a SHA-256 over these, each with its length before it. Before
//! it stand the first letters of the name: lists come in order, and a store then adds them at one place
//! of its index instead of all over it.
//!
//! A run is a world of its own: in it a source is one job, whatever came of it. Elsewhere a source
//! without version or digest means something else tomorrow: such a job is the same as
//! another only while that one is open.

use super::NewJob;
use crate::import::job::Source;
use crate::import::source::pypi::normalise_name;
use crate::model::{Ecosystem, Sha256};

/// Bytes of the name that a key begins with.
const NAME: usize = 6;

/// What makes two jobs the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key(pub [u8; 16]);

impl Key {
    /// The key of a job.
    pub(super) fn of(job: &NewJob) -> Self {
        let mut text = Vec::with_capacity(200);
        let mut part = |it: &str| {
            text.extend_from_slice(&(it.len() as u64).to_le_bytes());
            text.extend_from_slice(it.as_bytes());
        };
        let source = canonical(&job.source);
        let name = source.rsplit(['/', ':']).next().unwrap_or_default();
        part(&source);
        part(&job.digest.map(|it| it.to_string()).unwrap_or_default());
        part(&job.target.project.to_string());
        let making = serde_json::to_string(&job.target.making);
        part(&making.expect("settings are plain values"));
        part(&job.run.map(|it| it.to_string()).unwrap_or_default());
        for branch in &job.target.branches {
            part(branch.as_str());
        }
        let mut key = [0; 16];
        let name = name.as_bytes();
        let name = &name[..name.len().min(NAME)];
        key[..name.len()].copy_from_slice(name);
        key[NAME..].copy_from_slice(&Sha256::of(&text).0[..16 - NAME]);
        Self(key)
    }
}

/// One spelling for each name: that of the ecosystem.
fn canonical(source: &Source) -> String {
    match source {
        Source::Registry {
            ecosystem: Ecosystem::Pypi,
            name,
            version,
        } => Source::Registry {
            ecosystem: Ecosystem::Pypi,
            name: normalise_name(name),
            version: version.clone(),
        }
        .to_string(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Making, Target};
    use super::*;
    use crate::model::{BranchName, Project};

    fn job(source: &str, project: &str, branches: &[&str], dist: &str) -> NewJob {
        NewJob {
            source: source.parse().unwrap(),
            digest: None,
            target: Target {
                project: Project::parse(project).unwrap(),
                branches: branches
                    .iter()
                    .map(|it| BranchName::new(it).unwrap())
                    .collect(),
                making: Making {
                    dist: dist.to_owned(),
                    ..Making::default()
                },
            }
            .into(),
            sandbox: "s".into(),
            priority: 0,
            background: false,
            run: None,
        }
    }

    #[test]
    fn only_what_changes_the_result_makes_a_difference() {
        let one = job("pypi:Foo_Bar", "a/b", &["main"], "");
        let same = NewJob {
            sandbox: "t".into(),
            priority: 7,
            background: true,
            ..job("pypi:foo-bar", "a/b", &["main"], "")
        };
        assert_eq!(one.key(), same.key());
        let of_a_run = NewJob {
            run: Some(1),
            ..one.clone()
        };
        assert!(of_a_run.is_fixed());
        for other in [
            of_a_run,
            job("gem:Foo_Bar", "a/b", &["main"], ""),
            job("pypi:foo-bar==1", "a/b", &["main"], ""),
            job("pypi:foo-bar", "a/c", &["main"], ""),
            job("pypi:foo-bar", "a/b", &["main", "f42"], ""),
            job("pypi:foo-bar", "a/b", &["main"], ".fc42"),
        ] {
            assert_ne!(one.key(), other.key(), "{other:?}");
        }
        assert!(!one.is_fixed() && job("gem:a==1", "a/b", &[], "").is_fixed());
    }
}
