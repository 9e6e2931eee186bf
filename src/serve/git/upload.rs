//! A request for commits, and the answer: what is agreed on, then the pack.

use super::history::Cut;
use super::making::{Making, Out};
use super::pack::Wanted;
use super::request::{MAX_REQUEST, Wish, decompressed};
use super::{negotiate, packet, references};
use crate::serve::answer::{Answer, answer, not_found, text};
use crate::serve::places::{Package, Places};
use axum::body::to_bytes;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use git2::Repository;
use std::path::Path;
use std::time::Duration;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

const TYPE: &str = "application/x-git-upload-pack-result";

/// How long a request may take to arrive.
const PATIENCE: Duration = Duration::from_secs(60);

/// Answers `git-upload-pack`.
pub(in crate::serve) async fn pack(
    places: &Places,
    package: &Package,
    making: &Making,
    request: Request,
) -> Answer {
    let Some(path) = places.repository(package) else {
        return not_found();
    };
    let (parts, body) = request.into_parts();
    let body = match timeout(PATIENCE, to_bytes(body, MAX_REQUEST)).await {
        Ok(Ok(body)) => body,
        Ok(Err(_)) => return text(StatusCode::PAYLOAD_TOO_LARGE, "the request is too long\n"),
        Err(_) => return text(StatusCode::REQUEST_TIMEOUT, "the request took too long\n"),
    };
    let Some(body) = decompressed(&parts.headers, &body) else {
        return text(StatusCode::BAD_REQUEST, "the request cannot be read\n");
    };
    let (mut out, answered) = making.begin().await;
    // Not awaited: it goes on for as long as somebody listens.
    drop(spawn_blocking(move || {
        let failure = respond(&path, &body, &mut out).err();
        if let Some(error) = out.finish(failure) {
            tracing::warn!(path = %path.display(), %error, "pack cannot be made");
        }
    }));
    let headers = [(CONTENT_TYPE, TYPE), (CACHE_CONTROL, "no-cache")];
    answer(StatusCode::OK, &headers, answered)
}

fn respond(path: &Path, body: &[u8], out: &mut Out) -> Result<(), git2::Error> {
    let git = Repository::open_bare(path)?;
    let references = references::all(&git)?;
    let wish = Wish::read(body);
    let wish = wish.and_then(|wish| Ok((Wanted::find(&git, &wish, &references)?, wish)));
    let (wanted, wish) = match wish {
        Ok(it) => it,
        Err(problem) => {
            let mut bytes = Vec::new();
            packet::line(&mut bytes, format!("ERR {problem}").as_bytes());
            out.send(bytes.into());
            return Ok(());
        }
    };
    if wish.wants.is_empty() {
        return Ok(());
    }
    let mut bytes = Vec::new();
    let cut = Cut::of(&git, &wish, &wanted.commits)?;
    if wish.depth.is_some() {
        for id in &cut.added {
            packet::line(&mut bytes, format!("shallow {id}").as_bytes());
        }
        for id in &cut.removed {
            packet::line(&mut bytes, format!("unshallow {id}").as_bytes());
        }
        packet::flush(&mut bytes);
    }
    // A client that asks for a depth reads the new cut before it says what it has.
    if !wish.negotiates {
        out.send(bytes.into());
        return Ok(());
    }
    let common = negotiate::common(&git, &wish);
    let follows = negotiate::answer(&git, &wish, &wanted.commits, &common, &mut bytes);
    out.send(bytes.into());
    if follows {
        wanted.send(&git, &wish, &common, &cut, out)?;
        if wish.sidebands {
            let mut end = Vec::new();
            packet::flush(&mut end);
            out.send(end.into());
        }
    }
    Ok(())
}
