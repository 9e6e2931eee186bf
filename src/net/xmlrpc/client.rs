//! The calling side.
//!
//! A call that changes something must not be sent twice by itself, so nothing here tries again:
//! who calls knows which of its calls may be repeated. A call that takes hours (a wait) needs no
//! thread: [`Caller::begin`] tells its end to a function.

use super::{CallError, Value, decode_response, encode_call};
use crate::config::{NetSettings, Politeness, Secret};
use crate::net::http::Running;
use crate::net::{Authorization, Client, Error, Login, Page, Post, shown};
use crate::sync::StopToken;
use std::time::Duration;
use url::Url;

/// The time for a call that the server answers at once.
const TIMEOUT: Duration = Duration::from_secs(60);

/// Where a server listens, and what it wants to see.
#[derive(Clone, Debug)]
pub struct Access {
    /// Its address; a user and a password in it are sent as such.
    pub url: Url,
    /// Its token.
    pub token: Option<Secret>,
}

/// Calls the methods of one server. Clones share connections.
#[derive(Clone, Debug)]
pub struct Caller {
    client: Client,
    url: Url,
    authorization: Option<Authorization>,
}

/// A call that has begun. Dropping it changes nothing.
#[derive(Debug)]
pub struct Pending(Running);

impl Pending {
    /// Gives the call up: its end is told to nobody.
    pub fn cancel(&self) {
        self.0.cancel();
    }
}

impl Caller {
    /// A caller that gives up when the stop token is raised. Proxies are not asked, as the stock
    /// client asks none.
    #[must_use]
    pub fn new(access: Access, stop: StopToken) -> Self {
        let settings = NetSettings {
            timeout: TIMEOUT,
            download_timeout: TIMEOUT,
            retries: 0,
            max_redirects: 0,
            max_page: super::parser::MAX_BYTES as u64,
            use_proxies: false,
            politeness: Politeness::without_bounds(),
            ..NetSettings::default()
        };
        let mut url = access.url;
        let authorization = match access.token {
            Some(token) => Some(Authorization::Bearer(token)),
            None if !url.username().is_empty() || url.password().is_some() => {
                Some(Authorization::Basic(Login {
                    user: url.username().to_owned(),
                    password: Secret::new(url.password().unwrap_or_default().to_owned()),
                }))
            }
            None => None,
        };
        // Both fail only for addresses that cannot hold them.
        let _ = url.set_username("");
        let _ = url.set_password(None);
        Self {
            client: Client::new(settings, stop),
            url,
            authorization,
        }
    }

    /// Calls a method and waits for its value; at most so long, if a limit is given, and as long
    /// as it takes without.
    ///
    /// # Errors
    /// Those of the way to the server, and the server's faults.
    pub fn call(
        &self,
        method: &str,
        params: &[Value],
        limit: Option<Duration>,
    ) -> Result<Value, CallError> {
        let client = self.client.with_timeout(limit.unwrap_or(Duration::MAX));
        let page = client.post(&self.url, &self.post(method, params));
        self.value(method, page)
    }

    /// Calls a method that is to answer at once.
    ///
    /// # Errors
    /// Those of the way to the server, and the server's faults.
    pub fn ask(&self, method: &str, params: &[Value]) -> Result<Value, CallError> {
        self.call(method, params, Some(TIMEOUT))
    }

    /// Calls a method without waiting; `done` is called with what came of it, on the thread that
    /// watches all connections: it must not block.
    ///
    /// # Errors
    /// When the client cannot be set up.
    pub fn begin(
        &self,
        method: &str,
        params: &[Value],
        limit: Option<Duration>,
        done: impl FnOnce(Result<Value, CallError>) + Send + 'static,
    ) -> Result<Pending, CallError> {
        let client = self.client.with_timeout(limit.unwrap_or(Duration::MAX));
        let (caller, name) = (self.clone(), method.to_owned());
        let post = self.post(method, params);
        let running = client.begin_post(&self.url, &post, move |page| {
            done(caller.value(&name, page));
        })?;
        Ok(Pending(running))
    }

    fn post(&self, method: &str, params: &[Value]) -> Post {
        Post {
            content_type: "text/xml",
            authorization: self.authorization.clone(),
            body: encode_call(method, params),
        }
    }

    fn value(&self, method: &str, page: Result<Page, Error>) -> Result<Value, CallError> {
        let page = match page {
            Ok(page) => page,
            Err(Error::Status {
                url,
                status: 401 | 403,
                ..
            }) => return Err(CallError::Refused { url }),
            Err(error) => return Err(error.into()),
        };
        let method = method.to_owned();
        match decode_response(&page.body) {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(fault)) => Err(CallError::Fault { method, fault }),
            Err(source) => Err(CallError::Answer {
                url: shown(&self.url),
                method,
                source,
            }),
        }
    }
}
