//! Who waits for news of a ticket: a function for each, no thread.

use crate::alloc::error::AllocError;
use crate::alloc::round::Checked;
use crate::alloc::ticket::TicketId;
use std::collections::HashMap;

/// The number of a watch, to take it back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct WatchId(pub(super) u64);

/// What a watch waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum For {
    /// The ticket has a resource, or ended without one.
    Resource,
    /// The ticket ended.
    End,
}

impl For {
    /// Whether this is it.
    pub(super) fn is_met(self, checked: &Checked) -> bool {
        match self {
            Self::Resource => !checked.ticket.is_waiting(),
            Self::End => !checked.is_open(),
        }
    }
}

/// What is called with the news.
pub(super) type Callback = Box<dyn FnOnce(Result<Checked, AllocError>) + Send>;

/// All watches, by ticket.
#[derive(Default)]
pub(super) struct Waiters(HashMap<TicketId, Vec<(WatchId, For, Callback)>>);

impl Waiters {
    pub(super) fn add(&mut self, id: TicketId, watch: WatchId, what: For, callback: Callback) {
        self.0.entry(id).or_default().push((watch, what, callback));
    }

    pub(super) fn remove(&mut self, id: TicketId, watch: WatchId) {
        if let Some(list) = self.0.get_mut(&id) {
            list.retain(|it| it.0 != watch);
            if list.is_empty() {
                self.0.remove(&id);
            }
        }
    }

    /// Calls everybody for whom this is the news.
    pub(super) fn tell(&mut self, news: &Checked) {
        let Some(list) = self.0.remove(&news.ticket.id) else {
            return;
        };
        let mut left = Vec::new();
        for (watch, what, callback) in list {
            match what.is_met(news) {
                true => callback(Ok(news.clone())),
                false => left.push((watch, what, callback)),
            }
        }
        if !left.is_empty() {
            self.0.insert(news.ticket.id, left);
        }
    }

    /// Tells everybody that there will be no news.
    pub(super) fn stop(&mut self) {
        for (_, _, callback) in self.0.drain().flat_map(|it| it.1) {
            callback(Err(AllocError::Stopped));
        }
    }
}
