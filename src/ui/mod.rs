//! From events and outcomes to what a person or a program reads.
//!
//! Results go to stdout, one line or one JSON object a job; progress goes to stderr, as bars on
//! a terminal and as plain lines elsewhere. A closed stdout is a normal end: it makes the run
//! drain. Nothing below this layer prints.

mod bars;
mod bench;
mod builds;
mod display;
mod lines;
mod output;
mod pools;
mod queue;
mod report;
mod simulation;
mod summary;

pub use bench::{bench_csv, bench_plot, bench_tables};
pub use builds::{BuildCounts, build_details, builds_table, counts_of_builds, tags_table};
pub use display::{Display, Format};
pub use lines::printable;
pub use output::{Output, fault, is_closed, notice, print};
pub use pools::pools_table;
pub use queue::{counts_table, job_details, jobs_table, reasons, stats_tables};
pub use report::{Changes, Comparison, Gatherer, RunReport};
pub use simulation::{simulation_plot, simulation_tables};
pub use summary::Summary;
