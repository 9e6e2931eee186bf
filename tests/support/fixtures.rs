//! The packages under `fixtures/`, made by the real tools.

use std::fs;
use std::path::{Path, PathBuf};

/// The path of a fixture, given below `fixtures/`.
pub fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures")
        .join(name)
}

/// The bytes of a fixture.
pub fn bytes(name: &str) -> Vec<u8> {
    fs::read(path(name)).unwrap()
}

/// The path as an argument of the program.
pub fn argument(name: &str) -> String {
    path(name).to_str().unwrap().to_owned()
}
