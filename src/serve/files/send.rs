//! One file as an answer.

use super::condition::Version;
use super::range::Part;
use crate::serve::answer::{Answer, answer, broken, not_found};
use crate::serve::chunk;
use crate::serve::places::{Cached, Places};
use axum::body::Body;
use axum::http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, HeaderName,
    LAST_MODIFIED,
};
use axum::http::{HeaderMap, StatusCode};
use futures_util::stream;
use std::fs::File;
use std::io;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use tokio::task::spawn_blocking;

/// Endings of names and the types that they stand for; all others are bytes.
const TYPES: [(&str, &str); 8] = [
    (".gz", "application/gzip"),
    (".tgz", "application/gzip"),
    (".bz2", "application/x-bzip2"),
    (".xz", "application/x-xz"),
    (".zst", "application/zstd"),
    (".zip", "application/zip"),
    (".tar", "application/x-tar"),
    (".rpm", "application/x-rpm"),
];

/// An open file of the cache.
struct Opened {
    file: File,
    size: u64,
    version: Version,
}

/// Sends a file, or the part of it that is asked for.
pub(in crate::serve) async fn send(
    places: &Places,
    cached: &Cached,
    headers: &HeaderMap,
    is_head: bool,
) -> Answer {
    let (places, wanted) = (places.clone(), cached.clone());
    let opened = spawn_blocking(move || {
        let path = places.file(&wanted)?;
        Some(open(&path, &wanted.hash).map_err(|error| (path, error)))
    });
    let opened = match opened.await {
        Ok(Some(Ok(opened))) => opened,
        Ok(None) => return not_found(),
        Ok(Some(Err((path, error)))) => {
            tracing::warn!(path = %path.display(), %error, "file cannot be served");
            return broken();
        }
        Err(_) => return broken(),
    };
    respond(opened, &cached.file, headers, is_head)
}

fn open(path: &Path, hash: &str) -> io::Result<Opened> {
    let file = File::open(path)?;
    let metadata = file.metadata()?;
    Ok(Opened {
        size: metadata.len(),
        version: Version {
            tag: format!("\"{hash}\""),
            modified: metadata.modified()?,
        },
        file,
    })
}

fn respond(opened: Opened, name: &str, headers: &HeaderMap, is_head: bool) -> Answer {
    let Opened {
        file,
        size,
        version,
    } = opened;
    let modified = httpdate::fmt_http_date(version.modified);
    let mut out: Vec<(HeaderName, &str)> = vec![
        (ETAG, &version.tag),
        (LAST_MODIFIED, &modified),
        // What a hash names never changes.
        (CACHE_CONTROL, "public, max-age=31536000, immutable"),
    ];
    if version.is_known(headers) {
        return answer(StatusCode::NOT_MODIFIED, &out, Body::empty());
    }
    let part = version.range(headers);
    let part = part.map_or(Part::Whole, |it| Part::read(it, size));
    let (status, range, content_range) = match part {
        Part::Beyond => {
            let content_range = format!("bytes */{size}");
            out.push((CONTENT_RANGE, &content_range));
            return answer(StatusCode::RANGE_NOT_SATISFIABLE, &out, Body::empty());
        }
        Part::Whole => (StatusCode::OK, 0..size, String::new()),
        Part::Some(range) => {
            let (first, last) = (range.start, range.end - 1);
            let content_range = format!("bytes {first}-{last}/{size}");
            (StatusCode::PARTIAL_CONTENT, range, content_range)
        }
    };
    if !content_range.is_empty() {
        out.push((CONTENT_RANGE, &content_range));
    }
    let length = (range.end - range.start).to_string();
    out.extend([
        (CONTENT_LENGTH, length.as_str()),
        (CONTENT_TYPE, content_type(name)),
        (ACCEPT_RANGES, "bytes"),
    ]);
    let body = match is_head {
        true => Body::empty(),
        false => body(file, range),
    };
    answer(status, &out, body)
}

fn content_type(name: &str) -> &'static str {
    let name = name.to_ascii_lowercase();
    let known = TYPES.iter().find(|it| name.ends_with(it.0));
    known.map_or("application/octet-stream", |it| it.1)
}

/// Reads on while the client takes what was read.
fn body(file: File, range: Range<u64>) -> Body {
    let begin = (Arc::new(file), range);
    Body::from_stream(stream::try_unfold(begin, |(file, range)| async move {
        if range.is_empty() {
            return Ok::<_, io::Error>(None);
        }
        let (bytes, left) = chunk::read(Arc::clone(&file), range).await?;
        Ok(Some((bytes, (file, left))))
    }))
}
