//! The index pages of a Python package registry.

use super::packages::{Package, PublishedFile};
use super::scope::Options;
use super::{Form, Reply, State};
use pep440_rs::Version;
use serde_json::{Value, json};

const SIMPLE_JSON: &str = "application/vnd.pypi.simple.v1+json";

/// A name after PEP 503, written down independently of the code under test.
pub(super) fn normalised(name: &str) -> String {
    let parts: Vec<&str> = name.split(['-', '_', '.']).collect();
    let parts: Vec<&str> = parts.into_iter().filter(|it| !it.is_empty()).collect();
    parts.join("-").to_lowercase()
}

/// Answers `/pypi/{name}/json`, and `/pypi/{name}/{version}/json` with a version.
pub(super) fn json(state: &State, name: &str, version: Option<&str>) -> Option<Reply> {
    let (package, options) = find(state, name)?;
    let form = match version {
        Some(_) => Form::VersionJson,
        None => Form::ProjectJson,
    };
    if !options.forms.contains(&form) {
        return None;
    }
    let asked = match version {
        Some(version) => package.versions().find(|it| same(it, version))?,
        None => package.latest()?,
    };
    let file = |it: &PublishedFile| json_file(name, it, &options);
    let of = |version: &str| -> Vec<Value> {
        let files = package.files.iter().filter(|it| it.version == version);
        files.map(file).collect()
    };
    let urls = of(asked);
    let mut page = json!({
        "info": info(name, asked, &urls),
        "last_serial": 1,
        "urls": urls,
        "vulnerabilities": [],
    });
    if version.is_none() && options.releases {
        let releases = package.versions().map(|it| (it.to_owned(), of(it).into()));
        page["releases"] = Value::Object(releases.collect());
    }
    Some(Reply::page("application/json", page.to_string()))
}

/// Answers `/simple/{name}/` in the form that is asked for, or the one that there is.
pub(super) fn simple(state: &State, name: &str, accept: &str) -> Option<Reply> {
    let (package, options) = find(state, name)?;
    let has = |form| options.forms.contains(&form);
    let html = has(Form::SimpleHtml) && !(has(Form::SimpleJson) && accept.contains(SIMPLE_JSON));
    if html {
        let body = simple_html(name, package, &options);
        Some(Reply::page("text/html; charset=utf-8", body))
    } else if has(Form::SimpleJson) {
        let body = simple_json(name, package, &options);
        Some(Reply::page(SIMPLE_JSON, body))
    } else {
        None
    }
}

/// Answers `/files/{name}/{file}`.
pub(super) fn file(state: &State, name: &str, file_name: &str) -> Option<Reply> {
    let package = state.packages.pypi.get(name)?;
    let file = package.files.iter().find(|it| it.file_name == file_name)?;
    Some(Reply::page(
        "application/octet-stream",
        file.content.clone(),
    ))
}

fn find<'a>(state: &'a State, name: &str) -> Option<(&'a Package, Options)> {
    let package = state.packages.pypi.get(name)?;
    Some((package, state.options_of(Some(name))))
}

fn info(name: &str, version: &str, urls: &[Value]) -> Value {
    json!({
        "author": "", "classifiers": [], "license": null, "license_expression": null,
        "name": name, "project_urls": null, "provides_extra": null, "requires_dist": null,
        "requires_python": null, "summary": "A package", "version": version,
        "yanked": !urls.is_empty() && urls.iter().all(|it| it["yanked"] == true),
        "yanked_reason": urls.first().map(|it| it["yanked_reason"].clone()),
    })
}

fn json_file(name: &str, file: &PublishedFile, options: &Options) -> Value {
    let packagetype = match file.file_name.rsplit('.').next() {
        Some("whl") => "bdist_wheel",
        Some("egg") => "bdist_egg",
        _ if file.file_name.contains("linux-x86_64") => "bdist_dumb",
        _ => "sdist",
    };
    let reason = file.yanked.as_ref().filter(|it| !it.is_empty());
    json!({
        "digests": file.sha256.as_ref().map_or(json!({}), |it| json!({"sha256": it})),
        "filename": file.file_name, "packagetype": packagetype, "requires_python": null,
        "size": file.content.size(), "upload_time_iso_8601": "2026-01-01T00:00:00.000000Z",
        "url": url(name, file, options),
        "yanked": file.yanked.is_some(), "yanked_reason": reason,
    })
}

fn simple_json(name: &str, package: &Package, options: &Options) -> String {
    let file = |it: &PublishedFile| {
        let yanked = match it.yanked.as_deref() {
            None => json!(false),
            Some("") => json!(true),
            Some(reason) => json!(reason),
        };
        json!({
            "filename": it.file_name, "size": it.content.size(), "yanked": yanked,
            "hashes": it.sha256.as_ref().map_or(json!({}), |it| json!({"sha256": it})),
            "url": url(name, it, options),
        })
    };
    let files: Vec<Value> = package.files.iter().map(file).collect();
    let versions: Vec<&str> = package.versions().collect();
    let meta = json!({"api-version": "1.1"});
    json!({"meta": meta, "name": name, "files": files, "versions": versions}).to_string()
}

fn simple_html(name: &str, package: &Package, options: &Options) -> String {
    let line = |file: &PublishedFile| {
        let sha256 = file.sha256.as_ref();
        let fragment = sha256.map_or(String::new(), |it| format!("#sha256={it}"));
        let yanked = file.yanked.as_ref();
        let yanked = yanked.map_or(String::new(), |it| {
            format!(" data-yanked=\"{}\"", escaped(it))
        });
        let href = escaped(&(url(name, file, options) + &fragment));
        let text = escaped(&file.file_name);
        format!("    <a href=\"{href}\"{yanked}>{text}</a><br />\n")
    };
    let lines: String = package.files.iter().map(line).collect();
    format!(
        "<!DOCTYPE html>\n<html>\n  <head><meta name=\"pypi:repository-version\" content=\"1.0\">\
         <title>Links for {name}</title></head>\n  <body>\n    <h1>Links for {name}</h1>\n{lines}  \
         </body>\n</html>\n"
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('"', "&quot;")
}

/// The address of a file. An absolute one has no host here: the server puts its own in.
fn url(name: &str, file: &PublishedFile, options: &Options) -> String {
    let base = if options.relative_urls {
        "../.."
    } else {
        super::server::HOST_MARK
    };
    let given = file.url.clone();
    given.unwrap_or_else(|| format!("{base}/files/{name}/{}", file.file_name))
}

fn same(a: &str, b: &str) -> bool {
    let parse = |it: &str| it.parse::<Version>().ok();
    a == b || (parse(a).is_some() && parse(a) == parse(b))
}

impl Package {
    fn versions(&self) -> impl Iterator<Item = &str> {
        let empty = self.empty_versions.iter();
        let mut all: Vec<&str> = empty.map(String::as_str).collect();
        all.extend(self.files.iter().map(|it| it.version.as_str()));
        all.sort_unstable();
        all.dedup();
        all.into_iter()
    }

    /// What the real one shows as the latest: final before preliminary, and yanked ones last.
    fn latest(&self) -> Option<&str> {
        self.versions().max_by_key(|version| {
            let mut files = self.files.iter().filter(|it| it.version == *version);
            let parsed = version.parse::<Version>().ok();
            let last = files.any(|it| it.yanked.is_some());
            let is_final = parsed.as_ref().is_some_and(|it| !it.any_prerelease());
            (!last, is_final, parsed)
        })
    }
}
