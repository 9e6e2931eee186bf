//! The server: connections in, answers out, until the stop token is raised.

use super::address::Address;
use super::answer::{Answer, not_found, wrong_method};
use super::connections::{Bounds, let_in};
use super::error::Error;
use super::places::Places;
use super::{files, git};
use crate::sync::StopToken;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::Method;
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio::runtime::Builder;

/// How long threads stay that have nothing to do.
const IDLE_THREADS: Duration = Duration::from_secs(1);

/// How soon a stop is seen.
const STOP_CHECK: Duration = Duration::from_millis(50);

/// Serves `places` on `address`, within bounds, until the stop token drains; answers that are on their way are
/// finished, unless it stops. `ready` is called once, with the address that is listened on.
///
/// # Errors
/// When the address cannot be listened on.
pub fn serve(
    places: Places,
    address: SocketAddr,
    bounds: Bounds,
    stop: &StopToken,
    ready: impl FnOnce(SocketAddr),
) -> Result<(), Error> {
    let runtime = Builder::new_multi_thread()
        .thread_name("serve")
        .thread_keep_alive(IDLE_THREADS)
        .enable_all()
        .build()
        .map_err(Error::Thread)?;
    let listen = |source| Error::Listen { address, source };
    let result = runtime.block_on(async {
        let listener = TcpListener::bind(address).await.map_err(listen)?;
        ready(listener.local_addr().map_err(listen)?);
        let router = Router::new()
            .fallback(respond)
            .with_state((places, git::Making::new()));
        let draining = until(stop.clone(), StopToken::is_draining);
        tokio::select! {
            () = let_in(listener, router, bounds, draining) => Ok(()),
            () = until(stop.clone(), StopToken::is_stopped) => Ok(()),
        }
    });
    // A pack that is being made for nobody is not waited for.
    runtime.shutdown_background();
    result
}

async fn until(stop: StopToken, is_so: impl Fn(&StopToken) -> bool) {
    while !is_so(&stop) {
        tokio::time::sleep(STOP_CHECK).await;
    }
}

async fn respond(
    State((places, making)): State<(Places, git::Making)>,
    request: Request,
) -> Answer {
    let begin = Instant::now();
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let answer = route(places, &making, request).await;
    let (status, seconds) = (answer.status().as_u16(), begin.elapsed().as_secs_f64());
    tracing::info!(%method, path, status, seconds, "request");
    answer
}

async fn route(places: Places, making: &git::Making, request: Request) -> Answer {
    let address = Address::read(request.uri().path());
    let is_head = request.method() == Method::HEAD;
    let reads = is_head || request.method() == Method::GET;
    match address {
        Some(Address::References(package)) if reads => {
            let query = request.uri().query().map(str::to_owned);
            drop(request);
            git::references(&places, &package, query.as_deref(), is_head).await
        }
        Some(Address::Pack(package)) if request.method() == Method::POST => {
            git::pack(&places, &package, making, request).await
        }
        Some(Address::File(cached)) if reads => {
            let (parts, _) = request.into_parts();
            files::send(&places, &cached, &parts.headers, is_head).await
        }
        Some(Address::Pack(_)) => wrong_method("POST"),
        Some(Address::References(_) | Address::File(_)) => wrong_method("GET, HEAD"),
        None => not_found(),
    }
}
