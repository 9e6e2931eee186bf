//! All names of a registry: the `/names` page of the compact index.

use crate::import::source::ResolveError;
use crate::net::Client;
use url::Url;

/// Lists every name at the registry `base`, whose address ends with a slash, in its order.
///
/// # Errors
/// When the page cannot be had, or is none of this kind.
pub fn names(client: &Client, base: &Url) -> Result<Vec<String>, ResolveError> {
    let url = base.join("names").expect("a fixed path can be joined");
    let page = client.get(&url, "text/plain, */*")?;
    let text = String::from_utf8_lossy(&page.body);
    let Some(names) = text.strip_prefix("---\n") else {
        return Err(ResolveError::index(&url, "it does not begin with ---"));
    };
    let names = names.lines().map(str::trim).filter(|it| !it.is_empty());
    Ok(names.map(str::to_owned).collect())
}
