//! One package from its source into dist-git, read downwards.
//!
//! The stages know nothing of each other; `pipeline` alone knows their order.

pub mod description;
pub mod spec;
