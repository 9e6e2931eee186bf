//! What the threads tell the loop.

use super::client::Listing;
use super::error::Error;
use super::result::ImportResult;
use super::task::BuildId;
use super::worker::Left;
use std::time::Instant;

/// A piece of news from one of the threads.
#[derive(Debug)]
pub(super) enum Message {
    Polled(Polled),
    Left(BuildId, Left),
    Taken(ImportResult),
}

/// A listing, or why there is none.
#[derive(Debug)]
pub(super) struct Polled {
    /// When it was asked for: what happened later may be missing in it.
    pub(super) asked: Instant,
    pub(super) listing: Result<Listing, Error>,
}
