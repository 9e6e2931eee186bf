//! From signals to the stop token.

use super::Exit;
use crate::sync::{StopLevel, StopToken};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::{Handle, Signals};
use std::io;
use std::sync::Arc;
use std::thread::JoinHandle;

/// Listens until dropped.
pub(super) struct SignalGuard {
    handle: Handle,
    listener: Option<JoinHandle<()>>,
}

/// The first signal drains, the second stops between two stages, the third exits at once.
pub(super) fn listen(
    stop: StopToken,
    say: Arc<dyn Fn(&str) + Send + Sync>,
) -> io::Result<SignalGuard> {
    let mut signals = Signals::new([SIGINT, SIGTERM])?;
    let handle = signals.handle();
    let listener = std::thread::Builder::new()
        .name("signals".to_owned())
        .spawn(move || {
            for _ in signals.forever() {
                match stop.level() {
                    StopLevel::Run => {
                        stop.raise(StopLevel::Drain);
                        say("stopping: running jobs finish; once more stops them too");
                    }
                    StopLevel::Drain => {
                        stop.raise(StopLevel::Stop);
                        say("stopping: running jobs are given up");
                    }
                    StopLevel::Stop => std::process::exit(i32::from(Exit::Interrupted.code())),
                }
            }
        })?;
    Ok(SignalGuard {
        handle,
        listener: Some(listener),
    })
}

impl Drop for SignalGuard {
    fn drop(&mut self) {
        self.handle.close();
        if let Some(listener) = self.listener.take() {
            let _ = listener.join();
        }
    }
}
