//! `distmill build tags`.

use super::arguments::TagsArguments;
use super::plan::Plan;
use crate::cli::exit::{Exit, UsageError};
use crate::model::Project;
use crate::ui;
use serde_json::json;

pub(super) fn run(plan: &Plan, json: bool, arguments: &TagsArguments) -> anyhow::Result<Exit> {
    let wrong = |text: String| UsageError("build tags", vec![text]);
    let project = Project::parse(&arguments.project).map_err(|it| wrong(it.to_string()))?;
    let targets = &plan.settings.targets;
    let target = targets.get(&arguments.target).ok_or_else(|| {
        let all: Vec<&str> = targets.keys().map(String::as_str).collect();
        let name = &arguments.target;
        wrong(format!(
            "there is no target {name}: there are {}",
            all.join(", ")
        ))
    })?;
    let tags = plan
        .settings
        .rules
        .tags(target, &project, &arguments.package);
    match json {
        true => ui::print(&format!(
            "{}\n",
            json!({"package": arguments.package, "target": target.name, "tags": tags})
        )),
        false => ui::print(&ui::tags_table(&tags)),
    }
    Ok(Exit::Success)
}
