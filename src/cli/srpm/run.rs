//! One run that makes source packages.

use super::arguments::Arguments;
use super::plan::{defines, destination};
use crate::cli::exit::{Exit, UsageError};
use crate::cli::jobs::{plan, show, work_through};
use crate::import::outcome::Report as _;
use crate::import::pipeline::Recipe;
use crate::import::root::Root;

pub(in crate::cli) fn run(arguments: Arguments) -> anyhow::Result<Exit> {
    let mut mistakes = Vec::new();
    let defines = defines(&arguments.defines, &mut mistakes);
    if arguments.from_spec.is_none() && (arguments.sources.is_some() || !defines.is_empty()) {
        mistakes.push("--sources and --define belong to --from-spec".to_owned());
    }
    let to = destination(&arguments);
    let plan = plan(&arguments.packages, arguments.jobs, Some(to), mistakes);
    let plan = plan.map_err(|all| UsageError("srpm", all))?;
    let root = Root::open_folder(&arguments.output)?;
    let (Some(spec), Some(sources)) = (arguments.from_spec, arguments.sources) else {
        return work_through(plan, root, &|_| ());
    };
    let recipe = Recipe {
        spec,
        sources,
        defines,
    };
    show(plan, root, 1, |importer, display, _| {
        display.report(&importer.pack(&recipe, display));
        0
    })
}
