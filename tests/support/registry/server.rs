//! The server: a thread of its own, paths to answers, and answers to bytes at the wanted pace.

use super::fault::{Pace, Plan};
use super::{Content, Reply, Shared, State, pypi, rubygems};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State as Extract};
use axum::http::header::{
    ACCEPT, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderName, IF_MODIFIED_SINCE, IF_NONE_MATCH,
};
use axum::response::Response;
use futures_util::stream;
use std::io::{self, Read};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

/// Stands in index pages for `http://{address}`, which they cannot know.
pub(super) const HOST_MARK: &str = "http://registry.invalid";

const CHUNK: u64 = 64 << 10;

/// A running server, stopped when dropped.
pub(super) struct Server {
    pub(super) address: SocketAddr,
    runtime: Option<Runtime>,
}

impl Server {
    pub(super) fn start(shared: Arc<Shared>) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        let listen = TcpListener::bind((Ipv4Addr::LOCALHOST, 0));
        let listener = runtime.block_on(listen).unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().fallback(answer).with_state((shared, address));
        runtime.spawn(async move { axum::serve(listener, router).await });
        let runtime = Some(runtime);
        Self { address, runtime }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Some answers never end, by intent: nothing is waited for.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// Counts a request as being served until its last byte is sent or given up.
struct InFlight(Arc<Shared>);

impl InFlight {
    fn enter(shared: Arc<Shared>, request: &Request) -> Self {
        let path = request.uri().path();
        let mut state = shared.state();
        let headers = request.headers().clone();
        state.headers.insert(path.to_owned(), headers);
        *state.requests.entry(path.to_owned()).or_default() += 1;
        state.in_flight += 1;
        state.max_in_flight = state.max_in_flight.max(state.in_flight);
        drop(state);
        Self(shared)
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.state().in_flight -= 1;
    }
}

async fn answer(
    Extract((shared, address)): Extract<(Arc<Shared>, SocketAddr)>,
    request: Request,
) -> Response {
    let in_flight = InFlight::enter(Arc::clone(&shared), &request);
    let (path, moved) = match request.uri().path().strip_prefix("/moved/") {
        Some(rest) => (format!("/{rest}"), true),
        None => (request.uri().path().to_owned(), false),
    };
    let headers = request.headers().clone();
    let accept = headers.get(ACCEPT);
    let accept = accept.map_or("", |it| it.to_str().unwrap());
    let mut plan = Plan::make(&mut shared.state(), &path, moved);
    while plan.held {
        tokio::time::sleep(Duration::from_millis(2)).await;
        plan = Plan::make(&mut shared.state(), &path, moved);
    }
    tokio::time::sleep(plan.delay).await;
    if plan.hang {
        std::future::pending::<()>().await;
    }
    let found = || route(&shared.state(), &path, accept);
    let reply = plan
        .reply
        .or_else(found)
        .unwrap_or_else(|| Reply::status(404));
    let reply = with_host(reply, address);
    let reply = if_changed(reply, &headers, &shared, &path);
    send(&reply, plan.pace, in_flight)
}

/// An index page has a tag unless it says otherwise, and is not sent to who has it already.
fn if_changed(mut reply: Reply, headers: &HeaderMap, shared: &Shared, path: &str) -> Reply {
    let own = |name: &str| {
        let found = reply.headers.iter().find(|it| it.0 == name);
        found.map(|it| it.1.clone())
    };
    let asked = |name: HeaderName| headers.get(name).map(|it| it.to_str().unwrap().to_owned());
    let is_page = own("content-type").is_some_and(|it| !it.contains("octet-stream"));
    if reply.status != 200 || !is_page {
        return reply;
    }
    let (tag, date) = (own("etag"), own("last-modified"));
    let tag = match (tag, &date) {
        (None, None) => {
            let tag = format!("\"{}\"", reply.content.sha256());
            reply = reply.header("etag", &tag);
            Some(tag)
        }
        (tag, _) => tag,
    };
    let is_same = match asked(IF_NONE_MATCH) {
        Some(asked) => tag == Some(asked),
        None => date.is_some() && date == asked(IF_MODIFIED_SINCE),
    };
    if !is_same {
        return reply;
    }
    let mut state = shared.state();
    *state.unchanged.entry(path.to_owned()).or_default() += 1;
    reply.status = 304;
    reply.content = Content::from("");
    reply
}

fn route(state: &State, path: &str, accept: &str) -> Option<Reply> {
    if let Some(reply) = state.replies.get(path) {
        return Some(reply.clone());
    }
    let parts: Vec<&str> = path.split('/').skip(1).collect();
    match parts[..] {
        ["pypi", name, "json"] => pypi::json(state, name, None),
        ["pypi", name, version, "json"] => pypi::json(state, name, Some(version)),
        ["simple", name, ""] => pypi::simple(state, name, accept),
        ["files", name, file] => pypi::file(state, name, file),
        ["info", name] => rubygems::info(state, name),
        ["api", "v1", "versions", file] => rubygems::versions(state, file.strip_suffix(".json")?),
        ["gems", file] => rubygems::file(state, file),
        _ => None,
    }
}

/// Index pages name this server's address.
fn with_host(mut reply: Reply, address: SocketAddr) -> Reply {
    let is_file = |it: &(String, String)| it.0 == "content-type" && it.1.contains("octet-stream");
    if let Content::Bytes(bytes) = &reply.content
        && !reply.headers.iter().any(is_file)
        && let Ok(text) = std::str::from_utf8(bytes)
    {
        let text = text.replace(HOST_MARK, &format!("http://{address}"));
        reply.content = Content::from(text);
    }
    reply
}

fn send(reply: &Reply, pace: Pace, in_flight: InFlight) -> Response {
    let size = reply.content.size();
    let mut response = Response::builder().status(reply.status);
    if pace != Pace::NoLength {
        response = response.header(CONTENT_LENGTH, size);
    }
    for (name, value) in &reply.headers {
        response = response.header(name, value);
    }
    let end = match pace {
        Pace::Stall | Pace::Truncate => size / 2,
        _ => size,
    };
    let sender = Sender {
        content: reply.content.open(),
        left: end,
        pace,
        _in_flight: in_flight,
    };
    let chunks = stream::unfold(sender, |mut sender| async move {
        let chunk = sender.next().await?;
        Some((chunk, sender))
    });
    let response = response.body(Body::from_stream(chunks)).unwrap();
    assert!(response.headers().contains_key(CONTENT_TYPE));
    response
}

/// A body on its way.
struct Sender {
    content: Box<dyn Read + Send>,
    left: u64,
    pace: Pace,
    _in_flight: InFlight,
}

impl Sender {
    async fn next(&mut self) -> Option<io::Result<Bytes>> {
        let mut size = self.left.min(CHUNK);
        match self.pace {
            Pace::Stall if self.left == 0 => std::future::pending::<()>().await,
            Pace::Truncate if self.left == 0 => {
                // What was sent so far leaves first.
                tokio::time::sleep(Duration::from_millis(1)).await;
                return Some(Err(io::ErrorKind::ConnectionAborted.into()));
            }
            Pace::Trickle(pause) => {
                tokio::time::sleep(pause).await;
                size = self.left.min(1);
            }
            _ => {}
        }
        if size == 0 {
            return None;
        }
        let mut chunk = vec![0; usize::try_from(size).unwrap()];
        self.content.read_exact(&mut chunk).unwrap();
        self.left -= size;
        Some(Ok(Bytes::from(chunk)))
    }
}
