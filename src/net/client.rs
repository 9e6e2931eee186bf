//! The client: what can be asked for, and what all who ask share.

use super::budget::Budget;
use super::cache::Cache;
use super::flights::Flights;
use super::http::{Http, SetupError};
use super::shown::shown;
use super::{Error, Page};
use crate::config::{NetSettings, Secret};
use crate::sync::StopToken;
use reqwest::header::ACCEPT;
use std::io::{self, Write};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use url::Url;

/// An HTTP client. Clones share its connections and its budgets; all threads of a run use one.
///
/// A request gives up as soon as its stop token is raised, and when one of the limits of
/// [`NetSettings`] is reached, whatever the server does.
#[derive(Clone, Debug)]
pub struct Client {
    pub(super) shared: Arc<Shared>,
    pub(super) settings: NetSettings,
    pub(super) stop: StopToken,
}

/// What clones share.
#[derive(Debug)]
pub(super) struct Shared {
    /// Made by the first request: who imports local files needs no certificates.
    http: OnceLock<Result<Http, Arc<SetupError>>>,
    pub(super) budget: Budget,
    pub(super) cache: Option<Cache>,
    flights: Flights,
}

/// Who asks, for servers that want to know (basic authentication, RFC 7617).
#[derive(Clone, Debug)]
pub struct Login {
    /// The user's name.
    pub user: String,
    /// Their password.
    pub password: Secret,
}

impl Client {
    /// A client with the system's certificates and proxies, which are read by its first request.
    #[must_use]
    pub fn new(settings: NetSettings, stop: StopToken) -> Self {
        let folder = settings.cache_folder.as_deref();
        let folder = folder.filter(|_| settings.cache_bytes > 0);
        let shared = Shared {
            http: OnceLock::new(),
            budget: Budget::new(settings.politeness.clone()),
            cache: folder.map(|it| Cache::new(it, settings.cache_bytes, settings.max_page)),
            flights: Flights::default(),
        };
        Self {
            shared: Arc::new(shared),
            settings,
            stop,
        }
    }

    /// A client with the same connections that listens to another stop token.
    #[must_use]
    pub fn with_stop(&self, stop: StopToken) -> Self {
        Self {
            stop,
            ..self.clone()
        }
    }

    /// A client with the same connections that waits so long for an answer, and for the whole.
    #[must_use]
    pub fn with_timeout(&self, timeout: Duration) -> Self {
        let mut client = self.clone();
        client.settings.timeout = timeout;
        client.settings.download_timeout = timeout;
        client
    }

    pub(super) fn http(&self) -> Result<&Http, Error> {
        let http = &self.shared.http;
        let made = http.get_or_init(|| Http::set_up(&self.settings));
        made.as_ref()
            .map_err(|error| Error::Setup(Arc::clone(error)))
    }

    /// Reads a page of at most `NetSettings::max_page` bytes into memory. `accept` is sent as the
    /// `Accept` header. Pages that were had before are sent again only if they have changed, and
    /// an equal request of another thread that is under way does for this one too.
    ///
    /// # Errors
    /// Those of the last attempt.
    pub fn get(&self, url: &Url, accept: &str) -> Result<Page, Error> {
        let key = (url.to_string(), accept.to_owned());
        let ask = || self.kept_page(url, accept);
        self.shared.flights.join(&key, &self.stop, ask)
    }

    /// How many threads wait for the answer to an equal request of another one.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.shared.flights.waiting()
    }

    /// Streams a file of at most `max_bytes` into the writer that `open` makes anew for each
    /// attempt, and returns that of the successful one. `progress` takes the bytes done in this
    /// attempt and the announced length.
    ///
    /// # Errors
    /// Those of the last attempt; [`Error::Local`] if `open` or the writer fails.
    pub fn download<W: Write>(
        &self,
        url: &Url,
        max_bytes: u64,
        open: &mut dyn FnMut() -> io::Result<W>,
        progress: &mut dyn FnMut(u64, Option<u64>),
    ) -> Result<W, Error> {
        self.attempts(url, |visit| {
            let get = |it: &reqwest::Client, at: &Url| it.get(at.clone()).header(ACCEPT, "*/*");
            let response = self.ask(url, visit, get, false)?;
            let mut writer = open().map_err(|source| Error::Local {
                url: shown(url),
                source: Arc::new(source),
            })?;
            self.body(url, response, max_bytes, visit.patience)?
                .copy_to(&mut writer, progress)?;
            Ok(writer)
        })
    }
}
