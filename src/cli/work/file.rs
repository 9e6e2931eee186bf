//! The configuration file, if there is one, with the flags laid over it.

use super::arguments::Arguments;
use crate::config::WorkFile;
use std::fs;
use std::path::Path;

/// What file and flags say together, and what should be said about the file.
pub(super) fn settings(
    arguments: &Arguments,
    mistakes: &mut Vec<String>,
) -> (WorkFile, Vec<String>) {
    let (mut file, warnings) = match (&arguments.copr_config, &arguments.config) {
        (Some(path), _) => read(path, WorkFile::from_copr, mistakes),
        (None, Some(path)) => {
            let toml = |text: &str| WorkFile::from_toml(text).map(|it| (it, Vec::new()));
            read(path, toml, mistakes)
        }
        (None, None) => Default::default(),
    };
    lay_over(&mut file, arguments);
    (file, warnings)
}

fn read<E: std::fmt::Display>(
    path: &Path,
    parse: impl Fn(&str) -> Result<(WorkFile, Vec<String>), E>,
    mistakes: &mut Vec<String>,
) -> (WorkFile, Vec<String>) {
    let named = |text: &dyn std::fmt::Display| format!("{}: {text}", path.display());
    let read = fs::read_to_string(path).map_err(|error| named(&error));
    match read.and_then(|text| parse(&text).map_err(|error| named(&error))) {
        Ok((file, warnings)) => {
            let warnings = warnings.iter().map(|it| named(it));
            (file, warnings.collect())
        }
        Err(mistake) => {
            mistakes.push(mistake);
            Default::default()
        }
    }
}

/// A flag wins over the file.
fn lay_over(file: &mut WorkFile, arguments: &Arguments) {
    fn over<T: Clone>(place: &mut Option<T>, flag: &Option<T>) {
        if flag.is_some() {
            place.clone_from(flag);
        }
    }
    let share = &arguments.share;
    over(&mut file.frontend, &arguments.frontend);
    over(&mut file.auth_file, &arguments.auth_file);
    over(&mut file.root, &arguments.root);
    over(&mut file.git_root, &arguments.git_root);
    over(&mut file.lookaside_root, &arguments.lookaside_root);
    file.is_cgit_default &= arguments.cgit_list.is_none();
    over(&mut file.cgit_list, &arguments.cgit_list);
    over(&mut file.layout, &arguments.layout.map(|it| it.to_string()));
    over(&mut file.task_logs, &arguments.task_logs);
    over(&mut file.logs, &arguments.logs);
    over(&mut file.name, &arguments.name);
    over(&mut file.email, &arguments.email);
    over(&mut file.sleep_time, &share.sleep_time);
    over(&mut file.max_workers, &share.max_workers);
    over(&mut file.max_per_sandbox, &share.max_per_sandbox);
    over(&mut file.max_per_owner, &share.max_per_owner);
    over(&mut file.download_timeout, &share.download_timeout);
    over(&mut file.import_timeout, &share.import_timeout);
}
