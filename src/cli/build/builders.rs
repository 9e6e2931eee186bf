//! Who gives tickets out: builders on this machine, pools of our own, or a resalloc server.

use super::plan::{Builders, Plan};
use crate::alloc::pool::{Policy, Pool, PoolTag, Pools};
use crate::alloc::resource::ResourceState;
use crate::alloc::starter::{Finished, InProcess as HereStarter, Task};
use crate::alloc::store::{ResourceFilter, TicketStore as _};
use crate::alloc::{AllocError, Allocator};
use crate::build::tickets::{InProcess, Remote, Tickets};
use crate::cli::farm::{Farm, tokens};
use crate::cli::resalloc_server::reload;
use crate::import::root::builds_of;
use crate::net::xmlrpc::{Access, Caller};
use crate::shell::{Shell, ShellSettings};
use crate::store::{MemoryTickets, SqliteTickets};
use crate::sync::{Bell, StopLevel, StopToken};
use anyhow::Context as _;
use std::collections::BTreeSet;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tokio::runtime::Handle;

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
    /// Reads the pools again when they are edited, until the token is raised.
    reloader: Option<(StopToken, JoinHandle<()>)>,
    _lock: Option<File>,
    pub(super) warnings: Vec<String>,
}

/// Opens it.
pub(super) fn open(plan: &Plan, root: &Path, runtime: &Handle) -> anyhow::Result<Giver> {
    match &plan.builders {
        Builders::Here(count) => here(plan, *count),
        Builders::Farm(folder) => farm(folder, root),
        Builders::Server(url, token) => {
            let token = match token {
                Some(path) => tokens(path)?.into_iter().next(),
                None => None,
            };
            let url = url.clone();
            // Calls that close tickets must come through after a stop.
            let caller = Caller::new(Access { url, token }, StopToken::default());
            Ok(Giver {
                tickets: Box::new(Remote::new(caller, runtime.clone())),
                allocator: None,
                reloader: None,
                _lock: None,
                warnings: Vec::new(),
            })
        }
    }
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
        Task::Start(resource) => {
            Finished::ok(format!("---\nhost: localhost\nname: {}\n", resource.name))
        }
        _ => Finished::ok([]),
    });
    let store = Arc::new(MemoryTickets::default());
    let allocator = Allocator::start(pools, store, Arc::new(starter))?;
    Ok(Giver {
        tickets: Box::new(InProcess::new(allocator.clone())),
        allocator: Some(allocator),
        reloader: None,
        _lock: None,
        warnings: Vec::new(),
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
    let builds = std::path::absolute(builds_of(root)).context("the root has no absolute path")?;
    let database = builds.join("tickets.sqlite");
    let store = SqliteTickets::open(&database)?;
    let lock = store.lock(PATIENCE).context("cannot lock the tickets")?;
    let lock = lock.with_context(|| format!("another process has {}", database.display()))?;
    let hooks = builds.join("hooks");
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
    let (bell, quit) = (Arc::new(Bell::default()), StopToken::default());
    quit.ring(&bell);
    let reloader = reload::start(farm, texts, allocator.clone(), bell, RELOAD, &quit);
    let reloader = reloader.context("cannot start a thread that watches the pools")?;
    Ok(Giver {
        tickets: Box::new(InProcess::new(allocator.clone())),
        allocator: Some(allocator),
        reloader: Some((quit, reloader)),
        _lock: Some(lock),
        warnings,
    })
}

impl Giver {
    /// The end of a run: builders of our own go, unless another run is to follow at once.
    pub(super) fn end(self, keep: bool, stop: &StopToken) -> Result<(), AllocError> {
        let Some(allocator) = self.allocator else {
            return Ok(());
        };
        if let Some((quit, reloader)) = self.reloader {
            quit.raise(StopLevel::Drain);
            // A panic of its is in the log.
            let _ = reloader.join();
        }
        if !keep {
            allocator.set_pools(Pools::default())?;
            let end = Instant::now() + FAREWELL;
            while !allocator.resources()?.is_empty() {
                if Instant::now() > end || !stop.sleep(STEP) {
                    tracing::warn!("builders are left: the next run deletes them");
                    break;
                }
            }
        }
        allocator.stop();
        Ok(())
    }
}
