//! A made-up ecosystem: archives that are as large, as many-sided and as compressible as real ones.
//!
//! Everything follows from a seed: the same seed makes the same bytes. Sizes follow a log-normal
//! law with a tail to 50 MB; text is of words from a made-up vocabulary that follow Zipf's law, in
//! lines that look like source code, so that it compresses as source code does. What was made is
//! kept in a cache and never made again.

mod archive;
mod chance;
mod fill;
mod gem;
mod keep;
mod project;
mod sdist;
mod size;
mod srpm;
mod text;

pub use keep::{Synthetic, default_cache};
