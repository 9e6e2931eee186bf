//! What other processes want the server to do.

use super::super::column::json;
use super::SqliteTickets;
use crate::alloc::resource::ResourceId;
use crate::alloc::store::TicketStoreError;
use crate::alloc::ticket::TicketId;
use crate::sync::Bell;
use rusqlite::params;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Something that is to be done by the server, now or when it starts next. Doing it twice is as
/// doing it once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Wish {
    /// Delete a resource; a ticket that has it fails.
    DeleteResource(ResourceId),
    /// Make a ticket fail.
    KillTicket(TicketId),
    /// End the pauses and the quarantine of a pool.
    ForgivePool(String),
}

impl SqliteTickets {
    /// Hears from now on when another process leaves wishes.
    ///
    /// # Errors
    /// When the system has no more watches or threads.
    pub fn listen(&mut self) -> std::io::Result<()> {
        self.bell.listen()
    }

    /// Rung when there are wishes.
    #[must_use]
    pub fn bell(&self) -> &Arc<Bell> {
        self.bell.bell()
    }

    /// Leaves wishes for the server.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn wish(&self, wishes: &[Wish]) -> Result<(), TicketStoreError> {
        self.change("keep wishes", |sql| {
            let mut insert = sql.prepare_cached("INSERT INTO wishes (wish) VALUES (?1)")?;
            for wish in wishes {
                let wish = serde_json::to_string(wish).expect("a wish has no keys but texts");
                insert.execute(params![wish])?;
            }
            Ok(())
        })?;
        self.bell.ring();
        Ok(())
    }

    /// All wishes that were left and not done, by their numbers.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn wishes(&self) -> Result<Vec<(i64, Wish)>, TicketStoreError> {
        self.look("read wishes", |sql| {
            sql.prepare_cached("SELECT id, wish FROM wishes ORDER BY id")?
                .query_map([], |row| Ok((row.get(0)?, json(row, 1)?)))?
                .collect()
        })
    }

    /// Forgets wishes that were done.
    ///
    /// # Errors
    /// When that cannot be written: they are done again then.
    pub fn done(&self, numbers: &[i64]) -> Result<(), TicketStoreError> {
        if numbers.is_empty() {
            return Ok(());
        }
        self.change("forget wishes", |sql| {
            let mut delete = sql.prepare_cached("DELETE FROM wishes WHERE id = ?1")?;
            for number in numbers {
                delete.execute(params![number])?;
            }
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;
    use tempfile::TempDir;

    #[test]
    fn wishes_of_another_handle_are_heard_and_stay_until_they_are_done() {
        let dir = TempDir::new().unwrap();
        let path = dir.path().join("db.sqlite");
        let mut server = SqliteTickets::open(&path).unwrap();
        server.listen().unwrap();
        let seen = server.bell().rings();
        let other = SqliteTickets::open(&path).unwrap();
        let wishes = [
            Wish::DeleteResource(ResourceId(7)),
            Wish::KillTicket(TicketId(2)),
            Wish::ForgivePool("p".to_owned()),
        ];
        other.wish(&wishes).unwrap();
        assert!(server.bell().wait(seen, Duration::from_secs(60)));
        let found = server.wishes().unwrap();
        let just: Vec<Wish> = found.iter().map(|it| it.1.clone()).collect();
        assert_eq!(just, wishes);
        server.done(&[found[0].0, found[2].0]).unwrap();
        assert_eq!(server.wishes().unwrap(), [(found[1].0, wishes[1].clone())]);
    }
}
