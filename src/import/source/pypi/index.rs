//! All names of a registry: the root of the simple index, as JSON (PEP 691) or HTML (PEP 503).
//!
//! The JSON form of the registry itself counts: each project has the serial of its last change, and
//! the page the last one of all. Mirrors may leave both out; HTML has neither.

use super::names::{is_valid_name, normalise_name};
use super::simple::{self, Form};
use crate::import::source::{Names, ResolveError};
use crate::net::{Client, Page};
use html5gum::{Token, Tokenizer};
use percent_encoding::percent_decode_str;
use serde::Deserialize;
use url::Url;

#[derive(Deserialize)]
struct Root {
    #[serde(default)]
    meta: Meta,
    projects: Vec<Project>,
}

#[derive(Default, Deserialize)]
struct Meta {
    #[serde(rename = "_last-serial")]
    last_serial: Option<u64>,
}

#[derive(Deserialize)]
struct Project {
    name: String,
    #[serde(rename = "_last-serial")]
    last_serial: Option<u64>,
}

/// Whether a text is a serial of this kind of registry.
#[must_use]
pub fn is_serial(text: &str) -> bool {
    text.parse::<u64>().is_ok()
}

/// Lists every name at the registry `base`, whose address ends with a slash, in its order; or
/// those that changed after the serial `since`.
///
/// # Errors
/// When the page cannot be had, is in neither form, or does not tell what changed.
pub fn names(client: &Client, base: &Url, since: Option<&str>) -> Result<Names, ResolveError> {
    let url = base.join("simple/").expect("a fixed path can be joined");
    let page = client.get(&url, simple::ACCEPT)?;
    let since = since.and_then(|it| it.parse().ok());
    match simple::form(&page) {
        Some(Form::Json) => of_json(&page, since),
        Some(Form::Html) if since.is_some() => Err(ResolveError::no_serials(&page.url)),
        Some(Form::Html) => of_html(&page),
        None => Err(ResolveError::index(&page.url, "neither JSON nor HTML")),
    }
}

fn of_json(page: &Page, since: Option<u64>) -> Result<Names, ResolveError> {
    let root: Root = serde_json::from_slice(&page.body)
        .map_err(|error| ResolveError::index(&page.url, &error.to_string()))?;
    let serial = root.meta.last_serial;
    if since.is_some()
        && (serial.is_none() || root.projects.iter().any(|it| it.last_serial.is_none()))
    {
        return Err(ResolveError::no_serials(&page.url));
    }
    let projects = root.projects.into_iter();
    let changed = projects.filter(|it| since.is_none_or(|since| it.last_serial > Some(since)));
    Ok(Names {
        names: changed.map(|it| it.name).collect(),
        serial: serial.map(|it| it.to_string()),
        is_all: false,
    })
}

/// The text of each link that leads to the page of a project of this name.
fn of_html(page: &Page) -> Result<Names, ResolveError> {
    let mut names = Vec::new();
    let mut open: Option<(String, String)> = None;
    for token in Tokenizer::new(&page.body[..]) {
        let Ok(token) = token;
        match token {
            Token::StartTag(tag) if *tag.name == b"a" => {
                let href = simple::attribute(&tag, b"href");
                open = href.map(|it| (it, String::new()));
            }
            Token::String(text) => {
                if let Some((_, label)) = &mut open {
                    label.push_str(&String::from_utf8_lossy(&text));
                }
            }
            Token::EndTag(tag) if *tag.name == b"a" => {
                names.extend(open.take().and_then(|(href, label)| name(&href, &label)));
            }
            _ => {}
        }
    }
    match names.is_empty() {
        true => Err(ResolveError::index(&page.url, "it links to no project")),
        false => Ok(Names {
            names,
            ..Names::default()
        }),
    }
}

/// The name in a link, unless it leads elsewhere.
fn name(href: &str, label: &str) -> Option<String> {
    let path = href.split(['?', '#']).next().unwrap_or_default();
    let last = path.trim_end_matches('/').rsplit('/').next()?;
    let last = percent_decode_str(last).decode_utf8().ok()?;
    let label = label.trim();
    let is_project = is_valid_name(label) && normalise_name(label) == normalise_name(&last);
    is_project.then(|| label.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(body: &str) -> Page {
        Page {
            url: "http://h/simple/".parse().unwrap(),
            content_type: None,
            body: body.as_bytes().to_vec(),
        }
    }

    #[test]
    fn changes_are_those_after_a_serial() {
        let body = r#"{"meta": {"_last-serial": 9, "api-version": "1.4"}, "projects": [
            {"name": "a", "_last-serial": 3}, {"name": "B.c", "_last-serial": 9}]}"#;
        let names = |since| of_json(&page(body), since).unwrap();
        assert_eq!(names(None).names, ["a", "B.c"]);
        assert_eq!(names(Some(3)).names, ["B.c"]);
        assert!(names(Some(9)).names.is_empty());
        assert_eq!(names(Some(99)).serial.as_deref(), Some("9"));
        let bare = page(r#"{"meta": {}, "projects": [{"name": "a"}]}"#);
        assert_eq!(of_json(&bare, None).unwrap().serial, None);
        assert!(matches!(
            of_json(&bare, Some(1)),
            Err(ResolveError::NoSerials { .. })
        ));
    }

    #[test]
    fn html_lists_the_links_to_projects() {
        let body = "<!DOCTYPE html><html><body><a href='../'>up</a>\n\
                    <a href=\"/simple/foo-bar/\">Foo_Bar</a><br>\n<a href='six/'> six </a>\
                    <a href='https://h/other'>Sign in</a><a href='x%2Dy/#f'>x.y</a></body></html>";
        let names = of_html(&page(body)).unwrap();
        assert_eq!(names.names, ["Foo_Bar", "six", "x.y"]);
        assert_eq!(names.serial, None);
        assert!(of_html(&page("<p>nothing</p>")).is_err());
    }
}
