//! Every promise of the project in one test binary, one file each.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr,
    unreachable_pub
)]

mod alloc_contract;
mod allocator;
mod allocator_live;
mod allocator_rules;
mod archive_forms;
mod batch;
mod batch_since;
mod bench;
mod bench_floor;
mod build_commands;
mod build_contract;
mod build_dispatch;
mod build_failures;
mod build_givers;
mod build_order;
mod build_results;
mod build_ssh;
mod builds;
mod cli;
mod corpus;
mod crash_recovery;
mod descriptions;
mod distgit_beside_git;
mod distgit_branches;
mod distgit_cgit;
mod distgit_encoding;
mod distgit_fsck;
mod distgit_keep;
mod distgit_large_text;
mod distgit_layouts;
mod distgit_original;
mod distgit_stored_once;
mod frontend;
mod hostile_input;
mod import_gem;
mod import_many;
mod import_pypi;
mod import_srpm;
mod layers;
mod licenses;
mod net;
mod odd_archives;
mod politeness;
mod queue_commands;
mod queue_contract;
mod queue_model;
mod queue_worker;
mod readme;
mod registry_resolve;
mod resalloc_wire;
mod serve;
mod serve_stalled;
mod simulate;
mod spec_against_rpmspec;
mod spec_refusals;
mod srpm_against_rpmbuild;
mod srpm_command;
mod support;
mod templates;
