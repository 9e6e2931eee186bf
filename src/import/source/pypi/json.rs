//! The JSON API: `/pypi/{name}/json` and `/pypi/{name}/{version}/json`.

use super::listing::{File, Listing};
use super::names::{FileForm, SdistKind, parse_file_name};
use super::wheel_name::WheelName;
use crate::import::source::ResolveError;
use crate::model::Sha256;
use crate::net::Page;
use pep440_rs::Version;
use serde::Deserialize;
use std::collections::BTreeMap;
use url::Url;

#[derive(Deserialize)]
struct Project {
    info: Info,
    /// Absent in the JSON of one version, and at some mirrors.
    releases: Option<BTreeMap<String, Vec<ProjectFile>>>,
    #[serde(default)]
    urls: Vec<ProjectFile>,
}

#[derive(Deserialize)]
struct Info {
    version: String,
}

#[derive(Deserialize)]
struct ProjectFile {
    filename: String,
    url: String,
    packagetype: Option<String>,
    digests: Option<Digests>,
    size: Option<u64>,
    #[serde(default)]
    yanked: bool,
    yanked_reason: Option<String>,
}

#[derive(Deserialize)]
struct Digests {
    sha256: Option<String>,
}

/// Reads a page of either kind. `name` is the normalised name; `file_base` is what relative
/// addresses of files are relative to, the project's simple page.
pub(super) fn parse(page: &Page, name: &str, file_base: Url) -> Result<Listing, ResolveError> {
    let project: Project = serde_json::from_slice(&page.body)
        .map_err(|error| ResolveError::index(&page.url, &error.to_string()))?;
    let complete = project.releases.is_some();
    let all = project
        .releases
        .unwrap_or_else(|| BTreeMap::from([(project.info.version, project.urls)]));
    let mut releases: BTreeMap<Version, Vec<File>> = BTreeMap::new();
    for (version, files) in all {
        // Very old releases have versions that no tool takes any more.
        let Ok(version) = version.parse() else {
            continue;
        };
        let files = files.into_iter().map(|it| it.into_file(name));
        // Two spellings of one version are one release.
        releases.entry(version).or_default().extend(files);
    }
    Ok(Listing {
        page: page.url.clone(),
        file_base,
        releases,
        complete,
    })
}

impl ProjectFile {
    fn into_file(self, name: &str) -> File {
        let form = match self.packagetype.as_deref() {
            Some("sdist") => SdistKind::of_file_name(&self.filename).map(FileForm::Sdist),
            Some("bdist_wheel") => {
                let wheel = WheelName::parse(&self.filename);
                wheel.map(|it| FileForm::of_wheel(&it))
            }
            Some(_) => None,
            None => parse_file_name(name, &self.filename).map(|it| it.form),
        };
        let reason = self.yanked_reason.unwrap_or_default();
        File {
            file_name: self.filename,
            url: self.url,
            form: form.unwrap_or(FileForm::Other),
            sha256: self
                .digests
                .and_then(|it| it.sha256)
                .and_then(|it| Sha256::from_hex(&it)),
            size: self.size,
            yanked: self.yanked.then_some(reason),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> Result<Listing, ResolveError> {
        let page = Page {
            url: "http://h/pypi/a/json".parse().unwrap(),
            content_type: None,
            body: body.as_bytes().to_vec(),
        };
        parse(&page, "a", "http://h/simple/a/".parse().unwrap())
    }

    #[test]
    fn releases_are_all_there_is() {
        let listing = read(
            r#"{"info": {"version": "1.0", "name": "A"}, "last_serial": 5,
            "urls": [{"filename": "ignored.tar.gz", "url": "x"}],
            "releases": {"0.9-final": [], "2004d": [],
              "1.0": [{"filename": "A-1.0.tar.gz", "url": "../../f/A-1.0.tar.gz", "size": 3,
                "packagetype": "sdist", "yanked": true, "yanked_reason": null,
                "digests": {"md5": "x", "sha256": "00"}}],
              "1.0.0": [{"filename": "a-1.0.linux-x86_64.tar.gz", "url": "x",
                "packagetype": "bdist_dumb"}]}}"#,
        )
        .unwrap();
        assert!(listing.complete);
        assert_eq!(listing.releases.len(), 1, "two spellings, two nonsenses");
        let files = listing.releases.values().next().unwrap();
        assert_eq!(
            files[0],
            File {
                file_name: "A-1.0.tar.gz".to_owned(),
                url: "../../f/A-1.0.tar.gz".to_owned(),
                form: FileForm::Sdist(SdistKind::TarGz),
                sha256: None,
                size: Some(3),
                yanked: Some(String::new()),
            }
        );
        assert_eq!(files[1].form, FileForm::Other);
        assert_eq!(files.len(), 2);
    }

    #[test]
    fn without_releases_only_one_is_known() {
        let listing = read(
            r#"{"info": {"version": "1.0"}, "urls": [
                {"filename": "a-1.0.zip", "url": "http://h/a-1.0.zip"},
                {"filename": "a-1.0-py3-none-any.whl", "url": "x"}]}"#,
        )
        .unwrap();
        assert!(!listing.complete);
        let files = &listing.releases[&"1".parse().unwrap()];
        assert_eq!(files[0].form, FileForm::Sdist(SdistKind::Zip));
        assert!(matches!(files[1].form, FileForm::PureWheel(_)));
    }

    #[test]
    fn other_things_are_refused() {
        for body in ["", "[]", "{}", "<html>", "{\"info\": {\"version\": 1}}"] {
            let error = read(body).unwrap_err();
            assert!(matches!(error, ResolveError::Index { .. }), "{body:?}");
        }
    }
}
