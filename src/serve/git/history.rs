//! Which commits a client lacks, where its history is cut off, and where it will be.

use super::request::Wish;
use git2::{Oid, Repository};
use std::collections::{BTreeSet, VecDeque};

/// The commits whose parents a client will not have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Cut {
    pub(super) commits: BTreeSet<Oid>,
    /// Those that it does not know of yet.
    pub(super) added: Vec<Oid>,
    /// Those that it has to forget: it gets their parents now.
    pub(super) removed: Vec<Oid>,
}

impl Cut {
    /// The cut after this request. Without a depth it stays as it is.
    pub(super) fn of(git: &Repository, wish: &Wish, wants: &[Oid]) -> Result<Self, git2::Error> {
        let Some(depth) = wish.depth else {
            return Ok(Self {
                commits: wish.shallow.clone(),
                ..Self::default()
            });
        };
        let mut seen = BTreeSet::new();
        let mut level: Vec<Oid> = Vec::new();
        for want in wants {
            if seen.insert(*want) {
                level.push(*want);
            }
        }
        for _ in 1..depth {
            let mut next = Vec::new();
            for id in level.drain(..) {
                let parents = git.find_commit(id)?.parent_ids().collect::<Vec<_>>();
                next.extend(parents.into_iter().filter(|it| seen.insert(*it)));
            }
            level = next;
            if level.is_empty() {
                break;
            }
        }
        let mut cut = Self::default();
        for id in level {
            if git.find_commit(id)?.parent_count() > 0 {
                cut.commits.insert(id);
            }
        }
        cut.added = cut.commits.difference(&wish.shallow).copied().collect();
        let reached = wish.shallow.intersection(&seen);
        let removed = reached.filter(|it| !cut.commits.contains(it));
        cut.removed = removed.copied().collect();
        // What this request does not reach stays as it is.
        let beyond = wish.shallow.difference(&seen).copied();
        cut.commits.extend(beyond.collect::<Vec<_>>());
        Ok(cut)
    }
}

/// The commits that are reached from `tips`, those behind `cut` left out.
pub(super) fn reached(
    git: &Repository,
    tips: &[Oid],
    cut: &BTreeSet<Oid>,
) -> Result<BTreeSet<Oid>, git2::Error> {
    let mut seen: BTreeSet<Oid> = tips.iter().copied().collect();
    let mut open: VecDeque<Oid> = seen.iter().copied().collect();
    while let Some(id) = open.pop_front() {
        if cut.contains(&id) {
            continue;
        }
        for parent in git.find_commit(id)?.parent_ids() {
            if seen.insert(parent) {
                open.push_back(parent);
            }
        }
    }
    Ok(seen)
}
