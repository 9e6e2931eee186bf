//! The server: requests in, answers out, until the stop token is raised.

use super::guard::Guard;
use super::methods;
use crate::alloc::Allocator;
use crate::net::xmlrpc::{decode_call, encode_fault, encode_response};
use crate::serve::answer::{Answer, answer, text, wrong_method};
use crate::serve::connections::{Bounds, let_in};
use crate::serve::error::Error;
use crate::sync::StopToken;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::{CONTENT_TYPE, HeaderValue, WWW_AUTHENTICATE};
use axum::http::{Method, StatusCode};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};

/// How soon a stop is seen.
const STOP_CHECK: Duration = Duration::from_millis(20);

/// How long answers that are on their way are waited for; clients that wait for a resource are
/// not: they try again when the server is back.
const GRACE: Duration = Duration::from_millis(500);

/// Every waiting client has a connection of its own; the stock one keeps those that it does not
/// use.
const BOUNDS: Bounds = Bounds {
    connections: 20_000,
    patience: Duration::from_secs(300),
};

/// The largest request, in bytes.
const MAX_BYTES: usize = 4 << 20;

/// A port that is listened on, by nobody yet.
#[derive(Debug)]
pub struct TicketPort {
    runtime: Runtime,
    listener: TcpListener,
    address: SocketAddr,
    guard: Guard,
}

/// What answers.
#[derive(Clone, Debug)]
struct Desk {
    allocator: Allocator,
    guard: Arc<Guard>,
}

impl TicketPort {
    /// Listens on `address`, for those whom the guard lets in.
    ///
    /// # Errors
    /// When the guard has no token for an address beyond loopback, or the address cannot be
    /// listened on.
    pub fn bind(address: SocketAddr, guard: Guard) -> Result<Self, Error> {
        if !guard.is_enough_for(address) {
            return Err(Error::Unguarded { address });
        }
        let runtime = Builder::new_multi_thread()
            .thread_name("serve")
            .enable_all()
            .build()
            .map_err(Error::Thread)?;
        let listen = |source| Error::Listen { address, source };
        let listener = runtime.block_on(TcpListener::bind(address));
        let listener = listener.map_err(listen)?;
        Ok(Self {
            address: listener.local_addr().map_err(listen)?,
            runtime,
            listener,
            guard,
        })
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves tickets until the stop token drains.
    pub fn serve(self, allocator: Allocator, stop: &StopToken) {
        let desk = Desk {
            allocator,
            guard: Arc::new(self.guard),
        };
        let listener = self.listener;
        self.runtime.block_on(async {
            let router = Router::new().fallback(respond).with_state(desk);
            let draining = draining(stop.clone());
            let serving = let_in(listener, router, BOUNDS, draining);
            tokio::select! {
                () = serving => {}
                () = async {
                    self::draining(stop.clone()).await;
                    tokio::time::sleep(GRACE).await;
                } => {}
            }
        });
        self.runtime.shutdown_background();
    }
}

async fn draining(stop: StopToken) {
    while !stop.is_draining() {
        tokio::time::sleep(STOP_CHECK).await;
    }
}

async fn respond(State(desk): State<Desk>, request: Request) -> Answer {
    if request.method() != Method::POST {
        return wrong_method("POST");
    }
    if !desk.guard.lets_in(request.headers()) {
        tracing::warn!("a call without a token that is known");
        let mut answer = text(StatusCode::UNAUTHORIZED, "a token is needed\n");
        let how = HeaderValue::from_static("Bearer");
        answer.headers_mut().insert(WWW_AUTHENTICATE, how);
        return answer;
    }
    let body = to_bytes(request.into_body(), MAX_BYTES);
    let Ok(Ok(body)) = tokio::time::timeout(BOUNDS.patience, body).await else {
        return text(
            StatusCode::PAYLOAD_TOO_LARGE,
            "the call is too large, too slow, or was broken off\n",
        );
    };
    let begin = Instant::now();
    let call = match decode_call(&body) {
        Ok(call) => call,
        Err(error) => {
            tracing::warn!(%error, "a call that cannot be read");
            let fault = methods::fault("xml.parsers.expat.ExpatError", &error.to_string());
            return xml(encode_fault(&fault));
        }
    };
    let method = call.method.clone();
    let result = methods::answer(&desk.allocator, call).await;
    let seconds = begin.elapsed().as_secs_f64();
    match result {
        Ok(value) => {
            tracing::debug!(method, seconds, "call");
            xml(encode_response(&value))
        }
        Err(fault) => {
            tracing::info!(method, seconds, fault = fault.text, "call refused");
            xml(encode_fault(&fault))
        }
    }
}

fn xml(text: String) -> Answer {
    answer(
        StatusCode::OK,
        &[(CONTENT_TYPE, "text/xml")],
        Body::from(text),
    )
}
