//! What the tests share: real tools, temporary roots.

pub mod tools;
