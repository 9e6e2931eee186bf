//! The store's methods, each one transaction.

use super::{SqliteBuilds, read, write};
use crate::build::entry::{Build, BuildId, NewBuild};
use crate::build::store::{
    Added, BuildStore, BuildStoreError, Counts, Filter, Move, TicketChange, TicketName,
};
use crate::sync::Bell;
use jiff::Timestamp;
use std::sync::Arc;

impl BuildStore for SqliteBuilds {
    fn add(
        &self,
        builds: &[NewBuild],
        again: bool,
        now: Timestamp,
    ) -> Result<Vec<Added>, BuildStoreError> {
        let added = self.change("add builds", |sql| write::add(sql, builds, again, now))?;
        self.bell.ring();
        Ok(added)
    }

    fn write(
        &self,
        moves: &[Move],
        tickets: &[TicketChange],
    ) -> Result<Vec<BuildId>, BuildStoreError> {
        self.change("move builds", |sql| write::write(sql, moves, tickets))
    }

    fn changed(&self, after: u64, limit: usize) -> Result<Vec<(u64, Build)>, BuildStoreError> {
        self.read("look for changes", |sql| read::changed(sql, after, limit))
    }

    fn last_change(&self) -> Result<u64, BuildStoreError> {
        self.read("look for changes", |sql| read::last_change(sql))
    }

    fn build(&self, id: BuildId) -> Result<Option<Build>, BuildStoreError> {
        self.read("find a build", |sql| read::build(sql, id))
    }

    fn find(&self, filter: &Filter) -> Result<Vec<Build>, BuildStoreError> {
        self.read("find builds", |sql| read::find(sql, filter))
    }

    fn count(&self, filter: &Filter) -> Result<Counts, BuildStoreError> {
        self.read("count builds", |sql| read::count(sql, filter))
    }

    fn tickets(&self) -> Result<Vec<(TicketName, BuildId)>, BuildStoreError> {
        self.read("list tickets", |sql| read::tickets(sql))
    }

    fn cancel(&self, filter: &Filter, now: Timestamp) -> Result<u64, BuildStoreError> {
        let count = self.change("cancel builds", |sql| write::cancel(sql, filter, now))?;
        self.bell.ring();
        Ok(count)
    }

    fn retry(&self, filter: &Filter, now: Timestamp) -> Result<u64, BuildStoreError> {
        let count = self.change("put builds back", |sql| write::retry(sql, filter, now))?;
        self.bell.ring();
        Ok(count)
    }

    fn bell(&self) -> &Arc<Bell> {
        self.bell.bell()
    }
}
