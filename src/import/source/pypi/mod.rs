//! Python packages.
//!
//! A registry offers its index in up to three forms: a JSON API of its own, and the Simple API
//! as JSON (PEP 691) or as HTML (PEP 503). Mirrors leave some of them out, so any one has to do:
//! each is read into the same kind of listing, from which one sdist is chosen. What the sdist
//! says of itself is read from its `PKG-INFO` and from what else it holds.

mod compiled;
mod index;
mod json;
mod listing;
mod metadata;
mod names;
mod resolve;
mod sdist;
mod simple;

pub use index::names;
pub use names::{SdistKind, normalise_name};
pub use resolve::resolve;
pub use sdist::SdistReader;
