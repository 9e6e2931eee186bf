//! The options on the network, and the settings of the client that they make.

use super::line::check_line;
use crate::config::{JobFile, NetSettings, Politeness, Share};
use bytesize::ByteSize;
use clap::Args;
use std::num::NonZeroU32;
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
    /// Requests to each host, or to one, by all threads of this process together; several processes
    /// have a budget each; may be given several times
    /// [default: 8 to public hosts, as many as there are to this one and to private networks]
    #[arg(long = "requests-per-second", value_name = "[HOST=]N")]
    rates: Vec<String>,
    /// Connections to each host, or to one, likewise [default: 8 to public hosts]
    #[arg(long = "connections", value_name = "[HOST=]N")]
    connections: Vec<String>,
    /// The most that index pages take that are kept under the root, so that they are sent again
    /// only if they have changed; 0 keeps none [default: 512MiB]
    #[arg(long, value_name = "SIZE")]
    cache_size: Option<ByteSize>,
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
        politeness: politeness(arguments, file, mistakes),
        ..NetSettings::default()
    };
    if let Some(contact) = arguments.contact.as_ref().or(file.contact.as_ref()) {
        check_line("--contact", contact, mistakes);
        settings.user_agent = format!("{} ({contact})", settings.user_agent);
    }
    let of_file = file.cache_size.as_ref().and_then(|text| {
        let size = text.parse::<ByteSize>();
        size.map_err(|error| mistakes.push(format!("cache-size {text:?}: {error}")))
            .ok()
    });
    if let Some(size) = arguments.cache_size.or(of_file) {
        settings.cache_bytes = size.as_u64();
    }
    settings
}

fn politeness(
    arguments: &NetworkArguments,
    file: &JobFile,
    mistakes: &mut Vec<String>,
) -> Politeness {
    let mut politeness = Politeness::default();
    let every = (None, file.requests_per_second, file.connections);
    let hosts = file.hosts.iter();
    let hosts = hosts.map(|(name, it)| (Some(&**name), it.requests_per_second, it.connections));
    for (host, rate, connections) in std::iter::once(every).chain(hosts) {
        let share = politeness.share_mut(host);
        if let Some(rate) = rate {
            let set = share.set_rate(rate);
            mistakes.extend(set.err().map(|it| it.to_string()));
        }
        share.connections = connections;
    }
    let mut take = |option: &str, texts: &[String], set: &dyn Fn(&mut Share, &str) -> bool| {
        for text in texts {
            let (host, number) = match text.rsplit_once('=') {
                Some((host, number)) => (Some(host), number),
                None => (None, &**text),
            };
            if host == Some("") || !set(politeness.share_mut(host), number) {
                let text = format!("{option} {text:?} is not of the form [HOST=]N with N above 0");
                mistakes.push(text);
            }
        }
    };
    take("--requests-per-second", &arguments.rates, &|share, text| {
        let rate = text.parse::<f64>();
        rate.is_ok_and(|it| share.set_rate(it).is_ok())
    });
    take("--connections", &arguments.connections, &|share, text| {
        share.connections = text.parse::<NonZeroU32>().ok();
        share.connections.is_some()
    });
    politeness
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;
    use std::path::Path;

    #[derive(Parser)]
    struct Command {
        #[command(flatten)]
        network: NetworkArguments,
    }

    fn settings(options: &[&str], file: &str) -> Result<NetSettings, Vec<String>> {
        let arguments = ["x"].iter().chain(options);
        let arguments = Command::parse_from(arguments).network;
        let file = JobFile::from_toml(file, Path::new("/")).unwrap();
        let mut mistakes = Vec::new();
        let settings = net_settings(&arguments, &file, &mut mistakes);
        match mistakes.is_empty() {
            true => Ok(settings),
            false => Err(mistakes),
        }
    }

    #[test]
    fn options_go_before_the_file() {
        let file = "contact = 'a'\nrequests-per-second = 2\ncache-size = '1MB'\n\
                    [hosts.'h.example.org']\nconnections = 3\nrequests-per-second = 1000\n";
        let options = [
            "--contact=b",
            "--requests-per-second=h.example.org=4",
            "--connections=7",
        ];
        let settings = settings(&options, file).unwrap();
        assert!(settings.user_agent.ends_with(" (b)"));
        assert_eq!(settings.cache_bytes, 1_000_000);
        let bounds = |url: &str| {
            let it = settings.politeness.bounds(&url.parse().unwrap());
            (it.interval.as_millis(), it.connections)
        };
        assert_eq!(bounds("https://h.example.org/"), (250, 3));
        assert_eq!(bounds("https://example.org/"), (500, 7));
    }

    #[test]
    fn every_mistake_is_told() {
        let options = [
            "--requests-per-second=0",
            "--requests-per-second=h=x",
            "--requests-per-second==1",
            "--connections=0",
            "--connections=h=-1",
            "--contact=a\nb",
        ];
        let mistakes = settings(&options, "cache-size = 'much'\nrequests-per-second = -1");
        assert_eq!(mistakes.unwrap_err().len(), 8);
    }
}
