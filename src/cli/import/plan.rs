//! From arguments to checked settings: every mistake is found before anything is done.

use super::arguments::{Arguments, LimitArguments, NetworkArguments};
use crate::cli::sources::{self, Entry};
use crate::config::{Identity, Limits, NetSettings, Registries};
use crate::import::pipeline::Settings;
use crate::import::spec::{SpecSettings, Templates};
use crate::model::{BranchName, Project};
use std::time::Duration;

/// The architecture that the header of an archful source package names: one for all machines, so
/// that the same source makes the same bytes on each.
const ARCH: &str = "x86_64";

/// Everything that a run needs, checked.
pub(super) struct Plan {
    pub(super) entries: Vec<Entry>,
    pub(super) settings: Settings,
    pub(super) net: NetSettings,
}

/// Checks all arguments.
///
/// # Errors
/// Every mistake.
pub(super) fn plan(arguments: Arguments) -> Result<Plan, Vec<String>> {
    let mut mistakes = Vec::new();
    let mut note = |text: String| mistakes.push(text);
    let project = Project::parse(&arguments.project).map_err(|error| note(error.to_string()));
    let mut branches = Vec::new();
    for name in &arguments.branches {
        match BranchName::new(name) {
            Ok(branch) if branches.contains(&branch) => {
                note(format!("branch {name:?} is given twice"));
            }
            Ok(branch) => branches.push(branch),
            Err(error) => note(error.to_string()),
        }
    }
    let mut registries = Registries::default();
    for text in &arguments.registries {
        if let Err(error) = registries.set(text) {
            note(error.to_string());
        }
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || "._+~".contains(c);
    if !arguments.dist.chars().all(plain) {
        note(format!(
            "--dist {:?} cannot stand in a release",
            arguments.dist
        ));
    }
    for (option, text) in [
        ("--name", &arguments.output.name),
        ("--email", &arguments.output.email),
        (
            "--contact",
            arguments.network.contact.as_ref().unwrap_or(&String::new()),
        ),
    ] {
        if text.contains(|c: char| c.is_control() || "<>".contains(c)) {
            note(format!(
                "{option} {text:?} holds a character that is not allowed"
            ));
        }
    }
    let entries = sources::expand(&arguments.sources).map_err(|all| mistakes.extend(all));
    let (Ok(project), Ok(entries), []) = (project, entries, &mistakes[..]) else {
        return Err(mistakes);
    };
    let identity = Identity {
        name: arguments.output.name,
        email: arguments.output.email,
    };
    Ok(Plan {
        entries,
        net: net_settings(&arguments.network),
        settings: Settings {
            project,
            branches,
            git: !arguments.no_git,
            spec: SpecSettings {
                dist: arguments.dist,
                arch: ARCH.to_owned(),
                identity: identity.clone(),
                templates: Templates::default(),
            },
            registries,
            limits: limits(&arguments.limits),
            identity,
            compression: arguments.output.compression,
            source_date_epoch: arguments.output.source_date_epoch,
        },
    })
}

fn limits(arguments: &LimitArguments) -> Limits {
    Limits {
        max_download: arguments.max_download.as_u64(),
        max_bytes: arguments.max_bytes.as_u64(),
        max_entries: arguments.max_entries,
        max_ratio: arguments.max_ratio,
        ..Limits::default()
    }
}

fn net_settings(arguments: &NetworkArguments) -> NetSettings {
    let mut settings = NetSettings {
        timeout: Duration::from_secs(arguments.timeout.max(1)),
        retries: arguments.retries,
        ..NetSettings::default()
    };
    if let Some(contact) = &arguments.contact {
        settings.user_agent = format!("{} ({contact})", settings.user_agent);
    }
    settings
}
