//! The allocator as programs use it: from several threads, over a store, with a starter.

use crate::support::farm::{in_pools, on_demand, pool, ready};
use distmill::alloc::pool::Pool;
use distmill::alloc::resource::{Resource, ResourceId, ResourceState};
use distmill::alloc::starter::{Done, Finished, InProcess, Order, Starter, Task};
use distmill::alloc::store::{
    Change, Living, ResourceFilter, TicketFilter, TicketStore, TicketStoreError,
};
use distmill::alloc::ticket::{Request, Ticket, TicketId, TicketState};
use distmill::alloc::{AllocError, Allocator, Checked};
use distmill::model::Code;
use distmill::store::MemoryTickets;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, Mutex, mpsc};
use std::time::{Duration, Instant};

const LONG: Option<Duration> = Some(Duration::from_secs(60));

fn start(pools: &[Pool], starter: impl Starter + 'static) -> (Allocator, Arc<MemoryTickets>) {
    let store = Arc::new(MemoryTickets::default());
    let held = Arc::clone(&store) as Arc<dyn TicketStore>;
    let allocator = Allocator::start(in_pools(pools), held, Arc::new(starter)).unwrap();
    (allocator, store)
}

fn want(tag: &str) -> Request {
    Request::new([tag])
}

/// A starter that ends nothing by itself.
#[derive(Debug, Default)]
struct Held(Mutex<Vec<(Order, Done)>>);

impl Starter for Held {
    fn begin(&self, order: Order, done: Done) {
        self.0.lock().unwrap().push((order, done));
    }
}

#[test]
fn a_ticket_is_taken_served_and_closed() {
    let (allocator, store) = start(&[on_demand("p", &["a"])], InProcess::default());
    let id = allocator.take(want("a")).unwrap();
    let checked = allocator.wait(id, LONG).unwrap().unwrap();
    assert_eq!(checked.ticket.state(), TicketState::Open);
    let name = checked.resource.as_ref().unwrap().name.to_string();
    assert_eq!(checked.output().unwrap().as_ref(), name.as_bytes());
    assert_eq!(allocator.check(id).unwrap(), checked);
    assert_eq!(allocator.tickets().unwrap().len(), 1);
    allocator.close(id).unwrap();
    allocator.close(id).unwrap();
    // A closed one still answers with what it had.
    let after = allocator.wait(id, LONG).unwrap().unwrap();
    assert_eq!(after.ticket.state(), TicketState::Closed);
    assert_eq!(after.output().unwrap().as_ref(), name.as_bytes());
    allocator.stop();
    let resource = store.resource_named(&name).unwrap().unwrap();
    assert_eq!(resource.state(), ResourceState::Ended);
    assert!(matches!(
        allocator.take(want("a")),
        Err(AllocError::Stopped)
    ));
}

#[test]
fn unknown_tickets_are_errors() {
    let (allocator, _) = start(&[], InProcess::default());
    let id = TicketId(7);
    let errors = [
        allocator.check(id).unwrap_err(),
        allocator.close(id).unwrap_err(),
        allocator.wait(id, LONG).unwrap_err(),
        allocator.why(id).unwrap_err(),
        allocator.kill_ticket(id, "x").unwrap_err(),
    ];
    for error in errors {
        assert_eq!(error.to_string(), "no such ticket 7");
        assert_eq!(error.code(), Code::UnknownTicket);
    }
}

#[test]
fn closing_a_waiting_ticket_wakes_its_waiter() {
    let (allocator, _) = start(&[pool("p", &["a"])], InProcess::default());
    let id = allocator.take(want("a")).unwrap();
    assert!(allocator.wait(id, Some(Duration::ZERO)).unwrap().is_none());
    let (sender, receiver) = mpsc::channel();
    allocator
        .watch(id, move |it| sender.send(it).unwrap())
        .unwrap();
    std::thread::scope(|scope| {
        let waiter = scope.spawn(|| allocator.wait(id, None));
        allocator.close(id).unwrap();
        assert!(matches!(waiter.join().unwrap(), Err(AllocError::Closed(it)) if it == id));
    });
    let news = receiver.recv().unwrap().unwrap();
    assert!(matches!(news.or_ended(), Err(AllocError::Closed(_))));
}

#[test]
fn a_failed_ticket_tells_why_and_can_be_closed() {
    let (allocator, store) = start(&[ready("p", &["a"], 1)], InProcess::default());
    let served = allocator.take(want("a")).unwrap();
    allocator.wait(served, LONG).unwrap().unwrap();
    let waiting = allocator.take(want("b")).unwrap();
    let (sender, receiver) = mpsc::channel();
    allocator
        .watch_end(served, move |it| sender.send(it).unwrap())
        .unwrap();
    assert!(allocator.kill_ticket(served, "by hand").unwrap());
    assert!(!allocator.kill_ticket(served, "by hand").unwrap());
    assert!(allocator.kill_ticket(waiting, "by hand").unwrap());
    let ended: Checked = receiver.recv().unwrap().unwrap();
    assert_eq!(ended.ticket.state(), TicketState::Failed);
    assert!(ended.is_ready());
    let error = allocator.wait(waiting, LONG).unwrap_err();
    assert_eq!(error.code(), Code::TicketFailed);
    assert!(error.to_string().ends_with("by hand"), "{error}");
    allocator.close(waiting).unwrap();
    let states: Vec<_> = store.tickets(&TicketFilter::not_closed()).unwrap();
    assert_eq!(states.iter().map(|it| it.id).collect::<Vec<_>>(), [served]);
}

#[test]
fn many_threads_take_and_close() {
    let mut small = on_demand("p", &["a"]);
    small.max = 8;
    small.max_starting = 8;
    small.reuse_opportunity_time = Duration::from_secs(60);
    let running = Arc::new(AtomicUsize::new(0));
    let (allocator, store) = start(&[small], InProcess::default());
    let barrier = Barrier::new(8);
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let (allocator, running, barrier) = (allocator.clone(), Arc::clone(&running), &barrier);
            scope.spawn(move || {
                barrier.wait();
                for _ in 0..50 {
                    let request = want("a").in_sandbox(&format!("s{thread}"));
                    let id = allocator.take(request).unwrap();
                    allocator.wait(id, LONG).unwrap().unwrap();
                    assert!(running.fetch_add(1, Ordering::SeqCst) < 8);
                    running.fetch_sub(1, Ordering::SeqCst);
                    allocator.close(id).unwrap();
                }
            });
        }
    });
    allocator.stop();
    let closed = store.tickets(&TicketFilter::default()).unwrap();
    assert_eq!(closed.len(), 400);
    assert!(closed.iter().all(|it| it.state() == TicketState::Closed));
}

#[test]
fn thousands_wait_without_a_thread_each() {
    let mut wide = on_demand("p", &["a"]);
    wide.max = 5000;
    wide.max_starting = 5000;
    let (allocator, _) = start(&[wide], InProcess::default());
    let (sender, receiver) = mpsc::channel();
    let ids = allocator.take_all(vec![want("a"); 5000]).unwrap();
    for id in &ids {
        let sender = sender.clone();
        let tell = move |it: Result<Checked, AllocError>| {
            sender.send(it.unwrap().resource.unwrap().id).unwrap();
        };
        allocator.watch(*id, tell).unwrap();
    }
    drop(sender);
    let served: BTreeSet<ResourceId> = receiver.iter().collect();
    assert_eq!(served.len(), 5000);
}

#[test]
fn a_watch_can_be_taken_back_and_a_stop_is_told() {
    let (allocator, _) = start(&[pool("p", &["a"])], InProcess::default());
    let id = allocator.take(want("a")).unwrap();
    let (sender, receiver) = mpsc::channel();
    let mut watches = Vec::new();
    for number in 0..2 {
        let sender = sender.clone();
        let tell = move |it: Result<Checked, AllocError>| {
            sender.send((number, it.is_err())).unwrap();
        };
        watches.push(allocator.watch(id, tell).unwrap());
    }
    drop(sender);
    allocator.unwatch(id, watches[0]).unwrap();
    let waiter = std::thread::spawn({
        let allocator = allocator.clone();
        move || allocator.wait(id, None)
    });
    allocator.stop();
    assert_eq!(receiver.iter().collect::<Vec<_>>(), [(1, true)]);
    assert!(matches!(waiter.join().unwrap(), Err(AllocError::Stopped)));
}

#[test]
fn a_restart_finds_tickets_and_resources() {
    let pools = [ready("p", &["a"], 2)];
    let (allocator, store) = start(&pools, InProcess::default());
    let id = allocator.take(want("a")).unwrap();
    let before = allocator.wait(id, LONG).unwrap().unwrap();
    let waiting = allocator.take(want("z")).unwrap();
    drop(allocator);
    let starter = Arc::new(Held::default());
    let again = Allocator::start(in_pools(&pools), store, Arc::clone(&starter) as _).unwrap();
    assert_eq!(again.check(id).unwrap(), before);
    assert!(again.wait(waiting, Some(Duration::ZERO)).unwrap().is_none());
    // The free one is still there, so nothing was begun.
    assert!(starter.0.lock().unwrap().is_empty());
    assert_eq!(again.resources().unwrap().len(), 2);
}

#[test]
fn a_lost_order_counts_as_failed() {
    #[derive(Debug)]
    struct Loses(AtomicUsize);
    impl Starter for Loses {
        fn begin(&self, order: Order, done: Done) {
            // The first order is lost with a panic's unwinding or whatever else.
            if self.0.fetch_add(1, Ordering::SeqCst) == 0 {
                drop(done);
            } else if let Task::Start(resource) = &order.task {
                done.finish(Finished::ok(resource.name.as_bytes()));
            }
        }
    }
    let mut pool = on_demand("p", &["a"]);
    pool.back_off.first = Duration::ZERO;
    let (allocator, _) = start(&[pool], Loses(AtomicUsize::new(0)));
    let id = allocator.take(want("a")).unwrap();
    let served = allocator.wait(id, LONG).unwrap().unwrap();
    assert_eq!(served.resource.unwrap().id, ResourceId(2));
    let stats = allocator.pools().unwrap()[0].stats;
    assert_eq!((stats.begun, stats.failed), (2, 1));
}

#[test]
fn timers_need_no_call() {
    let mut slow = on_demand("p", &["a"]);
    slow.start_delay = Duration::from_millis(50);
    let (allocator, _) = start(&[slow], InProcess::default());
    let begun = Instant::now();
    let ids = allocator.take_all(vec![want("a"), want("a")]).unwrap();
    for id in ids {
        allocator.wait(id, LONG).unwrap().unwrap();
    }
    assert!(begun.elapsed() >= Duration::from_millis(50));
    assert!(begun.elapsed() < Duration::from_secs(20));
}

/// A store whose first writes fail.
#[derive(Debug)]
struct Fails {
    inner: MemoryTickets,
    left: AtomicUsize,
}

impl TicketStore for Fails {
    fn load(&self) -> Result<Living, TicketStoreError> {
        self.inner.load()
    }

    fn write(&self, changes: &[Change]) -> Result<(), TicketStoreError> {
        let fails = |left: usize| left.checked_sub(1);
        match self
            .left
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, fails)
        {
            Ok(_) => Err(TicketStoreError::Store {
                action: "write",
                is_full: true,
                source: Arc::new(std::io::Error::other("no space")),
            }),
            Err(_) => self.inner.write(changes),
        }
    }

    fn ticket(&self, id: TicketId) -> Result<Option<Ticket>, TicketStoreError> {
        self.inner.ticket(id)
    }

    fn resource(&self, id: ResourceId) -> Result<Option<Resource>, TicketStoreError> {
        self.inner.resource(id)
    }

    fn resource_named(&self, name: &str) -> Result<Option<Resource>, TicketStoreError> {
        self.inner.resource_named(name)
    }

    fn tickets(&self, filter: &TicketFilter) -> Result<Vec<Ticket>, TicketStoreError> {
        self.inner.tickets(filter)
    }

    fn resources(&self, filter: &ResourceFilter) -> Result<Vec<Resource>, TicketStoreError> {
        self.inner.resources(filter)
    }
}

#[test]
fn a_store_that_fails_does_not_keep_the_allocator_from_its_end() {
    let store = Arc::new(Fails {
        inner: MemoryTickets::default(),
        left: AtomicUsize::new(usize::MAX),
    });
    let pools = in_pools(&[on_demand("p", &["a"])]);
    let held = Arc::clone(&store) as Arc<dyn TicketStore>;
    let allocator = Allocator::start(pools, held, Arc::new(InProcess::default())).unwrap();
    while store.left.load(Ordering::SeqCst) == usize::MAX {
        std::thread::yield_now();
    }
    let asking = allocator.clone();
    let asker = std::thread::spawn(move || asking.take(want("a")));
    allocator.stop();
    let answer = asker.join().unwrap();
    assert!(matches!(answer, Err(AllocError::Stopped)), "{answer:?}");
    assert!(store.inner.load().unwrap().tickets.is_empty());
}

#[test]
fn nothing_is_begun_or_answered_before_it_is_written() {
    let store = Arc::new(Fails {
        inner: MemoryTickets::default(),
        left: AtomicUsize::new(1),
    });
    let seen = Arc::clone(&store);
    let starter = InProcess::new(move |order| match &order.task {
        Task::Start(resource) => {
            let written = seen.inner.resource(resource.id).unwrap();
            assert_eq!(written.as_ref(), Some(resource));
            Finished::ok([])
        }
        _ => Finished::ok([]),
    });
    let pools = in_pools(&[on_demand("p", &["a"])]);
    let held = Arc::clone(&store) as Arc<dyn TicketStore>;
    let allocator = Allocator::start(pools, held, Arc::new(starter)).unwrap();
    let id = allocator.take(want("a")).unwrap();
    assert_eq!(store.left.load(Ordering::SeqCst), 0);
    assert!(store.inner.ticket(id).unwrap().is_some());
    allocator.wait(id, LONG).unwrap().unwrap();
}
