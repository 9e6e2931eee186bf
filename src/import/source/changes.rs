//! What a registry lists of all its names.

/// Names of a registry at one moment: all of them, or those that changed since another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// The names, in the registry's order.
    pub names: Vec<String>,
    /// The moment as the registry counts, to ask later what changed since; none where it does
    /// not count.
    pub serial: Option<String>,
    /// Whether these are all names, though only some were asked for: the registry began to count
    /// anew since.
    pub is_all: bool,
}
