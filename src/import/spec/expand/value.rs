//! The values of expressions, and why an expression may have none.

use super::expander::Fault;
use std::cmp::Ordering;

/// A value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    Integer(i64),
    Text(String),
    Version(String),
}

impl Value {
    /// Whether a condition of this value holds.
    pub(super) fn is_true(&self) -> bool {
        match self {
            Self::Integer(number) => *number != 0,
            Self::Text(text) => !text.is_empty(),
            Self::Version(_) => true,
        }
    }

    /// The order of two values of one type.
    pub(super) fn compare(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Integer(a), Self::Integer(b)) => Some(a.cmp(b)),
            (Self::Text(a), Self::Text(b)) => Some(a.cmp(b)),
            (Self::Version(a), Self::Version(b)) => Some(rpm_version::rpm_evr_compare(a, b)),
            _ => None,
        }
    }
}

/// Why an expression has no value.
pub(super) enum Stop {
    /// It holds a macro that could not be expanded.
    Marked,
    Fault(Fault),
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

/// A value, or why there is none.
pub(super) type Result<T> = std::result::Result<T, Stop>;

/// The failure of an expression that is out of form.
pub(super) fn mistake<T>(problem: &str) -> Result<T> {
    Err(Stop::Fault(Fault::Mistake(format!(
        "a bad expression: {problem}"
    ))))
}

impl From<Value> for String {
    fn from(value: Value) -> Self {
        match value {
            Value::Integer(number) => number.to_string(),
            Value::Text(text) | Value::Version(text) => text,
        }
    }
}
