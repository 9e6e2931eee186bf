//! What the tests share: the real program and the real tools, a registry on loopback, and
//! comparisons with what the tools make.

pub mod fixtures;
pub mod program;
pub mod registry;
pub mod srpm;
pub mod tools;
