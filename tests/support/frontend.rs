//! A build system's frontend on loopback: it lists tasks until their results arrive, and can be
//! told to lose them.

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Path, State as Extract};
use axum::http::HeaderMap;
use axum::http::header::{AUTHORIZATION, HeaderValue};
use axum::response::Response;
use axum::routing::{get, post};
use futures_util::stream;
use serde_json::{Value, json};
use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

/// The password that results must come with.
pub(crate) const PASSWORD: &str = "very s3cret";

/// `user:very s3cret` in base64, as basic authentication sends it.
const AUTHORIZATION_VALUE: &str = "Basic dXNlcjp2ZXJ5IHMzY3JldA==";

/// Long enough for a busy machine; only a test that fails waits for it.
const PATIENCE: Duration = Duration::from_secs(60);

/// What becomes of a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It is refused with a status, and not taken.
    Refused(u16),
    /// It is taken, and the connection breaks in the middle of the answer.
    TakenUnheard,
    /// It is taken, and the build goes on being listed.
    Forgotten,
}

/// The frontend, stopped when dropped.
pub(crate) struct Frontend {
    shared: Arc<Shared>,
    address: SocketAddr,
    runtime: Option<Runtime>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

/// Everything that happened, and what is to happen.
#[derive(Default)]
pub(crate) struct State {
    tasks: Vec<Value>,
    fates: VecDeque<Fate>,
    /// Refuses every result for as long as it is set.
    pub(crate) refuses_all: Option<u16>,
    /// Whether the listing is answered at all.
    pub(crate) hangs: bool,
    /// Whether single tasks can be asked for; older frontends cannot.
    pub(crate) is_old: bool,
    /// Builds that are listed although they do not exist any more.
    pub(crate) gone: Vec<u64>,
    /// Results that were taken, in their order.
    pub(crate) results: Vec<Value>,
    /// How often each build's result arrived, taken or not.
    pub(crate) attempts: BTreeMap<u64, usize>,
    /// How often the listing was asked for.
    pub(crate) listings: usize,
    /// Builds in the order in which their imports began.
    pub(crate) begun: Vec<u64>,
}

impl State {
    /// The result of one build that was taken.
    pub(crate) fn result(&self, build_id: u64) -> Option<&Value> {
        self.results.iter().find(|it| it["build_id"] == build_id)
    }

    /// Whether nothing waits any more.
    pub(crate) fn is_idle(&self) -> bool {
        self.tasks.is_empty()
    }

    /// The builds whose results were taken, in their order.
    pub(crate) fn done(&self) -> Vec<u64> {
        let ids = self.results.iter().map(|it| it["build_id"].as_u64());
        ids.map(Option::unwrap).collect()
    }
}

impl Frontend {
    /// A frontend without tasks on a free port of 127.0.0.1.
    pub(crate) fn start() -> Self {
        let shared = Arc::new(Shared::default());
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let listen = TcpListener::bind((Ipv4Addr::LOCALHOST, 0));
        let listener = runtime.block_on(listen).unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new()
            .route("/backend/importing/", get(listing))
            .route("/backend/get-import-task/{build_id}", get(task))
            .route("/backend/import-completed/", post(completed))
            // Where refusals that are redirects lead to.
            .route("/elsewhere/", post(completed))
            .with_state(Arc::clone(&shared));
        runtime.spawn(async move { axum::serve(listener, router).await });
        Self {
            shared,
            address,
            runtime: Some(runtime),
        }
    }

    /// Its address, without a slash at the end, as people write it.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Lists one more build.
    pub(crate) fn add(&self, task: Value) {
        self.state().tasks.push(task);
    }

    /// What becomes of the next results, one after the other.
    pub(crate) fn fates(&self, fates: &[Fate]) {
        self.state().fates.extend(fates);
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.shared.state.lock().unwrap()
    }

    /// Waits until something is so.
    pub(crate) fn wait(&self, what: &str, is_so: impl Fn(&State) -> bool) {
        let end = Instant::now() + PATIENCE;
        let mut state = self.state();
        while !is_so(&state) {
            let left = end.saturating_duration_since(Instant::now());
            assert!(
                !left.is_zero(),
                "waited in vain for {what}; results: {:?}, attempts: {:?}, begun: {:?}",
                state.results,
                state.attempts,
                state.begun
            );
            state = self.shared.changed.wait_timeout(state, left).unwrap().0;
        }
    }

    /// Waits until the results of these builds were taken.
    pub(crate) fn wait_for(&self, builds: &[u64]) {
        let all = |state: &State| builds.iter().all(|it| state.result(*it).is_some());
        self.wait(&format!("results of {builds:?}"), all);
    }
}

impl Drop for Frontend {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

fn json_answer(value: &Value) -> Response {
    let response = Response::builder().header("content-type", "application/json");
    response.body(Body::from(value.to_string())).unwrap()
}

fn status(code: u16) -> Response {
    Response::builder()
        .status(code)
        .header("location", "/elsewhere/")
        .body(Body::empty())
        .unwrap()
}

async fn listing(Extract(shared): Extract<Arc<Shared>>) -> Response {
    let (answer, hangs) = {
        let mut state = shared.state.lock().unwrap();
        state.listings += 1;
        (json_answer(&Value::Array(state.tasks.clone())), state.hangs)
    };
    shared.changed.notify_all();
    if hangs {
        std::future::pending::<()>().await;
    }
    answer
}

async fn task(Extract(shared): Extract<Arc<Shared>>, Path(build_id): Path<u64>) -> Response {
    let mut state = shared.state.lock().unwrap();
    state.begun.push(build_id);
    let found = state.tasks.iter().find(|it| it["build_id"] == build_id);
    let answer = match found {
        _ if state.is_old => status(404),
        Some(task) if !state.gone.contains(&build_id) => json_answer(task),
        _ => json_answer(&Value::Null),
    };
    drop(state);
    shared.changed.notify_all();
    answer
}

async fn completed(
    Extract(shared): Extract<Arc<Shared>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if headers.get(AUTHORIZATION).map(HeaderValue::as_bytes) != Some(AUTHORIZATION_VALUE.as_bytes())
    {
        return status(401);
    }
    assert_eq!(headers["content-type"], "application/json");
    let result: Value = serde_json::from_slice(&body).unwrap();
    let build_id = result["build_id"].as_u64().unwrap();
    let mut state = shared.state.lock().unwrap();
    *state.attempts.entry(build_id).or_default() += 1;
    let fate = match state.refuses_all {
        Some(code) => Some(Fate::Refused(code)),
        None => state.fates.pop_front(),
    };
    let is_known =
        state.tasks.iter().any(|it| it["build_id"] == build_id) && !state.gone.contains(&build_id);
    if !matches!(fate, Some(Fate::Refused(_))) {
        state.results.push(result);
    }
    if !matches!(fate, Some(Fate::Refused(_) | Fate::Forgotten)) {
        state.tasks.retain(|it| it["build_id"] != build_id);
    }
    drop(state);
    shared.changed.notify_all();
    match fate {
        Some(Fate::Refused(code)) => status(code),
        Some(Fate::TakenUnheard) => {
            let broken: io::Error = io::ErrorKind::ConnectionAborted.into();
            let parts = [Ok(Bytes::from_static(b"{\"upda")), Err(broken)];
            Response::new(Body::from_stream(stream::iter(parts)))
        }
        Some(Fate::Forgotten) | None => json_answer(&json!({ "updated": is_known })),
    }
}
