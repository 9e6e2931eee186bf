//! What several promises share.

pub(crate) mod archive;
pub(crate) mod hostile;
pub(crate) mod pack;
