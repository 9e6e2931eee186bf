//! How patient and how polite the HTTP client is.

use super::Politeness;
use std::path::PathBuf;
use std::time::Duration;

/// Bounds of the HTTP client on time, attempts, redirects and on what it takes of a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NetSettings {
    /// Sent as `User-Agent`: names the program and, where the operator set one, a contact.
    pub user_agent: String,
    /// The longest wait for a connection, an answer, or the next bytes of a body.
    pub timeout: Duration,
    /// The longest time for a whole download.
    pub download_timeout: Duration,
    /// Further attempts after a failure that may pass.
    pub retries: u32,
    /// The pause before the first further attempt; doubled for each one after, with jitter.
    pub backoff: Duration,
    /// The longest pause, also where the server asks for a longer one.
    pub max_backoff: Duration,
    /// Redirects followed for one request.
    pub max_redirects: usize,
    /// Whether the proxies of the environment are asked.
    pub use_proxies: bool,
    /// Bytes of an answer that is read into memory, such as an index page.
    pub max_page: u64,
    /// How much is taken of each host.
    pub politeness: Politeness,
    /// The folder of index pages that are asked for again only if they have changed; none to ask
    /// for them anew each time.
    pub cache_folder: Option<PathBuf>,
    /// Bytes of that folder.
    pub cache_bytes: u64,
}

impl Default for NetSettings {
    fn default() -> Self {
        Self {
            user_agent: concat!("distmill/", env!("CARGO_PKG_VERSION")).to_owned(),
            timeout: Duration::from_secs(30),
            download_timeout: Duration::from_secs(600),
            retries: 4,
            backoff: Duration::from_millis(500),
            max_backoff: Duration::from_secs(60),
            max_redirects: 5,
            use_proxies: true,
            max_page: 64 << 20,
            politeness: Politeness::default(),
            cache_folder: None,
            cache_bytes: 512 << 20,
        }
    }
}
