//! From arguments to checked settings: every mistake is found before anything is done.

use super::arguments::{AtMost, ShareArguments, WorkArguments};
use crate::cli::jobs::{ARCH, RunPlan, plan_run};
use crate::config::NetSettings;
use crate::import::pipeline::{Destination, Settings};
use crate::import::queue::{ClaimLimits, RetryPolicy, Target};
use crate::import::root::Root;
use crate::import::spec::SpecSettings;
use crate::net::Client;
use crate::rpmfile::Compression;
use crate::sync::StopToken;
use crate::ui::Format;
use crate::worker::WorkSettings;
use std::num::NonZeroU32;
use std::path::Path;
use std::time::Duration;

/// Everything that a worker needs, checked.
pub(in crate::cli) struct Plan {
    pub(in crate::cli) work: WorkSettings,
    /// What is the same for all jobs; each brings its own [`Target`].
    pub(in crate::cli) import: Settings,
    pub(super) import_timeout: Duration,
    net: NetSettings,
    pub(in crate::cli) format: Format,
}

/// Whether room is kept for others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cli) enum Room {
    /// For whoever may come.
    Shared,
    /// The run is started for jobs of its own.
    Own,
}

impl Plan {
    /// The client of the run, which keeps index pages under the root.
    pub(in crate::cli) fn client(&self, root: &Root) -> Client {
        let settings = NetSettings {
            cache_folder: Some(root.pages()),
            ..self.net.clone()
        };
        Client::new(settings, StopToken::default())
    }

    /// The client of a run that writes nothing.
    pub(in crate::cli) fn client_without_cache(&self) -> Client {
        Client::new(self.net.clone(), StopToken::default())
    }
}

/// Checks all arguments. Others were checked before, with these `mistakes`.
///
/// # Errors
/// Every mistake.
pub(in crate::cli) fn plan(
    root: &Path,
    arguments: &WorkArguments,
    room: Room,
    follow: bool,
    mut mistakes: Vec<String>,
) -> Result<Plan, Vec<String>> {
    let run = plan_run(&arguments.run, &mut mistakes);
    let share = share(&arguments.share, room, run.threads.get(), &mut mistakes);
    let first = Duration::try_from_secs_f64(arguments.again.retry_pause).unwrap_or_else(|_| {
        mistakes.push("--retry-pause must be a number of seconds, 0 or more".to_owned());
        Duration::ZERO
    });
    let longest = RetryPolicy::default().longest;
    if first > longest {
        let longest = longest.as_secs();
        mistakes.push(format!(
            "--retry-pause is at most {longest} seconds: no pause is longer"
        ));
    }
    if !mistakes.is_empty() {
        return Err(mistakes);
    }
    Ok(Plan {
        work: WorkSettings {
            threads: run.threads,
            limits: share,
            retry: RetryPolicy {
                attempts: arguments.again.attempts.get(),
                first,
                ..RetryPolicy::default()
            },
            lease: Duration::from_secs(arguments.again.lease.get().into()),
            follow,
            run: None,
        },
        import_timeout: Duration::from_secs(arguments.again.import_timeout.max(1)),
        net: run.net.clone(),
        format: run.format,
        import: import_settings(root, run),
    })
}

fn share(
    arguments: &ShareArguments,
    room: Room,
    threads: usize,
    mistakes: &mut Vec<String>,
) -> ClaimLimits {
    // Rounded up: one thread is for whoever comes.
    let tenths = |share: usize| match room {
        Room::Shared => u32::try_from((threads * share).div_ceil(10)).ok(),
        Room::Own => None,
    };
    let said = |it: Option<AtMost>, default: Option<u32>| it.map_or(default, |it| it.0);
    let mut limits = ClaimLimits {
        total: said(arguments.max_total, None),
        owner: said(arguments.max_per_owner, tenths(5)),
        sandbox: said(arguments.max_per_sandbox, tenths(3)),
        ..ClaimLimits::default()
    };
    for text in &arguments.max_per_registry {
        let parsed = text.split_once('=').and_then(|(name, number)| {
            let number: NonZeroU32 = number.parse().ok()?;
            (!name.is_empty()).then(|| (name.to_owned(), number.get()))
        });
        match parsed {
            Some((name, number)) => {
                limits.registries.insert(name, number);
            }
            None => mistakes.push(format!(
                "--max-per-registry {text:?} is not of the form NAME=N with N above 0"
            )),
        }
    }
    limits
}

fn import_settings(root: &Path, run: RunPlan) -> Settings {
    Settings {
        allow_unknown_license: false,
        // Every job brings its own.
        destination: Destination::Folder {
            path: root.to_owned(),
            specs: false,
        },
        spec: SpecSettings {
            dist: String::new(),
            arch: ARCH.to_owned(),
            identity: run.identity.clone(),
            templates: run.templates,
        },
        registries: run.registries,
        limits: run.limits,
        identity: run.identity,
        compression: Compression::default(),
        source_date_epoch: None,
    }
}

/// The settings of one job.
pub(super) fn settings_of(shared: &Settings, target: &Target) -> Settings {
    let making = &target.making;
    let mut settings = Settings {
        destination: Destination::Project {
            project: target.project.clone(),
            repository: None,
            branches: target.branches.clone(),
            git: !making.no_git,
            srpms: true,
        },
        allow_unknown_license: making.allow_unknown_license,
        compression: making.compression,
        source_date_epoch: making.source_date_epoch,
        ..shared.clone()
    };
    settings.spec.dist.clone_from(&making.dist);
    settings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_is_kept_for_others_unless_told_otherwise() {
        let limits = |room, threads, owner, sandbox| {
            let arguments = ShareArguments {
                max_total: None,
                max_per_owner: owner,
                max_per_sandbox: sandbox,
                max_per_registry: Vec::new(),
            };
            let it = share(&arguments, room, threads, &mut Vec::new());
            (it.owner, it.sandbox)
        };
        // As Copr's importer has it.
        assert_eq!(limits(Room::Shared, 10, None, None), (Some(5), Some(3)));
        assert_eq!(limits(Room::Shared, 4, None, None), (Some(2), Some(2)));
        assert_eq!(limits(Room::Shared, 1, None, None), (Some(1), Some(1)));
        assert_eq!(limits(Room::Own, 10, None, None), (None, None));
        let said = (Some("7".parse().unwrap()), Some("none".parse().unwrap()));
        assert_eq!(limits(Room::Shared, 10, said.0, said.1), (Some(7), None));
        assert_eq!(limits(Room::Own, 10, said.0, said.1), (Some(7), None));
        for wrong in ["0", "-1", "all"] {
            assert!(wrong.parse::<AtMost>().is_err(), "{wrong}");
        }
    }
}
