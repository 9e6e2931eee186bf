//! Every promise of the project in one test binary, one file each.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod archive_forms;
mod descriptions;
mod hostile_input;
mod layers;
mod support;
