//! Index pages kept on disk, so that a host is asked only whether they have changed.
//!
//! One file a page, named by the digest of address and `Accept` header, on one of sixteen shelves
//! (`shelf` bounds them). A line with the digest of all that follows, a line of JSON, then the body
//! in zstd. Any number of processes may use a folder: files are written in place, and whoever
//! meets one that is half-written, damaged or gone sees that by the digest and asks for the page
//! anew. Nothing here ever fails a request.

use super::Page;
use super::page::Validators;
use super::shelf::Shelf;
use super::shown::secret_in;
use crate::model::Sha256;
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;
use url::Url;

/// Shelves, one for each first digit of a name.
const SHELVES: usize = 16;

/// What a file begins with.
const MARK: &str = "distmill-page-1 ";

/// The pages of one folder.
#[derive(Debug)]
pub(super) struct Cache {
    shelves: Vec<Shelf>,
    max_page: u64,
}

/// A page that was kept.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Kept {
    pub(super) page: Page,
    pub(super) validators: Validators,
}

#[derive(Serialize, Deserialize)]
struct Head {
    url: String,
    content_type: Option<String>,
    #[serde(flatten)]
    validators: Validators,
}

/// The place of one page.
pub(super) struct Place<'a> {
    shelf: &'a Shelf,
    name: String,
}

impl Cache {
    pub(super) fn new(folder: &Path, max_bytes: u64, max_page: u64) -> Self {
        let shelf = |n| Shelf::new(folder.join(format!("{n:x}")), max_bytes / SHELVES as u64);
        Self {
            shelves: (0..SHELVES).map(shelf).collect(),
            max_page,
        }
    }

    /// The place of a page; none where its address holds a secret, which no file is to hold.
    pub(super) fn place(&self, url: &Url, accept: &str) -> Option<Place<'_>> {
        if secret_in(url).is_some() {
            return None;
        }
        let digest = Sha256::of(format!("{url}\n{accept}").as_bytes());
        let shelf = &self.shelves[usize::from(digest.0[0] >> 4)];
        let name = digest.to_string();
        Some(Place { shelf, name })
    }

    /// The page that was kept there, whole and undamaged. It counts as used.
    pub(super) fn load(&self, place: &Place<'_>) -> Option<Kept> {
        let path = place.path();
        let bytes = fs::read(&path).ok()?;
        let kept = unpack(&bytes, self.max_page);
        match &kept {
            Some(_) => {
                let now = |it: File| it.set_modified(SystemTime::now());
                // Too old is all that it can become by a failure.
                let _ = File::options().append(true).open(&path).and_then(now);
            }
            None => tracing::debug!(path = %path.display(), "a kept page is damaged"),
        }
        kept
    }

    /// Keeps a page in the place of an older one.
    pub(super) fn store(&self, place: &Place<'_>, page: &Page, validators: Validators) {
        if secret_in(&page.url).is_some() {
            return;
        }
        let written = pack(page, validators).and_then(|bytes| {
            let put = |path: &Path| File::create(path)?.write_all(&bytes);
            place.shelf.put(&place.path(), bytes.len() as u64, put)
        });
        if let Err(error) = written {
            tracing::debug!(path = %place.path().display(), %error, "a page is not kept");
        }
    }
}

impl Place<'_> {
    fn path(&self) -> PathBuf {
        self.shelf.folder().join(&self.name)
    }
}

fn pack(page: &Page, validators: Validators) -> io::Result<Vec<u8>> {
    let head = Head {
        url: page.url.to_string(),
        content_type: page.content_type.clone(),
        validators,
    };
    let mut rest = serde_json::to_vec(&head)?;
    rest.push(b'\n');
    rest.extend(zstd::bulk::compress(&page.body, 1)?);
    let mut out = format!("{MARK}{}\n", Sha256::of(&rest)).into_bytes();
    out.extend(rest);
    Ok(out)
}

fn unpack(bytes: &[u8], max_page: u64) -> Option<Kept> {
    let bytes = bytes.strip_prefix(MARK.as_bytes())?;
    let (digest, rest) = split_line(bytes)?;
    if Sha256::from_hex(std::str::from_utf8(digest).ok()?)? != Sha256::of(rest) {
        return None;
    }
    let (head, body) = split_line(rest)?;
    let head: Head = serde_json::from_slice(head).ok()?;
    let mut page = Page {
        url: Url::parse(&head.url).ok()?,
        content_type: head.content_type,
        body: Vec::new(),
    };
    let body = zstd::stream::read::Decoder::new(body).ok()?;
    let most = max_page.saturating_add(1);
    body.take(most).read_to_end(&mut page.body).ok()?;
    (page.body.len() as u64 <= max_page).then_some(Kept {
        page,
        validators: head.validators,
    })
}

fn split_line(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = bytes.iter().position(|it| *it == b'\n')?;
    Some((&bytes[..end], &bytes[end + 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::{ETAG, HeaderMap};
    use tempfile::TempDir;

    fn url() -> Url {
        Url::parse("http://h/simple/a/").unwrap()
    }

    fn kept() -> Kept {
        let headers = HeaderMap::from_iter([(ETAG, "\"x\"".parse().unwrap())]);
        Kept {
            page: Page {
                url: url(),
                content_type: Some("text/html".to_owned()),
                body: b"<a>".repeat(1000),
            },
            validators: Validators::of(&headers).unwrap(),
        }
    }

    #[test]
    fn a_page_comes_back_as_it_was() {
        let dir = TempDir::new().unwrap();
        let cache = Cache::new(&dir.path().join("pages"), 1 << 20, 1 << 20);
        let place = cache.place(&url(), "*/*").unwrap();
        assert_eq!(cache.load(&place), None);
        cache.store(&place, &kept().page, kept().validators);
        assert_eq!(cache.load(&place), Some(kept()));
        // Another process with the same folder; another header.
        let other = Cache::new(&dir.path().join("pages"), 1 << 20, 1 << 20);
        assert_eq!(
            other.load(&other.place(&url(), "*/*").unwrap()),
            Some(kept())
        );
        assert_eq!(other.load(&other.place(&url(), "a/b").unwrap()), None);
        assert!(cache.place(&"http://u:p@h/".parse().unwrap(), "").is_none());
    }

    #[test]
    fn every_damage_is_seen() {
        let whole = pack(&kept().page, kept().validators).unwrap();
        assert!(unpack(&whole, 9999).is_some());
        for end in 0..whole.len() {
            assert_eq!(unpack(&whole[..end], 9999), None, "cut at {end}");
            let mut flipped = whole.clone();
            flipped[end] ^= 1;
            assert_eq!(unpack(&flipped, 9999), None, "another byte at {end}");
        }
    }

    #[test]
    fn a_damaged_page_is_replaced() {
        let dir = TempDir::new().unwrap();
        let cache = Cache::new(dir.path(), 1 << 20, 1 << 20);
        let place = cache.place(&url(), "*/*").unwrap();
        cache.store(&place, &kept().page, kept().validators);
        fs::write(place.path(), "rubbish").unwrap();
        assert_eq!(cache.load(&place), None);
        cache.store(&place, &kept().page, kept().validators);
        assert_eq!(cache.load(&place), Some(kept()));
    }
}
