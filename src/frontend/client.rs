//! The calls that a frontend answers: what waits, one task, and a result that is handed in.

use super::error::Error;
use super::result::ImportResult;
use super::task::{BuildId, Task, UnreadableTask};
use crate::net::{Client, Login, Page, shown};
use crate::sync::StopToken;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::collections::BTreeSet;
use url::Url;

const JSON: &str = "application/json";

/// One frontend. Clones share its connections.
#[derive(Clone, Debug)]
pub struct Frontend {
    client: Client,
    base: Url,
    login: Option<Login>,
}

/// Every build that waits for import.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// In the frontend's order, each build once.
    pub tasks: Vec<Task>,
    /// Those that say too little.
    pub unreadable: Vec<UnreadableTask>,
}

/// The answer to a result; `updated` is false for a build that is not known.
#[derive(Deserialize)]
struct Updated {
    updated: bool,
}

impl Frontend {
    /// The frontend at `base`. Without `login`, results are handed in without one.
    #[must_use]
    pub fn new(client: Client, mut base: Url, login: Option<Login>) -> Self {
        base.set_query(None);
        base.set_fragment(None);
        let path = format!("{}/", base.path().trim_end_matches('/'));
        base.set_path(&path);
        Self {
            client,
            base,
            login,
        }
    }

    /// Its address as it may be shown and stored.
    #[must_use]
    pub fn name(&self) -> String {
        shown(&self.base)
    }

    /// The same one, asked for as long as another stop token lets.
    #[must_use]
    pub fn with_stop(&self, stop: StopToken) -> Self {
        Self {
            client: self.client.with_stop(stop),
            ..self.clone()
        }
    }

    /// Every build that waits for import.
    ///
    /// # Errors
    /// When it cannot be asked, or answers with no JSON array.
    pub fn listing(&self) -> Result<Listing, Error> {
        let url = self.address("backend/importing/");
        let page = self.client.get(&url, JSON)?;
        let mut listing = Listing::default();
        let mut builds = BTreeSet::new();
        for value in read::<Vec<Value>>(&url, &page)? {
            match Task::read(value) {
                Ok(task) if builds.insert(task.build_id) => listing.tasks.push(task),
                Ok(_) => {}
                Err(bad) => listing.unreadable.push(bad),
            }
        }
        Ok(listing)
    }

    /// One task as it is now; nothing when its build does not exist any more.
    ///
    /// # Errors
    /// When it cannot be asked, or answers with something else.
    pub fn task(&self, build_id: BuildId) -> Result<Option<Task>, Error> {
        let url = self.address(&format!("backend/get-import-task/{build_id}"));
        let page = self.client.get(&url, JSON)?;
        let value = read::<Option<Value>>(&url, &page)?;
        let task = value.map(Task::read).transpose();
        task.map_err(|bad| answer(&url, bad.problem))
    }

    /// Hands in a result. Whether the build is known there.
    ///
    /// # Errors
    /// When it did not arrive, or may not have.
    pub fn complete(&self, result: &ImportResult) -> Result<bool, Error> {
        let url = self.address("backend/import-completed/");
        let body = serde_json::to_string(result).map_err(|it| answer(&url, it.to_string()))?;
        let page = self.client.post_json(&url, self.login.as_ref(), &body)?;
        Ok(read::<Updated>(&url, &page)?.updated)
    }

    fn address(&self, path: &str) -> Url {
        let joined = self.base.join(path);
        joined.expect("a fixed relative path can be joined to an http address")
    }
}

fn read<T: DeserializeOwned>(url: &Url, page: &Page) -> Result<T, Error> {
    serde_json::from_slice(&page.body).map_err(|error| answer(url, error.to_string()))
}

fn answer(url: &Url, problem: String) -> Error {
    Error::Answer {
        url: shown(url),
        problem,
    }
}
