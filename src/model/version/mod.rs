//! Upstream versions and what becomes of them in RPM.
//!
//! Each ecosystem has its own order of versions; the RPM version made from one must sort under
//! RPM's comparison as the original sorts upstream. A tilde sorts before everything, even the end
//! of the text; a caret after the end, but before anything else. With these two the order of
//! pre-, development and post-releases is kept.
//!
//! One thing cannot be kept, since packagers expect upstream's spelling: both ecosystems hold
//! `1.0` and `1.0.0` for equal, RPM does not. The order is exact between any two versions whose
//! release numbers differ, and between versions of the same release that are spelt with equally
//! many numbers.

mod pep440;
mod rubygems;
#[cfg(test)]
mod tests;

pub use pep440::of_pep440;
pub use rubygems::{GemVersion, InvalidGemVersion};

use std::fmt;

/// What an upstream version becomes in a spec.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RpmVersion {
    /// The `Epoch:`, where upstream has one.
    pub epoch: Option<u32>,
    /// The `Version:`: never holds a `-`.
    pub version: String,
}

/// `[epoch:]version-release`, as RPM writes it.
#[must_use]
pub fn evr(epoch: Option<u32>, version: &str, release: &str) -> String {
    let epoch = epoch.map(|it| format!("{it}:")).unwrap_or_default();
    format!("{epoch}{version}-{release}")
}

impl fmt::Display for RpmVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.epoch {
            Some(epoch) => write!(f, "{epoch}:{}", self.version),
            None => f.write_str(&self.version),
        }
    }
}
