//! What the tests share: the real program and the real tools, a registry on loopback, hostile
//! archives, and comparisons with what the tools make.

pub mod archive;
pub mod builds;
pub mod commit;
pub mod corpus;
pub mod descriptions;
pub mod disk;
pub mod farm;
pub mod faults;
pub mod fixtures;
pub mod frontend;
pub mod hostile;
pub mod jobs;
pub mod pack;
pub mod program;
pub mod registry;
pub mod resalloc;
pub mod said;
pub mod sdist;
pub mod srpm;
pub mod tools;
