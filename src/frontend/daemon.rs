//! The loop: what waits, what runs, what was taken, and what starts next.
//!
//! One thread polls, one hands results in, one runs for each import; they talk to the loop, which
//! alone decides. A place that becomes free is filled at once from the last listing.

use super::book::Book;
use super::client::{Frontend, Listing};
use super::deliver::Delivery;
use super::message::{Message, Polled};
use super::outbox::Outbox;
use super::poll::poll;
use super::schedule::schedule;
use super::settings::Settings;
use super::task::Task;
use super::trouble::{Say, Trouble};
use super::worker::{Left, Worker};
use crate::import::outcome::Report;
use crate::import::pipeline::Importer;
use crate::sync::{Disks, StopLevel, StopToken, unlocked};
use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};
use std::collections::BTreeSet;
use std::sync::Mutex;
use std::thread::{Builder, Scope};
use std::time::{Duration, Instant};

/// How soon a stop is seen.
const TICK: Duration = Duration::from_millis(50);

/// The importer of one frontend.
#[derive(Debug)]
pub struct Daemon {
    settings: Settings,
    frontend: Frontend,
    importer: Importer,
    disks: Disks,
    stop: StopToken,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Farewell {
    /// Results that the frontend has not taken; the next run hands them in.
    pub not_taken: usize,
}

/// What the loop knows.
struct Loop<'a> {
    settings: &'a Settings,
    worker: &'a Worker<'a>,
    book: Book,
    listing: Listing,
    /// Why the last poll failed, so that the same is not said every time.
    trouble: Trouble<'a>,
    /// What was wrong with tasks of the last listing that name no build.
    nameless: BTreeSet<String>,
    /// Tells the delivery that there is more.
    news: Sender<()>,
}

impl Daemon {
    /// A daemon. Frontend and importer must listen to the same stop token; `disks` are those that
    /// the importer writes to.
    #[must_use]
    pub const fn new(
        settings: Settings,
        frontend: Frontend,
        importer: Importer,
        disks: Disks,
        stop: StopToken,
    ) -> Self {
        Self {
            settings,
            frontend,
            importer,
            disks,
            stop,
        }
    }

    /// Works until the stop token is raised. When it drains, running imports are finished and
    /// their results handed in; when it stops, they are given up. `report` takes what came of each
    /// import, `say` what the operator should know of the frontend.
    ///
    /// # Panics
    /// When the system has no more threads.
    pub fn run(&self, outbox: Outbox, report: &dyn Report, say: Say<'_>) -> Farewell {
        let book = Book::new(outbox.builds());
        let outbox = Mutex::new(outbox);
        let worker = Worker {
            settings: &self.settings,
            frontend: &self.frontend,
            importer: &self.importer,
            disks: &self.disks,
            outbox: &outbox,
            report,
            stop: &self.stop,
        };
        // Room for a message of each thread: none waits long, as the loop does nothing long.
        let (messages, inbox) = bounded(self.settings.limits.total + 2);
        // One is enough: it says no more than that there is something.
        let (news, is_news) = bounded(1);
        let state = Loop {
            settings: &self.settings,
            worker: &worker,
            book,
            listing: Listing::default(),
            trouble: Trouble::new("the frontend cannot be asked", say),
            nameless: BTreeSet::new(),
            news,
        };
        std::thread::scope(|scope| {
            let delivery = Delivery {
                frontend: &self.frontend,
                outbox: &outbox,
                stop: &self.stop,
                farewell: self.settings.farewell,
                messages: messages.clone(),
                say,
            };
            start(scope, "deliver".to_owned(), move || delivery.run(&is_news));
            self.work(scope, state, &messages, &inbox);
            drop(messages);
            // Until the delivery ends, it is heard.
            for message in inbox {
                if let Message::Taken(result) = message {
                    tracing::debug!(build_id = result.build_id, "taken at the end");
                }
            }
        });
        let outbox = unlocked(outbox);
        Farewell {
            not_taken: outbox.len(),
        }
    }

    /// Polls and imports until a stop, and until the last import ended.
    fn work<'s>(
        &'s self,
        scope: &'s Scope<'s, '_>,
        mut state: Loop<'s>,
        messages: &Sender<Message>,
        inbox: &Receiver<Message>,
    ) {
        // A poll has nothing to finish: it ends as soon as the run drains.
        let polling = StopToken::default();
        let (end_polls, end) = bounded(0);
        let mut end_polls = Some(end_polls);
        let (frontend, sleep_time) = (
            self.frontend.with_stop(polling.clone()),
            self.settings.sleep_time,
        );
        let sender = messages.clone();
        start(scope, "poll".to_owned(), move || {
            poll(&frontend, sleep_time, &sender, &end);
        });
        loop {
            if self.stop.is_draining() {
                polling.raise(StopLevel::Stop);
                drop(end_polls.take());
                if state.book.running().is_empty() {
                    return;
                }
            }
            let mut may_begin = match inbox.recv_timeout(TICK) {
                Ok(message) => state.take(message),
                Err(RecvTimeoutError::Timeout) => continue,
                Err(RecvTimeoutError::Disconnected) => return,
            };
            // What came meanwhile costs no further look at a long listing.
            for message in inbox.try_iter() {
                may_begin |= state.take(message);
            }
            if !may_begin || self.stop.is_draining() {
                continue;
            }
            for task in state.begin() {
                let (worker, messages) = (state.worker, messages.clone());
                let build_id = task.build_id;
                start(scope, format!("import-{build_id}"), move || {
                    let left = worker.work(&task);
                    // The loop is there until the last import ended.
                    let _ = messages.send(Message::Left(build_id, left));
                });
            }
        }
    }
}

impl Loop<'_> {
    /// Whether something may start now that could not before.
    fn take(&mut self, message: Message) -> bool {
        let may_begin = !matches!(message, Message::Taken(_));
        match message {
            Message::Polled(polled) => self.polled(polled),
            Message::Left(build_id, Left::Finished) => {
                self.book.finish(build_id);
                self.tell();
            }
            Message::Left(build_id, Left::Vanished) => self.book.vanish(build_id, Instant::now()),
            Message::Left(build_id, Left::GivenUp) => self.book.give_up(build_id),
            Message::Taken(result) => self.book.settle(result, Instant::now()),
        }
        may_begin
    }

    fn polled(&mut self, polled: Polled) {
        let listing = match polled.listing {
            Ok(listing) => listing,
            Err(error) => return self.trouble.begins(&error),
        };
        self.trouble.ends();
        let patience = self.settings.resend_after();
        for result in self.book.compare(&listing, polled.asked, patience) {
            let build_id = result.build_id;
            tracing::warn!(
                build_id,
                "build is still listed, its result is handed in again"
            );
            self.worker.keep(result);
            self.tell();
        }
        for bad in &listing.unreadable {
            match bad.build_id {
                Some(id) if !self.book.is_done(id) && !self.book.running().contains_key(&id) => {
                    self.worker.refuse(id, bad.problem.clone());
                    self.book.finish(id);
                    self.tell();
                }
                Some(_) => {}
                // Nothing can be answered, so it stays, and is said once.
                None if self.nameless.contains(&bad.problem) => {}
                None => tracing::warn!(problem = bad.problem, "a task names no build"),
            }
        }
        let unreadable = listing.unreadable.iter();
        let nameless = unreadable.filter(|it| it.build_id.is_none());
        self.nameless = nameless.map(|it| it.problem.clone()).collect();
        self.listing = listing;
    }

    /// The tasks that start now; they are written into the book.
    fn begin(&mut self) -> Vec<Task> {
        let open = self.listing.tasks.iter();
        let open = open.filter(|it| !self.book.is_done(it.build_id));
        let starts = schedule(open, self.book.running(), self.settings.limits);
        let starts: Vec<Task> = starts.into_iter().cloned().collect();
        for task in &starts {
            self.book.start(task);
        }
        starts
    }

    /// Wakes the delivery. Where it was told already and did not hear yet, it will see both.
    fn tell(&self) {
        let _ = self.news.try_send(());
    }
}

fn start<'s>(scope: &'s Scope<'s, '_>, name: String, run: impl FnOnce() + Send + 's) {
    Builder::new()
        .name(name)
        .spawn_scoped(scope, run)
        .expect("the system can start a thread");
}
