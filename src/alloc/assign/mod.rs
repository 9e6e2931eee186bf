//! The decisions: pure functions of the farm and the time.
//!
//! [`serve`] says which ticket gets which resource next, [`start`] which pools start how many,
//! [`spare`] what is deleted, [`watch`] what is checked and listed and when something is due, and
//! [`why`] what a ticket waits for. None of them changes anything, looks at a clock, or depends on
//! anything but its arguments: the same farm at the same time gives the same decisions.

pub(crate) mod serve;
pub(crate) mod spare;
pub(crate) mod start;
pub(crate) mod watch;
pub mod why;
