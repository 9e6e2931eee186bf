//! How fast packages are imported: what there is to import, where it comes from, and the measure.
//!
//! A [`Corpus`] is a folder of files, an operator's own or a made-up one ([`Synthetic`]). A
//! [`Registry`] on loopback offers it, as far away as is wished. One measurement is a [`Task`] for a
//! process of its own, so that memory and time are those of the run alone; it answers with what it
//! [`Measured`]. A [`Report`] is made of many of them. Beside them stands the [`floor`]: the least
//! work that leaves the same bytes.
//!
//! The threads of the pool and the worker of the queue lie above this layer: `cli` joins them with
//! what is here. Drawing is the business of `ui`.

mod compare;
mod corpus;
mod error;
pub mod floor;
mod machine;
mod meter;
mod prefill;
mod registry;
mod report;
mod row;
mod statistics;
mod synthetic;
mod task;
mod work;

pub use compare::{Change, changes};
pub use corpus::{Corpus, CorpusSummary, Item};
pub use error::Error;
pub use machine::{Machine, file_system, has_room_for_old_roots};
pub use meter::{FailureCount, Failures, Measured, Meter, processor_time, stages};
pub use prefill::prefill;
pub use registry::{Distance, Load, Registry, Traffic};
pub use report::{Conditions, FORM, Report};
pub use row::{Kind, Row, Run};
pub use statistics::{median, quantile};
pub use synthetic::{Synthetic, default_cache};
pub use task::{Act, Package, Task};
pub use work::Work;
