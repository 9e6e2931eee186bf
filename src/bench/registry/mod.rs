//! A registry on loopback that has the files of a corpus.
//!
//! It answers what an import asks the real ones: the JSON of one version for Python packages, the
//! compact index for gems, and the files. It may be as far away and as narrow as is wished: every
//! answer begins after a delay, and all of them share one bandwidth.

mod index;
mod pace;
mod server;

pub use pace::{Distance, Load};
pub use server::{Registry, Traffic};
