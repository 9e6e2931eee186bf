//! What only looks.

use super::arguments::{ForeachArguments, InfoArguments, ListArguments, LogsArguments};
use super::lines::{self, ResourceInfo, TicketInfo};
use crate::alloc::resource::{Resource, ResourceState};
use crate::alloc::store::{ResourceFilter, TicketFilter, TicketStore as _};
use crate::cli::exit::Exit;
use crate::config::ServerFile;
use crate::store::{SqliteTickets, Wish};
use crate::ui::{notice, print};
use anyhow::Context as _;
use serde::Serialize;
use std::process::Command;

/// Resources with the state that they are about to have: one whose deletion was asked for is as
/// good as gone, though the server may not run.
pub(super) fn resources(
    store: &SqliteTickets,
    filter: &ResourceFilter,
) -> anyhow::Result<Vec<(Resource, ResourceState)>> {
    let wishes = store.wishes()?;
    let is_wished = |resource: &Resource| {
        let wish = Wish::DeleteResource(resource.id);
        wishes.iter().any(|it| it.1 == wish)
    };
    let found = store.resources(filter)?.into_iter().map(|it| {
        let state = match it.state() {
            ResourceState::Up if is_wished(&it) => ResourceState::DeleteRequest,
            state => state,
        };
        (it, state)
    });
    Ok(found.collect())
}

/// The resource of a number or a name, in any state.
pub(super) fn find(store: &SqliteTickets, resource: &str) -> anyhow::Result<Option<Resource>> {
    Ok(match resource.parse() {
        Ok(id) => store.resource(id)?,
        Err(_) => store.resource_named(resource)?,
    })
}

pub(super) fn list(
    store: &SqliteTickets,
    json: bool,
    arguments: &ListArguments,
) -> anyhow::Result<Exit> {
    for (resource, state) in resources(store, &ResourceFilter::living())? {
        if arguments.up && state != ResourceState::Up {
            continue;
        }
        let state = state.as_str();
        match json {
            true => print_json(&ResourceInfo::of(&resource, state)),
            false => print(&lines::resource(&resource, state)),
        }
    }
    Ok(Exit::Success)
}

pub(super) fn info(
    store: &SqliteTickets,
    json: bool,
    arguments: &InfoArguments,
) -> anyhow::Result<Exit> {
    let Some(resource) = find(store, &arguments.resource)? else {
        // Scripts know this as a word on stderr, not as a failure.
        notice(&format!("Unknown resource: {}", arguments.resource));
        return Ok(Exit::Success);
    };
    let info = ResourceInfo::of(&resource, resource.state().as_str());
    if json {
        print_json(&info);
        return Ok(Exit::Success);
    }
    let mut text = Vec::new();
    let format = serde_json::ser::PrettyFormatter::with_indent(b"    ");
    let mut serializer = serde_json::Serializer::with_formatter(&mut text, format);
    info.serialize(&mut serializer)?;
    print(&format!("{}\n", String::from_utf8(text)?));
    Ok(Exit::Success)
}

pub(super) fn tickets(store: &SqliteTickets, json: bool) -> anyhow::Result<Exit> {
    for ticket in store.tickets(&TicketFilter::not_closed())? {
        let resource = match ticket.resource() {
            Some(id) => store.resource(id)?,
            None => None,
        };
        let resource = resource.as_ref().map(|it| &*it.name);
        match json {
            true => print_json(&TicketInfo::of(&ticket, resource)),
            false => print(&lines::ticket(&ticket, resource)),
        }
    }
    Ok(Exit::Success)
}

/// Runs `tail -F` on the logs of resources, those that are not there yet included.
pub(super) fn logs(
    store: &SqliteTickets,
    file: &ServerFile,
    arguments: &LogsArguments,
) -> anyhow::Result<Exit> {
    let hooks = file.logs.join("hooks");
    let mut tail = Command::new("tail");
    tail.args(["-F", "-n+0"]);
    for name in &arguments.resources {
        let resource =
            find(store, name)?.with_context(|| format!("there is no resource {name}"))?;
        for kind in ["alloc", "watch", "release", "terminate"] {
            tail.arg(hooks.join(format!("{:06}_{kind}", resource.id.0)));
        }
    }
    let status = tail.status().context("cannot run tail")?;
    Ok(match status.success() {
        true => Exit::Success,
        false => Exit::Failure,
    })
}

pub(super) fn foreach(store: &SqliteTickets, arguments: &ForeachArguments) -> anyhow::Result<Exit> {
    for (resource, state) in resources(store, &ResourceFilter::living())? {
        let data = lines::data(&resource);
        let values = [
            ("name", &*resource.name),
            ("state", state.as_str()),
            ("data_utf8", &data),
        ];
        let command = lines::fill(&arguments.command, &values).context(
            "the command has braces other than {name}, {state} and {data_utf8}: write {{ for one",
        )?;
        let run = Command::new("/bin/sh").arg("-c").arg(command).status();
        run.context("cannot run /bin/sh")?;
    }
    Ok(Exit::Success)
}

pub(super) fn print_json(value: &impl Serialize) {
    let text = serde_json::to_string(value).expect("these values have only texts for keys");
    print(&format!("{text}\n"));
}
