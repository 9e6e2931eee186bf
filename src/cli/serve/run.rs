//! One run of the server.

use super::arguments::Arguments;
use crate::cli::exit::Exit;
use crate::cli::{logging, signals};
use crate::serve::{Places, serve};
use crate::sync::StopToken;
use crate::ui::{Display, Format};
use anyhow::Context as _;
use std::sync::Arc;

pub(in crate::cli) fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let root = &arguments.root;
    let places = Places::new(&root.join("git"), &root.join("lookaside"))?;
    let logs = root.join("logs");
    logging::start(&logs, "serve")?;
    let stop = StopToken::default();
    let display = Arc::new(Display::new(0, Format::Text, true, stop.clone()));
    let say = Arc::clone(&display);
    let _signals = signals::listen(stop.clone(), Arc::new(move |text| say.notice(text)))
        .context("cannot listen for signals")?;
    serve(places, arguments.listen, &stop, |address| {
        tracing::info!(%address, "serving begins");
        display.notice(&format!("serving {} on http://{address}/", root.display()));
    })?;
    Ok(match stop.is_stopped() {
        true => Exit::Interrupted,
        false => Exit::Success,
    })
}
