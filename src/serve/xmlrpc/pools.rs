//! How the pools do, as one text of JSON: an array of objects, one a pool.

use super::methods::{of_alloc, stopped};
use crate::alloc::{Allocator, PoolStatus};
use crate::net::xmlrpc::{Fault, Value};
use serde_json::json;
use std::collections::BTreeMap;

/// Answers `listPools`.
pub(super) async fn list(allocator: &Allocator) -> Result<Value, Fault> {
    let allocator = allocator.clone();
    // Asked seldom, so it may take a thread.
    let pools = tokio::task::spawn_blocking(move || allocator.pools()).await;
    let pools = pools.map_err(|_| stopped())?.map_err(|it| of_alloc(&it))?;
    let pools: Vec<_> = pools.iter().map(object).collect();
    Ok(Value::String(json!(pools).to_string()))
}

fn object(status: &PoolStatus) -> serde_json::Value {
    let states: BTreeMap<&str, u32> = status
        .states
        .iter()
        .map(|it| (it.0.as_str(), *it.1))
        .collect();
    let stats = &status.stats;
    let mean = stats
        .time
        .checked_div(u32::try_from(stats.succeeded).unwrap_or(u32::MAX));
    json!({
        "pool": status.pool.name,
        "description": status.pool.description,
        "max": status.pool.max,
        "is_draining": status.is_draining,
        "states": states,
        "taken": status.taken,
        "free": status.free,
        "starts": {
            "begun": stats.begun,
            "succeeded": stats.succeeded,
            "failed": stats.failed,
            "mean_seconds": mean.map(|it| it.as_secs_f64()),
            "last": stats.last,
        },
        "trouble": status.trouble,
    })
}
