//! What a benchmark measured, as tables, comma-separated values and a picture.

mod csv;
mod plot;
mod tables;

pub use csv::bench_csv;
pub use plot::bench_plot;
pub use tables::bench_tables;
