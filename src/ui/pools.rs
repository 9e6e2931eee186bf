//! Pools of builders as a table.

use super::lines::printable;
use super::summary::table;
use comfy_table::{Cell, CellAlignment};
use serde_json::Value;

/// Pools, one a line, of the objects that a ticket server answers with.
#[must_use]
pub fn pools_table(pools: &[Value]) -> String {
    let mut out = table(&[
        "pool", "max", "up", "free", "taken", "starting", "starts", "failed", "mean", "standing",
    ]);
    for it in pools {
        let number = |value: &Value| {
            let number = value.as_u64().unwrap_or_default();
            Cell::new(number).set_alignment(CellAlignment::Right)
        };
        let mean = it["starts"]["mean_seconds"].as_f64();
        let mean = mean.map_or_else(String::new, |it| format!("{it:.1} s"));
        out.add_row(vec![
            Cell::new(printable(it["pool"].as_str().unwrap_or_default())),
            number(&it["max"]),
            number(&it["states"]["UP"]),
            number(&it["free"]),
            number(&it["taken"]),
            number(&it["states"]["STARTING"]),
            number(&it["starts"]["begun"]),
            number(&it["starts"]["failed"]),
            Cell::new(mean).set_alignment(CellAlignment::Right),
            Cell::new(standing(it)),
        ]);
    }
    format!("{out}\n")
}

/// What is the matter with a pool.
fn standing(pool: &Value) -> String {
    let trouble = &pool["trouble"];
    let mut parts = Vec::new();
    if pool["is_draining"] == true {
        parts.push("is being drained".to_owned());
    }
    if let Some(until) = trouble["paused_until"].as_str() {
        let word = match trouble["is_quarantined"] == true {
            true => "in quarantine",
            false => "pauses",
        };
        let last = printable(trouble["last"].as_str().unwrap_or_default());
        parts.push(format!("{word} until {until}: {last}"));
    }
    let slots = trouble["bad_slots"].as_object();
    let slots: Vec<&str> = slots
        .into_iter()
        .flatten()
        .map(|it| it.0.as_str())
        .collect();
    if !slots.is_empty() {
        parts.push(format!("numbers in quarantine: {}", slots.join(", ")));
    }
    match parts.is_empty() {
        true => "good".to_owned(),
        false => parts.join("; "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn trouble_is_told() {
        let pools = [
            json!({"pool": "a", "max": 4, "states": {"UP": 2}, "free": 1, "taken": 1,
                "starts": {"begun": 9, "failed": 1, "mean_seconds": 2.25}, "trouble": {}}),
            json!({"pool": "b", "is_draining": true, "trouble": {"paused_until": "T",
                "is_quarantined": true, "last": "exit code 1", "bad_slots": {"3": "T"}}}),
        ];
        let text = pools_table(&pools);
        for part in [
            "2.2 s",
            "good",
            "is being drained; in quarantine until T: exit code 1",
            "quarantine: 3",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
    }
}
