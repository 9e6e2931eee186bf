//! Jobs in pages, so that a million of them is never in memory at once.

use super::{Filter, QueueError, QueuedJob};
use std::iter;

/// Jobs that are read at once.
const PAGE: u64 = 1000;

/// The jobs that a filter means, by number and page by page. `read` is
/// [`JobQueue::find`](super::JobQueue::find) or [`JobQueue::history`](super::JobQueue::history).
pub fn pages(
    mut filter: Filter,
    read: impl Fn(&Filter) -> Result<Vec<QueuedJob>, QueueError>,
) -> impl Iterator<Item = Result<Vec<QueuedJob>, QueueError>> {
    let mut left = filter.limit.unwrap_or(u64::MAX);
    iter::from_fn(move || {
        filter.limit = Some(PAGE.min(left));
        let jobs = match left {
            0 => return None,
            _ => read(&filter),
        };
        match &jobs {
            Ok(page) => {
                filter.after = Some(page.last()?.id);
                left -= page.len() as u64;
            }
            Err(_) => left = 0,
        }
        Some(jobs)
    })
}
