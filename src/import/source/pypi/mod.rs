//! PyPI: what an sdist says about itself.

mod compiled;
mod metadata;
mod sdist;

pub use sdist::SdistReader;
