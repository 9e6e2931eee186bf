//! The `distmill` program.

fn main() {}
