//! XML-RPC: values, calls and answers as text, and a client.
//!
//! What is read comes from the network: its size, depth and number of values are bounded, a
//! document type is refused, and no entity is known but the five of XML itself. `nil` and `i8`
//! are spoken, as Python's library does with `allow_none`. Called by `serve` for its side of the
//! wire and by `cli` and `build` for the other; what a method means is theirs.

mod call_error;
mod client;
mod decode;
mod encode;
mod parser;
mod value;

pub use call_error::CallError;
pub use client::{Access, Caller, Pending};
pub use decode::{Call, decode_call, decode_response};
pub use encode::{encode_call, encode_fault, encode_response};
pub use parser::ParseError;
pub use value::{Fault, Value};
