//! The commands of pools, run by the shell: the [`Starter`](crate::alloc::starter::Starter) of a
//! real farm.
//!
//! A module of its own on the layer of `store`: both are outer parts that `alloc` sees only as a
//! trait. A command is a process of its own group, watched by one small runtime: no thread waits
//! for it. It has a time limit, after which its whole group is ended; as many as are allowed of a
//! pool and a kind run at once, so that neither a hanging pool nor hanging checks hold up anything
//! else. What it prints is appended to its log, and the beginning of stdout is kept.

mod capture;
mod command;
mod environment;
mod leftovers;
mod settings;
mod starter;

pub use settings::ShellSettings;
pub use starter::Shell;
