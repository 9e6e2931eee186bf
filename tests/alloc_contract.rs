//! What a ticket store promises, of every store that there is.

use crate::support::farm::{on_demand, seconds};
use distmill::alloc::pool::Pool;
use distmill::alloc::resource::{Offer, Resource, ResourceId, ResourceState, Seed};
use distmill::alloc::store::{Change, ResourceFilter, StartStats, TicketFilter, TicketStore};
use distmill::alloc::ticket::{Request, Ticket, TicketId, TicketState};
use distmill::store::{MemoryTickets, SqliteTickets};
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::sync::Arc;
use tempfile::TempDir;

/// Runs a check on each store.
fn on_each(check: impl Fn(&dyn TicketStore)) {
    check(&MemoryTickets::default());
    let dir = TempDir::new().unwrap();
    check(&SqliteTickets::open(&dir.path().join("db.sqlite")).unwrap());
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + second).unwrap()
}

fn ticket(id: u64) -> Ticket {
    let request = Request::new(["x86", "a,b", "ž"]);
    Ticket::new(TicketId(id), request, at(0))
}

fn resource(id: u64) -> Resource {
    let seed = Seed {
        id: ResourceId(id),
        name: format!("p_{id}").into(),
        pool: "p".into(),
        id_in_pool: 3,
        counters: BTreeMap::from([("port".to_owned(), 7), ("disk".to_owned(), 0)]),
        offer: Offer::new([("x86", -5), ("a,b", 0), ("ž", 9)]),
    };
    Resource::new(seed, at(1))
}

#[test]
fn an_empty_store_has_nothing() {
    on_each(|store| {
        let living = store.load().unwrap();
        assert!(living.tickets.is_empty() && living.resources.is_empty());
        assert_eq!(
            (living.last_ticket, living.last_resource),
            (TicketId(0), ResourceId(0))
        );
        assert!(store.ticket(TicketId(1)).unwrap().is_none());
        assert!(store.resource(ResourceId(1)).unwrap().is_none());
        assert!(store.resource_named("p_1").unwrap().is_none());
        store.write(&[]).unwrap();
    });
}

#[test]
fn a_ticket_is_kept_whole() {
    on_each(|store| {
        let mut full = ticket(1);
        full.request = full
            .request
            .in_sandbox("@group/project--me")
            .of_owner("me")
            .with_priority(-3);
        store.write(&[Change::Ticket(full.clone())]).unwrap();
        assert_eq!(store.ticket(full.id).unwrap(), Some(full.clone()));
        assert_eq!(store.load().unwrap().tickets, std::slice::from_ref(&full));
        full.serve(ResourceId(9), at(2)).unwrap();
        store.write(&[Change::Ticket(full.clone())]).unwrap();
        assert_eq!(store.load().unwrap().tickets, std::slice::from_ref(&full));
        full.fail("it\nfailed", at(3)).unwrap();
        store.write(&[Change::Ticket(full.clone())]).unwrap();
        assert_eq!(store.ticket(full.id).unwrap(), Some(full.clone()));
        // It does not live any more, and its number is not given again.
        let living = store.load().unwrap();
        assert!(living.tickets.is_empty());
        assert_eq!(living.last_ticket, TicketId(1));
        let plain = ticket(2);
        store.write(&[Change::Ticket(plain.clone())]).unwrap();
        assert_eq!(store.ticket(plain.id).unwrap(), Some(plain));
    });
}

#[test]
fn a_resource_is_kept_whole() {
    on_each(|store| {
        let mut it = resource(4);
        let keep = |it: &Resource| {
            store.write(&[Change::Resource(it.clone())]).unwrap();
            assert_eq!(store.resource(it.id).unwrap().as_ref(), Some(it));
            assert_eq!(store.load().unwrap().resources, std::slice::from_ref(it));
        };
        keep(&it);
        it.come_up(Arc::from(*b"host=1\n\xff\0"), at(5)).unwrap();
        it.checked = Some(at(6));
        keep(&it);
        it.hand(TicketId(8), Some(&"s".into()), at(7)).unwrap();
        keep(&it);
        it.release(at(8)).unwrap();
        it.begin_release().unwrap();
        it.failed_checks = 2;
        keep(&it);
        it.end_release(at(9)).unwrap();
        it.ask_deletion().unwrap();
        keep(&it);
        it.delete().unwrap();
        it.failed_deletions = 1;
        keep(&it);
        it.end(at(10)).unwrap();
        store.write(&[Change::Resource(it.clone())]).unwrap();
        assert!(store.load().unwrap().resources.is_empty());
        assert_eq!(store.load().unwrap().last_resource, it.id);
        assert_eq!(store.resource_named("p_4").unwrap(), Some(it));
        // Of two of one name the later one counts.
        let mut again = resource(5);
        again.name = "p_4".into();
        store.write(&[Change::Resource(again.clone())]).unwrap();
        assert_eq!(store.resource_named("p_4").unwrap(), Some(again));
    });
}

#[test]
fn pools_and_their_statistics_are_kept() {
    on_each(|store| {
        let stats = StartStats {
            begun: 5,
            succeeded: 3,
            failed: 1,
            time: seconds(77),
            last: Some(at(4)),
        };
        let pools: Vec<Arc<Pool>> = ["a", "b"].map(|it| Arc::new(on_demand(it, &["x"]))).into();
        let mut changes: Vec<Change> = pools.iter().cloned().map(Change::Pool).collect();
        changes.push(Change::Stats("a".into(), stats));
        store.write(&changes).unwrap();
        let living = store.load().unwrap();
        assert_eq!(living.pools, pools);
        assert_eq!(living.stats, BTreeMap::from([("a".into(), stats)]));
        let changed = Arc::new(Pool {
            max: 77,
            ..Pool::named("b")
        });
        let gone = Change::PoolGone("a".into());
        store
            .write(&[gone, Change::Pool(Arc::clone(&changed))])
            .unwrap();
        let living = store.load().unwrap();
        assert_eq!(living.pools, [changed]);
        assert_eq!(living.stats.len(), 1);
    });
}

#[test]
fn later_changes_win_over_earlier_ones() {
    on_each(|store| {
        let (mut closed, open) = (ticket(1), ticket(1));
        closed.close(at(3));
        let changes = [Change::Ticket(open), Change::Ticket(closed)];
        store.write(&changes).unwrap();
        let kept = store.ticket(TicketId(1)).unwrap().unwrap();
        assert_eq!(kept.state(), TicketState::Closed);
    });
}

#[test]
fn lists_are_by_number_and_fit_their_filters() {
    on_each(|store| {
        let mut changes = Vec::new();
        for id in (1..=12).rev() {
            let mut ticket = ticket(id);
            match id % 3 {
                0 => ticket.close(at(1)),
                1 => ticket.fail("x", at(1)).unwrap(),
                _ => {}
            }
            if id % 3 == 2 && id > 6 {
                ticket.serve(ResourceId(1), at(1)).unwrap();
            }
            changes.push(Change::Ticket(ticket));
            let mut resource = resource(id);
            if id % 2 == 0 {
                resource.come_up(Arc::default(), at(2)).unwrap();
            }
            if id == 12 {
                resource.pool = "q".into();
            }
            if id % 6 == 1 {
                resource.fail_to_start(at(2)).unwrap();
            }
            changes.push(Change::Resource(resource));
        }
        store.write(&changes).unwrap();
        let tickets = |filter: &TicketFilter| -> Vec<u64> {
            let found = store.tickets(filter).unwrap();
            found.iter().map(|it| it.id.0).collect()
        };
        assert_eq!(
            tickets(&TicketFilter::default()),
            (1..=12).collect::<Vec<_>>()
        );
        assert_eq!(
            tickets(&TicketFilter::not_closed()),
            [1, 2, 4, 5, 7, 8, 10, 11]
        );
        let mut filter = TicketFilter {
            has_resource: Some(true),
            ..TicketFilter::default()
        };
        assert_eq!(tickets(&filter), [8, 11]);
        filter.has_resource = Some(false);
        filter.limit = Some(3);
        filter.states = vec![TicketState::Closed];
        assert_eq!(tickets(&filter), [3, 6, 9]);
        let resources = |filter: &ResourceFilter| -> Vec<u64> {
            let found = store.resources(filter).unwrap();
            found.iter().map(|it| it.id.0).collect()
        };
        let living = ResourceFilter::living();
        assert_eq!(resources(&living), [2, 3, 4, 5, 6, 8, 9, 10, 11, 12]);
        let up = ResourceFilter {
            states: vec![ResourceState::Up],
            pool: Some("p".to_owned()),
            limit: Some(4),
        };
        assert_eq!(resources(&up), [2, 4, 6, 8]);
    });
}
