//! The connections and the one thread that watches them; every wait for them is bounded.
//!
//! Callers are plain threads that wait for one thing at a time. A wait ends with what it waited
//! for, with a time limit, or soon after the stop token was raised, whatever the server does.

use super::redirect;
use super::retry::Deadline;
use crate::config::NetSettings;
use crate::sync::StopToken;
use reqwest::redirect::Policy;
use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};
use tokio::runtime::{Builder, Runtime};
use tokio::task::AbortHandle;

/// How soon after a stop a wait ends.
const STOP_CHECK: Duration = Duration::from_millis(50);

/// Connections that were kept open, and what drives them.
#[derive(Debug)]
pub(super) struct Http {
    client: reqwest::Client,
    /// The one for what is handed in; made by the first such request.
    posting: OnceLock<Result<reqwest::Client, Arc<SetupError>>>,
    runtime: Option<Runtime>,
}

/// Why the connections cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The client could not be built, such as without any system certificate.
    #[error(transparent)]
    Client(#[from] reqwest::Error),
    /// The system gives no thread.
    #[error("cannot start a thread: {0}")]
    Thread(#[from] std::io::Error),
}

/// Why a wait ended without what it waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    /// The stop token was raised.
    Stopped,
    /// This limit was reached.
    Overdue(Duration),
}

/// How long a wait may last.
#[derive(Clone, Copy)]
pub(super) struct Patience<'a> {
    pub(super) settings: &'a NetSettings,
    pub(super) deadline: Deadline,
    pub(super) stop: &'a StopToken,
}

/// A request that runs by itself. Dropping it changes nothing.
#[derive(Debug)]
pub(super) struct Running(AbortHandle);

impl Running {
    /// Breaks it off, if it still runs.
    pub(super) fn cancel(&self) {
        self.0.abort();
    }
}

fn made(settings: &NetSettings, policy: Policy) -> Result<reqwest::Client, Arc<SetupError>> {
    let client = reqwest::Client::builder()
        .user_agent(&settings.user_agent)
        .redirect(policy);
    let client = match settings.use_proxies {
        true => client,
        false => client.no_proxy(),
    };
    client.build().map_err(|error| Arc::new(error.into()))
}

impl Http {
    /// Reads the system's certificates and proxies.
    pub(super) fn set_up(settings: &NetSettings) -> Result<Self, Arc<SetupError>> {
        // Fails only if another client of this process has installed it already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        // Each redirect is a request of its own, in the budget of its host.
        let client = made(settings, Policy::none())?;
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("net")
            .enable_all()
            .build()
            .map_err(|error| Arc::new(error.into()))?;
        Ok(Self {
            client,
            posting: OnceLock::new(),
            runtime: Some(runtime),
        })
    }

    pub(super) const fn client(&self) -> &reqwest::Client {
        &self.client
    }

    /// The client for what is handed in.
    pub(super) fn posting(
        &self,
        settings: &NetSettings,
    ) -> Result<&reqwest::Client, Arc<SetupError>> {
        let policy = || redirect::policy_for_posts(settings.max_redirects);
        let posting = self.posting.get_or_init(|| made(settings, policy()));
        posting.as_ref().map_err(Arc::clone)
    }

    /// Runs something on the thread that watches the connections.
    pub(super) fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) -> Running {
        let runtime = self.runtime.as_ref();
        let runtime = runtime.expect("the runtime is there until the connections are dropped");
        Running(runtime.spawn(work).abort_handle())
    }

    /// Waits for one thing, for `NetSettings::timeout` and up to the deadline at most.
    pub(super) fn wait<T>(
        &self,
        patience: Patience<'_>,
        future: impl Future<Output = T>,
    ) -> Result<T, Ended> {
        let runtime = self.runtime.as_ref();
        let runtime = runtime.expect("the runtime is there until the connections are dropped");
        let timeout = patience.settings.timeout;
        let limit = patience.deadline.at_most(timeout);
        let begin = Instant::now();
        runtime.block_on(async {
            let mut future = pin!(future);
            loop {
                let left = limit.saturating_sub(begin.elapsed());
                let slice = tokio::time::timeout(left.min(STOP_CHECK), &mut future);
                match slice.await {
                    Ok(done) => return Ok(done),
                    Err(_) if patience.stop.is_stopped() => return Err(Ended::Stopped),
                    Err(_) if begin.elapsed() >= limit => {
                        return Err(Ended::Overdue(match limit < timeout {
                            true => patience.settings.download_timeout,
                            false => timeout,
                        }));
                    }
                    Err(_) => {}
                }
            }
        })
    }
}

impl Drop for Http {
    fn drop(&mut self) {
        // A look-up of a host's name cannot be broken off: nobody waits for one.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
