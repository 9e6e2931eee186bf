//! What several promises share: real tools, and comparisons with what they make.

pub(crate) mod srpm;
pub(crate) mod tools;
