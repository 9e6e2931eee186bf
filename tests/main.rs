//! Every promise of the project in one test binary, one file each.

#![allow(clippy::unwrap_used, clippy::expect_used, unreachable_pub)]

mod cli;
mod distgit_branches;
mod distgit_encoding;
mod import_gem;
mod import_many;
mod import_pypi;
mod import_srpm;
mod layers;
mod net;
mod registry_resolve;
mod srpm_against_rpmbuild;
mod archive_forms;
mod descriptions;
mod hostile_input;
mod layers;
mod support;
