//! One run of the server: the real parts put together.

use super::arguments::Arguments;
use super::{reload, wishes};
use crate::alloc::Allocator;
use crate::alloc::resource::ResourceState;
use crate::alloc::store::{ResourceFilter, TicketStore};
use crate::cli::exit::Exit;
use crate::cli::farm::{self, Farm};
use crate::cli::{logging, signals};
use crate::config::ServerFile;
use crate::serve::{self, Guard, TicketPort};
use crate::shell::{Shell, ShellSettings};
use crate::store::SqliteTickets;
use crate::sync::{Bell, StopLevel, StopToken};
use crate::ui::{notice, print};
use anyhow::Context as _;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::net::{SocketAddr, ToSocketAddrs as _};
use std::sync::Arc;
use std::time::Duration;

/// How long a server that is about to end is waited for.
const PATIENCE: Duration = Duration::from_secs(3);

pub(in crate::cli) fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let farm = Farm::at(&arguments.config_dir);
    let file = farm.server()?;
    let texts = farm.pool_texts()?;
    let (pools, mut warnings) = farm.pools(&texts)?;
    warnings.splice(0..0, file.warnings.clone());
    let guard = match &file.token_file {
        Some(path) => Guard::new(&farm::tokens(path)?),
        None => Guard::default(),
    };
    let address = address(&file)?;
    if !guard.is_enough_for(address) {
        return Err(serve::Error::Unguarded { address }.into());
    }
    if arguments.check {
        warnings
            .iter()
            .for_each(|it| notice(&format!("warning: {it}")));
        let (folder, count) = (farm.folder().display(), pools.iter().count());
        print(&format!("the files in {folder} are good: {count} pools\n"));
        return Ok(Exit::Success);
    }
    let logs = &file.logs;
    std::fs::create_dir_all(logs).with_context(|| format!("cannot write to {}", logs.display()))?;
    logging::append(&logs.join("main.log"), file.log_level)?;
    for warning in &warnings {
        tracing::warn!("{warning}");
        notice(&format!("warning: {warning}"));
    }
    let mut store = SqliteTickets::open(&file.database)?;
    let database = file.database.display();
    let lock = store.lock(PATIENCE).context("cannot lock the database")?;
    let _lock = lock.with_context(|| format!("another server has {database}"))?;
    store.listen().context("cannot listen for wishes")?;
    let store = Arc::new(store);
    let shell = Arc::new(shell(&file)?);
    end_leftovers(&*store, &shell)?;
    more_files();

    let port = TicketPort::bind(address, guard)?;
    let allocator = Allocator::start(pools, Arc::clone(&store) as _, Arc::clone(&shell) as _)?;
    let stop = StopToken::default();
    let _signals = signals::listen(stop.clone(), Arc::new(|_| notice("stopping")))
        .context("cannot listen for signals")?;
    let bell = Arc::new(Bell::default());
    stop.ring(&bell);
    stop.ring(store.bell());
    let reloader = reload::start(farm, texts, allocator.clone(), bell, file.sleep_time, &stop)?;
    let wisher = wishes::start(store, allocator.clone(), file.sleep_time, &stop)?;
    let address = port.address();
    tracing::info!(%address, "serving begins");
    notice(&format!("serving tickets on http://{address}/"));
    let served = port.serve(allocator.clone(), &stop);
    stop.raise(StopLevel::Drain);
    allocator.stop();
    // Both ended with the stop; a panic of theirs is in the log.
    let _ = (reloader.join(), wisher.join());
    drop(shell);
    served?;
    tracing::info!("serving ended");
    Ok(Exit::Success)
}

/// Where to listen. `localhost` is 127.0.0.1, as it is for the original.
fn address(file: &ServerFile) -> anyhow::Result<SocketAddr> {
    let (host, port) = (file.host.as_str(), file.port);
    let found = (host, port).to_socket_addrs();
    let found = found.with_context(|| format!("the hostname {host} is not known"))?;
    let all: Vec<SocketAddr> = found.collect();
    let first = all.iter().find(|it| it.is_ipv4()).or(all.first());
    first
        .copied()
        .with_context(|| format!("the hostname {host} has no address"))
}

fn shell(file: &ServerFile) -> anyhow::Result<Shell> {
    let database = std::fs::canonicalize(&file.database);
    let database = database.unwrap_or_else(|_| file.database.clone());
    let settings = ShellSettings {
        logs: file.logs.join("hooks"),
        at_once: file.max_commands,
        farm: database.display().to_string(),
    };
    Shell::new(settings).context("cannot start a thread for commands")
}

/// What a killed server left running would work against what is done next.
fn end_leftovers(store: &dyn TicketStore, shell: &Shell) -> anyhow::Result<()> {
    let cut_short = ResourceFilter {
        states: vec![
            ResourceState::Starting,
            ResourceState::Releasing,
            ResourceState::Deleting,
        ],
        ..ResourceFilter::default()
    };
    let resources = store.resources(&cut_short)?;
    for it in &resources {
        let (resource, state) = (&*it.name, it.state().as_str());
        tracing::warn!(resource, state, "cut short by the end of the last server");
    }
    let ended = shell.end_leftovers(&resources.iter().map(|it| it.id).collect());
    if ended > 0 {
        tracing::warn!(ended, "processes of the last server were ended");
    }
    Ok(())
}

/// A waiting client takes a file; the usual limit would be reached at a thousand.
fn more_files() {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        maximum: limit.maximum,
    };
    if let Err(error) = setrlimit(Resource::Nofile, raised) {
        tracing::warn!(%error, "the limit of open files stays as it is");
    }
}
