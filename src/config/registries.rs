//! Where the registries are.

use crate::model::Ecosystem;
use url::Url;

/// The base address of each ecosystem's registry; always ends with a slash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registries {
    pypi: Url,
    gem: Url,
}

/// A `--registry` value that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RegistryError {
    /// Not of the form `ECOSYSTEM=URL`.
    #[error("{0:?} is not of the form pypi=URL or gem=URL")]
    Form(String),
    /// Not an absolute http or https address.
    #[error("{0:?} is not an http or https address")]
    Address(String),
}

/// The public registry of an ecosystem.
fn default_registry(ecosystem: Ecosystem) -> Url {
    Url::parse(&format!("https://{}.org/", ecosystem.registry()))
        .expect("a registry's name makes a valid host")
}

impl Default for Registries {
    fn default() -> Self {
        Self {
            pypi: default_registry(Ecosystem::Pypi),
            gem: default_registry(Ecosystem::Gem),
        }
    }
}

impl Registries {
    /// The base address of an ecosystem's registry.
    #[must_use]
    pub const fn get(&self, ecosystem: Ecosystem) -> &Url {
        match ecosystem {
            Ecosystem::Pypi => &self.pypi,
            Ecosystem::Gem => &self.gem,
        }
    }

    /// Replaces one registry, given as `pypi=URL` or `gem=URL`.
    ///
    /// # Errors
    /// Says what is wrong with the text.
    pub fn set(&mut self, text: &str) -> Result<(), RegistryError> {
        let form = || RegistryError::Form(text.to_owned());
        let (word, address) = text.split_once('=').ok_or_else(form)?;
        let ecosystem = Ecosystem::from_scheme(word).ok_or_else(form)?;
        let bad = || RegistryError::Address(address.to_owned());
        let mut url = Url::parse(address).map_err(|_| bad())?;
        if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
            return Err(bad());
        }
        url.set_query(None);
        url.set_fragment(None);
        if !url.path().ends_with('/') {
            url.set_path(&format!("{}/", url.path()));
        }
        match ecosystem {
            Ecosystem::Pypi => self.pypi = url,
            Ecosystem::Gem => self.gem = url,
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_registry_can_be_replaced() {
        let mut registries = Registries::default();
        registries.set("pypi=http://127.0.0.1:8080/mirror").unwrap();
        assert_eq!(
            registries.get(Ecosystem::Pypi).as_str(),
            "http://127.0.0.1:8080/mirror/"
        );
        assert_eq!(registries.get(Ecosystem::Gem).scheme(), "https");
    }

    #[test]
    fn nonsense_is_refused() {
        for text in [
            "",
            "pypi",
            "npm=http://x",
            "pypi=ftp://x",
            "gem=/x",
            "gem=http://",
        ] {
            assert!(Registries::default().set(text).is_err(), "{text:?}");
        }
    }
}
