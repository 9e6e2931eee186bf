//! The starter: orders wait for a place, run, and are reported.

use super::settings::ShellSettings;
use super::{command, leftovers};
use crate::alloc::resource::{Resource, ResourceId};
use crate::alloc::starter::{Done, Order, Starter, Task};
use crate::sync::hold;
use std::collections::{BTreeSet, HashMap};
use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::Semaphore;

/// The time for commands to hear that they are to end.
const STOP_GRACE: Duration = Duration::from_secs(1);

/// The places of a pool and a kind of task.
type Places = HashMap<(String, &'static str), Arc<Semaphore>>;

/// Carries out orders by shell commands. Dropping it ends those that run.
#[derive(Debug)]
pub struct Shell {
    settings: Arc<ShellSettings>,
    runtime: Option<Runtime>,
    places: Mutex<Places>,
}

impl Shell {
    /// A starter that runs nothing yet.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn new(settings: ShellSettings) -> io::Result<Self> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("commands")
            .enable_all()
            .build()?;
        Ok(Self {
            settings: Arc::new(settings),
            runtime: Some(runtime),
            places: Mutex::default(),
        })
    }

    /// Ends the commands for these resources that a killed server left running. How many there
    /// were.
    pub fn end_leftovers(&self, resources: &BTreeSet<ResourceId>) -> usize {
        match resources.is_empty() {
            true => 0,
            false => leftovers::end(&self.settings.farm, resources),
        }
    }

    fn places(&self, order: &Order) -> Arc<Semaphore> {
        let key = (order.pool.name.clone(), order.task.as_str());
        let mut places = hold(&self.places);
        let new = || Arc::new(Semaphore::new(self.settings.at_once));
        Arc::clone(places.entry(key).or_insert_with(new))
    }
}

impl Starter for Shell {
    fn begin(&self, order: Order, done: Done) {
        let (places, settings) = (self.places(&order), Arc::clone(&self.settings));
        let Some(runtime) = &self.runtime else { return };
        runtime.spawn(async move {
            let Ok(_place) = places.acquire().await else {
                return;
            };
            let (pool, task) = (&order.pool.name, order.task.as_str());
            let resource = order.task.resource().map(|it| it.name.to_string());
            tracing::debug!(pool, task, resource, "a command begins");
            let (finished, is_killed) = command::run(&order, &settings).await;
            match finished.ok {
                true => tracing::info!(pool, task, resource, "a command succeeded"),
                false => {
                    let reason = &finished.text;
                    let log = settings.log(&order.task);
                    tracing::warn!(pool, task, resource, reason, log = %log.display(), "a command failed");
                }
            }
            if let (Task::Start(resource), true) = (&order.task, is_killed) {
                delete_remains(&order, resource, &settings).await;
            }
            done.finish(finished);
        });
    }
}

/// A start that fails cleans up after itself; one that is killed cannot.
async fn delete_remains(order: &Order, resource: &Resource, settings: &ShellSettings) {
    let delete = Order {
        task: Task::Delete(resource.clone()),
        ..order.clone()
    };
    let (finished, _) = command::run(&delete, settings).await;
    let (resource, ok, reason) = (&*resource.name, finished.ok, finished.text);
    tracing::info!(
        resource,
        ok,
        reason,
        "what a killed start may have left was deleted"
    );
}

impl Drop for Shell {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_timeout(STOP_GRACE);
        }
    }
}

#[cfg(test)]
mod tests;
