//! The options on the network, and the settings of the client that they make.

use super::plan::check_line;
use crate::config::{JobFile, NetSettings};
use clap::Args;
use std::time::Duration;

#[derive(Debug, Args)]
#[command(next_help_heading = "Network")]
pub(in crate::cli) struct NetworkArguments {
    /// Seconds without an answer, or without the next bytes, before an attempt is given up
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    timeout: u64,
    /// Further attempts after a failure that may pass
    #[arg(long, value_name = "N", default_value_t = 4)]
    retries: u32,
    /// Address of the operator, sent in the User-Agent: registries ask for one
    #[arg(long, value_name = "TEXT", env = "DISTMILL_CONTACT")]
    contact: Option<String>,
}

/// The client's settings: options go before what the file says; mistakes are added to the list.
pub(in crate::cli) fn net_settings(
    arguments: &NetworkArguments,
    file: &JobFile,
    mistakes: &mut Vec<String>,
) -> NetSettings {
    let mut settings = NetSettings {
        timeout: Duration::from_secs(arguments.timeout.max(1)),
        retries: arguments.retries,
        ..NetSettings::default()
    };
    if let Some(contact) = arguments.contact.as_ref().or(file.contact.as_ref()) {
        check_line("--contact", contact, mistakes);
        settings.user_agent = format!("{} ({contact})", settings.user_agent);
    }
    settings
}
