//! The choice of the jobs that are handed out next.
//!
//! Called by every store with its own backlog. What a turn is, `turn` says; how one job is chosen
//! after the other, `picker` does.

use super::limits::{ClaimLimits, Running};
use super::picker::Picker;
use super::turn::{Backlog, Plan};

/// Chooses up to `room` jobs. `running` is what runs already, `clock` the turn that was served
/// last.
///
/// # Errors
/// When the backlog fails.
pub fn pick<B: Backlog>(
    backlog: &mut B,
    running: Running,
    limits: &ClaimLimits,
    room: usize,
    clock: i64,
) -> Result<Plan, B::Error> {
    let mut picker = Picker::new(running, limits, clock);
    let mut picks = Vec::with_capacity(room.min(1024));
    if room > 0 {
        picker.open_windows(backlog, room)?;
    }
    while picks.len() < room {
        let Some((window, place)) = picker.next_flow() else {
            break;
        };
        let left = room - picks.len();
        match picker.take(backlog, window, place, left, room)? {
            Some(pick) => picks.push(pick),
            None => picker.leave_out(window, place),
        }
    }
    Ok(picker.plan(picks))
}
