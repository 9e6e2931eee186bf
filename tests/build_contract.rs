//! What a store of builds promises, of every store that there is.

use crate::support::builds::new_build;
use crate::support::jobs::at;
use distmill::build::entry::{Build, BuildId};
use distmill::build::state::State;
use distmill::build::store::{Added, BuildStore, Filter, Move, TicketChange, TicketName};
use distmill::model::Code;
use distmill::store::{MemoryBuilds, SqliteBuilds};
use tempfile::TempDir;

fn on_each(check: impl Fn(&dyn BuildStore)) {
    check(&MemoryBuilds::default());
    let dir = TempDir::new().unwrap();
    check(&SqliteBuilds::open(dir.path()).unwrap());
}

fn get(store: &dyn BuildStore, id: BuildId) -> Build {
    store.build(id).unwrap().unwrap()
}

fn states(store: &dyn BuildStore, filter: &Filter) -> Vec<(BuildId, State)> {
    let found = store.find(filter).unwrap();
    found.iter().map(|it| (it.id, it.state())).collect()
}

fn ticket(giver: &str, ticket: &str) -> TicketName {
    TicketName {
        giver: giver.to_owned(),
        ticket: ticket.to_owned(),
    }
}

fn moved(build: &Build, step: impl FnOnce(&mut Build)) -> Move {
    let mut after = build.clone();
    step(&mut after);
    Move {
        from: build.state(),
        build: after,
    }
}

#[test]
fn the_same_build_is_added_once_unless_it_is_asked_for_again() {
    on_each(|store| {
        let one = new_build("a/x", "one", "t");
        let other_target = new_build("a/x", "one", "u");
        let all = [one.clone(), other_target, one.clone()];
        let added = store.add(&all, false, at(0)).unwrap();
        assert_eq!(
            added,
            [Added::New(1), Added::New(2), Added::Known(1, State::Queued)]
        );
        // Open ones are never doubled.
        let again = store.add(std::slice::from_ref(&one), true, at(1)).unwrap();
        assert_eq!(again, [Added::Known(1, State::Queued)]);
        assert_eq!(store.cancel(&Filter::default(), at(2)).unwrap(), 2);
        let known = store.add(std::slice::from_ref(&one), false, at(3)).unwrap();
        assert_eq!(known, [Added::Known(1, State::Cancelled)]);
        let anew = store.add(&[one], true, at(4)).unwrap();
        assert_eq!(anew, [Added::New(3)]);
        assert_eq!(get(store, 3).what.package, "one");
    });
}

#[test]
fn a_build_goes_its_way_and_all_of_it_is_kept() {
    on_each(|store| {
        store
            .add(&[new_build("@g/x:pr:1", "one", "t")], false, at(0))
            .unwrap();
        let queued = get(store, 1);
        let wait = moved(&queued, |it| {
            it.wait(vec!["tag".to_owned()], at(1)).unwrap();
        });
        assert!(
            store
                .write(std::slice::from_ref(&wait), &[])
                .unwrap()
                .is_empty()
        );
        // It is not where it was: the same move is lost.
        assert_eq!(store.write(&[wait], &[]).unwrap(), [1]);
        let run = moved(&get(store, 1), |it| {
            it.trace.ticket = Some("7".to_owned());
            it.run("m", at(2)).unwrap();
        });
        let taken = TicketChange::Taken(ticket("pools", "7"), 1);
        assert!(
            store
                .write(std::slice::from_ref(&run), &[taken])
                .unwrap()
                .is_empty()
        );
        assert_eq!(get(store, 1), run.build);
        assert_eq!(store.tickets().unwrap(), [(ticket("pools", "7"), 1)]);
        let end = moved(&get(store, 1), |it| {
            it.end(State::Failed, Code::BuildFailed, "why", at(3))
                .unwrap();
        });
        let closed = TicketChange::Closed(ticket("pools", "7"));
        // Another giver's ticket of the same number is another one.
        let other = TicketChange::Closed(ticket("http://localhost:1/", "7"));
        store.write(&[end], &[other]).unwrap();
        assert_eq!(store.tickets().unwrap().len(), 1);
        store.write(&[], &[closed]).unwrap();
        assert!(store.tickets().unwrap().is_empty());
        let build = get(store, 1);
        assert_eq!(build.code.as_deref(), Some("build-failed"));
        assert_eq!(build.seconds(), Some(1.0));
        assert_eq!(store.retry(&Filter::default(), at(4)).unwrap(), 1);
        let build = get(store, 1);
        assert_eq!((build.state(), build.trace.attempts), (State::Queued, 0));
        assert_eq!(build.what.project.to_string(), "@g/x:pr:1");
    });
}

#[test]
fn the_dispatcher_sees_what_others_change_and_nothing_else() {
    on_each(|store| {
        let seen = |after| -> Vec<BuildId> {
            let changed = store.changed(after, 10).unwrap();
            changed.iter().map(|it| it.1.id).collect()
        };
        let builds = ["one", "two", "three"].map(|it| new_build("a/x", it, "t"));
        store.add(&builds, false, at(0)).unwrap();
        assert_eq!(seen(0), [1, 2, 3]);
        assert_eq!(store.changed(0, 2).unwrap().len(), 2);
        let last = store.last_change().unwrap();
        assert!(seen(last).is_empty());
        let wait = moved(&get(store, 1), |it| it.wait(Vec::new(), at(1)).unwrap());
        store.write(&[wait], &[]).unwrap();
        assert!(seen(last).is_empty(), "its own moves are no news");
        // What waits is only unwanted, what is queued is out at once.
        let two = Filter {
            builds: Some(vec![1, 2]),
            ..Filter::default()
        };
        assert_eq!(store.cancel(&two, at(2)).unwrap(), 2);
        assert_eq!(seen(last), [1, 2]);
        assert_eq!(get(store, 1).state(), State::Waiting);
        assert!(get(store, 1).is_unwanted);
        assert_eq!(get(store, 2).state(), State::Cancelled);
        // A move of the dispatcher, who did not know, does not take that back.
        let mut build = get(store, 1);
        build.is_unwanted = false;
        let run = moved(&build, |it| it.run("m", at(3)).unwrap());
        store.write(&[run], &[]).unwrap();
        assert!(get(store, 1).is_unwanted);
    });
}

#[test]
fn filters_fit_and_counts_add_up() {
    on_each(|store| {
        let mut builds = Vec::new();
        for n in 0..6 {
            let owner = if n % 2 == 0 { "a/x" } else { "b/y" };
            let mut build = new_build(owner, &format!("p{n}"), if n < 3 { "t" } else { "u" });
            build.run = (n < 2).then(|| "r".to_owned());
            builds.push(build);
        }
        store.add(&builds, false, at(0)).unwrap();
        let by = |filter: Filter| -> Vec<BuildId> {
            states(store, &filter).iter().map(|it| it.0).collect()
        };
        let owner = Filter {
            owner: Some("a".to_owned()),
            after: Some(1),
            ..Filter::default()
        };
        assert_eq!(by(owner), [3, 5]);
        let target = Filter {
            target: Some("u".to_owned()),
            limit: Some(2),
            ..Filter::default()
        };
        assert_eq!(by(target), [4, 5]);
        let run = Filter {
            run: Some("r".to_owned()),
            states: Some(vec![State::Queued]),
            ..Filter::default()
        };
        assert_eq!(by(run.clone()), [1, 2]);
        let package = Filter {
            package: Some("p3".to_owned()),
            project: Some(builds[3].project.clone()),
            ..Filter::default()
        };
        assert_eq!(by(package.clone()), [4]);
        store.cancel(&package, at(1)).unwrap();
        let counts = store.count(&Filter::default()).unwrap();
        let code = Some("build-cancelled".to_owned());
        assert_eq!(counts[&(State::Queued, None)], 5);
        assert_eq!(counts[&(State::Cancelled, code)], 1);
        assert_eq!(store.count(&run).unwrap()[&(State::Queued, None)], 2);
    });
}

#[test]
fn a_file_has_one_dispatcher_and_is_read_again() {
    let dir = TempDir::new().unwrap();
    let store = SqliteBuilds::open(dir.path()).unwrap();
    store
        .add(&[new_build("a/x", "one", "t")], false, at(0))
        .unwrap();
    let lock = store.lock().unwrap();
    assert!(lock.is_some());
    let second = SqliteBuilds::open(dir.path()).unwrap();
    assert!(second.lock().unwrap().is_none());
    assert_eq!(get(&second, 1), get(&store, 1));
    drop(lock);
    assert!(second.lock().unwrap().is_some());
}

#[test]
fn a_build_belongs_to_every_run_that_finds_it_and_a_run_builds_it_once() {
    on_each(|store| {
        let of = |run: &str| {
            let mut build = new_build("a/x", "one", "t");
            build.run = Some(run.to_owned());
            [build]
        };
        let ids = |run: &str| -> Vec<BuildId> {
            let filter = Filter {
                run: Some(run.to_owned()),
                ..Filter::default()
            };
            states(store, &filter).iter().map(|it| it.0).collect()
        };
        store.add(&of("first"), false, at(0)).unwrap();
        store.cancel(&Filter::default(), at(1)).unwrap();
        let known = Added::Known(1, State::Cancelled);
        assert_eq!(store.add(&of("second"), false, at(2)).unwrap(), [known]);
        assert_eq!(store.add(&of("second"), true, at(3)).unwrap(), [known]);
        assert_eq!(
            store.add(&of("third"), true, at(4)).unwrap(),
            [Added::New(2)]
        );
        assert_eq!([ids("first"), ids("second"), ids("third")], [[1], [1], [2]]);
        let counts = store.count(&Filter {
            run: Some("second".to_owned()),
            ..Filter::default()
        });
        assert_eq!(counts.unwrap().values().sum::<u64>(), 1);
    });
}
