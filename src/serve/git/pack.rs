//! The objects that a client lacks, as a pack.

use super::history::{self, Cut};
use super::making::Out;
use super::packet::{self, MAX_LINE};
use super::request::Wish;
use axum::body::Bytes;
use git2::{Error, ObjectType, Oid, PackBuilder, Repository};

/// What is wanted: commits, and the tags that stand before them.
#[derive(Clone, Debug, Default)]
pub(super) struct Wanted {
    pub(super) commits: Vec<Oid>,
    others: Vec<Oid>,
}

impl Wanted {
    /// Looks up what the client asks for; it must be, or be reached from, one of the references.
    ///
    /// # Errors
    /// The first one that is not, for the client.
    pub(super) fn find(
        git: &Repository,
        wish: &Wish,
        references: &[(Oid, String)],
    ) -> Result<Self, String> {
        let mut wanted = Self::default();
        for want in &wish.wants {
            let refuse = || format!("upload-pack: not our ref {want}");
            let is_tip = references.iter().any(|it| it.0 == *want);
            let is_reached = || {
                let mut tips = references.iter();
                tips.any(|it| git.graph_descendant_of(it.0, *want).unwrap_or(false))
            };
            if !is_tip && !is_reached() {
                return Err(refuse());
            }
            let mut object = git.find_object(*want, None).map_err(|_| refuse())?;
            while let Some(tag) = object.as_tag() {
                wanted.others.push(object.id());
                let target = tag.target().map_err(|_| refuse())?;
                object = target;
            }
            match object.kind() {
                Some(ObjectType::Commit) => wanted.commits.push(object.id()),
                _ => wanted.others.push(object.id()),
            }
        }
        Ok(wanted)
    }

    /// Writes the pack of all that the client lacks.
    ///
    /// # Errors
    /// When the repository cannot be read; part of the pack may be sent by then.
    pub(super) fn send(
        &self,
        git: &Repository,
        wish: &Wish,
        common: &[Oid],
        cut: &Cut,
        out: &mut Out,
    ) -> Result<(), Error> {
        let mut builder = git.packbuilder()?;
        builder.set_threads(1);
        for id in &self.others {
            builder.insert_recursive(*id, None)?;
        }
        if cut.commits.is_empty() && wish.shallow.is_empty() {
            let mut walk = git.revwalk()?;
            for id in &self.commits {
                walk.push(*id)?;
            }
            for id in common {
                walk.hide(*id)?;
            }
            builder.insert_walk(&mut walk)?;
        } else {
            let has = history::reached(git, common, &wish.shallow)?;
            for id in history::reached(git, &self.commits, &cut.commits)? {
                if !has.contains(&id) {
                    builder.insert_commit(id)?;
                }
            }
        }
        write(&mut builder, wish.sidebands, out)
    }
}

fn write(builder: &mut PackBuilder<'_>, sidebands: bool, out: &mut Out) -> Result<(), Error> {
    // Objects come in pieces of a few bytes: they are gathered to lines of the full length.
    let mut gathered = Vec::with_capacity(MAX_LINE);
    let put = |out: &mut Out, bytes: &[u8]| {
        out.send(match sidebands {
            true if !bytes.is_empty() => framed(bytes),
            _ => Bytes::copy_from_slice(bytes),
        });
        out.is_heard()
    };
    let made = builder.foreach(|mut bytes| {
        while !bytes.is_empty() {
            let room = MAX_LINE - 1 - gathered.len();
            let (now, later) = bytes.split_at(room.min(bytes.len()));
            gathered.extend_from_slice(now);
            bytes = later;
            if gathered.len() == MAX_LINE - 1 {
                let heard = put(out, &gathered);
                gathered.clear();
                if !heard {
                    return false;
                }
            }
        }
        true
    });
    match made {
        Ok(()) => {
            put(out, &gathered);
            Ok(())
        }
        // Nobody listens any more, or it is known why nothing can be sent.
        Err(_) if !out.is_heard() => Ok(()),
        Err(error) => Err(error),
    }
}

/// One line of the first side band, which is the pack's.
fn framed(bytes: &[u8]) -> Bytes {
    let mut content = Vec::with_capacity(bytes.len() + 1);
    content.push(1);
    content.extend_from_slice(bytes);
    let mut out = Vec::with_capacity(content.len() + 4);
    packet::line(&mut out, &content);
    out.into()
}
