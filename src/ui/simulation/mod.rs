//! What a simulated farm did, as tables and as a plot.
//!
//! The tables are for a terminal. The plot is one SVG file that loads nothing else: resources, those
//! with a ticket, and waiting tickets over time.

mod plot;
mod tables;

pub(super) use plot::round_up;
pub use plot::simulation_plot;
pub use tables::simulation_tables;
