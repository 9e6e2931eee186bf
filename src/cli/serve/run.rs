//! One run of the server.

use super::arguments::Arguments;
use crate::cli::exit::Exit;
use crate::cli::{logging, signals};
use crate::import::root;
use crate::serve::{Bounds, Places, serve};
use crate::sync::StopToken;
use crate::ui::{Display, Format};
use anyhow::Context as _;
use std::sync::Arc;
use std::time::Duration;

pub(in crate::cli) fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let places = root::Places::present(&arguments.storage.storage(None))?;
    let served = Places::new(places.all_repositories(), places.all_lookaside())?;
    let logs = arguments.logs.clone().unwrap_or_else(|| places.logs());
    let logged = std::fs::create_dir_all(&logs)
        .with_context(|| format!("cannot write to {}", logs.display()))
        .and_then(|()| logging::start(&logs, "serve").map(drop));
    let stop = StopToken::default();
    let display = Arc::new(Display::new(0, Format::Text, true, stop.clone()));
    let say = Arc::clone(&display);
    let _signals = signals::listen(stop.clone(), Arc::new(move |text| say.notice(text)))
        .context("cannot listen for signals")?;
    match (logged, &arguments.logs) {
        // What only reads needs no folder to write to.
        (Err(error), None) => display.notice(&format!("warning: no log is kept: {error:#}")),
        (other, _) => other?,
    }
    let bounds = Bounds {
        connections: arguments.max_connections.get(),
        patience: Duration::from_secs(arguments.idle_timeout.get()),
    };
    serve(served, arguments.listen, bounds, &stop, |address| {
        tracing::info!(%address, "serving begins");
        let git = places.all_repositories().display();
        display.notice(&format!("serving {git} on http://{address}/"));
    })?;
    Ok(match stop.is_stopped() {
        true => Exit::Interrupted,
        false => Exit::Success,
    })
}
