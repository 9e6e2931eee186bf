//! The lines that scripts in the field read, and the same as values.

use crate::alloc::resource::{Resource, ResourceId};
use crate::alloc::ticket::{Ticket, TicketId};
use jiff::Timestamp;
use serde::Serialize;
use std::collections::BTreeMap;

/// A resource as `resource-list` has it.
pub(super) fn resource(resource: &Resource, state: &str) -> String {
    let ticket = resource.ticket();
    let ticket = ticket.map_or_else(|| "NULL".to_owned(), |it| it.to_string());
    format!(
        "{} - {} pool={} tags={} status={state} releases={} ticket={ticket}\n",
        resource.id,
        resource.name,
        resource.pool,
        resource.offer.tags(),
        resource.releases,
    )
}

/// A ticket as `ticket-list` has it; `resource` is the name of its resource.
pub(super) fn ticket(ticket: &Ticket, resource: Option<&str>) -> String {
    let resource = resource.map_or_else(String::new, |it| format!(" resource={it}"));
    format!(
        "{} - state={} tags={}{resource}\n",
        ticket.id,
        ticket.state(),
        ticket.request.tags,
    )
}

/// A resource with all that is known of it. The first keys are those of the original.
#[derive(Serialize)]
pub(super) struct ResourceInfo<'a> {
    id: ResourceId,
    name: &'a str,
    user: Option<&'a str>,
    data: Option<String>,
    pool: &'a str,
    state: &'a str,
    check_last_time: Option<f64>,
    check_failed_count: u32,
    ticket_id: Option<TicketId>,
    sandbox: Option<&'a str>,
    sandboxed_since: Option<f64>,
    released_at: Option<f64>,
    releases_counter: u32,
    id_in_pool: u32,
    named_counters: &'a BTreeMap<String, u32>,
    tags: BTreeMap<&'a str, i64>,
    started_at: f64,
    up_at: Option<f64>,
    ended_at: Option<f64>,
}

impl<'a> ResourceInfo<'a> {
    pub(super) fn of(resource: &'a Resource, state: &'a str) -> Self {
        let data = data(resource);
        Self {
            id: resource.id,
            name: &resource.name,
            user: None,
            data: (!data.is_empty()).then(|| data.trim().to_owned()),
            pool: &resource.pool,
            state,
            check_last_time: resource.checked.map(seconds),
            check_failed_count: resource.failed_checks,
            ticket_id: resource.ticket(),
            sandbox: resource.sandbox.as_deref(),
            sandboxed_since: resource.entered.map(seconds),
            released_at: resource.released.map(seconds),
            releases_counter: resource.releases,
            id_in_pool: resource.id_in_pool,
            named_counters: &resource.counters,
            tags: resource.offer.iter().collect(),
            started_at: seconds(resource.begun),
            up_at: resource.up.map(seconds),
            ended_at: resource.ended.map(seconds),
        }
    }
}

/// A ticket with all that is known of it.
#[derive(Serialize)]
pub(super) struct TicketInfo<'a> {
    id: TicketId,
    state: &'a str,
    tags: Vec<&'a str>,
    sandbox: Option<&'a str>,
    owner: Option<&'a str>,
    priority: i32,
    resource: Option<&'a str>,
    taken_at: f64,
    served_at: Option<f64>,
    ended_at: Option<f64>,
    reason: Option<&'a str>,
}

impl<'a> TicketInfo<'a> {
    pub(super) fn of(ticket: &'a Ticket, resource: Option<&'a str>) -> Self {
        Self {
            id: ticket.id,
            state: ticket.state().as_str(),
            tags: ticket.request.tags.iter().collect(),
            sandbox: ticket.request.sandbox.as_deref(),
            owner: ticket.request.owner.as_deref(),
            priority: ticket.request.priority,
            resource,
            taken_at: seconds(ticket.taken),
            served_at: ticket.served.map(seconds),
            ended_at: ticket.ended.map(seconds),
            reason: ticket.reason.as_deref(),
        }
    }
}

/// What the start command printed, as text.
pub(super) fn data(resource: &Resource) -> String {
    String::from_utf8_lossy(&resource.data).into_owned()
}

fn seconds(time: Timestamp) -> f64 {
    time.as_duration().as_secs_f64()
}

/// A command with `{name}`, `{state}` and `{data_utf8}` filled in. None where it has another name
/// in braces, or a brace alone.
pub(super) fn fill(pattern: &str, values: &[(&str, &str)]) -> Option<String> {
    let mut out = String::new();
    let mut rest = pattern;
    while let Some(at) = rest.find(['{', '}']) {
        let (before, after) = rest.split_at(at);
        out.push_str(before);
        if after.starts_with("{{") || after.starts_with("}}") {
            out.push_str(&after[..1]);
            rest = &after[2..];
            continue;
        }
        let (name, after) = after.strip_prefix('{')?.split_once('}')?;
        out.push_str(values.iter().find(|it| it.0 == name)?.1);
        rest = after;
    }
    out.push_str(rest);
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_braces_are_filled_in() {
        let fill = |pattern| fill(pattern, &[("name", "x{y}"), ("state", "UP")]);
        assert_eq!(fill("echo {name}-{state}").unwrap(), "echo x{y}-UP");
        assert_eq!(
            fill("awk '{{print}}' {name}").unwrap(),
            "awk '{print}' x{y}"
        );
        assert_eq!(fill("plain").unwrap(), "plain");
        for pattern in ["{other}", "a } b", "a { b", "{"] {
            assert_eq!(fill(pattern), None, "{pattern}");
        }
    }
}
