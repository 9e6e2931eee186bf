//! The queue of a root, where there is one.

use crate::import::root::queue_of;
use crate::store::SqliteQueue;
use anyhow::Context as _;
use std::path::Path;

/// The queue of a root that has one: who only looks makes none.
pub(in crate::cli) fn open(root: &Path) -> anyhow::Result<SqliteQueue> {
    check(root)?;
    Ok(SqliteQueue::open(&queue_of(root))?)
}

/// Refuses a root that has no queue.
pub(in crate::cli) fn check(root: &Path) -> anyhow::Result<()> {
    std::fs::metadata(queue_of(root).join("queue.sqlite")).with_context(|| {
        let root = root.display();
        format!(
            "there is no queue under {root}: add jobs with distmill queue add (of builds without a \
             queue distmill build stats tells)"
        )
    })?;
    Ok(())
}
