//! The symbolic links of a gem, and what a path leads to through them.
//!
//! Installing a gem leaves out every executable whose file is not there, a link that leads nowhere
//! included; a spec that lists one names a file that no build makes. `gem` asks here.

use std::collections::BTreeMap;

/// Links that one path may lead through: what Linux allows.
const MAX_HOPS: usize = 40;

/// Links by their path, each with its target as it is written.
#[derive(Debug, Default)]
pub(super) struct Links(BTreeMap<String, String>);

impl Links {
    /// Takes a link in. Targets that are not UTF-8 lead nowhere.
    pub(super) fn add(&mut self, path: &str, target: &[u8]) {
        let target = String::from_utf8_lossy(target).into_owned();
        self.0.insert(path.to_owned(), target);
    }

    /// Whether a path leads to one of `files` (sorted) or to a folder that holds one.
    pub(super) fn lead_to_any(&self, path: &str, files: &[String]) -> bool {
        let Some(end) = self.end_of(path) else {
            return false;
        };
        let folder = format!("{end}/");
        let within = files.partition_point(|it| *it < folder);
        files.binary_search(&end).is_ok()
            || files.get(within).is_some_and(|it| it.starts_with(&folder))
    }

    /// The path behind all links; none where they go in circles.
    fn end_of(&self, path: &str) -> Option<String> {
        let mut left: Vec<&str> = path.rsplit('/').collect();
        let mut at = String::new();
        let mut hops = 0;
        while let Some(part) = left.pop() {
            match part {
                "" | "." => continue,
                ".." => {
                    at.truncate(at.rfind('/').unwrap_or(0));
                    continue;
                }
                _ => {}
            }
            let parent = at.len();
            if parent > 0 {
                at.push('/');
            }
            at.push_str(part);
            if let Some(target) = self.0.get(&at) {
                hops += 1;
                if hops > MAX_HOPS {
                    return None;
                }
                at.truncate(parent);
                left.extend(target.rsplit('/'));
            }
        }
        Some(at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_followed_to_their_end() {
        let mut links = Links::default();
        for (path, target) in [
            ("bin/good", &b"./real"[..]),
            ("bin/up", b"../exe/real"),
            ("bin/two", b"good"),
            ("bin/dangling", b"bin/real"),
            ("bin/folder", b"../exe"),
            ("bin/round", b"about"),
            ("bin/about", b"round"),
            ("bin/odd", b"\xff"),
            ("scripts", b"exe"),
        ] {
            links.add(path, target);
        }
        let files = ["bin/dangling", "bin/real", "exe-more", "exe/real"].map(str::to_owned);
        for (path, found) in [
            ("bin/real", true),
            ("./bin//real", true),
            ("bin/good", true),
            ("bin/up", true),
            ("bin/two", true),
            ("bin/folder", true),
            ("scripts/real", true),
            ("bin/dangling", false),
            ("bin/round", false),
            ("bin/odd", false),
            ("bin/none", false),
            ("scripts/none", false),
        ] {
            assert_eq!(links.lead_to_any(path, &files), found, "{path}");
        }
    }
}
