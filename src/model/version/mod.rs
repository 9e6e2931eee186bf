//! Upstream versions and what becomes of them in RPM.
//!
//! Each ecosystem has its own order of versions; the RPM version made from one must sort under
//! RPM's comparison as the original sorts upstream.

mod rubygems;

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

impl fmt::Display for RpmVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.epoch {
            Some(epoch) => write!(f, "{epoch}:{}", self.version),
            None => f.write_str(&self.version),
        }
    }
}

/// The RPM version of a PEP 440 version: `1.0rc1` becomes `1.0~rc1`, `1.0.dev2` `1.0~~dev2`,
/// `1.0.post1` `1.0^post1`, a local part `^local`, an epoch the epoch.
#[must_use]
pub fn of_pep440(version: &pep440_rs::Version) -> RpmVersion {
    use pep440_rs::PrereleaseKind;
    use std::fmt::Write as _;

    let release: Vec<String> = version.release().iter().map(u64::to_string).collect();
    let mut text = release.join(".");
    if let Some(pre) = version.pre() {
        let word = match pre.kind {
            PrereleaseKind::Alpha => "a",
            PrereleaseKind::Beta => "b",
            PrereleaseKind::Rc => "rc",
        };
        let _ = write!(text, "~{word}{}", pre.number);
    }
    if let Some(number) = version.post() {
        let _ = write!(text, "^post{number}");
    }
    if let Some(number) = version.dev() {
        let _ = write!(text, "~~dev{number}");
    }
    if !version.local().is_empty() {
        let parts: Vec<String> = version.local().iter().map(ToString::to_string).collect();
        let _ = write!(text, "^{}", parts.join("."));
    }
    RpmVersion {
        epoch: u32::try_from(version.epoch()).ok().filter(|it| *it > 0),
        version: text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pep440_versions_become_rpm_versions() {
        for (upstream, rpm) in [
            ("1.0", "1.0"),
            ("1.0rc1", "1.0~rc1"),
            ("1.0.dev2", "1.0~~dev2"),
            ("1.0rc1.dev2", "1.0~rc1~~dev2"),
            ("1.0.post1", "1.0^post1"),
            ("1.0+cu118", "1.0^cu118"),
            ("1!2.0", "1:2.0"),
            ("V1.0-Alpha_3", "1.0~a3"),
        ] {
            let version: pep440_rs::Version = upstream.parse().unwrap();
            assert_eq!(of_pep440(&version).to_string(), rpm, "{upstream}");
        }
    }
}
