//! Reads pools and load, plays them, and writes what came of it.

use super::arguments::Arguments;
use crate::alloc::pool::Pools;
use crate::alloc::simulate::simulate;
use crate::cli::exit::Exit;
use crate::config::{LoadFile, PolicyFile, PoolsFile};
use crate::ui;
use anyhow::Context as _;
use std::fs;
use std::path::Path;
use std::time::Duration;

pub(in crate::cli) fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let pools = pools(arguments)?;
    let files: Vec<LoadFile> = arguments
        .loads
        .iter()
        .map(|it| load(it))
        .collect::<Result<_, _>>()?;
    let shown: Vec<String> = arguments
        .loads
        .iter()
        .map(|it| it.display().to_string())
        .collect();
    let shown = shown.join(", ");
    let joined_load = LoadFile::joined(files);
    let mut load = joined_load.with_context(|| format!("{shown} is wrong"))?;
    if let Some(seed) = arguments.seed {
        load.seed = seed;
    }
    for name in load.pools.keys() {
        if name != "*" && pools.get(name).is_none() {
            ui::notice(&format!("warning: {shown}: there is no pool {name}"));
        }
    }
    let patience = Duration::from_secs(3600 * u64::from(arguments.patience));
    let results = simulate(&pools, &load, patience)
        .map_err(|it| anyhow::anyhow!("{} is wrong: {}", arguments.pools.display(), joined(&it)))?;
    if let Some(path) = &arguments.plot {
        let plot = ui::simulation_plot(&results);
        fs::write(path, plot).with_context(|| format!("cannot write {}", path.display()))?;
    }
    ui::print(&match arguments.json {
        true => format!("{}\n", serde_json::to_string_pretty(&results)?),
        false => ui::simulation_tables(&results),
    });
    Ok(Exit::Success)
}

fn pools(arguments: &Arguments) -> anyhow::Result<Pools> {
    let path = &arguments.pools;
    let wrong = |path: &Path| format!("{} is wrong", path.display());
    let file = PoolsFile::from_yaml(&read(path)?).with_context(|| wrong(path))?;
    let beside = path.with_file_name("policy.yaml");
    let policy = arguments.policy.clone();
    let policy = policy.or_else(|| beside.exists().then_some(beside));
    let policy = match policy {
        Some(path) => PolicyFile::from_yaml(&read(&path)?).with_context(|| wrong(&path))?,
        None => PolicyFile::default(),
    };
    for warning in file.warnings.iter().chain(&policy.warnings) {
        ui::notice(&format!("warning: {warning}"));
    }
    let pools = Pools::of_files(&file, &policy);
    pools.map_err(|it| anyhow::anyhow!("{}: {}", wrong(path), joined(&it)))
}

fn load(path: &Path) -> anyhow::Result<LoadFile> {
    let text = read(path)?;
    let load = match path.extension().is_some_and(|it| it == "jsonl") {
        true => LoadFile::from_json_lines(&text),
        false => LoadFile::from_toml(&text),
    };
    load.with_context(|| format!("{} is wrong", path.display()))
}

fn read(path: &Path) -> anyhow::Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

fn joined(mistakes: &[impl ToString]) -> String {
    let lines: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
    lines.join("\n")
}
