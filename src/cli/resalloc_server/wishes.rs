//! What `resalloc-maint` wants done is taken up.

use crate::alloc::error::AllocError;
use crate::alloc::resource::ResourceState;
use crate::alloc::ticket::{TicketId, TicketState};
use crate::alloc::{Allocator, Victims};
use crate::store::{SqliteTickets, Wish};
use crate::sync::StopToken;
use std::io;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

/// Does what was left to be done, when the store's bell rings and each time `longest` has passed.
/// Ends with the stop token, which rings that bell.
pub(super) fn start(
    store: Arc<SqliteTickets>,
    allocator: Allocator,
    longest: Duration,
    stop: &StopToken,
) -> io::Result<JoinHandle<()>> {
    let stop = stop.clone();
    let work = move || {
        while !stop.is_draining() {
            let rings = store.bell().rings();
            if let Err(error) = fulfil(&store, &allocator) {
                tracing::error!(%error, "wishes are left for later");
            }
            store.bell().wait(rings, longest);
        }
    };
    std::thread::Builder::new()
        .name("wishes".to_owned())
        .spawn(work)
}

/// Does all of them; what is done is forgotten afterwards, so that none is lost between.
fn fulfil(store: &SqliteTickets, allocator: &Allocator) -> Result<(), AllocError> {
    let wishes = store.wishes()?;
    let mut done = Vec::new();
    for (number, wish) in wishes {
        match do_one(allocator, &wish) {
            Err(AllocError::Stopped) => break,
            Err(error) => tracing::warn!(?wish, %error, "a wish cannot be fulfilled"),
            Ok(()) => tracing::info!(?wish, "a wish was fulfilled"),
        }
        done.push(number);
    }
    Ok(store.done(&done)?)
}

fn do_one(allocator: &Allocator, wish: &Wish) -> Result<(), AllocError> {
    const REASON: &str = "an administrator deleted its resource";
    match wish {
        Wish::DeleteResource(id) => {
            let ids = [*id];
            let living = allocator.resources()?;
            let found = living.iter().find(|it| it.id == *id);
            // One that starts or goes already is left alone, as the original does.
            let Some(resource) = found.filter(|it| it.state() == ResourceState::Up) else {
                return Ok(());
            };
            if let Some(ticket) = resource.ticket() {
                kill(allocator, ticket, REASON)?;
            }
            allocator.delete_resources(Victims::Ids(ids.to_vec()))?;
        }
        Wish::KillTicket(id) => kill(allocator, *id, "an administrator killed it")?,
        Wish::ForgivePool(pool) => {
            if !allocator.forgive(pool)? {
                tracing::warn!(pool, "there is no such pool to forgive");
            }
        }
    }
    Ok(())
}

fn kill(allocator: &Allocator, ticket: TicketId, reason: &str) -> Result<(), AllocError> {
    if allocator.check(ticket)?.ticket.state() == TicketState::Open {
        allocator.kill_ticket(ticket, reason)?;
    }
    Ok(())
}
