//! The index pages of a gem registry.

use super::packages::{Package, PublishedFile};
use super::{Form, Reply, State};
use serde_json::json;

/// Answers `/info/{gem}`.
pub(super) fn info(state: &State, name: &str) -> Option<Reply> {
    let package = find(state, name, Form::CompactIndex)?;
    let line = |file: &PublishedFile| {
        let version = match file.platform.as_str() {
            "ruby" => file.version.clone(),
            platform => format!("{}-{platform}", file.version),
        };
        let sha256 = file.sha256.as_ref();
        let checksum = sha256.map_or(String::new(), |it| format!("checksum:{it},"));
        let tail = "ruby:>= 2.3,created_at:2026-01-01T00:00:00Z";
        format!("{version} rake:~> 13.0&!= 13.0.2,json:>= 0|{checksum}{tail}\n")
    };
    let lines: String = listed(package).map(line).collect();
    Some(Reply::page(
        "text/plain; charset=utf-8",
        format!("---\n{lines}"),
    ))
}

/// Answers `/api/v1/versions/{gem}.json`; a gem with nothing listed is unknown there.
pub(super) fn versions(state: &State, name: &str) -> Option<Reply> {
    let package = find(state, name, Form::VersionsJson)?;
    let version = |file: &PublishedFile| {
        json!({
            "authors": "A", "created_at": "2026-01-01T00:00:00.000Z", "licenses": ["MIT"],
            "number": file.version, "platform": file.platform, "ruby_version": ">= 2.3",
            "prerelease": file.version.contains(|c: char| c.is_ascii_alphabetic()),
            "sha": file.sha256, "summary": "A gem", "yanked": false,
        })
    };
    let all: Vec<_> = listed(package).map(version).collect();
    let page = serde_json::to_string(&all).unwrap();
    (!all.is_empty()).then(|| Reply::page("application/json; charset=utf-8", page))
}

/// Answers `/gems/{file}`.
pub(super) fn file(state: &State, file_name: &str) -> Option<Reply> {
    let mut files = state.packages.gems.values().flat_map(|it| &it.files);
    let file = files.find(|it| it.file_name == file_name)?;
    Some(Reply::page(
        "application/octet-stream",
        file.content.clone(),
    ))
}

fn find<'a>(state: &'a State, name: &str, form: Form) -> Option<&'a Package> {
    let package = state.packages.gems.get(name)?;
    let options = state.options_of(Some(&super::pypi::normalised(name)));
    options.forms.contains(&form).then_some(package)
}

fn listed(package: &Package) -> impl Iterator<Item = &PublishedFile> {
    package.files.iter().filter(|it| it.yanked.is_none())
}
