//! Every reference of a repository, as the first answer to a client.

use super::packet;
use crate::serve::answer::{Answer, answer, broken, not_found, text};
use crate::serve::places::{Package, Places};
use axum::body::Body;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use git2::{ObjectType, Oid, Repository};
use std::path::Path;
use tokio::task::spawn_blocking;

/// What clients may ask for; they leave out what is not here.
const CAPABILITIES: &str = concat!(
    "multi_ack_detailed side-band-64k ofs-delta shallow no-progress ",
    "allow-tip-sha1-in-want allow-reachable-sha1-in-want object-format=sha1 agent=distmill/",
    env!("CARGO_PKG_VERSION")
);

const TYPE: &str = "application/x-git-upload-pack-advertisement";

/// Answers `info/refs`.
pub(in crate::serve) async fn references(
    places: &Places,
    package: &Package,
    query: Option<&str>,
    is_head: bool,
) -> Answer {
    if query != Some("service=git-upload-pack") {
        let hint = "this is read only, for clients of git's smart protocol (git 1.6.6 and later)\n";
        return text(StatusCode::FORBIDDEN, hint);
    }
    let Some(path) = places.repository(package) else {
        return not_found();
    };
    let shown = path.clone();
    let listed = spawn_blocking(move || advertisement(&path)).await;
    match listed {
        Ok(Ok(_)) if is_head => answer(StatusCode::OK, &[(CONTENT_TYPE, TYPE)], Body::empty()),
        Ok(Ok(bytes)) => {
            let headers = [(CONTENT_TYPE, TYPE), (CACHE_CONTROL, "no-cache")];
            answer(StatusCode::OK, &headers, Body::from(bytes))
        }
        Ok(Err(error)) => {
            tracing::warn!(path = %shown.display(), %error, "repository cannot be served");
            broken()
        }
        Err(_) => broken(),
    }
}

fn advertisement(path: &Path) -> Result<Vec<u8>, git2::Error> {
    let git = Repository::open_bare(path)?;
    let mut out = Vec::new();
    packet::line(&mut out, b"# service=git-upload-pack\n");
    packet::flush(&mut out);
    let head = git.find_reference("HEAD")?;
    let symref = head.symbolic_target().ok().flatten();
    let symref = symref.map_or_else(String::new, |it| format!(" symref=HEAD:{it}"));
    let mut capabilities = format!("\0{CAPABILITIES}{symref}");
    for (id, name) in all(&git)? {
        packet::line(&mut out, format!("{id} {name}{capabilities}\n").as_bytes());
        capabilities.clear();
    }
    if !capabilities.is_empty() {
        let none = Oid::ZERO_SHA1;
        let text = format!("{none} capabilities^{{}}{capabilities}\n");
        packet::line(&mut out, text.as_bytes());
    }
    packet::flush(&mut out);
    Ok(out)
}

/// Every reference and what it stands for, HEAD first, tags also peeled.
pub(super) fn all(git: &Repository) -> Result<Vec<(Oid, String)>, git2::Error> {
    let mut named = Vec::new();
    for reference in git.references()? {
        let reference = reference?;
        // A name that is no text cannot be asked for in this protocol.
        let (Ok(name), Some(id)) = (reference.name(), reference.target()) else {
            continue;
        };
        named.push((name.to_owned(), id));
    }
    named.sort();
    let mut out = Vec::with_capacity(named.len() + 1);
    if let Ok(id) = git.refname_to_id("HEAD") {
        out.push((id, "HEAD".to_owned()));
    }
    for (name, id) in named {
        let object = git.find_object(id, None)?;
        out.push((id, name.clone()));
        if object.kind() == Some(ObjectType::Tag) {
            let peeled = object.peel(ObjectType::Any)?;
            out.push((peeled.id(), format!("{name}^{{}}")));
        }
    }
    Ok(out)
}
