//! How much of a host's service is taken at most, by all threads of a process together.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::time::Duration;
use url::{Host, Url};

/// The pause between two requests to a public host.
const PUBLIC_INTERVAL: Duration = Duration::from_millis(125);

/// Connections to a public host.
const PUBLIC_CONNECTIONS: u32 = 8;

/// The fastest and the slowest that can be asked for, in requests a second.
const RATES: std::ops::RangeInclusive<f64> = 0.001..=1_000_000.0;

/// Endings of names that no public host has.
const OWN_NAMES: [&str; 6] = [
    "localhost",
    "local",
    "internal",
    "lan",
    "home.arpa",
    "intranet",
];

/// What an operator says of hosts; nothing where it is left to what kind of host it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Share {
    /// The pause between two requests.
    pub interval: Option<Duration>,
    /// Connections at the same time.
    pub connections: Option<NonZeroU32>,
}

/// What holds for one host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// The pause between two requests, on average.
    pub interval: Duration,
    /// Connections at the same time.
    pub connections: u32,
}

/// What is taken of all hosts, and of some.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Politeness {
    /// Of every host that is not named.
    pub every: Share,
    /// By `HOST` or `HOST:PORT`, in lower case.
    pub hosts: BTreeMap<String, Share>,
}

/// A rate that no pause can be made of.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{0} requests a second are not between 0.001 and 1000000")]
pub struct RateError(f64);

impl Share {
    /// Takes so many requests a second at most.
    ///
    /// # Errors
    /// When the number is too small or too large.
    pub fn set_rate(&mut self, requests_per_second: f64) -> Result<(), RateError> {
        if !RATES.contains(&requests_per_second) {
            return Err(RateError(requests_per_second));
        }
        self.interval = Some(Duration::from_secs_f64(requests_per_second.recip()));
        Ok(())
    }
}

impl Politeness {
    /// As much as there is, for a host of the operator's own.
    #[must_use]
    pub fn without_bounds() -> Self {
        Self {
            every: Share {
                interval: Some(Duration::ZERO),
                connections: Some(NonZeroU32::MAX),
            },
            hosts: BTreeMap::new(),
        }
    }

    /// What is said of one host, or of all others.
    pub fn share_mut(&mut self, host: Option<&str>) -> &mut Share {
        match host {
            Some(host) => self.hosts.entry(host.to_ascii_lowercase()).or_default(),
            None => &mut self.every,
        }
    }

    /// What holds for the host of an address: what is said of it, of all, or what is usual for a
    /// host of the public and for one of the own network.
    #[must_use]
    pub fn bounds(&self, url: &Url) -> Bounds {
        let name = url.host_str().unwrap_or_default();
        let of_port = url.port().map(|port| format!("{name}:{port}"));
        let of_port = of_port.and_then(|it| self.hosts.get(&it));
        let own = of_port.or_else(|| self.hosts.get(name));
        let own = own.copied().unwrap_or_default();
        let (interval, connections) = match is_own(url) {
            true => (Duration::ZERO, u32::MAX),
            false => (PUBLIC_INTERVAL, PUBLIC_CONNECTIONS),
        };
        let said = own.connections.or(self.every.connections);
        Bounds {
            interval: own.interval.or(self.every.interval).unwrap_or(interval),
            connections: said.map_or(connections, NonZeroU32::get),
        }
    }
}

/// Whether a host is this one, or one of the own network.
fn is_own(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(it)) => it.is_loopback() || it.is_private() || it.is_link_local(),
        Some(Host::Ipv6(it)) => {
            it.is_loopback() || it.is_unique_local() || it.is_unicast_link_local()
        }
        Some(Host::Domain(name)) => {
            let name = name.trim_end_matches('.');
            let within = |end: &&str| name.strip_suffix(*end).is_some_and(|it| it.ends_with('.'));
            !name.contains('.') || OWN_NAMES.iter().any(within)
        }
        None => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn public_hosts_are_spared_and_own_ones_are_not() {
        let bounds = |url: &str| Politeness::default().bounds(&url.parse().unwrap());
        for url in [
            "http://127.0.0.1:8080/x",
            "http://[::1]/",
            "http://10.1.2.3/",
            "http://192.168.0.1/",
            "http://[fd00::1]/",
            "http://localhost/",
            "http://copr-fe/",
            "http://mirror.internal/",
        ] {
            assert_eq!(bounds(url).interval, Duration::ZERO, "{url}");
            assert_eq!(bounds(url).connections, u32::MAX, "{url}");
        }
        for url in [
            "https://example.org/",
            "http://8.8.8.8/",
            "http://[2001:db8::1]/",
            "http://notlocal.example.org/",
            "http://a.mylocal/",
        ] {
            assert_eq!(bounds(url).interval, PUBLIC_INTERVAL, "{url}");
            assert_eq!(bounds(url).connections, PUBLIC_CONNECTIONS, "{url}");
        }
    }

    #[test]
    fn what_is_said_of_a_host_goes_before_what_is_said_of_all() {
        let mut politeness = Politeness::default();
        politeness.share_mut(None).set_rate(2.0).unwrap();
        let mirror = politeness.share_mut(Some("Mirror.example.org"));
        mirror.set_rate(50.0).unwrap();
        mirror.connections = NonZeroU32::new(3);
        let other = politeness.share_mut(Some("127.0.0.1:81"));
        other.connections = NonZeroU32::new(1);
        let bounds = |url: &str| {
            let Bounds {
                interval,
                connections,
            } = politeness.bounds(&url.parse().unwrap());
            (interval.as_millis(), connections)
        };
        assert_eq!(bounds("https://mirror.example.org/x"), (20, 3));
        assert_eq!(bounds("https://example.org/x"), (500, PUBLIC_CONNECTIONS));
        assert_eq!(bounds("http://127.0.0.1:81/x"), (500, 1));
        assert_eq!(bounds("http://127.0.0.1:82/x"), (500, u32::MAX));
    }

    #[test]
    fn a_host_of_one_s_own_has_none() {
        let bounds = Politeness::without_bounds();
        let bounds = bounds.bounds(&"https://example.org/".parse().unwrap());
        assert_eq!(bounds.interval, Duration::ZERO);
        assert_eq!(bounds.connections, u32::MAX);
    }

    #[test]
    fn rates_have_bounds() {
        for rate in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e9] {
            assert!(Share::default().set_rate(rate).is_err(), "{rate}");
        }
    }
}
