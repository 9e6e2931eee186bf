//! Whose turn it is.
//!
//! Jobs stand in lanes: one for each owner, class (foreground or background), sandbox and
//! registry. Owners take turns, and within an owner its sandboxes do, so that neither many jobs
//! nor many sandboxes of one owner keep another one waiting.
//!
//! A turn is a number; the lowest goes next. When a flow (an owner's foreground, or its
//! background) begins to wait it stands one step behind what is served now; each job that it gets
//! moves it one step on. A step costs 1 in the foreground and 100 in the background: a
//! background job goes when a hundred rounds have passed it by, or when nothing else waits. So
//! nothing starves, and both agree with the counters of Copr's dispatcher.
//!
//! [`pick`](super::pick()) is pure. It asks a [`Backlog`] only for the heads of lines that can
//! matter, so that what it costs depends on how many jobs run and are asked for, not on how many
//! wait.

use crate::event::JobId;

/// The number of a lane in its store.
pub type LaneId = i64;

/// What a turn costs.
pub(super) const FOREGROUND: i64 = 1;
const BACKGROUND: i64 = 100;

/// What takes turns with its like: the foreground, or the background, of one owner.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Flow {
    /// The owner.
    pub owner: String,
    /// Whether it gives way.
    pub background: bool,
}

/// Where a flow stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlowTurn {
    /// The flow.
    pub flow: Flow,
    /// Its next turn.
    pub turn: i64,
    /// The turn of its sandboxes that was served last.
    pub clock: i64,
}

/// Where a lane stands in its flow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LaneTurn {
    /// The lane.
    pub lane: LaneId,
    /// Its sandbox.
    pub sandbox: String,
    /// The sandbox's next turn.
    pub turn: i64,
    /// How many jobs wait in it.
    pub queued: u64,
}

/// A job that waits in a lane.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// The job.
    pub job: JobId,
    /// Its host, where it is of the line of all hosts ([`HOSTS`](super::HOSTS)): the limit that
    /// holds for it.
    pub host: Option<String>,
}

/// What waits, as far as it is asked for.
pub trait Backlog {
    /// How asking fails.
    type Error;

    /// Every line, of a registry or of all hosts, in which something waits.
    ///
    /// # Errors
    /// When the store fails; so below.
    fn registries(&mut self) -> Result<Vec<String>, Self::Error>;

    /// The first `count` flows of which something waits from `registry`, by turn, then by flow.
    ///
    /// # Errors
    /// When the store fails.
    fn flows(&mut self, registry: &str, count: usize) -> Result<Vec<FlowTurn>, Self::Error>;

    /// The first `count` lanes of `flow` in which something waits from `registry`, by turn, then
    /// by lane.
    ///
    /// # Errors
    /// When the store fails.
    fn lanes(
        &mut self,
        registry: &str,
        flow: &Flow,
        count: usize,
    ) -> Result<Vec<LaneTurn>, Self::Error>;

    /// Jobs of a lane of `registry` in their order, after the first `skip`.
    ///
    /// # Errors
    /// When the store fails.
    fn jobs(
        &mut self,
        registry: &str,
        lane: LaneId,
        skip: usize,
        count: usize,
    ) -> Result<Vec<Waiting>, Self::Error>;
}

/// A job whose turn it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pick {
    /// The job.
    pub job: JobId,
    /// Where it waited.
    pub lane: LaneId,
}

/// The next turn of a sandbox of a flow, in all its lanes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SandboxTurn {
    /// The flow.
    pub flow: Flow,
    /// The sandbox.
    pub sandbox: String,
    /// Its next turn.
    pub turn: i64,
}

/// What is to be handed out, and where the turns stand afterwards.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// The jobs, in their order.
    pub picks: Vec<Pick>,
    /// How many were taken from each lane.
    pub lanes: Vec<(LaneId, u64)>,
    /// How many were taken from each registry's share of a flow.
    pub shares: Vec<(String, Flow, u64)>,
    /// The turns that changed, of flows.
    pub flows: Vec<FlowTurn>,
    /// The turns that changed, of sandboxes.
    pub sandboxes: Vec<SandboxTurn>,
    /// The turn that was served last.
    pub clock: i64,
}

impl Flow {
    /// What one turn of it costs.
    #[must_use]
    pub const fn cost(&self) -> i64 {
        match self.background {
            true => BACKGROUND,
            false => FOREGROUND,
        }
    }

    /// The first turn of a flow that begins to wait, when `clock` was served last and it had
    /// `turn` before.
    #[must_use]
    pub fn first_turn(&self, turn: i64, clock: i64) -> i64 {
        turn.max(clock + self.cost())
    }

    /// The same for a sandbox within a flow.
    #[must_use]
    pub fn first_sandbox_turn(turn: i64, clock: i64) -> i64 {
        turn.max(clock + FOREGROUND)
    }
}
