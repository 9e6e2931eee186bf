//! What the server is asked to do.

use super::arguments::{DeleteArguments, ForgiveArguments, KillArguments};
use super::look::{find, print_json, resources};
use crate::alloc::resource::ResourceState;
use crate::alloc::store::{ResourceFilter, TicketStore as _};
use crate::alloc::ticket::TicketId;
use crate::cli::exit::Exit;
use crate::store::{SqliteTickets, Wish};
use crate::ui::notice;

pub(super) fn delete(
    store: &SqliteTickets,
    json: bool,
    arguments: &DeleteArguments,
) -> anyhow::Result<Exit> {
    let mut ids = Vec::new();
    if arguments.all || arguments.unused {
        let up = resources(store, &ResourceFilter::living())?.into_iter();
        let up = up.filter(|it| it.1 == ResourceState::Up);
        ids.extend(
            up.filter(|it| arguments.all || it.0.is_free())
                .map(|it| it.0.id),
        );
    } else {
        for name in &arguments.resources {
            match find(store, name)? {
                Some(resource) => ids.push(resource.id),
                None => notice(&format!("Unknown resource: {name}")),
            }
        }
        if ids.is_empty() {
            notice("no resources specified");
        }
    }
    let wishes: Vec<Wish> = ids.into_iter().map(Wish::DeleteResource).collect();
    leave(store, json, &wishes)
}

pub(super) fn kill(
    store: &SqliteTickets,
    json: bool,
    arguments: &KillArguments,
) -> anyhow::Result<Exit> {
    let ids = arguments.tickets.iter().map(|it| TicketId(*it));
    for id in ids.clone() {
        anyhow::ensure!(store.ticket(id)?.is_some(), "there is no ticket {id}");
    }
    leave(store, json, &ids.map(Wish::KillTicket).collect::<Vec<_>>())
}

pub(super) fn forgive(
    store: &SqliteTickets,
    json: bool,
    arguments: &ForgiveArguments,
) -> anyhow::Result<Exit> {
    let pools = arguments.pools.iter().cloned();
    leave(
        store,
        json,
        &pools.map(Wish::ForgivePool).collect::<Vec<_>>(),
    )
}

fn leave(store: &SqliteTickets, json: bool, wishes: &[Wish]) -> anyhow::Result<Exit> {
    if !wishes.is_empty() {
        store.wish(wishes)?;
    }
    if json {
        wishes.iter().for_each(print_json);
    }
    Ok(Exit::Success)
}
