//! From a project's name to its sdist, by whichever form of the index is there.

use super::listing::Listing;
use super::names::{is_valid_name, normalise_name};
use super::{json, simple};
use crate::import::source::release::{address, excerpt};
use crate::import::source::{Release, ResolveError};
use crate::model::Ecosystem;
use crate::net::Client;
use pep440_rs::Version;
use url::Url;

/// Finds the sdist of `version`, or of the latest release, at the registry `base`, whose address
/// ends with a slash.
///
/// The latest release is the highest one that is final and not yanked; preliminary ones are taken
/// where there is nothing else, and yanked ones only where they are asked for.
///
/// # Errors
/// Says what is missing, or what the registry failed with.
pub fn resolve(
    client: &Client,
    base: &Url,
    name: &str,
    version: Option<&str>,
) -> Result<Release, ResolveError> {
    let query = Query::new(base, name, version)?;
    // What the first form failed with that was there: should all fail, it says the most.
    let mut setback = None;
    for form in [Form::OneVersion, Form::Project, Form::Simple] {
        let error = match query.ask(client, form) {
            None => continue,
            Some(Ok(listing)) => match listing.choose(&query.name, query.version.as_ref()) {
                Err(error) if !listing.complete && is_absence(&error) => error,
                result => return result,
            },
            Some(Err(error)) if error.is_not_found() => continue,
            Some(Err(error)) if error.is_of_one_form() => error,
            Some(Err(error)) => return Err(error),
        };
        tracing::debug!(name = query.name, %error, "this form of the index does not do");
        setback.get_or_insert(error);
    }
    Err(setback.unwrap_or(ResolveError::UnknownPackage { name: query.name }))
}

/// Whether a page that does not list everything may be silent about what others list.
const fn is_absence(error: &ResolveError) -> bool {
    matches!(
        error,
        ResolveError::UnknownVersion { .. }
            | ResolveError::NoFiles { .. }
            | ResolveError::AllYanked { .. }
    )
}

/// The forms of the index, in the order in which they are asked for.
#[derive(Clone, Copy)]
enum Form {
    /// The smallest answer by far.
    OneVersion,
    Project,
    Simple,
}

struct Query<'a> {
    base: &'a Url,
    /// Normalised.
    name: String,
    version: Option<Version>,
}

impl<'a> Query<'a> {
    fn new(base: &'a Url, name: &str, version: Option<&str>) -> Result<Self, ResolveError> {
        let ecosystem = Ecosystem::Pypi;
        if !is_valid_name(name) {
            let name = excerpt(name);
            return Err(ResolveError::Name { ecosystem, name });
        }
        let version = version.map(|text| {
            text.parse().map_err(|_| ResolveError::Version {
                ecosystem,
                version: excerpt(text),
            })
        });
        Ok(Self {
            base,
            name: normalise_name(name),
            version: version.transpose()?,
        })
    }

    /// Asks for one form; none if it cannot answer this query.
    fn ask(&self, client: &Client, form: Form) -> Option<Result<Listing, ResolveError>> {
        let json = "application/json";
        let page = match form {
            Form::OneVersion => {
                let version = self.version.as_ref()?.to_string();
                client.get(&self.at(&["pypi", &self.name, &version, "json"]), json)
            }
            Form::Project => client.get(&self.at(&["pypi", &self.name, "json"]), json),
            Form::Simple => client.get(&self.simple_url(), simple::ACCEPT),
        };
        Some(
            page.map_err(ResolveError::from)
                .and_then(|page| match form {
                    Form::Simple => simple::parse(&page, &self.name),
                    _ => json::parse(&page, &self.name, self.simple_url()),
                }),
        )
    }

    fn simple_url(&self) -> Url {
        self.at(&["simple", &self.name, ""])
    }

    fn at(&self, segments: &[&str]) -> Url {
        address(self.base, segments)
    }
}
