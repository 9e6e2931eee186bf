//! The server: threads of its own, answers at the pace of the distance, and a count of them.

use super::index::{Found, Index, source_path};
use super::pace::{Distance, Line};
use crate::bench::{Corpus, Error};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderValue};
use axum::http::{Response, StatusCode};
use axum::serve::{Listener as _, ListenerExt as _};
use futures_util::stream;
use std::fs::File;
use std::io::{self, Read as _};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};
use tokio::task::spawn_blocking;

/// Bytes that are sent at once.
const CHUNK: usize = 128 << 10;

/// What went through a registry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Requests that were answered.
    pub requests: u64,
    /// Bytes of the bodies of the answers.
    pub bytes: u64,
}

/// A running registry; it ends when dropped.
pub struct Registry {
    address: SocketAddr,
    shared: Arc<Shared>,
    runtime: Option<Runtime>,
}

struct Shared {
    index: Index,
    line: Line,
    requests: AtomicU64,
    bytes: AtomicU64,
}

impl Registry {
    /// Starts a registry that has the files of a corpus, as far away as that.
    ///
    /// # Errors
    /// When loopback cannot be listened on.
    pub fn start(corpus: &Corpus, distance: Distance) -> Result<Self, Error> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("registry")
            .enable_all()
            .build()
            .map_err(Error::Serve)?;
        let shared = Arc::new(Shared {
            index: Index::new(corpus),
            line: Line::new(distance),
            requests: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
        });
        let listener = runtime.block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)));
        let listener = listener.map_err(Error::Serve)?;
        // Else the last piece of a small answer waits for the client's word on the one before.
        let listener = listener.tap_io(|it| {
            let _ = it.set_nodelay(true);
        });
        let address = listener.local_addr().map_err(Error::Serve)?;
        let router = Router::new().fallback(answer);
        let router = router.with_state(Arc::clone(&shared));
        runtime.spawn(async move { axum::serve(listener, router).await });
        Ok(Self {
            address,
            shared,
            runtime: Some(runtime),
        })
    }

    /// Its address, with a slash at the end.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// The address of a file of the corpus.
    #[must_use]
    pub fn file_url(&self, number: usize, file_name: &str) -> String {
        format!("http://{}{}", self.address, source_path(number, file_name))
    }

    /// What went through since the last look.
    #[must_use]
    pub fn take_traffic(&self) -> Traffic {
        Traffic {
            requests: self.shared.requests.swap(0, Ordering::Relaxed),
            bytes: self.shared.bytes.swap(0, Ordering::Relaxed),
        }
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        // Nobody waits for an answer any more.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

async fn answer(State(shared): State<Arc<Shared>>, request: Request) -> Response<Body> {
    shared.requests.fetch_add(1, Ordering::Relaxed);
    shared.line.delay().await;
    let path = request.uri().path();
    // Clients may write letters of a path in another way.
    let plain = percent_encoding::percent_decode_str(path).decode_utf8_lossy();
    let found = shared.index.find(path);
    let found = found.or_else(|| shared.index.find(&plain));
    let (kind, size, body) = match found {
        None => return status(StatusCode::NOT_FOUND),
        Some(Found::Page(kind, page)) => {
            shared.send(page.len()).await;
            (kind, page.len() as u64, Body::from(page))
        }
        Some(Found::File(path, size)) => {
            let opened = spawn_blocking(move || File::open(path)).await;
            let Ok(Ok(file)) = opened else {
                return status(StatusCode::INTERNAL_SERVER_ERROR);
            };
            ("application/octet-stream", size, shared.body(file))
        }
    };
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(CONTENT_LENGTH, HeaderValue::from(size));
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

fn status(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

impl Shared {
    async fn send(&self, bytes: usize) {
        self.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
        self.line.carry(bytes).await;
    }

    /// The file piece by piece, while the client takes it and the line carries it.
    fn body(self: Arc<Self>, file: File) -> Body {
        Body::from_stream(stream::try_unfold(
            (self, file),
            async |(shared, mut file)| {
                let read = spawn_blocking(move || {
                    let mut bytes = Vec::new();
                    (&mut file).take(CHUNK as u64).read_to_end(&mut bytes)?;
                    io::Result::Ok((Bytes::from(bytes), file))
                });
                let (bytes, file) = read.await.map_err(io::Error::other)??;
                if bytes.is_empty() {
                    return io::Result::Ok(None);
                }
                shared.send(bytes.len()).await;
                Ok(Some((bytes, (shared, file))))
            },
        ))
    }
}
