//! A small disk.

use super::tools::{run, try_run};
use std::fs;
use std::path::{Path, PathBuf};

/// A file system of its own that is soon full.
pub struct SmallDisk(PathBuf);

impl SmallDisk {
    /// Mounts one; nothing where that is not allowed, which is said, and a failure in CI.
    pub fn mount(at: &Path, size: &str) -> Option<Self> {
        fs::create_dir_all(at).unwrap();
        let path = at.to_str().unwrap();
        let size = format!("size={size}");
        let arguments = ["-t", "tmpfs", "-o", &size, "distmill-test", path];
        let mounted = try_run("mount", &arguments).status.success();
        if !mounted {
            assert!(std::env::var_os("CI").is_none(), "mounting is not allowed");
            eprintln!("skipped: mounting is not allowed");
        }
        mounted.then(|| Self(at.to_owned()))
    }

    /// Makes it larger.
    pub fn grow(&self, size: &str) {
        let (path, options) = (self.0.to_str().unwrap(), format!("remount,size={size}"));
        run("mount", &["-o", &options, path]);
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        try_run("umount", &[&self.0]);
    }
}
