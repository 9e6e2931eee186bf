//! Tickets of the allocator in this process.

use super::{News, Tell, Tickets, Wanted};
use crate::alloc::ticket::{Request, Tags, TicketId, TicketState};
use crate::alloc::{AllocError, Allocator, Checked};
use crate::build::entry::BuildId;
use std::sync::Arc;

/// Tickets of an allocator that gives them to nobody else.
#[derive(Clone, Debug)]
pub struct InProcess {
    allocator: Allocator,
    giver: &'static str,
}

impl InProcess {
    /// Tickets of this allocator, which is known as this giver.
    #[must_use]
    pub const fn new(allocator: Allocator, giver: &'static str) -> Self {
        Self { allocator, giver }
    }

    fn watch(&self, id: TicketId, tell: &Tell) -> Result<(), AllocError> {
        let ticket = id.to_string();
        let (name, report) = (ticket.clone(), Arc::clone(tell));
        self.allocator.watch(id, move |news| {
            if let Ok(output) = news.map(|it| it.output().map(|it| it.to_vec()))
                && let Some(output) = output
            {
                report(News::Ready {
                    ticket: name,
                    output,
                });
            }
        })?;
        let report = Arc::clone(tell);
        self.allocator.watch_end(id, move |news| {
            if let Some(reason) = failure(news) {
                report(News::Gone { ticket, reason });
            }
        })?;
        Ok(())
    }
}

/// Why a ticket was ended by others; nothing if it was not.
fn failure(news: Result<Checked, AllocError>) -> Option<String> {
    let ticket = news.ok()?.ticket;
    let is_failed = ticket.state() == TicketState::Failed;
    let reason = ticket.reason;
    is_failed.then(|| reason.unwrap_or_else(|| "the ticket failed".to_owned()))
}

impl Tickets for InProcess {
    fn giver(&self) -> &str {
        self.giver
    }

    fn take(&self, wanted: Vec<(BuildId, Wanted)>, tell: &Tell) {
        let request = |it: &Wanted| Request {
            tags: Tags::new(&it.tags),
            sandbox: it.sandbox.as_deref().map(Into::into),
            owner: Some(it.owner.as_str().into()),
            priority: it.priority,
        };
        let requests = wanted.iter().map(|it| request(&it.1)).collect();
        match self.allocator.take_all(requests) {
            Ok(ids) => {
                for ((build, _), id) in wanted.into_iter().zip(ids) {
                    let ticket = id.to_string();
                    tell(News::Taken { build, ticket });
                    if let Err(error) = self.watch(id, tell) {
                        let (ticket, reason) = (id.to_string(), error.to_string());
                        tell(News::Gone { ticket, reason });
                    }
                }
            }
            Err(error) => {
                for (build, _) in wanted {
                    let reason = error.to_string();
                    tell(News::Refused { build, reason });
                }
            }
        }
    }

    fn close(&self, ticket: &str, complaint: Option<&str>, tell: &Tell) {
        let Ok(id) = ticket.parse() else {
            // It is none of this allocator's: there is nothing to close.
            return tell(News::Closed {
                ticket: ticket.to_owned(),
            });
        };
        if let Some(complaint) = complaint {
            // A ticket that has ended has nobody to complain of.
            let _ = self.allocator.complain(id, complaint);
        }
        let (told, name) = (Arc::clone(tell), ticket.to_owned());
        let begun = self.allocator.begin_close(id, move |result| match result {
            Ok(()) | Err(AllocError::NoSuchTicket(_)) => told(News::Closed { ticket: name }),
            // It stays written down, and is closed at the next start.
            Err(error) => tracing::error!(ticket = name, %error, "a ticket cannot be closed"),
        });
        if let Err(error) = begun {
            tracing::error!(ticket, %error, "a ticket cannot be closed");
        }
    }

    fn ahead(&self, tags: &[&[String]]) -> Option<Vec<u32>> {
        let pools = self.allocator.pools().ok()?;
        let pools = pools.iter().filter(|it| !it.is_draining);
        let offers: Vec<_> = pools
            .map(|it| {
                (
                    it.pool.offer(),
                    it.free + it.pool.max_starting.min(it.pool.max),
                )
            })
            .collect();
        let count = |tags: &&[String]| {
            let wanted = Tags::new(*tags);
            let fits = offers.iter().filter(|it| it.0.score(&wanted).is_some());
            fits.map(|it| it.1).sum()
        };
        Some(tags.iter().map(count).collect())
    }

    fn strays(&self) -> Vec<String> {
        let open = self.allocator.tickets().unwrap_or_default().into_iter();
        let open = open.filter(|it| it.state() == TicketState::Open);
        open.map(|it| it.id.to_string()).collect()
    }
}
