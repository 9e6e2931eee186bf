//! Commands that outlived a server that was killed.
//!
//! A start command that goes on while its resource is deleted would leave something behind. So
//! before anything else, the processes that were begun for such resources are ended: they are
//! known by their environment, where the farm and the resource stand.

use super::environment::{FARM, ID};
use crate::alloc::resource::ResourceId;
use rustix::process::{Pid, Signal, kill_process};
use std::collections::BTreeSet;
use std::fs;
use std::thread;
use std::time::{Duration, Instant};

/// How long processes have to be gone after they were killed.
const PATIENCE: Duration = Duration::from_secs(10);
/// The pause between two looks.
const PAUSE: Duration = Duration::from_millis(10);

/// Ends every process of this farm that works on one of these resources, and waits for it to be
/// gone. How many there were.
pub(super) fn end(farm: &str, resources: &BTreeSet<ResourceId>) -> usize {
    let end = Instant::now() + PATIENCE;
    let mut all = BTreeSet::new();
    // A process may start another one between the look and its end: so until there is none.
    loop {
        let found = find(farm, resources);
        if found.is_empty() || Instant::now() > end {
            return all.len();
        }
        for pid in found {
            let _ = kill_process(pid, Signal::KILL);
            all.insert(pid.as_raw_nonzero());
        }
        thread::sleep(PAUSE);
    }
}

fn find(farm: &str, resources: &BTreeSet<ResourceId>) -> Vec<Pid> {
    let Ok(entries) = fs::read_dir("/proc") else {
        return Vec::new();
    };
    let pids = entries.filter_map(|it| it.ok()?.file_name().to_str()?.parse().ok());
    let pids = pids.filter_map(Pid::from_raw);
    pids.filter(|pid| is_of(*pid, farm, resources).unwrap_or(false))
        .collect()
}

/// Whether the process has the marks; nothing where it is gone, or another user's. One that has
/// ended and waits for its parent has no environment any more.
fn is_of(pid: Pid, farm: &str, resources: &BTreeSet<ResourceId>) -> Option<bool> {
    let bytes = fs::read(format!("/proc/{}/environ", pid.as_raw_nonzero())).ok()?;
    let value = |name: &str| {
        let mut variables = bytes.split(|it| *it == 0);
        variables.find_map(|it| it.strip_prefix(name.as_bytes())?.strip_prefix(b"="))
    };
    let id = std::str::from_utf8(value(ID)?).ok()?.parse().ok()?;
    Some(value(FARM)? == farm.as_bytes() && resources.contains(&ResourceId(id)))
}
