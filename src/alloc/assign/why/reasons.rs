//! What a ticket waits for, in words and as values.

use crate::alloc::resource::Resource;
use crate::alloc::ticket::{Ticket, TicketId, TicketState};
use jiff::Timestamp;
use serde::Serialize;
use std::fmt;

/// What a ticket waits for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Why {
    /// The ticket.
    pub ticket: TicketId,
    /// Where it stands.
    pub standing: Standing,
    /// For each pool, by name, why it does not serve the ticket now; empty unless it waits.
    pub pools: Vec<PoolWhy>,
}

/// Where a ticket stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// It waits.
    Waiting {
        /// Since when.
        since: Timestamp,
        /// Tickets with the same tags that are served before.
        ahead: u64,
        /// Its owner has as many resources as it may have.
        owner_is_full: bool,
    },
    /// It has or had a resource.
    Served {
        /// The name of the resource.
        resource: String,
        /// Where the ticket stands.
        state: TicketState,
    },
    /// It ended without a resource.
    Ended {
        /// How.
        state: TicketState,
        /// Why it failed.
        reason: Option<String>,
    },
}

/// Why a pool does not serve a ticket now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PoolWhy {
    /// The pool.
    pub pool: String,
    /// Why not.
    pub hurdle: Hurdle,
}

/// What stands between a ticket and a resource of a pool.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Hurdle {
    /// It lacks tags.
    Tags {
        /// Which.
        missing: Vec<String>,
    },
    /// It was taken out of the configuration.
    Draining,
    /// It starts nothing for such tickets: no tag is on demand, and it keeps none ready.
    NeverStarts,
    /// What is left of it is kept for others.
    Reserved,
    /// It has as many resources as it may have.
    Full {
        /// How many.
        max: u32,
        /// How many of them have a ticket.
        taken: u32,
    },
    /// Resources are starting; as many as may at once, or enough for this ticket.
    Starting {
        /// How many.
        count: u32,
    },
    /// It pauses between two starts.
    StartDelay {
        /// Until then.
        until: Timestamp,
    },
    /// It pauses after failed starts.
    Pause {
        /// Until then.
        until: Timestamp,
        /// Whether it is in quarantine.
        is_quarantined: bool,
        /// How the last start failed.
        last: String,
    },
    /// It will start one, or another ticket comes first.
    Next,
}

impl Why {
    /// What became of a ticket that does not wait.
    #[must_use]
    pub fn of_settled(ticket: &Ticket, resource: Option<&Resource>) -> Self {
        let standing = match resource {
            Some(resource) => Standing::Served {
                resource: resource.name.to_string(),
                state: ticket.state(),
            },
            None => Standing::Ended {
                state: ticket.state(),
                reason: ticket.reason.clone(),
            },
        };
        Self {
            ticket: ticket.id,
            standing,
            pools: Vec::new(),
        }
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ticket {} ", self.ticket)?;
        match &self.standing {
            Standing::Served { resource, state } => {
                write!(f, "is {state} and has or had the resource {resource}")?;
            }
            Standing::Ended { state, reason } => {
                write!(f, "is {state} and had no resource")?;
                if let Some(reason) = reason {
                    write!(f, ": {reason}")?;
                }
            }
            Standing::Waiting {
                since,
                ahead,
                owner_is_full,
            } => {
                write!(
                    f,
                    "waits since {since}, {ahead} with the same tags before it"
                )?;
                if *owner_is_full {
                    f.write_str("; its owner has as many resources as it may have")?;
                }
            }
        }
        for it in &self.pools {
            write!(f, "\n  pool {}: {}", it.pool, it.hurdle)?;
        }
        Ok(())
    }
}

impl fmt::Display for Hurdle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tags { missing } => write!(f, "lacks {}", missing.join(", ")),
            Self::Draining => f.write_str("was taken out of the configuration"),
            Self::NeverStarts => f.write_str(
                "starts nothing for these tags: none is on demand, and max_prealloc is 0",
            ),
            Self::Reserved => f.write_str("what is left is reserved for others"),
            Self::Full { max, taken } => {
                write!(
                    f,
                    "has all of its {max} resources, {taken} of them with a ticket"
                )
            }
            Self::Starting { count } => write!(f, "{count} starting"),
            Self::StartDelay { until } => write!(f, "starts the next one at {until}"),
            Self::Pause {
                until,
                is_quarantined,
                last,
            } => {
                let word = match is_quarantined {
                    true => "in quarantine",
                    false => "pauses",
                };
                write!(f, "{word} until {until} after failed starts: {last}")
            }
            Self::Next => f.write_str("will serve it; others come first"),
        }
    }
}
