//! Capacity that is kept for some tickets.

use crate::alloc::ticket::Tags;
use serde::{Deserialize, Serialize};

/// So many of a pool's resources are only for tickets that ask for one of these tags, or are of
/// one of these owners.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Reservation {
    /// How many resources.
    pub count: u32,
    /// Tickets that ask for one of these tags may have them.
    pub tags: Vec<String>,
    /// Tickets of these owners may have them.
    pub owners: Vec<String>,
}

impl Reservation {
    /// Whether it is for such a ticket.
    #[must_use]
    pub fn is_for(&self, tags: &Tags, owner: Option<&str>) -> bool {
        self.tags.iter().any(|it| tags.contains(it))
            || owner.is_some_and(|owner| self.owners.iter().any(|it| it == owner))
    }
}
