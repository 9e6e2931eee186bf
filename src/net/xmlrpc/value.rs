//! The values that XML-RPC knows.

use std::collections::BTreeMap;
use std::fmt;

/// A value of a call or of an answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Nothing (`nil`, an extension that the peers speak).
    Nil,
    /// `int`, `i4` or `i8`.
    Int(i64),
    /// `boolean`.
    Bool(bool),
    /// `string`, or a value without a type.
    String(String),
    /// `double`.
    Double(f64),
    /// `base64`, as the bytes that it stands for.
    Bytes(Vec<u8>),
    /// `dateTime.iso8601`, as it is written: it has no time zone.
    DateTime(String),
    /// `array`.
    Array(Vec<Self>),
    /// `struct`.
    Struct(BTreeMap<String, Self>),
}

impl Value {
    /// What a message calls it.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Nil => "nil",
            Self::Int(_) => "an int",
            Self::Bool(_) => "a boolean",
            Self::String(_) => "a string",
            Self::Double(_) => "a double",
            Self::Bytes(_) => "base64",
            Self::DateTime(_) => "a date",
            Self::Array(_) => "an array",
            Self::Struct(_) => "a struct",
        }
    }

    /// The text of a string.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// A whole number, also one that is written as a string: command lines send what they were
    /// given.
    #[must_use]
    pub fn as_int(&self) -> Option<i64> {
        match self {
            Self::Int(number) => Some(*number),
            Self::String(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    /// The member of a struct; none as well where this is no struct.
    #[must_use]
    pub fn member(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Struct(members) => members.get(name),
            _ => None,
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::String(text.to_owned())
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

/// A call that the server refused, or could not do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Fault {
    /// What kind of fault; Python's library uses 1 for all of a method's own.
    pub code: i64,
    /// What happened.
    pub text: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "fault {}: {}", self.code, self.text)
    }
}
