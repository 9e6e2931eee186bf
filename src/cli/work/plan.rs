//! From arguments and files to checked settings: every mistake is found before anything is done.

use super::arguments::Arguments;
use super::file;
use crate::cli::jobs::{ARCH, format_of, limits, net_settings};
use crate::config::{Identity, JobFile, NetSettings, Registries, Secret, Storage, WorkFile};
use crate::frontend::{Limits, Settings};
use crate::import::pipeline::{self, Destination};
use crate::import::spec::{SpecSettings, Templates};
use crate::model::UnknownLayout;
use crate::net::Login;
use crate::rpmfile::Compression;
use crate::ui::Format;
use std::fs::{self, File};
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::time::Duration;
use url::Url;

/// How long results are still handed in at the end of a run.
const FAREWELL: Duration = Duration::from_secs(30);

/// The name that goes with the password.
const USER: &str = "user";

/// Everything that the daemon needs, checked.
pub(super) struct Plan {
    pub(super) frontend: Url,
    pub(super) login: Option<Login>,
    pub(super) storage: Storage,
    pub(super) logs: Option<PathBuf>,
    pub(super) settings: Settings,
    pub(super) import: pipeline::Settings,
    pub(super) net: NetSettings,
    pub(super) format: Format,
    pub(super) warnings: Vec<String>,
}

/// Checks all arguments and the file.
///
/// # Errors
/// Every mistake.
pub(super) fn plan(arguments: &Arguments) -> Result<Plan, Vec<String>> {
    let mut mistakes = Vec::new();
    let (file, mut warnings) = file::settings(arguments, &mut mistakes);
    let frontend = address(file.frontend.as_deref(), &mut mistakes);
    let login = login(&file, &mut warnings, &mut mistakes);
    let identity = identity(&file, &mut mistakes);
    let seconds = |value: Option<f64>, default: u64, what: &str, mistakes: &mut Vec<String>| {
        let duration = value.map(|it| {
            Duration::try_from_secs_f64(it)
                .ok()
                .filter(|it| !it.is_zero())
        });
        let duration = duration.unwrap_or(Some(Duration::from_secs(default)));
        duration.unwrap_or_else(|| {
            mistakes.push(format!("{what} must be a number of seconds above 0"));
            Duration::ZERO
        })
    };
    let sleep_time = seconds(file.sleep_time, 15, "sleep-time", &mut mistakes);
    let download_timeout = seconds(
        file.download_timeout,
        120,
        "download-timeout",
        &mut mistakes,
    );
    let import_timeout = seconds(
        file.import_timeout,
        3 * 3600,
        "import-timeout",
        &mut mistakes,
    );
    let share = share(&file, &mut mistakes);
    let net = net_settings(&arguments.network, &JobFile::default(), &mut mistakes);
    let layout = file.layout.as_deref().map(str::parse).transpose();
    let layout = layout.map_err(|error: UnknownLayout| mistakes.push(error.to_string()));
    if arguments.copr_config.is_some() && file.root.is_none() {
        let what = "--root must name a folder for logs and for results that wait";
        mistakes.push(format!("{what}: --copr-config names none"));
    }
    let (Some(frontend), Ok(layout), []) = (frontend, layout, &mistakes[..]) else {
        return Err(mistakes);
    };
    let root = file.root.clone().unwrap_or_else(|| "distmill-root".into());
    let cgit_list = cgit_list(&file.cgit_list, file.is_cgit_default, &mut warnings);
    let storage = Storage {
        root: root.clone(),
        git: file.git_root,
        lookaside: file.lookaside_root,
        layout,
        cgit_list,
    };
    let task_logs = file
        .task_logs
        .unwrap_or_else(|| root.join("logs").join("tasks"));
    Ok(Plan {
        frontend,
        login,
        logs: file.logs,
        settings: Settings {
            sleep_time,
            limits: share,
            import_timeout,
            task_logs,
            farewell: FAREWELL,
        },
        import: import_settings(identity, arguments),
        net: downloads(net, download_timeout, share.total),
        format: format_of(arguments.json),
        storage,
        warnings,
    })
}

/// The client's settings. As many connections as imports may run are asked of a host where the
/// operator does not say how many: there is only the frontend's.
fn downloads(mut net: NetSettings, download_timeout: Duration, imports: usize) -> NetSettings {
    let imports = u32::try_from(imports).ok().and_then(NonZeroU32::new);
    let every = &mut net.politeness.every;
    every.connections = every.connections.or(imports);
    NetSettings {
        download_timeout,
        ..net
    }
}

fn address(text: Option<&str>, mistakes: &mut Vec<String>) -> Option<Url> {
    let Some(text) = text else {
        mistakes.push("--frontend, --copr-config or --config must name the frontend".to_owned());
        return None;
    };
    let url = Url::parse(text).ok();
    let url = url.filter(|it| matches!(it.scheme(), "http" | "https") && it.has_host());
    if url.is_none() {
        mistakes.push(format!("the frontend {text:?} is no http or https address"));
    }
    url
}

/// The password of the file that is named, or else the configuration's own.
fn login(file: &WorkFile, warnings: &mut Vec<String>, mistakes: &mut Vec<String>) -> Option<Login> {
    let password = match &file.auth_file {
        Some(path) => password(path, mistakes)?,
        None => match &file.auth {
            Some(secret) => secret.clone(),
            None => {
                let text = "results are handed in without a password: there is no --auth-file";
                warnings.push(text.to_owned());
                return None;
            }
        },
    };
    Some(Login {
        user: USER.to_owned(),
        password,
    })
}

fn password(path: &Path, mistakes: &mut Vec<String>) -> Option<Secret> {
    let shown = path.display();
    match fs::read_to_string(path) {
        Ok(text) => match text.lines().next().map(str::trim) {
            Some(line) if !line.is_empty() => return Some(Secret::new(line.to_owned())),
            _ => mistakes.push(format!("{shown}: the first line is empty")),
        },
        Err(error) => mistakes.push(format!("cannot read {shown}: {error}")),
    }
    None
}

/// The list for cgit. An empty name stands for none, and so does the other tool's default where
/// there is no cgit.
fn cgit_list(
    named: &Option<PathBuf>,
    is_default: bool,
    warnings: &mut Vec<String>,
) -> Option<PathBuf> {
    let list = named.clone().filter(|it| !it.as_os_str().is_empty())?;
    let open = || File::options().create(true).append(true).open(&list);
    match is_default.then(open) {
        Some(Err(error)) => {
            let shown = list.display();
            warnings.push(format!(
                "no list for cgit is kept, as {shown}, which is the default, cannot be written: \
                 {error}; --cgit-list names another, or '' for none"
            ));
            None
        }
        _ => Some(list),
    }
}

fn identity(file: &WorkFile, mistakes: &mut Vec<String>) -> Identity {
    let default = Identity::default();
    let identity = Identity {
        name: file.name.clone().unwrap_or(default.name),
        email: file.email.clone().unwrap_or(default.email),
    };
    for text in [&identity.name, &identity.email] {
        if text.trim().is_empty() || text.contains(|c: char| c.is_control() || "<>".contains(c)) {
            mistakes.push(format!("{text:?} cannot stand in a commit"));
        }
    }
    identity
}

fn share(file: &WorkFile, mistakes: &mut Vec<String>) -> Limits {
    let default = Limits::default();
    let limits = Limits {
        total: file.max_workers.unwrap_or(default.total),
        per_sandbox: file.max_per_sandbox.unwrap_or(default.per_sandbox),
        per_owner: file.max_per_owner.unwrap_or(default.per_owner),
    };
    if [limits.total, limits.per_sandbox, limits.per_owner].contains(&0) {
        mistakes.push("max-workers, max-per-sandbox and max-per-owner must be above 0".to_owned());
    }
    if limits.total > 1000 {
        mistakes.push("max-workers must be 1000 at most".to_owned());
    }
    limits
}

fn import_settings(identity: Identity, arguments: &Arguments) -> pipeline::Settings {
    pipeline::Settings {
        // A source package has a license of its own.
        allow_unknown_license: false,
        // Each task brings its own.
        destination: Destination::Folder {
            path: PathBuf::new(),
            specs: false,
        },
        spec: SpecSettings {
            dist: String::new(),
            arch: ARCH.to_owned(),
            identity: identity.clone(),
            templates: Templates::default(),
        },
        registries: Registries::default(),
        limits: limits(&arguments.limits),
        identity,
        compression: Compression::default(),
        source_date_epoch: None,
    }
}
