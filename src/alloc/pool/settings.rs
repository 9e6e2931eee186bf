//! One pool: how many resources, which tags, which commands.

use super::{BackOff, Quarantine, Reservation, TimeLimits};
use crate::alloc::resource::Offer;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// A tag and its priority: of the fitting resources, tickets get the one with the highest sum.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PoolTag {
    /// Its name.
    pub name: String,
    /// Its priority, 0 being normal.
    pub priority: i64,
}

impl PoolTag {
    /// A tag of normal priority.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self::with_priority(name, 0)
    }

    /// A tag of this priority.
    #[must_use]
    pub fn with_priority(name: &str, priority: i64) -> Self {
        Self {
            name: name.to_owned(),
            priority,
        }
    }
}

/// The shell commands of a pool. Which of the optional ones it has also decides what is done with
/// its resources, whoever carries it out.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Commands {
    /// Starts a resource; what it prints is what tickets get.
    pub start: String,
    /// Deletes a resource.
    pub delete: String,
    /// Tells by its exit code whether a resource works.
    pub livecheck: Option<String>,
    /// Cleans a resource after a ticket.
    pub release: Option<String>,
    /// Prints the names of all resources that exist.
    pub list: Option<String>,
}

/// The settings of one pool.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Pool {
    /// Its name, unique.
    pub name: String,
    /// Shown to people.
    pub description: Option<String>,
    /// Resources at most, in any state but ENDED.
    pub max: u32,
    /// Resources that start at once, at most.
    pub max_starting: u32,
    /// Keep so many free, never taken ones, or starting. Without effect with on-demand tags.
    pub max_prealloc: u32,
    /// Time between two starts.
    pub start_delay: Duration,
    /// What is run.
    pub commands: Commands,
    /// Time between two checks of a resource.
    pub livecheck_period: Duration,
    /// Failed checks in a row after which a resource is deleted.
    pub livecheck_attempts: u32,
    /// Tags for whose sake resources are kept ready.
    pub tags: Vec<PoolTag>,
    /// Tags for which a resource is started when a ticket asks for one.
    pub tags_on_demand: Vec<PoolTag>,
    /// How long a released resource waits for a ticket of its sandbox; zero: it is deleted.
    pub reuse_opportunity_time: Duration,
    /// Deleted once it was released more often; 0: no limit.
    pub reuse_max_count: u32,
    /// Deleted so long after it entered its sandbox, once it is released.
    pub reuse_max_time: Duration,
    /// Counters shared by all pools, of each of which a resource holds one number.
    pub named_counters: Vec<String>,
    /// How resources are named: `{pool_name}`, `{id}` and `{datetime}` are filled in.
    pub name_pattern: String,
    /// Time between two lists of what exists.
    pub list_period: Duration,
    /// How long each command may run.
    pub time_limits: TimeLimits,
    /// The pauses after failed starts.
    pub back_off: BackOff,
    /// When the pool, or one of its numbers, is left out for a while.
    pub quarantine: Quarantine,
    /// Deletions that are tried before a resource is given up as ended.
    pub delete_attempts: u32,
    /// Resources kept for some tickets.
    pub reserved_for: Vec<Reservation>,
}

impl Default for Pool {
    fn default() -> Self {
        Self {
            name: String::new(),
            description: None,
            max: 4,
            max_starting: 1,
            max_prealloc: 2,
            start_delay: Duration::ZERO,
            commands: Commands::default(),
            livecheck_period: Duration::from_secs(600),
            livecheck_attempts: 3,
            tags: Vec::new(),
            tags_on_demand: Vec::new(),
            reuse_opportunity_time: Duration::ZERO,
            reuse_max_count: 0,
            reuse_max_time: Duration::from_secs(3600),
            named_counters: Vec::new(),
            name_pattern: "{pool_name}_{id}_{datetime}".to_owned(),
            list_period: Duration::from_secs(120),
            time_limits: TimeLimits::default(),
            back_off: BackOff::default(),
            quarantine: Quarantine::default(),
            delete_attempts: 3,
            reserved_for: Vec::new(),
        }
    }
}

impl Pool {
    /// A pool of this name, with the defaults.
    #[must_use]
    pub fn named(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            ..Self::default()
        }
    }

    /// Whether its resources are started for waiting tickets only.
    #[must_use]
    pub const fn is_on_demand(&self) -> bool {
        !self.tags_on_demand.is_empty()
    }

    /// How many resources are kept ready.
    #[must_use]
    pub const fn prealloc(&self) -> u32 {
        match self.is_on_demand() {
            true => 0,
            false => self.max_prealloc,
        }
    }

    /// What its resources offer: both kinds of tags.
    #[must_use]
    pub fn offer(&self) -> Offer {
        let tags = self.tags.iter().chain(&self.tags_on_demand);
        Offer::new(tags.map(|it| (&it.name, it.priority)))
    }

    /// Whether what a ticket of a sandbox used may be used again.
    #[must_use]
    pub const fn can_reuse(&self) -> bool {
        !self.reuse_opportunity_time.is_zero()
    }
}
