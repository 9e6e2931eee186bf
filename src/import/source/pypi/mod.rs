//! Python packages.
//!
//! A registry offers its index in up to three forms: a JSON API of its own, and the Simple API
//! as JSON (PEP 691) or as HTML (PEP 503). Mirrors leave some of them out, so any one has to do:
//! each is read into the same kind of listing, from which one sdist is chosen, or else a wheel that
//! holds its own source. What an sdist says of itself is read from its `PKG-INFO` and from what else
//! it holds; a wheel has its `METADATA`.

mod compiled;
mod index;
mod json;
mod languages;
mod listing;
mod metadata;
mod names;
mod project;
mod resolve;
mod sdist;
mod simple;
mod wheel;
mod wheel_name;

pub use index::{is_serial, names};
pub use names::{SdistKind, normalise_name};
pub use resolve::resolve;
pub use sdist::SdistReader;
pub use wheel::{WheelReader, check_wheel};
