//! One run of the daemon.

use super::arguments::Arguments;
use super::plan::{Plan, plan};
use crate::cli::exit::{Exit, UsageError};
use crate::cli::jobs::log_outcome;
use crate::cli::{logging, signals};
use crate::config::{NetSettings, Politeness};
use crate::frontend::{Daemon, Farewell, Frontend, Outbox};
use crate::import::outcome::{Outcome, Report};
use crate::import::pipeline::Importer;
use crate::import::root::{Places, Root};
use crate::net::Client;
use crate::sync::{Disks, StopToken};
use crate::ui::Display;
use anyhow::Context as _;
use std::sync::Arc;

pub(in crate::cli) fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let plan = plan(arguments).map_err(|all| UsageError("work", all))?;
    let root = Root::open_at(Places::find(&plan.storage)?)?;
    let logs = plan.logs.clone().unwrap_or_else(|| root.logs());
    std::fs::create_dir_all(&logs)
        .with_context(|| format!("cannot write to {}", logs.display()))?;
    logging::start(&logs, "work")?;
    work(plan, root)
}

fn work(plan: Plan, root: Root) -> anyhow::Result<Exit> {
    let stop = StopToken::default();
    let display = Arc::new(Display::new(0, plan.format, true, stop.clone()));
    let say = Arc::clone(&display);
    let _signals = signals::listen(stop.clone(), Arc::new(move |text| say.notice(text)))
        .context("cannot listen for signals")?;
    for warning in &plan.warnings {
        tracing::warn!("{warning}");
        display.notice(&format!("warning: {warning}"));
    }
    // A result is tried again by the delivery, a listing by the next poll; neither waits for the
    // other, nor for downloads.
    let once = NetSettings {
        retries: 0,
        politeness: Politeness::without_bounds(),
        ..plan.net.clone()
    };
    let client = Client::new(once, stop.clone());
    let frontend = Frontend::new(client, plan.frontend, plan.login);
    let outbox = Outbox::open(&root.outbox(), &frontend.name())?;
    let outbox = outbox.beside(root.all_repositories())?;
    for path in outbox.passed_over() {
        let text = format!("{} is no result for this frontend", path.display());
        tracing::warn!("{text}");
        display.notice(&format!("warning: {text}"));
    }
    let (address, left_over) = (frontend.name(), outbox.len());
    tracing::info!(frontend = address, left_over, "run begins");
    let client = Client::new(plan.net, stop.clone());
    let disks = Disks::of(root.with_incoming())?;
    let importer = Importer::new(plan.import, root, client, stop.clone());
    let daemon = Daemon::new(plan.settings, frontend, importer, disks, stop.clone());
    let reporter = Reporter(Arc::clone(&display));
    let Farewell { not_taken } = daemon.run(outbox, &reporter, &|text| display.notice(text));
    tracing::info!(not_taken, "run ends");
    if not_taken > 0 {
        display.notice(&format!(
            "{not_taken} results were not taken yet; the next run hands them in"
        ));
    }
    Ok(match stop.is_stopped() {
        true => Exit::Interrupted,
        false => Exit::Success,
    })
}

/// Logs and shows what came of each import.
struct Reporter(Arc<Display>);

impl Report for Reporter {
    fn report(&self, outcome: &Outcome) {
        log_outcome(outcome);
        self.0.report(outcome);
    }
}
