//! All names of a registry: the pages `/versions` and `/names` of the compact index.
//!
//! `/versions` begins with the time at which it was made. From then on it only grows: each change
//! is one more line at its end. A serial is that time and the page's length, such as
//! `2026-11-01T00:00:05Z+20971520`, and what changed since is what was written behind that length.
//! Now and then the page is made anew; then nobody can tell, and all names count as changed.

use crate::import::source::{Names, ResolveError};
use crate::net::{Client, Page};
use std::collections::{BTreeMap, HashSet};
use url::Url;

/// A state of the page.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Serial<'a> {
    /// As it is written: later times compare as greater.
    made: &'a str,
    length: usize,
}

impl<'a> Serial<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let (made, length) = text.rsplit_once('+')?;
        let is_time = |it: &str| it.parse::<jiff::Timestamp>().is_ok();
        let length = length.parse().ok()?;
        is_time(made).then_some(Self { made, length })
    }
}

/// Whether a text is a serial of this kind of registry.
#[must_use]
pub fn is_serial(text: &str) -> bool {
    Serial::parse(text).is_some()
}

/// Lists every name at the registry `base`, whose address ends with a slash, in its order; or
/// those that changed after the serial `since`.
///
/// # Errors
/// When neither page can be had, or they are none of this kind, or do not tell what changed.
pub fn names(client: &Client, base: &Url, since: Option<&str>) -> Result<Names, ResolveError> {
    let at = |path| base.join(path).expect("a fixed path can be joined");
    let url = at("versions");
    let page = client.get(&url, "text/plain, */*");
    let read = page.map_err(ResolveError::from);
    match read.and_then(|page| of_versions(&page, since)) {
        Err(error) if error.is_of_one_form() && since.is_none() => {}
        Err(error) if error.is_not_found() => return Err(ResolveError::no_serials(&url)),
        result => return result,
    }
    let page = client.get(&at("names"), "text/plain, */*")?;
    let text = String::from_utf8_lossy(&page.body);
    let Some(names) = text.strip_prefix("---\n") else {
        return Err(ResolveError::index(&page.url, "it does not begin with ---"));
    };
    let names = names.lines().map(str::trim).filter(|it| !it.is_empty());
    Ok(Names {
        names: names.map(str::to_owned).collect(),
        ..Names::default()
    })
}

fn of_versions(page: &Page, since: Option<&str>) -> Result<Names, ResolveError> {
    let text = std::str::from_utf8(&page.body)
        .map_err(|_| ResolveError::index(&page.url, "it is not UTF-8"))?;
    let (head, lines) = text
        .split_once("\n---\n")
        .ok_or_else(|| ResolveError::index(&page.url, "no list of versions"))?;
    let made = head.lines().find_map(|it| it.strip_prefix("created_at:"));
    let made = made.map(str::trim).unwrap_or_default();
    let serial = format!("{made}+{}", text.len());
    let now = Serial::parse(&serial);
    let Some(since) = since.and_then(Serial::parse) else {
        return Ok(Names {
            names: listed(lines, lines),
            serial: now.is_some().then(|| serial.clone()),
            is_all: false,
        });
    };
    let Some(now) = now else {
        return Err(ResolveError::no_serials(&page.url));
    };
    // An older state, as a server that is behind has: what is new there was there before.
    let is_behind = (now.made, now.length) <= (since.made, since.length);
    let (changed, is_all) = match now.made == since.made {
        _ if is_behind => ("", false),
        true => (behind(text, since.length), false),
        false => (lines, true),
    };
    let latest = match is_behind {
        true => format!("{}+{}", since.made, since.length),
        false => serial.clone(),
    };
    Ok(Names {
        names: listed(lines, changed),
        serial: Some(latest),
        is_all,
    })
}

/// The whole lines that end behind a length.
fn behind(text: &str, length: usize) -> &str {
    let before = &text.as_bytes()[..length];
    let line = before
        .iter()
        .rposition(|it| *it == b'\n')
        .map_or(0, |it| it + 1);
    &text[line..]
}

/// The names of some lines, each once, without those of which all versions are withdrawn by now.
fn listed(all: &str, some: &str) -> Vec<String> {
    let withdrawn = withdrawn(all);
    let mut seen = HashSet::new();
    let names = entries(some).map(|it| it.0);
    let names = names.filter(|it| !withdrawn.contains(it) && seen.insert(*it));
    names.map(str::to_owned).collect()
}

/// Names of which every version was withdrawn.
fn withdrawn(lines: &str) -> HashSet<&str> {
    let yanks = |versions: &str| versions.split(',').any(|it| it.starts_with('-'));
    let mut left: BTreeMap<&str, HashSet<&str>> = entries(lines)
        .filter(|(_, versions)| yanks(versions))
        .map(|(name, _)| (name, HashSet::new()))
        .collect();
    for (name, versions) in entries(lines) {
        let Some(left) = left.get_mut(name) else {
            continue;
        };
        for version in versions.split(',') {
            match version.strip_prefix('-') {
                Some(yanked) => left.remove(yanked),
                None => left.insert(version),
            };
        }
    }
    let gone = left.into_iter().filter(|(_, left)| left.is_empty());
    gone.map(|(name, _)| name).collect()
}

/// Name and versions of each line.
fn entries(lines: &str) -> impl Iterator<Item = (&str, &str)> {
    lines.lines().filter_map(|line| {
        let mut words = line.split(' ');
        Some((words.next().filter(|it| !it.is_empty())?, words.next()?))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASE: &str = "created_at: 2026-11-01T00:00:05Z\n---\na 1.0 x\nb 1.0,1.1 x\ngone 1 x\n";
    const ADDED: &str = "c 0.1 x\na 1.1 y\ngone -1 y\nb -1.0 y\na 1.2 z\n";

    fn names(text: &str, since: Option<&str>) -> (Vec<String>, String, bool) {
        let page = Page {
            url: "http://h/versions".parse().unwrap(),
            content_type: None,
            body: text.as_bytes().to_vec(),
        };
        let it = of_versions(&page, since).unwrap();
        (it.names, it.serial.unwrap_or_default(), it.is_all)
    }

    #[test]
    fn what_was_added_has_changed() {
        let (all, first, _) = names(BASE, None);
        assert_eq!(all, ["a", "b", "gone"]);
        assert_eq!(first, format!("2026-11-01T00:00:05Z+{}", BASE.len()));
        assert!(is_serial(&first) && !is_serial("12") && !is_serial("x+1"));
        let grown = format!("{BASE}{ADDED}");
        assert_eq!(names(&grown, None).0, ["a", "b", "c"]);
        let (changed, second, is_all) = names(&grown, Some(&first));
        assert_eq!((changed.join(" "), is_all), ("c a b".to_owned(), false));
        assert_eq!(
            names(&grown, Some(&second)),
            (Vec::new(), second.clone(), false)
        );
        // A server that is behind.
        assert_eq!(
            names(BASE, Some(&second)),
            (Vec::new(), second.clone(), false)
        );
        // In the middle of a line: that line has changed.
        let middle = format!("2026-11-01T00:00:05Z+{}", BASE.len() + 3);
        assert_eq!(names(&grown, Some(&middle)).0, ["c", "a", "b"]);
    }

    #[test]
    fn a_page_that_was_made_anew_counts_as_changed() {
        let old = "2026-10-01T00:00:05Z+999999";
        let (all, _, is_all) = names(BASE, Some(old));
        assert_eq!((all.len(), is_all), (3, true));
        let newer = "2026-12-01T00:00:05Z+1";
        assert_eq!(
            names(BASE, Some(newer)),
            (Vec::new(), newer.to_owned(), false)
        );
    }

    #[test]
    fn a_page_without_its_time_does_not_count() {
        assert_eq!(names("x: y\n---\na 1 x\n", None).1, "");
    }
}
