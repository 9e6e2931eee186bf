//! Every promise of the project in one test binary, one file each.

#![allow(clippy::unwrap_used, clippy::expect_used, unreachable_pub)]

mod distgit_branches;
mod distgit_encoding;
mod layers;
mod net;
mod registry_resolve;
mod srpm_against_rpmbuild;
mod support;
