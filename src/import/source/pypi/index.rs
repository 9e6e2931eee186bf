//! All names of a registry: the root of the simple index after PEP 691.

use super::simple;
use crate::import::source::ResolveError;
use crate::net::Client;
use serde::Deserialize;
use url::Url;

#[derive(Deserialize)]
struct Root {
    projects: Vec<Project>,
}

#[derive(Deserialize)]
struct Project {
    name: String,
}

/// Lists every name at the registry `base`, whose address ends with a slash, in its order.
///
/// # Errors
/// When the page cannot be had, or is not in the JSON form.
pub fn names(client: &Client, base: &Url) -> Result<Vec<String>, ResolveError> {
    let url = base.join("simple/").expect("a fixed path can be joined");
    let page = client.get(&url, simple::ACCEPT)?;
    let root: Root = serde_json::from_slice(&page.body)
        .map_err(|error| ResolveError::index(&url, &error.to_string()))?;
    Ok(root.projects.into_iter().map(|it| it.name).collect())
}
