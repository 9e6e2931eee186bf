//! Builds: imported packages handed to builders, and what came of them.
//!
//! Read in the order of the flow: [`target`] says what is built for, [`tags`] what a builder must
//! have, [`entry`] and [`state`] what a build is, `line` whose turn it is, [`tickets`] how a builder
//! is asked for, [`machine`] what a ticket says of it, [`runner`] how a build runs there,
//! [`results`] where its files stay, and [`dispatch`] joins them. Builds are kept by a
//! [`BuildStore`](store::BuildStore).

pub mod command;
pub mod dispatch;
pub mod entry;
pub mod line;
pub mod machine;
pub mod results;
pub mod runner;
pub mod state;
pub mod store;
pub mod tags;
pub mod target;
pub mod tickets;
