//! What a person should look at before a made spec is published.

use std::fmt;

/// Something that upstream left open, or that had to be left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Warning {
    /// Neither what upstream declares nor its files tell a license.
    NoLicense,
    /// A value that cannot be said in a spec.
    LeftOut {
        /// What it would have been.
        what: &'static str,
        /// The value, shortened.
        value: String,
    },
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoLicense => {
                f.write_str("no license could be told: the spec says LicenseRef-Unknown")
            }
            Self::LeftOut { what, value } => {
                write!(f, "the {what} {value:?} cannot be said in a spec")
            }
        }
    }
}
