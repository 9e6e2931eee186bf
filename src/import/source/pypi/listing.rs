//! What an index page lists, in one form for all kinds of pages, and the choice of one sdist.

use super::names::SdistKind;
use crate::import::source::release::excerpt;
use crate::import::source::{Release, ResolveError};
use crate::model::Sha256;
use pep440_rs::Version;
use std::collections::BTreeMap;
use url::Url;

/// A project's releases and their files, as far as one page tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Listing {
    /// The page; it goes into messages.
    pub(super) page: Url,
    /// What relative addresses of files are relative to.
    pub(super) file_base: Url,
    /// Files by their release; a release may have none.
    pub(super) releases: BTreeMap<Version, Vec<File>>,
    /// Whether a release that is not listed does not exist.
    pub(super) complete: bool,
}

/// One file of a release, nothing of it checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct File {
    pub(super) file_name: String,
    /// Absolute or relative.
    pub(super) url: String,
    /// None for wheels and the like.
    pub(super) sdist: Option<SdistKind>,
    pub(super) sha256: Option<Sha256>,
    pub(super) size: Option<u64>,
    /// Withdrawn, and the reason, which may be empty.
    pub(super) yanked: Option<String>,
}

impl File {
    const fn is_yanked(&self) -> bool {
        self.yanked.is_some()
    }
}

impl Listing {
    /// The sdist of `version`, or of the latest release. `name` is the normalised name.
    pub(super) fn choose(
        &self,
        name: &str,
        version: Option<&Version>,
    ) -> Result<Release, ResolveError> {
        let (version, files) = match version {
            Some(version) => self.files_of(name, version)?,
            None => self.latest(name)?,
        };
        let sdists = files
            .iter()
            .filter_map(|it| it.sdist.map(|kind| (it.is_yanked(), kind, it)));
        let best = sdists.min_by_key(|(yanked, kind, it)| (*yanked, *kind, &it.file_name));
        let Some((_, _, file)) = best else {
            return Err(ResolveError::NoSdist {
                name: name.to_owned(),
                version: version.to_string(),
            });
        };
        self.release(name, version, file)
    }

    /// A release that was asked for, and all of its files, the yanked ones with them.
    fn files_of(
        &self,
        name: &str,
        version: &Version,
    ) -> Result<(&Version, Vec<&File>), ResolveError> {
        // The index may spell it with more zeros or fewer.
        match self.releases.get_key_value(version) {
            None => Err(ResolveError::UnknownVersion {
                name: name.to_owned(),
                version: version.to_string(),
            }),
            Some((_, files)) if files.is_empty() => Err(ResolveError::NoFiles {
                name: name.to_owned(),
                version: Some(version.to_string()),
            }),
            Some((version, files)) => Ok((version, files.iter().collect())),
        }
    }

    /// The highest release that is final and not yanked, and its files that are not yanked.
    /// Preliminary ones count only where there is nothing else.
    fn latest(&self, name: &str) -> Result<(&Version, Vec<&File>), ResolveError> {
        let name = || name.to_owned();
        if self.releases.values().all(Vec::is_empty) {
            return Err(ResolveError::NoFiles {
                name: name(),
                version: None,
            });
        }
        self.releases
            .iter()
            .map(|(version, files)| {
                let kept = files.iter().filter(|it| !it.is_yanked());
                (version, kept.collect::<Vec<_>>())
            })
            .filter(|(_, files)| !files.is_empty())
            .max_by_key(|(version, _)| (!version.any_prerelease(), *version))
            .ok_or_else(|| ResolveError::AllYanked { name: name() })
    }

    fn release(&self, name: &str, version: &Version, file: &File) -> Result<Release, ResolveError> {
        let url = self.file_base.join(&file.url);
        let mut url = url.map_err(|error| {
            ResolveError::index(&self.page, &format!("a file has no valid address: {error}"))
        })?;
        url.set_fragment(None);
        let warning = file.yanked.as_deref().map(|reason| match excerpt(reason) {
            reason if reason.is_empty() => format!("{name} {version} is yanked"),
            reason => format!("{name} {version} is yanked: {reason}"),
        });
        Release {
            name: name.to_owned(),
            version: version.to_string(),
            file_name: file.file_name.clone(),
            url,
            sha256: file.sha256,
            size: file.size,
            warnings: warning.into_iter().collect(),
        }
        .checked(&self.page)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(file_name: &str, yanked: Option<&str>) -> File {
        File {
            file_name: file_name.to_owned(),
            url: file_name.to_owned(),
            sdist: SdistKind::of_file_name(file_name),
            sha256: Some(Sha256::of(b"")),
            size: None,
            yanked: yanked.map(str::to_owned),
        }
    }

    fn listing(releases: &[(&str, &[File])]) -> Listing {
        let page: Url = "http://h/simple/a/".parse().unwrap();
        Listing {
            file_base: page.clone(),
            page,
            releases: releases
                .iter()
                .map(|(version, files)| (version.parse().unwrap(), files.to_vec()))
                .collect(),
            complete: true,
        }
    }

    fn chosen(listing: &Listing, version: Option<&str>) -> String {
        let version: Option<Version> = version.map(|it| it.parse().unwrap());
        match listing.choose("a", version.as_ref()) {
            Ok(release) => release.file_name,
            Err(error) => error.code().to_string(),
        }
    }

    #[test]
    fn the_latest_is_final_and_not_yanked() {
        let all = listing(&[
            ("1.9", &[file("a-1.9.tar.gz", None)]),
            ("1.10", &[file("a-1.10.tar.gz", None)]),
            ("1.11", &[file("a-1.11.tar.gz", Some(""))]),
            ("1.12", &[]),
            ("2.0rc1", &[file("a-2.0rc1.tar.gz", None)]),
            ("2.0.dev1", &[file("a-2.0.dev1.tar.gz", None)]),
        ]);
        assert_eq!(chosen(&all, None), "a-1.10.tar.gz");
        assert_eq!(chosen(&all, Some("1.11.0")), "a-1.11.tar.gz");
        assert_eq!(chosen(&all, Some("2.0-RC.1")), "a-2.0rc1.tar.gz");
        assert_eq!(chosen(&all, Some("1.12")), "no-files");
        assert_eq!(chosen(&all, Some("3")), "unknown-version");

        let preliminary = listing(&[
            ("1.0a1", &[file("a-1.0a1.tar.gz", None)]),
            ("1.0b1", &[file("a-1.0b1.tar.gz", None)]),
        ]);
        assert_eq!(chosen(&preliminary, None), "a-1.0b1.tar.gz");
    }

    #[test]
    fn nothing_to_import_has_its_own_names() {
        let yanked = listing(&[("1", &[file("a-1.tar.gz", Some("bad"))])]);
        assert_eq!(chosen(&yanked, None), "all-yanked");
        assert_eq!(chosen(&listing(&[]), None), "no-files");
        assert_eq!(chosen(&listing(&[("1", &[])]), None), "no-files");
        let wheels = listing(&[
            ("1", &[file("a-1.tar.gz", None)]),
            ("2", &[file("a-2-py3-none-any.whl", None)]),
        ]);
        let error = wheels.choose("a", None).unwrap_err();
        assert_eq!(error.to_string(), "a 2 has no sdist");
    }

    #[test]
    fn tar_gz_is_preferred_and_a_yanked_file_is_not() {
        let kinds = listing(&[(
            "1",
            &[
                file("a-1.zip", None),
                file("a-1.tar.bz2", None),
                file("a-1.tar.gz", None),
            ],
        )]);
        assert_eq!(chosen(&kinds, None), "a-1.tar.gz");
        let partly = [file("a-1.zip", None), file("a-1.tar.gz", Some("x"))];
        assert_eq!(chosen(&listing(&[("1", &partly)]), None), "a-1.zip");
        assert_eq!(chosen(&listing(&[("1", &partly)]), Some("1")), "a-1.zip");
    }

    #[test]
    fn a_yanked_release_is_taken_with_a_warning() {
        let yanked = listing(&[("1", &[file("a-1.tar.gz", Some("bad\nnews"))])]);
        let release = yanked.choose("a", Some(&"1".parse().unwrap())).unwrap();
        assert_eq!(release.warnings, ["a 1 is yanked: badnews"]);
        assert_eq!(release.url.as_str(), "http://h/simple/a/a-1.tar.gz");
    }
}
