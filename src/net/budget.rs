//! The budgets of all hosts: a request waits here for its turn, and is counted until it has ended.
//!
//! What may go when, `host` decides. Clones of a client share their budgets, so that all threads
//! of a process together ask a host no more than its [`Politeness`] allows, and a pause that a
//! host asks one of them for is kept by all.

use super::Error;
use super::host::{HostState, Turn};
use super::shown::shown;
use crate::config::{NetSettings, Politeness};
use crate::sync::{StopToken, hold, woken_within};
use std::collections::HashMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant};
use url::Url;

/// How soon after a stop a wait ends.
const STOP_CHECK: Duration = Duration::from_millis(50);

/// The budgets by host and port.
#[derive(Debug)]
pub(super) struct Budget {
    politeness: Politeness,
    hosts: Mutex<HashMap<String, Arc<Host>>>,
}

#[derive(Debug)]
struct Host {
    state: Mutex<HostState>,
    changed: Condvar,
}

/// A request that is counted until this is dropped.
pub(super) struct Permit {
    host: Arc<Host>,
    /// How long it waited for its turn.
    pub(super) waited: Duration,
}

impl Budget {
    pub(super) fn new(politeness: Politeness) -> Self {
        Self {
            politeness,
            hosts: Mutex::default(),
        }
    }

    /// Waits for the turn of one request.
    pub(super) fn enter(
        &self,
        url: &Url,
        settings: &NetSettings,
        stop: &StopToken,
    ) -> Result<Permit, Error> {
        let host = self.host(url);
        let begin = Instant::now();
        let mut state = host.state();
        loop {
            let now = Instant::now();
            let longest = match state.ask(now) {
                Turn::Go => break,
                Turn::Full => STOP_CHECK,
                Turn::At(at) => at - now,
                Turn::Closed(until) if until - now > settings.max_backoff => {
                    return Err(Error::Closed {
                        url: shown(url),
                        wait: until - now,
                    });
                }
                Turn::Closed(until) => until - now,
            };
            if stop.is_stopped() {
                return Err(Error::Stopped);
            }
            state = woken_within(&host.changed, state, longest.min(STOP_CHECK));
        }
        drop(state);
        Ok(Permit {
            host,
            waited: begin.elapsed(),
        })
    }

    /// Leaves the host of an address alone for a while.
    pub(super) fn close(&self, url: &Url, pause: Duration) {
        tracing::debug!(
            url = shown(url),
            pause_ms = pause.as_millis(),
            "host closed"
        );
        self.host(url).state().close(Instant::now(), pause);
    }

    fn host(&self, url: &Url) -> Arc<Host> {
        let name = url.host_str().unwrap_or_default();
        let port = url.port_or_known_default().unwrap_or_default();
        let mut hosts = hold(&self.hosts);
        let host = hosts.entry(format!("{name}:{port}")).or_insert_with(|| {
            let state = HostState::new(self.politeness.bounds(url), Instant::now());
            Arc::new(Host {
                state: Mutex::new(state),
                changed: Condvar::new(),
            })
        });
        Arc::clone(host)
    }
}

impl Host {
    fn state(&self) -> MutexGuard<'_, HostState> {
        hold(&self.state)
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.host.state().leave();
        self.host.changed.notify_all();
    }
}
