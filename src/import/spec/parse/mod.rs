//! From the text of a spec to the header of its source package.
//!
//! Reads as rpm 4.18 does: lines (`lines`) are joined, expanded and filtered by conditions; a
//! preamble (`preamble`) is tags, a section (`sections`) is what follows its name; everything that
//! is no concern of a source header is passed over. Nothing is run and no file is read.

mod changelog;
mod condition;
mod dependency;
mod draft;
mod heading;
mod line;
mod lines;
mod open_ends;
mod preamble;
mod rich;
mod sections;
mod tags;
#[cfg(test)]
mod tests;
mod whole;

pub use whole::{ParseSettings, parse};
