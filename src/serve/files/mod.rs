//! Files of the lookaside cache: whole or in part, and only where the client lacks them.

mod condition;
mod range;
mod send;

pub(super) use send::send;
