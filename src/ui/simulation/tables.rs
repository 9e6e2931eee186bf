//! The tables.

use crate::alloc::simulate::{Class, PoolUse, Results};
use crate::ui::lines::printable;
use crate::ui::summary::table;
use comfy_table::{Cell, CellAlignment};
use std::fmt::Write as _;

/// Waiting times by tags, use and cost by pool, and what was not served.
#[must_use]
pub fn simulation_tables(results: &Results) -> String {
    let mut waits = table(&[
        "tags", "tickets", "unserved", "median", "90 %", "99 %", "longest",
    ]);
    for it in &results.classes {
        waits.add_row(class(it));
    }
    let mut pools = table(&[
        "pool", "max", "peak", "starts", "failed", "hours", "taken", "used", "cost",
    ]);
    for it in &results.pools {
        pools.add_row(pool(it));
    }
    let mut out = format!("{waits}\n\n{pools}\n");
    let _ = writeln!(
        out,
        "\n{} tickets in {:.1} hours, {} unserved; cost {:.2}",
        results.tickets, results.hours, results.unserved, results.cost
    );
    for it in &results.classes {
        if let Some(why) = &it.unserved_because {
            let _ = writeln!(out, "\nunserved {}: {why}", printable(&it.tags));
        }
    }
    out
}

fn class(it: &Class) -> Vec<Cell> {
    // The times are those of the served ones.
    let length = |seconds| match it.unserved < it.tickets {
        true => length(seconds),
        false => "-".to_owned(),
    };
    vec![
        Cell::new(printable(&it.tags)),
        right(it.tickets.to_string()),
        right(it.unserved.to_string()),
        right(length(it.median_seconds)),
        right(length(it.p90_seconds)),
        right(length(it.p99_seconds)),
        right(length(it.longest_seconds)),
    ]
}

fn pool(it: &PoolUse) -> Vec<Cell> {
    vec![
        Cell::new(printable(&it.pool)),
        right(it.max.to_string()),
        right(it.peak.to_string()),
        right(it.starts.to_string()),
        right(it.failed_starts.to_string()),
        right(format!("{:.1}", it.hours)),
        right(format!("{:.1}", it.taken_hours)),
        right(format!("{:.0} %", it.used * 100.0)),
        right(format!("{:.2}", it.cost)),
    ]
}

fn right(text: String) -> Cell {
    Cell::new(text).set_alignment(CellAlignment::Right)
}

/// Seconds below a minute, else minutes or hours.
fn length(seconds: f64) -> String {
    match seconds {
        it if it < 60.0 => format!("{it:.1} s"),
        it if it < 6000.0 => format!("{:.1} min", it / 60.0),
        it => format!("{:.1} h", it / 3600.0),
    }
}
