//! Every promise of the project in one test binary, one file each.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod layers;
mod spec_against_rpmspec;
