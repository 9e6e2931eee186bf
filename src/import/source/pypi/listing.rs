//! What an index page lists, in one form for all kinds of pages, and the choice of one sdist
//! or, where there is none, of one wheel that does as a source.

use super::names::FileForm;
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
    pub(super) form: FileForm,
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
    /// The sdist of `version`, or of the latest release; else its pure wheel. `name` is the
    /// normalised name.
    pub(super) fn choose(
        &self,
        name: &str,
        version: Option<&Version>,
    ) -> Result<Release, ResolveError> {
        let (version, files) = match version {
            Some(version) => self.files_of(name, version)?,
            None => self.latest(name)?,
        };
        let sdists = files.iter().filter_map(|it| match it.form {
            FileForm::Sdist(kind) => Some((it.is_yanked(), kind, it)),
            _ => None,
        });
        let best = sdists.min_by_key(|(yanked, kind, it)| (*yanked, *kind, &it.file_name));
        if let Some((_, _, file)) = best {
            return self.release(name, version, file);
        }
        let wheels = files.iter().filter_map(|it| match it.form {
            FileForm::PureWheel(rank) => Some((it.is_yanked(), rank, it)),
            _ => None,
        });
        let best = wheels.min_by_key(|(yanked, rank, it)| (*yanked, *rank, &it.file_name));
        if let Some((_, _, file)) = best {
            let mut release = self.release(name, version, file)?;
            let file = &release.file_name;
            let warning = format!("{name} {version} has no sdist: packaged from the wheel {file}");
            release.warnings.push(warning);
            return Ok(release);
        }
        let (name, version) = (name.to_owned(), version.to_string());
        let is_platform = |it: &&File| it.form == FileForm::PlatformWheel;
        Err(match files.into_iter().any(|it| is_platform(&it)) {
            true => ResolveError::PlatformWheelsOnly { name, version },
            false => ResolveError::NoSdist { name, version },
        })
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
    use crate::import::source::pypi::names::parse_file_name;

    fn file(file_name: &str, yanked: Option<&str>) -> File {
        File {
            file_name: file_name.to_owned(),
            url: file_name.to_owned(),
            form: parse_file_name("a", file_name).map_or(FileForm::Other, |it| it.form),
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
        for (files, message) in [
            (
                &["a-2-py2-none-any.whl"][..],
                "a 2 has no sdist and no wheel for Python 3",
            ),
            (
                &["a-2-py3.9.egg", "a-2.exe"],
                "a 2 has no sdist and no wheel for Python 3",
            ),
            (
                &["a-2-py3.9.egg", "a-2-cp311-cp311-win32.whl"],
                "a 2 has no sdist, only wheels for one platform each",
            ),
        ] {
            let files: Vec<File> = files.iter().map(|it| file(it, None)).collect();
            let all = listing(&[("1", &[file("a-1.tar.gz", None)]), ("2", &files)]);
            let error = all.choose("a", None).unwrap_err();
            assert_eq!(error.to_string(), message);
        }
    }

    #[test]
    fn a_pure_wheel_does_where_there_is_no_sdist() {
        let wheel = "a-1-py3-none-any.whl";
        let files = [
            "a-1-cp39-cp39-win32.whl",
            "a-1-py310-none-any.whl",
            wheel,
            "a-1-py2-none-any.whl",
        ];
        let mut files: Vec<File> = files.iter().map(|it| file(it, None)).collect();
        let release = listing(&[("1", &files)]).choose("a", None).unwrap();
        assert_eq!(release.file_name, wheel);
        assert_eq!(
            release.warnings,
            ["a 1 has no sdist: packaged from the wheel a-1-py3-none-any.whl"]
        );
        files.push(file("a-1.zip", None));
        let release = listing(&[("1", &files)]).choose("a", None).unwrap();
        assert_eq!(
            (release.file_name.as_str(), release.warnings.len()),
            ("a-1.zip", 0)
        );

        let yanked = [file(wheel, Some("")), file("a-1-py38-none-any.whl", None)];
        assert_eq!(
            chosen(&listing(&[("1", &yanked)]), Some("1")),
            "a-1-py38-none-any.whl"
        );
        let all = listing(&[("1", &yanked[..1])]);
        assert_eq!(chosen(&all, None), "all-yanked");
        let release = all.choose("a", Some(&"1".parse().unwrap())).unwrap();
        assert_eq!(release.warnings.len(), 2, "{:?}", release.warnings);
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
