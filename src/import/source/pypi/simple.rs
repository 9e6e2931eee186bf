//! The Simple API: `/simple/{name}/`, as JSON (PEP 691) or HTML (PEP 503).
//!
//! Not every server heeds the `Accept` header, so the form is decided by what was sent.

use super::listing::{File, Listing};
use super::names::{FileForm, parse_file_name};
use crate::import::source::ResolveError;
use crate::model::Sha256;
use crate::net::Page;
use html5gum::{HtmlString, Spanned, StartTag, Token, Tokenizer};
use pep440_rs::Version;
use percent_encoding::percent_decode_str;
use serde::Deserialize;
use std::collections::BTreeMap;
use url::Url;

/// Sent as `Accept`: JSON first, and both names of the HTML.
pub(super) const ACCEPT: &str = "application/vnd.pypi.simple.v1+json, \
     application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1";

/// Reads a page of either form. `name` is the normalised name.
pub(super) fn parse(page: &Page, name: &str) -> Result<Listing, ResolveError> {
    match form(page) {
        Some(Form::Json) => parse_json(page, name),
        Some(Form::Html) => Ok(parse_html(page, name)),
        None => Err(invalid(page, "neither JSON nor HTML")),
    }
}

pub(super) enum Form {
    Json,
    Html,
}

/// By `Content-Type`; servers of plain files may not know it, so then by the first character.
pub(super) fn form(page: &Page) -> Option<Form> {
    let content_type = page.content_type.as_deref().unwrap_or_default();
    let essence = content_type.split(';').next().unwrap_or_default();
    let essence = essence.trim().to_ascii_lowercase();
    if essence.ends_with("/json") || essence.ends_with("+json") {
        return Some(Form::Json);
    }
    if essence.ends_with("/html") || essence.ends_with("+html") {
        return Some(Form::Html);
    }
    match page.body.trim_ascii_start().first() {
        Some(b'{') => Some(Form::Json),
        Some(b'<') => Some(Form::Html),
        _ => None,
    }
}

fn invalid(page: &Page, problem: &str) -> ResolveError {
    ResolveError::index(&page.url, problem)
}

/// Sorts files by the version that their names say; other files are left out.
fn collect(name: &str, files: impl Iterator<Item = File>) -> BTreeMap<Version, Vec<File>> {
    let mut releases: BTreeMap<Version, Vec<File>> = BTreeMap::new();
    for mut file in files {
        if let Some(parsed) = parse_file_name(name, &file.file_name) {
            file.form = parsed.form;
            releases.entry(parsed.version).or_default().push(file);
        }
    }
    releases
}

#[derive(Deserialize)]
struct Project {
    meta: Meta,
    files: Vec<ProjectFile>,
}

#[derive(Deserialize)]
struct Meta {
    #[serde(rename = "api-version")]
    api_version: String,
}

#[derive(Deserialize)]
struct ProjectFile {
    filename: String,
    url: String,
    hashes: Option<BTreeMap<String, String>>,
    size: Option<u64>,
    yanked: Option<Yanked>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Yanked {
    Flag(bool),
    Reason(String),
}

fn parse_json(page: &Page, name: &str) -> Result<Listing, ResolveError> {
    let project: Project =
        serde_json::from_slice(&page.body).map_err(|it| invalid(page, &it.to_string()))?;
    if project.meta.api_version.split('.').next() != Some("1") {
        return Err(invalid(page, "an api-version other than 1"));
    }
    let files = project.files.into_iter().map(|it| File {
        file_name: it.filename,
        url: it.url,
        form: FileForm::Other,
        sha256: it.hashes.and_then(|it| Sha256::from_hex(it.get("sha256")?)),
        size: it.size,
        yanked: match it.yanked {
            None | Some(Yanked::Flag(false)) => None,
            Some(Yanked::Flag(true)) => Some(String::new()),
            Some(Yanked::Reason(reason)) => Some(reason),
        },
    });
    Ok(Listing {
        page: page.url.clone(),
        file_base: page.url.clone(),
        releases: collect(name, files),
        complete: true,
    })
}

fn parse_html(page: &Page, name: &str) -> Listing {
    let links = links(page);
    let releases = collect(name, links.files.into_iter());
    Listing {
        page: page.url.clone(),
        file_base: links.base.unwrap_or_else(|| page.url.clone()),
        // Any web page is HTML without links to files: such a one proves nothing.
        complete: !releases.is_empty(),
        releases,
    }
}

/// What a page links to.
#[derive(Default)]
struct Links {
    base: Option<Url>,
    files: Vec<File>,
}

fn links(page: &Page) -> Links {
    let mut links = Links::default();
    let mut open: Option<(File, String)> = None;
    for token in Tokenizer::new(&page.body[..]) {
        let Ok(token) = token;
        match token {
            Token::StartTag(tag) if *tag.name == b"a" => {
                links.close(open.take());
                open = file_of(&tag).map(|it| (it, String::new()));
            }
            Token::StartTag(tag) if *tag.name == b"base" && links.base.is_none() => {
                links.base = attribute(&tag, b"href").and_then(|it| page.url.join(&it).ok());
            }
            Token::String(text) => {
                if let Some((_, label)) = &mut open {
                    label.push_str(&String::from_utf8_lossy(&text));
                }
            }
            Token::EndTag(tag) if *tag.name == b"a" => links.close(open.take()),
            _ => {}
        }
    }
    links.close(open);
    links
}

impl Links {
    /// Takes a link whose text is complete. The text and the last segment of the address should
    /// be the same; some addresses end in something else.
    fn close(&mut self, link: Option<(File, String)>) {
        if let Some((mut file, text)) = link {
            let path = file.url.split(['?', '#']).next().unwrap_or_default();
            let segment = path.rsplit('/').next().unwrap_or_default();
            let segment = percent_decode_str(segment).decode_utf8_lossy().into_owned();
            let text = text.trim();
            file.file_name = if text.is_empty() || is_archive(&segment) {
                segment
            } else {
                text.to_owned()
            };
            self.files.push(file);
        }
    }
}

fn is_archive(file_name: &str) -> bool {
    super::SdistKind::of_file_name(file_name).is_some() || file_name.ends_with(".whl")
}

/// The file that a link leads to; its name is not known yet.
fn file_of(tag: &StartTag<()>) -> Option<File> {
    let url = attribute(tag, b"href")?;
    let fragment = url.split_once('#').map_or("", |it| it.1);
    let sha256 = fragment
        .split('&')
        .find_map(|it| Sha256::from_hex(it.strip_prefix("sha256=")?));
    Some(File {
        file_name: String::new(),
        form: FileForm::Other,
        sha256,
        size: None,
        yanked: attribute(tag, b"data-yanked"),
        url,
    })
}

pub(super) fn attribute(tag: &StartTag<()>, name: &[u8]) -> Option<String> {
    let value: &Spanned<HtmlString, ()> = tag.attributes.get(name)?;
    Some(String::from_utf8_lossy(value).into_owned())
}

#[cfg(test)]
mod tests;
