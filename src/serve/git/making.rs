//! Packs that are being made: only so many at once, and none for as long as its client pleases.
//!
//! Who makes a pack hands it on piece by piece. What a slow client does not take meanwhile waits in
//! a file without a name, so that making ends, and its memory is free, however slow the client is.

use crate::serve::chunk;
use axum::body::{Body, Bytes};
use futures_util::stream;
use std::env;
use std::fs::File;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::available_parallelism;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, watch};

/// Pieces that wait in memory: a quarter of a megabyte.
const WAITING: usize = 4;

/// Places in the queue that pieces do not get: for the file and for a failure.
const KEPT: usize = 2;

/// Packs that are made at once for each processor: one may wait for the disk.
const EACH: usize = 2;

/// Bytes in files from which on no further one begins: packs then wait for their clients.
const IN_FILES: u64 = 1 << 30;

/// What all clients share.
#[derive(Clone, Debug)]
pub(in crate::serve) struct Making {
    turns: Arc<Semaphore>,
    in_files: Arc<AtomicU64>,
}

impl Making {
    pub(in crate::serve) fn new() -> Self {
        let processors = available_parallelism().map_or(1, usize::from);
        Self {
            turns: Arc::new(Semaphore::new(EACH * processors)),
            in_files: Arc::default(),
        }
    }

    /// Waits until one more pack may be made; gives where it goes, and the body that comes of it.
    pub(super) async fn begin(&self) -> (Out, Body) {
        let turn = Arc::clone(&self.turns).acquire_owned().await;
        let (sender, receiver) = mpsc::channel(WAITING + KEPT);
        let out = Out {
            sender,
            file: None,
            failure: None,
            waits: false,
            in_files: Arc::clone(&self.in_files),
            _turn: turn.expect("nobody closes the semaphore"),
        };
        (out, body(receiver))
    }
}

enum Piece {
    Bytes(Bytes),
    /// All that follows is here; its length grows until its sender is gone.
    File(Spilled, watch::Receiver<u64>),
    Failure(io::Error),
}

/// A file without a name, and what it counts for as long as anybody has it.
#[derive(Clone)]
struct Spilled(Arc<File>, Arc<Counted>);

struct Counted {
    all: Arc<AtomicU64>,
    own: AtomicU64,
}

impl Drop for Counted {
    fn drop(&mut self) {
        let own = self.own.load(Ordering::Relaxed);
        self.all.fetch_sub(own, Ordering::Relaxed);
    }
}

/// Where the answer's bytes go.
pub(super) struct Out {
    sender: mpsc::Sender<Piece>,
    file: Option<(Spilled, watch::Sender<u64>)>,
    failure: Option<io::Error>,
    /// There may be no file: who makes the pack waits for the client.
    waits: bool,
    in_files: Arc<AtomicU64>,
    _turn: OwnedSemaphorePermit,
}

impl Out {
    /// Whether what is sent arrives: nobody went away, and nothing failed.
    pub(super) fn is_heard(&self) -> bool {
        self.failure.is_none() && !self.sender.is_closed()
    }

    /// Sends bytes; a client that went away is no failure: what follows is not sent either.
    pub(super) fn send(&mut self, bytes: Bytes) {
        if !self.is_heard() || bytes.is_empty() {
            return;
        }
        if self.file.is_none() && self.sender.capacity() <= KEPT && !self.waits {
            self.waits = !self.spill();
        }
        if let Some((Spilled(file, counted), length)) = &self.file {
            let size = bytes.len() as u64;
            match file.as_ref().write_all(&bytes) {
                Ok(()) => {
                    counted.own.fetch_add(size, Ordering::Relaxed);
                    counted.all.fetch_add(size, Ordering::Relaxed);
                    length.send_modify(|it| *it += size);
                }
                Err(error) => self.failure = Some(error),
            }
        } else {
            self.hand_on(Piece::Bytes(bytes));
        }
    }

    /// Begins a file for what follows, where there may be one.
    fn spill(&mut self) -> bool {
        if self.in_files.load(Ordering::Relaxed) >= IN_FILES {
            return false;
        }
        let folder = folder();
        let file = match tempfile::tempfile_in(&folder) {
            Ok(file) => Arc::new(file),
            Err(error) => {
                tracing::warn!(path = %folder.display(), %error, "a pack waits for its client");
                return false;
            }
        };
        let counted = Arc::new(Counted {
            all: Arc::clone(&self.in_files),
            own: AtomicU64::new(0),
        });
        let spilled = Spilled(file, counted);
        let (length, grows) = watch::channel(0);
        self.hand_on(Piece::File(spilled.clone(), grows));
        self.file = Some((spilled, length));
        true
    }

    /// Ends the answer; with a failure it breaks off.
    pub(super) fn finish(mut self, failure: Option<git2::Error>) -> Option<io::Error> {
        let own = self.failure.take();
        let failure = own.or(failure.map(io::Error::other))?;
        let shown = io::Error::new(failure.kind(), failure.to_string());
        self.hand_on(Piece::Failure(failure));
        Some(shown)
    }

    fn hand_on(&self, piece: Piece) {
        // Nobody listens any more: that is no failure.
        let _ = self.sender.blocking_send(piece);
    }
}

/// Where files without a name go: `TMPDIR`, or where they take no memory.
fn folder() -> PathBuf {
    let disk = PathBuf::from("/var/tmp");
    match env::var_os("TMPDIR").is_none() && disk.is_dir() {
        true => disk,
        false => env::temp_dir(),
    }
}

/// What is left of a file.
struct Reading {
    spilled: Spilled,
    position: u64,
    length: watch::Receiver<u64>,
}

impl Reading {
    /// The next bytes; none at the end.
    async fn next(&mut self) -> io::Result<Option<Bytes>> {
        loop {
            let length = *self.length.borrow_and_update();
            if self.position < length {
                let file = Arc::clone(&self.spilled.0);
                let (bytes, left) = chunk::read(file, self.position..length).await?;
                self.position = left.start;
                return Ok(Some(bytes));
            }
            if self.length.changed().await.is_err() {
                return Ok(None);
            }
        }
    }
}

fn body(pieces: mpsc::Receiver<Piece>) -> Body {
    let begin = (pieces, None::<Reading>);
    Body::from_stream(stream::try_unfold(
        begin,
        |(mut pieces, mut reading)| async {
            loop {
                if let Some(file) = &mut reading {
                    match file.next().await? {
                        Some(bytes) => return Ok(Some((bytes, (pieces, reading)))),
                        None => reading = None,
                    }
                }
                match pieces.recv().await {
                    Some(Piece::Bytes(bytes)) => return Ok(Some((bytes, (pieces, reading)))),
                    Some(Piece::File(spilled, length)) => {
                        reading = Some(Reading {
                            spilled,
                            position: 0,
                            length,
                        });
                    }
                    Some(Piece::Failure(error)) => return Err(error),
                    None => return Ok(None),
                }
            }
        },
    ))
}
