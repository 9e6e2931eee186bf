//! One package from its source into dist-git, read downwards.
//!
//! The stages know nothing of each other; `pipeline` alone knows their order.

pub mod archive;
pub mod description;
pub mod distgit;
pub mod job;
pub mod outcome;
pub mod pipeline;
pub mod queue;
pub mod root;
pub mod source;
pub mod spec;
