//! Lanes in memory, and whose turn it is among them: a [`Backlog`] that needs no store.
//!
//! Whoever keeps jobs in memory fills and empties it; [`pick`](fn@super::pick) chooses from it, and
//! [`Lanes::apply`] does what was chosen.

use super::turn::{Backlog, Flow, FlowTurn, LaneId, LaneTurn, Plan, Waiting};
use crate::event::JobId;
use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;

/// One lane.
#[derive(Debug)]
pub struct Lane {
    /// Whose it is.
    pub flow: Flow,
    /// Its sandbox.
    pub sandbox: String,
    /// Its registry.
    pub registry: String,
    /// Jobs that wait, by rank.
    pub waiting: BTreeSet<(i64, JobId)>,
    /// The rank that was given last.
    pub last_rank: i64,
}

/// All lanes and turns.
#[derive(Debug, Default)]
pub struct Lanes {
    /// Each at the place that is its number.
    pub all: Vec<Lane>,
    /// Turn and clock of each flow.
    flows: BTreeMap<Flow, (i64, i64)>,
    /// Turn of each sandbox.
    sandboxes: BTreeMap<(Flow, String), i64>,
    /// The turn that was served last.
    pub clock: i64,
    /// Where the sources of jobs come from whose lanes are of all hosts.
    pub hosts: BTreeMap<JobId, String>,
}

impl Lanes {
    /// The place of a lane, which is made if it is missing.
    pub fn find_or_make(&mut self, flow: &Flow, sandbox: &str, registry: &str) -> usize {
        let known = self
            .all
            .iter()
            .position(|it| it.flow == *flow && it.sandbox == sandbox && it.registry == registry);
        known.unwrap_or_else(|| {
            self.all.push(Lane {
                flow: flow.clone(),
                sandbox: sandbox.to_owned(),
                registry: registry.to_owned(),
                waiting: BTreeSet::new(),
                last_rank: 0,
            });
            self.all.len() - 1
        })
    }

    /// A job comes to wait.
    pub fn gain(&mut self, lane: usize, rank: i64, job: JobId) {
        let Lane { flow, sandbox, .. } = &self.all[lane];
        let waits = |it: &&Lane| it.flow == *flow && !it.waiting.is_empty();
        let is_idle = !self.all.iter().any(|it| waits(&it));
        let is_sandbox_idle = !self
            .all
            .iter()
            .any(|it| waits(&it) && it.sandbox == *sandbox);
        let at = self.flows.entry(flow.clone()).or_default();
        if is_idle {
            at.0 = flow.first_turn(at.0, self.clock);
        }
        if is_sandbox_idle {
            let turn = self.sandboxes.entry((flow.clone(), sandbox.clone()));
            let turn = turn.or_default();
            *turn = Flow::first_sandbox_turn(*turn, at.1);
        }
        self.all[lane].waiting.insert((rank, job));
    }

    /// Takes what was planned out of its lanes, and moves the turns on.
    pub fn apply(&mut self, plan: &Plan) {
        for it in &plan.picks {
            let lane = &mut self.all[place(it.lane)];
            // What is chosen stands near the head.
            let at = lane.waiting.iter().find(|(_, job)| *job == it.job);
            if let Some(at) = at.copied() {
                lane.waiting.remove(&at);
            }
        }
        for it in &plan.flows {
            self.flows.insert(it.flow.clone(), (it.turn, it.clock));
        }
        for it in &plan.sandboxes {
            let name = (it.flow.clone(), it.sandbox.clone());
            self.sandboxes.insert(name, it.turn);
        }
        self.clock = plan.clock;
    }

    fn waiting(&self, registry: &str) -> impl Iterator<Item = (LaneId, &Lane)> {
        let lanes = (0..).zip(&self.all);
        lanes.filter(move |(_, it)| it.registry == registry && !it.waiting.is_empty())
    }
}

/// The place of a lane's number.
fn place(lane: LaneId) -> usize {
    usize::try_from(lane).expect("lanes are numbered by their places")
}

impl Backlog for Lanes {
    type Error = Infallible;

    fn registries(&mut self) -> Result<Vec<String>, Infallible> {
        let waiting = self.all.iter().filter(|it| !it.waiting.is_empty());
        let all: BTreeSet<String> = waiting.map(|it| it.registry.clone()).collect();
        Ok(all.into_iter().collect())
    }

    fn flows(&mut self, registry: &str, count: usize) -> Result<Vec<FlowTurn>, Infallible> {
        let flows: BTreeSet<&Flow> = self.waiting(registry).map(|it| &it.1.flow).collect();
        let mut out: Vec<FlowTurn> = flows
            .into_iter()
            .map(|flow| {
                let (turn, clock) = self.flows[flow];
                FlowTurn {
                    flow: flow.clone(),
                    turn,
                    clock,
                }
            })
            .collect();
        out.sort_by(|a, b| (a.turn, &a.flow).cmp(&(b.turn, &b.flow)));
        out.truncate(count);
        Ok(out)
    }

    fn lanes(
        &mut self,
        registry: &str,
        flow: &Flow,
        count: usize,
    ) -> Result<Vec<LaneTurn>, Infallible> {
        let lanes = self.waiting(registry).filter(|it| it.1.flow == *flow);
        let mut out: Vec<LaneTurn> = lanes
            .map(|(lane, it)| LaneTurn {
                lane,
                sandbox: it.sandbox.clone(),
                turn: self.sandboxes[&(flow.clone(), it.sandbox.clone())],
                queued: it.waiting.len() as u64,
            })
            .collect();
        out.sort_by_key(|it| (it.turn, it.lane));
        out.truncate(count);
        Ok(out)
    }

    fn jobs(
        &mut self,
        _registry: &str,
        lane: LaneId,
        skip: usize,
        count: usize,
    ) -> Result<Vec<Waiting>, Infallible> {
        let waiting = self.all[place(lane)].waiting.iter();
        let waiting = waiting.skip(skip).take(count);
        let job = |(_, job): &(i64, JobId)| Waiting {
            job: *job,
            host: self.hosts.get(job).cloned(),
        };
        Ok(waiting.map(job).collect())
    }
}
