//! One run of the importer.

use super::arguments::Arguments;
use super::plan::destination;
use crate::cli::exit::{Exit, UsageError};
use crate::cli::jobs::{plan, work_through};
use crate::cli::logging;
use crate::import::root::{Places, Root};

pub(in crate::cli) fn run(arguments: Arguments) -> anyhow::Result<Exit> {
    let storage = arguments.storage.storage(arguments.cgit_list.clone());
    let mut mistakes = Vec::new();
    let to = destination(&arguments, &mut mistakes);
    let plan = plan(&arguments.sources, arguments.jobs, to, mistakes);
    let plan = plan.map_err(|all| UsageError("import", all))?;
    let places = Places::find(&storage)?;
    let root = Root::open_at(places)?;
    logging::start(&root.logs(), "import")?;
    work_through(plan, root)
}
