//! The server: requests in, answers out, until the stop token is raised.

use super::guard::Guard;
use super::methods;
use crate::alloc::Allocator;
use crate::net::xmlrpc::{decode_call, encode_fault, encode_response};
use crate::serve::answer::{Answer, answer, text, wrong_method};
use crate::serve::error::Error;
use crate::sync::StopToken;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::{CONTENT_TYPE, HeaderValue, WWW_AUTHENTICATE};
use axum::http::{Method, StatusCode};
use axum::serve::ListenerExt as _;
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio::runtime::Builder;

/// How soon a stop is seen.
const STOP_CHECK: Duration = Duration::from_millis(20);

/// How long answers that are on their way are waited for; clients that wait for a resource are
/// not: they try again when the server is back.
const GRACE: Duration = Duration::from_millis(500);

/// The largest request, in bytes.
const MAX_BYTES: usize = 4 << 20;

/// What answers.
#[derive(Clone, Debug)]
pub struct TicketServer {
    /// Where tickets come from.
    pub allocator: Allocator,
    /// Who may call.
    pub guard: Guard,
}

/// Serves tickets on `address` until the stop token drains. `ready` is called once, with the
/// address that is listened on.
///
/// # Errors
/// When the guard has no token for an address beyond loopback, or the address cannot be listened
/// on.
pub fn serve_tickets(
    server: TicketServer,
    address: SocketAddr,
    stop: &StopToken,
    ready: impl FnOnce(SocketAddr),
) -> Result<(), Error> {
    if !server.guard.is_enough_for(address) {
        return Err(Error::Unguarded { address });
    }
    let runtime = Builder::new_multi_thread()
        .thread_name("serve")
        .enable_all()
        .build()
        .map_err(Error::Thread)?;
    let listen = |source| Error::Listen { address, source };
    let result = runtime.block_on(async {
        let listener = TcpListener::bind(address).await.map_err(listen)?;
        ready(listener.local_addr().map_err(listen)?);
        // Answers are small: held back for more they would only be late.
        let listener = listener.tap_io(|it| drop(it.set_nodelay(true)));
        let router = Router::new().fallback(respond).with_state(server);
        let draining = draining(stop.clone());
        let serving = axum::serve(listener, router).with_graceful_shutdown(draining);
        tokio::select! {
            ended = serving => ended.map_err(listen),
            () = async {
                self::draining(stop.clone()).await;
                tokio::time::sleep(GRACE).await;
            } => Ok(()),
        }
    });
    runtime.shutdown_background();
    result
}

async fn draining(stop: StopToken) {
    while !stop.is_draining() {
        tokio::time::sleep(STOP_CHECK).await;
    }
}

async fn respond(State(server): State<TicketServer>, request: Request) -> Answer {
    if request.method() != Method::POST {
        return wrong_method("POST");
    }
    if !server.guard.lets_in(request.headers()) {
        tracing::warn!("a call without a token that is known");
        let mut answer = text(StatusCode::UNAUTHORIZED, "a token is needed\n");
        let how = HeaderValue::from_static("Bearer");
        answer.headers_mut().insert(WWW_AUTHENTICATE, how);
        return answer;
    }
    let Ok(body) = to_bytes(request.into_body(), MAX_BYTES).await else {
        return text(
            StatusCode::PAYLOAD_TOO_LARGE,
            "the call is too large, or was broken off\n",
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
    let result = methods::answer(&server.allocator, call).await;
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
