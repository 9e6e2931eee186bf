//! The pools are read again when their files change.

use crate::alloc::Allocator;
use crate::cli::farm::{Farm, PoolTexts};
use crate::cli::told::told;
use crate::sync::{Bell, FolderWatch, StopToken};
use crate::ui::notice;
use std::io;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

/// Reads the files again when they change, and each time `longest` has passed. What cannot be
/// used is said once, and the last good one stays. Ends with the stop token, which rings the bell.
pub(in crate::cli) fn start(
    farm: Farm,
    seen: PoolTexts,
    allocator: Allocator,
    bell: Arc<Bell>,
    longest: Duration,
    stop: &StopToken,
) -> io::Result<JoinHandle<()>> {
    let stop = stop.clone();
    // Without watches (of which a system has only so many) the pause is what is waited.
    let watch = FolderWatch::new(farm.folder(), Arc::clone(&bell));
    if let Err(error) = &watch {
        tracing::warn!(%error, "the configuration is not watched, only read now and then");
    }
    let work = move || {
        let _watch = watch;
        let mut seen = Ok(seen);
        while !stop.is_draining() {
            let rings = bell.rings();
            let found = farm.pool_texts().map_err(|it| told(&it));
            if found != seen {
                seen = found;
                apply(&farm, &seen, &allocator);
            }
            bell.wait(rings, longest);
        }
    };
    std::thread::Builder::new()
        .name("reload".to_owned())
        .spawn(work)
}

fn apply(farm: &Farm, texts: &Result<PoolTexts, String>, allocator: &Allocator) {
    let pools = match texts {
        Ok(texts) => farm.pools_again(texts).map_err(|it| told(&it)),
        Err(error) => Err(error.clone()),
    };
    match pools {
        Ok((pools, warnings)) => {
            for warning in warnings {
                tracing::warn!("{warning}");
            }
            // It fails when the server is about to end.
            if allocator.set_pools(pools).is_ok() {
                tracing::info!("the pools were read again");
                notice("the pools were read again");
            }
        }
        Err(error) => {
            tracing::error!(error, "the pools stay as they are");
            notice(&format!("error: the pools stay as they are: {error}"));
        }
    }
}
