//! A package registry on loopback: packages and faults are added in code.
//!
//! ```ignore
//! let registry = Registry::start();
//! registry.add_pypi("six", "1.17.0", "six-1.17.0.tar.gz", &bytes);
//! registry.add_pypi("six", "1.16.0", "six-1.16.0.tar.gz", path).yanked_because("broken");
//! registry.add_gem("rake", "13.2.1", &bytes);
//!
//! registry.everything().offer(&[Form::SimpleHtml]);
//! registry.package("six").files().fault(Fault::Stall);
//! registry.path("/simple/six/").fault(Fault::FailFirst(2, 500));
//!
//! client.get(&registry.url().join("simple/six/").unwrap(), "*/*");
//! assert_eq!(registry.requests("/simple/six/"), 3);
//! ```
//!
//! One address serves both ecosystems. The server stops when the value is dropped.

mod content;
mod fault;
mod packages;
mod pypi;
mod reply;
mod rubygems;
mod scope;
mod server;

pub(crate) use content::Content;
pub(crate) use fault::Fault;
pub(crate) use reply::Reply;

use axum::http::HeaderMap;
use distmill::config::Registries;
use distmill::model::Ecosystem;
use packages::{AddedFile, Packages, PublishedFile};
use scope::{Options, Scope, Target};
use server::Server;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};
use url::Url;

/// A form in which an index can be offered. All are, unless a scope says otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// `/pypi/{name}/{version}/json`
    VersionJson,
    /// `/pypi/{name}/json`
    ProjectJson,
    /// `/simple/{name}/` after PEP 691
    SimpleJson,
    /// `/simple/{name}/` after PEP 503; also for those who ask for JSON, if that is not offered
    SimpleHtml,
    /// `/info/{gem}`
    CompactIndex,
    /// `/api/v1/versions/{gem}.json`
    VersionsJson,
}

impl Form {
    /// Every form.
    pub(crate) const ALL: &[Self] = &[
        Self::VersionJson,
        Self::ProjectJson,
        Self::SimpleJson,
        Self::SimpleHtml,
        Self::CompactIndex,
        Self::VersionsJson,
    ];
}

/// The registry. Everything can be changed while it runs.
pub(crate) struct Registry {
    shared: Arc<Shared>,
    server: Server,
}

/// What the interface writes and the server reads.
#[derive(Default)]
struct Shared {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    packages: Packages,
    replies: BTreeMap<String, Reply>,
    options: Vec<(Target, Options)>,
    faults: Vec<fault::Rule>,
    requests: BTreeMap<String, usize>,
    unchanged: BTreeMap<String, usize>,
    headers: BTreeMap<String, HeaderMap>,
    in_flight: usize,
    max_in_flight: usize,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }
}

impl Registry {
    /// An empty registry on a free port of 127.0.0.1.
    pub(crate) fn start() -> Self {
        let shared = Arc::new(Shared::default());
        let server = Server::start(Arc::clone(&shared));
        Self { shared, server }
    }

    /// The base address for both ecosystems, with its slash at the end.
    pub(crate) fn url(&self) -> Url {
        let address = self.server.address;
        Url::parse(&format!("http://{address}/")).unwrap()
    }

    /// Settings in which this registry stands for every public one.
    pub(crate) fn registries(&self) -> Registries {
        let mut registries = Registries::default();
        for ecosystem in Ecosystem::ALL {
            let text = format!("{}={}", ecosystem.scheme(), self.url());
            registries.set(&text).unwrap();
        }
        registries
    }

    /// Publishes a file of a Python package: an sdist, a wheel or an egg by its name.
    pub(crate) fn add_pypi(
        &self,
        name: &str,
        version: &str,
        file_name: &str,
        content: impl Into<Content>,
    ) -> AddedFile<'_> {
        let file = PublishedFile::new(version, file_name, content.into());
        AddedFile::add(&self.shared, Ecosystem::Pypi, name, file)
    }

    /// Publishes a release of a Python package without any file.
    pub(crate) fn add_pypi_without_files(&self, name: &str, version: &str) {
        let key = pypi::normalised(name);
        let mut state = self.shared.state();
        let package = state.packages.pypi.entry(key).or_default();
        package.empty_versions.push(version.to_owned());
    }

    /// Publishes a gem for the platform `ruby`.
    pub(crate) fn add_gem(
        &self,
        name: &str,
        version: &str,
        content: impl Into<Content>,
    ) -> AddedFile<'_> {
        let file = PublishedFile::new(version, &format!("{name}-{version}.gem"), content.into());
        AddedFile::add(&self.shared, Ecosystem::Gem, name, file)
    }

    /// Answers one path, such as `/page`, with something of the test's own.
    pub(crate) fn serve(&self, path: &str, reply: Reply) {
        self.shared.state().replies.insert(path.to_owned(), reply);
    }

    /// All requests.
    pub(crate) fn everything(&self) -> Scope<'_> {
        Scope::new(&self.shared, Target::default())
    }

    /// The requests for one package, in either ecosystem.
    pub(crate) fn package(&self, name: &str) -> Scope<'_> {
        let package = Some(pypi::normalised(name));
        let target = Target {
            package,
            ..Target::default()
        };
        Scope::new(&self.shared, target)
    }

    /// The requests for one path, such as `/simple/six/`.
    pub(crate) fn path(&self, path: &str) -> Scope<'_> {
        let target = Target {
            path: Some(path.to_owned()),
            ..Target::default()
        };
        Scope::new(&self.shared, target)
    }

    /// How often a path was asked for.
    pub(crate) fn requests(&self, path: &str) -> usize {
        let state = self.shared.state();
        state.requests.get(path).copied().unwrap_or_default()
    }

    /// How often a path was asked for by who had it already, and was told so.
    pub(crate) fn unchanged(&self, path: &str) -> usize {
        let state = self.shared.state();
        state.unchanged.get(path).copied().unwrap_or_default()
    }

    /// Every path that was asked for, and how often.
    pub(crate) fn all_requests(&self) -> BTreeMap<String, usize> {
        self.shared.state().requests.clone()
    }

    /// A header of the last request for a path.
    pub(crate) fn header(&self, path: &str, name: &str) -> Option<String> {
        let state = self.shared.state();
        let value = state.headers.get(path)?.get(name)?;
        Some(value.to_str().unwrap().to_owned())
    }

    /// The most requests that were served at the same time.
    pub(crate) fn max_concurrent_requests(&self) -> usize {
        self.shared.state().max_in_flight
    }
}
