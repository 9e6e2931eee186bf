//! What a whole call of the benchmark came to.

use super::compare::Change;
use super::{CorpusSummary, Distance, Failures, Machine, Row, Work};
use crate::model::Layout;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The form of a report as JSON. A higher one cannot be read.
pub const FORM: u32 = 1;

/// Under which conditions everything was measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Conditions {
    /// What kind of work.
    pub work: Work,
    /// What was imported.
    pub corpus: CorpusSummary,
    /// Into how many projects.
    pub projects: usize,
    /// How far away the registry was.
    pub distance: Distance,
    /// Whether packages counted only once they were on stable storage.
    pub durable: bool,
    /// How `sources` and the lookaside cache were laid out.
    #[serde(default)]
    pub layout: Layout,
    /// The file system of the roots.
    pub file_system: String,
    /// Repositories that were there before.
    pub prefill: usize,
}

/// Everything that was measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// The form of this report: 1.
    pub form: u32,
    /// Name and version of the program.
    pub program: String,
    /// When.
    pub made: Timestamp,
    /// Where.
    pub machine: Machine,
    /// How.
    pub conditions: Conditions,
    /// What came of it, in the order asked for.
    pub rows: Vec<Row>,
    /// What failed, by code.
    pub failures: Failures,
    /// What has changed since an earlier report.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changes: Option<Vec<Change>>,
}

impl Report {
    /// A report of these rows.
    #[must_use]
    pub fn new(conditions: Conditions, mut rows: Vec<Row>, failures: Failures) -> Self {
        let machine = Machine::here();
        Row::relate(&mut rows, machine.processors);
        Self {
            form: FORM,
            program: concat!("distmill ", env!("CARGO_PKG_VERSION")).to_owned(),
            made: Timestamp::now(),
            machine,
            conditions,
            rows,
            failures,
            changes: None,
        }
    }

    /// What differs from an earlier report beside the program: such reports say little about
    /// each other.
    #[must_use]
    pub fn unlike(&self, before: &Self) -> Vec<&'static str> {
        let (now, then) = (&self.conditions, &before.conditions);
        let differences = [
            ("machine", self.machine != before.machine),
            ("work", now.work != then.work),
            ("corpus", now.corpus != then.corpus),
            ("projects", now.projects != then.projects),
            ("latency or bandwidth", now.distance != then.distance),
            ("durability", now.durable != then.durable),
            ("layout", now.layout != then.layout),
            ("file system", now.file_system != then.file_system),
            ("prefill", now.prefill != then.prefill),
        ];
        let differences = differences.into_iter().filter(|it| it.1);
        differences.map(|it| it.0).collect()
    }
}
