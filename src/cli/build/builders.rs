//! Who gives tickets out: builders on this machine, pools of our own, or a resalloc server.

use super::plan::{Builders, Plan};
use crate::alloc::pool::{Policy, Pool, PoolTag, Pools};
use crate::alloc::resource::ResourceState;
use crate::alloc::starter::{Finished, InProcess as HereStarter, Task};
use crate::alloc::store::{ResourceFilter, TicketFilter, TicketStore as _};
use crate::alloc::{AllocError, Allocator};
use crate::build::store::{BuildStore as _, TicketChange};
use crate::build::tickets::{HERE, InProcess, POOLS, Remote, Tickets};
use crate::cli::farm::{Farm, tokens};
use crate::cli::resalloc_server::reload;
use crate::import::root::builds_of;
use crate::net::xmlrpc::{Access, Caller};
use crate::shell::{Shell, ShellSettings};
use crate::store::{MemoryTickets, SqliteBuilds, SqliteTickets};
use crate::sync::{Bell, StopLevel, StopToken};
use anyhow::Context as _;
use std::collections::BTreeSet;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tokio::runtime::Handle;
use url::Url;

/// Commands of one kind and one pool that run at once.
const COMMANDS: usize = 64;

/// How long a process that was killed may take to be gone.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long builders may take to go at the end of a run.
const FAREWELL: Duration = Duration::from_secs(300);

/// The pools are read again at least so often, where they cannot be watched.
const RELOAD: Duration = Duration::from_secs(20);

/// Between two looks at what is left of them.
const STEP: Duration = Duration::from_millis(50);

/// Who gives tickets out, and what has to live for as long.
pub(super) struct Giver {
    pub(super) tickets: Box<dyn Tickets>,
    allocator: Option<Allocator>,
    /// Has the builders of pools deleted that builders come from no more.
    former: Option<Own>,
    /// Reads the pools again when they are edited, until the token is raised.
    reloader: Option<(StopToken, JoinHandle<()>)>,
    _lock: Option<File>,
    pub(super) warnings: Vec<String>,
}

/// Opens it.
pub(super) fn open(
    plan: &Plan,
    root: &Path,
    store: &SqliteBuilds,
    runtime: &Handle,
) -> anyhow::Result<Giver> {
    let mut giver = match &plan.builders {
        Builders::Here(count) => here(plan, *count)?,
        Builders::Farm(folder) => return farm(folder, root),
        Builders::Server(url, token) => server(url, token.as_deref(), runtime)?,
    };
    giver.former = former(root, store)?;
    if let Some(former) = &giver.former {
        let count = former.allocator.resources()?.len();
        giver.warnings.push(format!(
            "builders come from the pools of this root no more: {count} of theirs are deleted"
        ));
    }
    Ok(giver)
}

/// The builders of a resalloc server.
fn server(url: &Url, token: Option<&Path>, runtime: &Handle) -> anyhow::Result<Giver> {
    let token = match token {
        Some(path) => tokens(path)?.into_iter().next(),
        None => None,
    };
    // What tells servers apart, and no secret.
    let mut address = url.clone();
    let _ = address.set_username("").and(address.set_password(None));
    let url = url.clone();
    // Calls that close tickets must come through after a stop.
    let caller = Caller::new(Access { url, token }, StopToken::default());
    Ok(Giver::new(Box::new(Remote::new(
        caller,
        address.as_str(),
        runtime.clone(),
    ))))
}

/// Builders that are only names: each stands for one build at a time on this machine.
fn here(plan: &Plan, count: u32) -> anyhow::Result<Giver> {
    let pool = Pool {
        max: count,
        max_starting: count,
        max_prealloc: count,
        tags: all_tags(plan).iter().map(|it| PoolTag::new(it)).collect(),
        name_pattern: "local-{id}".to_owned(),
        ..Pool::named("local")
    };
    let pools = Pools::new([pool], Policy::default());
    let pools = pools.map_err(|all| {
        let all: Vec<String> = all.iter().map(ToString::to_string).collect();
        anyhow::anyhow!(all.join("; "))
    })?;
    let starter = HereStarter::new(|order| match &order.task {
        Task::Start(resource) => Finished::ok(format!("{}\n", resource.name)),
        _ => Finished::ok([]),
    });
    let store = Arc::new(MemoryTickets::default());
    let allocator = Allocator::start(pools, store, Arc::new(starter))?;
    Ok(Giver {
        allocator: Some(allocator.clone()),
        ..Giver::new(Box::new(InProcess::new(allocator, HERE)))
    })
}

/// Every tag that a build may ask for.
fn all_tags(plan: &Plan) -> BTreeSet<String> {
    let settings = &plan.settings;
    let mut tags: BTreeSet<String> = settings.rules.all().map(str::to_owned).collect();
    for target in settings.targets.values() {
        tags.insert(format!("arch_{}", target.architecture));
        tags.extend(target.tags.iter().cloned());
    }
    tags
}

/// The pools of a folder, as `distmill resalloc-server` runs them.
fn farm(folder: &Path, root: &Path) -> anyhow::Result<Giver> {
    let farm = Farm::at(folder);
    let texts = farm.pool_texts()?;
    let (pools, warnings) = farm.pools(&texts)?;
    let Own { allocator, lock } = own(root, pools)?;
    let (bell, quit) = (Arc::new(Bell::default()), StopToken::default());
    quit.ring(&bell);
    let reloader = reload::start(farm, texts, allocator.clone(), bell, RELOAD, &quit);
    let reloader = reloader.context("cannot start a thread that watches the pools")?;
    Ok(Giver {
        allocator: Some(allocator.clone()),
        reloader: Some((quit, reloader)),
        _lock: Some(lock),
        warnings,
        ..Giver::new(Box::new(InProcess::new(allocator, POOLS)))
    })
}

/// The allocator of a root's own pools, which nobody else has.
struct Own {
    allocator: Allocator,
    lock: File,
}

/// The file of the tickets and builders of a root's own pools.
fn database(root: &Path) -> anyhow::Result<PathBuf> {
    let builds = std::path::absolute(builds_of(root)).context("the root has no absolute path")?;
    Ok(builds.join("tickets.sqlite"))
}

fn own(root: &Path, pools: Pools) -> anyhow::Result<Own> {
    let database = database(root)?;
    let store = SqliteTickets::open(&database)?;
    let lock = store.lock(PATIENCE).context("cannot lock the tickets")?;
    let lock = lock.with_context(|| format!("another process has {}", database.display()))?;
    let hooks = database.with_file_name("hooks");
    std::fs::create_dir_all(&hooks).with_context(|| format!("cannot write {}", hooks.display()))?;
    let shell = Shell::new(ShellSettings {
        logs: hooks,
        at_once: COMMANDS,
        farm: database.display().to_string(),
    });
    let shell = Arc::new(shell.context("cannot start a thread for commands")?);
    let cut_short = ResourceFilter {
        states: vec![
            ResourceState::Starting,
            ResourceState::Releasing,
            ResourceState::Deleting,
        ],
        ..ResourceFilter::default()
    };
    let resources = store.resources(&cut_short)?;
    shell.end_leftovers(&resources.iter().map(|it| it.id).collect());
    let allocator = Allocator::start(pools, Arc::new(store), shell)?;
    Ok(Own { allocator, lock })
}

/// What a process left that had its builders from pools of its own, where they come from elsewhere
/// now: its tickets are closed, and with the settings that are kept with them its builders deleted.
fn former(root: &Path, store: &SqliteBuilds) -> anyhow::Result<Option<Own>> {
    let database = database(root)?;
    if !database.exists() {
        return Ok(None);
    }
    let kept = SqliteTickets::open(&database)?;
    let is_left = !kept.resources(&ResourceFilter::living())?.is_empty()
        || !kept.tickets(&TicketFilter::not_closed())?.is_empty();
    drop(kept);
    let left = match is_left {
        true => Some(own(root, Pools::default())?),
        false => None,
    };
    if let Some(own) = &left {
        for ticket in own.allocator.tickets()? {
            own.allocator.close(ticket.id)?;
        }
    }
    let closed = store.tickets()?.into_iter().map(|it| it.0);
    let closed = closed.filter(|it| it.giver == POOLS);
    let closed: Vec<TicketChange> = closed.map(TicketChange::Closed).collect();
    store.write(&[], &closed)?;
    Ok(left)
}

/// Waits until all builders of an allocator without pools are gone, and ends it.
fn farewell(allocator: &Allocator, stop: &StopToken) -> Result<(), AllocError> {
    let end = Instant::now() + FAREWELL;
    while !allocator.resources()?.is_empty() {
        if Instant::now() > end || !stop.sleep(STEP) {
            tracing::warn!("builders are left: the next run deletes them");
            break;
        }
    }
    allocator.stop();
    Ok(())
}

impl Giver {
    fn new(tickets: Box<dyn Tickets>) -> Self {
        Self {
            tickets,
            allocator: None,
            former: None,
            reloader: None,
            _lock: None,
            warnings: Vec::new(),
        }
    }

    /// The end of a run: builders of our own go, unless another run is to follow at once.
    pub(super) fn end(self, keep: bool, stop: &StopToken) -> Result<(), AllocError> {
        if let Some((quit, reloader)) = self.reloader {
            quit.raise(StopLevel::Drain);
            // A panic of its is in the log.
            let _ = reloader.join();
        }
        match self.allocator {
            Some(allocator) if keep => allocator.stop(),
            Some(allocator) => {
                allocator.set_pools(Pools::default())?;
                farewell(&allocator, stop)?;
            }
            None => {}
        }
        self.former
            .map_or(Ok(()), |it| farewell(&it.allocator, stop))
    }
}
