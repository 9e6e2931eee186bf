//! Reports of runs: gathered job by job, written as Markdown, HTML or JSON.

mod compare;
mod gather;
mod html;
mod markdown;
mod most;
mod plot;
mod throughput;

pub use compare::{Changes, Comparison};
pub use gather::{Gatherer, RunReport};
