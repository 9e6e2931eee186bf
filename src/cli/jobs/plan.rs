//! From arguments to checked settings: every mistake is found before anything is done.

use super::arguments::{JobArguments, LimitArguments, RunArguments};
use super::line::check_line;
use super::network::net_settings;
use super::sources::{self, Entry};
use super::templates::templates;
use crate::cli::threads::Threads;
use crate::config::{Identity, JobFile, Limits, NetSettings, Registries};
use crate::import::pipeline::{Destination, Settings};
use crate::import::spec::{SpecSettings, Templates};
use crate::ui::Format;
use std::num::NonZeroUsize;
use std::thread::available_parallelism;

/// The architecture that the header of an archful source package names: one for all machines, so
/// that the same source makes the same bytes on each.
pub(in crate::cli) const ARCH: &str = "x86_64";

/// Everything that a run needs, checked.
pub(in crate::cli) struct Plan {
    pub(super) entries: Vec<Entry>,
    pub(super) threads: NonZeroUsize,
    pub(in crate::cli) format: Format,
    pub(in crate::cli) quiet: bool,
    pub(in crate::cli) settings: Settings,
    pub(in crate::cli) net: NetSettings,
}

/// What is checked of [`RunArguments`].
pub(in crate::cli) struct RunPlan {
    pub(in crate::cli) threads: NonZeroUsize,
    pub(in crate::cli) format: Format,
    pub(in crate::cli) quiet: bool,
    pub(in crate::cli) registries: Registries,
    pub(in crate::cli) limits: Limits,
    pub(in crate::cli) identity: Identity,
    pub(in crate::cli) templates: Templates,
    pub(in crate::cli) net: NetSettings,
}

/// Checks all arguments. `destination` was checked before, with these `mistakes`.
///
/// # Errors
/// Every mistake.
pub(in crate::cli) fn plan(
    sources: &[String],
    arguments: JobArguments,
    destination: Option<Destination>,
    mut mistakes: Vec<String>,
) -> Result<Plan, Vec<String>> {
    check_dist(&arguments.dist, &mut mistakes);
    let run = plan_run(&arguments.run, &mut mistakes);
    let entries = sources::expand(sources).map_err(|all| mistakes.extend(all));
    let (Some(destination), Ok(entries), []) = (destination, entries, &mistakes[..]) else {
        return Err(mistakes);
    };
    Ok(Plan {
        entries,
        threads: run.threads,
        format: run.format,
        quiet: run.quiet,
        net: run.net,
        settings: Settings {
            destination,
            allow_unknown_license: arguments.output.allow_unknown_license,
            spec: SpecSettings {
                dist: arguments.dist,
                arch: ARCH.to_owned(),
                identity: run.identity.clone(),
                templates: run.templates,
            },
            registries: run.registries,
            limits: run.limits,
            identity: run.identity,
            compression: arguments.output.compression,
            source_date_epoch: arguments.output.source_date_epoch,
        },
    })
}

/// Checks how a run goes, and reads its configuration file; mistakes are added to the list.
pub(in crate::cli) fn plan_run(arguments: &RunArguments, mistakes: &mut Vec<String>) -> RunPlan {
    let file = arguments.file.read(mistakes);
    check_line("--name", &arguments.name, mistakes);
    check_line("--email", &arguments.email, mistakes);
    RunPlan {
        threads: arguments.jobs.map_or_else(default_threads, Threads::get),
        format: format_of(arguments.json),
        quiet: arguments.quiet,
        registries: registries(&file, &arguments.registries, mistakes),
        limits: limits(&arguments.limits),
        identity: Identity {
            name: arguments.name.clone(),
            email: arguments.email.clone(),
        },
        templates: templates(&file, &arguments.templates, mistakes),
        net: net_settings(&arguments.network, &file, mistakes),
    }
}

/// The registries of the configuration file, and those given as options, which go before it;
/// mistakes are added to the list.
fn registries(file: &JobFile, texts: &[String], mistakes: &mut Vec<String>) -> Registries {
    let mut registries = Registries::default();
    let of_file = file.registries.iter();
    let of_file = of_file.map(|(ecosystem, url)| format!("{ecosystem}={url}"));
    for text in of_file.chain(texts.iter().cloned()) {
        if let Err(error) = registries.set(&text) {
            mistakes.push(error.to_string());
        }
    }
    registries
}

/// What stands in a release.
pub(super) fn check_dist(dist: &str, mistakes: &mut Vec<String>) {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._+~".contains(c);
    if !dist.chars().all(plain) {
        mistakes.push(format!("--dist {dist:?} cannot stand in a release"));
    }
}

pub(in crate::cli) fn limits(arguments: &LimitArguments) -> Limits {
    Limits {
        max_download: arguments.max_download.as_u64(),
        max_bytes: arguments.max_bytes.as_u64(),
        max_entries: arguments.max_entries,
        max_ratio: arguments.max_ratio,
        ..Limits::default()
    }
}

fn default_threads() -> NonZeroUsize {
    let processors = available_parallelism().unwrap_or(NonZeroUsize::MIN);
    processors.saturating_mul(const { NonZeroUsize::new(2).expect("two is not zero") })
}

pub(in crate::cli) const fn format_of(json: bool) -> Format {
    match json {
        true => Format::Json,
        false => Format::Text,
    }
}
