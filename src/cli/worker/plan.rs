//! From arguments to checked settings: every mistake is found before anything is done.

use super::arguments::{ShareArguments, WorkArguments};
use crate::cli::jobs::{
    ARCH, check_line, default_threads, format_of, limits, net_settings, registries, templates,
};
use crate::config::{Identity, NetSettings, Registries};
use crate::import::pipeline::{Destination, Settings};
use crate::import::queue::{ClaimLimits, RetryPolicy, Target};
use crate::import::spec::{SpecSettings, Templates};
use crate::rpmfile::Compression;
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
    pub(in crate::cli) net: NetSettings,
    pub(in crate::cli) format: Format,
}

/// Checks all arguments. Others were checked before, with these `mistakes`.
///
/// # Errors
/// Every mistake.
pub(in crate::cli) fn plan(
    root: &Path,
    arguments: &WorkArguments,
    follow: bool,
    mut mistakes: Vec<String>,
) -> Result<Plan, Vec<String>> {
    let file = arguments.file.read(&mut mistakes);
    let registries = registries(&file, &arguments.registries, &mut mistakes);
    check_line("--name", &arguments.name, &mut mistakes);
    check_line("--email", &arguments.email, &mut mistakes);
    let templates = templates(&file, &arguments.templates, &mut mistakes);
    let share = share(&arguments.share, &mut mistakes);
    let first = Duration::try_from_secs_f64(arguments.again.retry_pause).unwrap_or_else(|_| {
        mistakes.push("--retry-pause must be a number of seconds, 0 or more".to_owned());
        Duration::ZERO
    });
    if !mistakes.is_empty() {
        return Err(mistakes);
    }
    Ok(Plan {
        work: WorkSettings {
            threads: arguments.jobs.unwrap_or_else(default_threads),
            limits: share,
            retry: RetryPolicy {
                attempts: arguments.again.attempts.get(),
                first,
                ..RetryPolicy::default()
            },
            lease: Duration::from_secs(arguments.again.lease.get().into()),
            follow,
        },
        import: import_settings(root, arguments, registries, templates),
        import_timeout: Duration::from_secs(arguments.again.import_timeout.max(1)),
        net: net_settings(&arguments.network),
        format: format_of(arguments.json),
    })
}

fn share(arguments: &ShareArguments, mistakes: &mut Vec<String>) -> ClaimLimits {
    let mut limits = ClaimLimits {
        total: arguments.max_total.map(NonZeroU32::get),
        owner: arguments.max_per_owner.map(NonZeroU32::get),
        sandbox: arguments.max_per_sandbox.map(NonZeroU32::get),
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

fn import_settings(
    root: &Path,
    arguments: &WorkArguments,
    registries: Registries,
    templates: Templates,
) -> Settings {
    let identity = Identity {
        name: arguments.name.clone(),
        email: arguments.email.clone(),
    };
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
            identity: identity.clone(),
            templates,
        },
        registries,
        limits: limits(&arguments.limits),
        identity,
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
