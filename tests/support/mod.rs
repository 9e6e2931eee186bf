//! What the tests share: the real program and the real tools, and a registry on loopback.

pub mod program;
pub mod registry;
pub mod tools;
