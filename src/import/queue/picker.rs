//! The choice of [`pick`](super::pick()), step by step.
//!
//! Of each registry the head of its line of flows is loaded, of a flow its lanes when its turn comes,
//! of a lane its jobs when they are taken. What is taken moves the turns here, in memory; the store
//! writes down where they stand in the end.

use super::limits::{ClaimLimits, Running};
use super::turn::{Backlog, FOREGROUND, Flow, FlowTurn, LaneId, Pick, Plan, SandboxTurn, Waiting};
use std::collections::{HashMap, VecDeque};

struct FlowState {
    at: FlowTurn,
    is_changed: bool,
}

struct SandboxState {
    flow: usize,
    name: String,
    turn: i64,
    is_changed: bool,
}

/// The head of one registry's line of flows.
struct Window {
    registry: String,
    flows: Vec<WindowFlow>,
}

struct WindowFlow {
    flow: usize,
    /// Nothing of it can be taken any more: limits only get tighter within one call.
    is_spent: bool,
    lanes: Option<Vec<LaneState>>,
    taken: u64,
}

struct LaneState {
    lane: LaneId,
    sandbox: usize,
    left: u64,
    taken: u64,
    asked: usize,
    /// Jobs that the limits of their hosts hold back.
    held_back: usize,
    jobs: VecDeque<Waiting>,
}

/// Chooses one job after the other, and keeps where that leaves the turns.
pub(super) struct Picker<'a> {
    running: Running,
    limits: &'a ClaimLimits,
    clock: i64,
    flows: Vec<FlowState>,
    known_flows: HashMap<Flow, usize>,
    sandboxes: Vec<SandboxState>,
    windows: Vec<Window>,
}

impl<'a> Picker<'a> {
    pub(super) fn new(running: Running, limits: &'a ClaimLimits, clock: i64) -> Self {
        Self {
            running,
            limits,
            clock,
            flows: Vec::new(),
            sandboxes: Vec::new(),
            windows: Vec::new(),
            known_flows: HashMap::new(),
        }
    }

    /// Nothing of a flow can be taken from this registry any more.
    pub(super) fn leave_out(&mut self, window: usize, place: usize) {
        self.windows[window].flows[place].is_spent = true;
    }

    /// Loads as many flows of each registry as can come to their turn: one for each job asked
    /// for, and those that a limit may hold back, which are at most as many as run.
    pub(super) fn open_windows<B: Backlog>(
        &mut self,
        backlog: &mut B,
        room: usize,
    ) -> Result<(), B::Error> {
        let count = room + 2 * self.running.owners.len() + 1;
        for registry in backlog.registries()? {
            if self.limits.registry_reached(&self.running, &registry) {
                continue;
            }
            let mut flows = Vec::new();
            for at in backlog.flows(&registry, count)? {
                let flow = *self.known_flows.entry(at.flow.clone()).or_insert_with(|| {
                    self.flows.push(FlowState {
                        at,
                        is_changed: false,
                    });
                    self.flows.len() - 1
                });
                flows.push(WindowFlow {
                    flow,
                    is_spent: false,
                    lanes: None,
                    taken: 0,
                });
            }
            self.windows.push(Window { registry, flows });
        }
        Ok(())
    }

    /// The flow with the lowest turn that no limit holds back.
    pub(super) fn next_flow(&self) -> Option<(usize, usize)> {
        if self.limits.total_reached(&self.running) {
            return None;
        }
        let mut best: Option<(&FlowTurn, usize, usize)> = None;
        for (w, window) in self.windows.iter().enumerate() {
            if self
                .limits
                .registry_reached(&self.running, &window.registry)
            {
                continue;
            }
            for (f, it) in window.flows.iter().enumerate() {
                let at = &self.flows[it.flow].at;
                let is_first =
                    best.is_none_or(|(first, ..)| (at.turn, &at.flow) < (first.turn, &first.flow));
                if is_first
                    && !it.is_spent
                    && !self.limits.owner_reached(&self.running, &at.flow.owner)
                {
                    best = Some((at, w, f));
                }
            }
        }
        best.map(|(_, w, f)| (w, f))
    }

    /// Takes the next job of a flow; none if limits hold all of its lanes back.
    pub(super) fn take<B: Backlog>(
        &mut self,
        backlog: &mut B,
        window: usize,
        place: usize,
        left: usize,
        room: usize,
    ) -> Result<Option<Pick>, B::Error> {
        if self.windows[window].flows[place].lanes.is_none() {
            let lanes = self.load_lanes(backlog, window, place, room)?;
            self.windows[window].flows[place].lanes = Some(lanes);
        }
        loop {
            let Some(lane) = self.next_lane(window, place) else {
                return Ok(None);
            };
            let Some((pick, host)) = self.next_job(backlog, window, place, lane, left)? else {
                continue;
            };
            self.serve(window, place, lane, host.as_deref());
            return Ok(Some(pick));
        }
    }

    fn load_lanes<B: Backlog>(
        &mut self,
        backlog: &mut B,
        window: usize,
        place: usize,
        room: usize,
    ) -> Result<Vec<LaneState>, B::Error> {
        let window = &self.windows[window];
        let flow = window.flows[place].flow;
        let name = &self.flows[flow].at.flow;
        let running = self.running.sandboxes.get(&name.owner);
        let count = room + running.map_or(0, HashMap::len) + 1;
        let mut lanes = Vec::new();
        for it in backlog.lanes(&window.registry, name, count)? {
            let mut known = self.sandboxes.iter();
            let known = known.position(|s| s.flow == flow && s.name == it.sandbox);
            let sandbox = known.unwrap_or_else(|| {
                self.sandboxes.push(SandboxState {
                    flow,
                    name: it.sandbox,
                    turn: it.turn,
                    is_changed: false,
                });
                self.sandboxes.len() - 1
            });
            lanes.push(LaneState {
                lane: it.lane,
                sandbox,
                left: it.queued,
                taken: 0,
                asked: 0,
                held_back: 0,
                jobs: VecDeque::new(),
            });
        }
        Ok(lanes)
    }

    /// The lane whose sandbox has the lowest turn and is not held back.
    fn next_lane(&self, window: usize, place: usize) -> Option<usize> {
        let it = &self.windows[window].flows[place];
        let owner = &self.flows[it.flow].at.flow.owner;
        let open = |lane: &LaneState| {
            let name = &self.sandboxes[lane.sandbox].name;
            lane.left > 0 && !self.limits.sandbox_reached(&self.running, owner, name)
        };
        let lanes = it.lanes.as_deref().unwrap_or_default();
        let lanes = lanes.iter().enumerate().filter(|(_, lane)| open(lane));
        lanes
            .min_by_key(|(_, lane)| (self.sandboxes[lane.sandbox].turn, lane.lane))
            .map(|(place, _)| place)
    }

    /// The first job of a lane that no limit of its host holds back, and that host; none if it has
    /// none after all.
    fn next_job<B: Backlog>(
        &mut self,
        backlog: &mut B,
        window: usize,
        place: usize,
        lane: usize,
        left: usize,
    ) -> Result<Option<(Pick, Option<String>)>, B::Error> {
        let Window { registry, flows } = &mut self.windows[window];
        let lanes = flows[place].lanes.as_mut();
        let lane = &mut lanes.expect("the lanes were loaded")[lane];
        loop {
            if lane.jobs.is_empty() && lane.left > 0 {
                // Twice as many each time: few for many lanes, and few questions for one.
                let count = lane.asked.max(1).min(left.max(lane.held_back));
                let jobs = backlog.jobs(registry, lane.lane, lane.asked, count)?;
                lane.jobs = jobs.into();
                lane.asked += count;
            }
            let Some(Waiting { job, host }) = lane.jobs.pop_front() else {
                lane.left = 0;
                return Ok(None);
            };
            lane.left -= 1;
            let is_held_back = |it: &String| self.limits.registry_reached(&self.running, it);
            if host.as_ref().is_some_and(is_held_back) {
                // Limits only get tighter within one call.
                lane.held_back += 1;
                continue;
            }
            lane.taken += 1;
            let pick = Pick {
                job,
                lane: lane.lane,
            };
            return Ok(Some((pick, host)));
        }
    }

    /// Moves the turns on.
    fn serve(&mut self, window: usize, place: usize, lane: usize, host: Option<&str>) {
        let window = &mut self.windows[window];
        let it = &mut window.flows[place];
        it.taken += 1;
        let lanes = it.lanes.as_ref().expect("the lanes were loaded");
        let sandbox = &mut self.sandboxes[lanes[lane].sandbox];
        let flow = &mut self.flows[it.flow];
        let at = &mut flow.at;
        let served = sandbox.turn;
        sandbox.turn = served.max(at.clock) + FOREGROUND;
        sandbox.is_changed = true;
        at.clock = at.clock.max(served);
        let served = at.turn;
        at.turn = served.max(self.clock) + at.flow.cost();
        flow.is_changed = true;
        self.clock = self.clock.max(served);
        let owner = &flow.at.flow.owner;
        let registry = host.unwrap_or(&window.registry);
        self.running.add(owner, &sandbox.name, registry);
    }

    pub(super) fn plan(self, picks: Vec<Pick>) -> Plan {
        let mut plan = Plan {
            picks,
            clock: self.clock,
            ..Plan::default()
        };
        for window in self.windows {
            for it in window.flows {
                if it.taken > 0 {
                    let flow = self.flows[it.flow].at.flow.clone();
                    plan.shares.push((window.registry.clone(), flow, it.taken));
                }
                let lanes = it.lanes.unwrap_or_default().into_iter();
                let taken = lanes.filter(|lane| lane.taken > 0);
                plan.lanes.extend(taken.map(|lane| (lane.lane, lane.taken)));
            }
        }
        for it in self.sandboxes.into_iter().filter(|it| it.is_changed) {
            plan.sandboxes.push(SandboxTurn {
                flow: self.flows[it.flow].at.flow.clone(),
                sandbox: it.name,
                turn: it.turn,
            });
        }
        let changed = self.flows.into_iter().filter(|it| it.is_changed);
        plan.flows = changed.map(|it| it.at).collect();
        plan
    }
}
