//! Which of the client's commits are known here, and what it is told of them (gitprotocol-pack,
//! "Packfile Negotiation").

use super::packet;
use super::request::Wish;
use git2::{Oid, Repository};

/// The commits of the client that are here too.
pub(super) fn common(git: &Repository, wish: &Wish) -> Vec<Oid> {
    let haves = wish.haves.iter().copied();
    haves.filter(|it| git.find_commit(*it).is_ok()).collect()
}

/// Appends what the client is told. Whether the pack follows.
pub(super) fn answer(
    git: &Repository,
    wish: &Wish,
    wants: &[Oid],
    common: &[Oid],
    out: &mut Vec<u8>,
) -> bool {
    let mut say = |text: String| packet::line(out, text.as_bytes());
    if wish.detailed_acks {
        for id in common {
            say(format!("ACK {id} common\n"));
        }
    }
    match (common.last(), wish.is_done) {
        (Some(last), true) => say(format!("ACK {last}\n")),
        (None, true) => say("NAK\n".to_owned()),
        (Some(last), false) if wish.detailed_acks => {
            if is_enough(git, wants, common) {
                say(format!("ACK {last} ready\n"));
            }
            say("NAK\n".to_owned());
        }
        (Some(_), false) => say(format!("ACK {}\n", common[0])),
        (None, false) => say("NAK\n".to_owned()),
    }
    wish.is_done
}

/// Whether everything that is wanted goes back to something that the client has.
fn is_enough(git: &Repository, wants: &[Oid], common: &[Oid]) -> bool {
    wants.iter().all(|want| {
        let mut known = common.iter();
        known.any(|it| it == want || git.graph_descendant_of(*want, *it).unwrap_or(false))
    })
}
