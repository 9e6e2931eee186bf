//! Which tickets come when.

use super::random::Random;
use crate::alloc::ticket::{Request, Tags};
use crate::config::{GenerateEntry, LoadFile, TicketEntry};
use std::time::Duration;

/// A ticket that comes.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Arrival {
    /// So long after the beginning.
    pub(super) at: Duration,
    pub(super) request: Request,
    /// How long it keeps its resource.
    pub(super) keeps: Duration,
}

/// All tickets of a load, by their time.
pub(super) fn arrivals(load: &LoadFile) -> Vec<Arrival> {
    let mut all: Vec<Arrival> = load.ticket.iter().flat_map(listed).collect();
    for (at, entry) in load.generate.iter().enumerate() {
        // Each entry has numbers of its own: a change of one does not change the others.
        let mut random = Random::new(load.seed ^ (at as u64).wrapping_mul(0x51_7cc1_b727));
        generate(entry, at, &mut random, &mut all);
    }
    all.sort_by_key(|it| it.at);
    all
}

fn listed(entry: &TicketEntry) -> impl Iterator<Item = Arrival> {
    let arrival = Arrival {
        at: Duration::from_secs_f64(entry.at),
        request: Request {
            tags: Tags::new(&entry.tags),
            sandbox: entry.sandbox.as_deref().map(Into::into),
            owner: entry.owner.as_deref().map(Into::into),
            priority: entry.priority,
        },
        keeps: Duration::from_secs_f64(entry.seconds),
    };
    let count = entry.count.unwrap_or(1) as usize;
    std::iter::repeat_n(arrival, count)
}

fn generate(entry: &GenerateEntry, number: usize, random: &mut Random, all: &mut Vec<Arrival>) {
    if entry.per_hour <= 0.0 {
        return;
    }
    let name = entry.name.clone();
    let name = name.unwrap_or_else(|| format!("load-{}", number + 1));
    let tags = Tags::new(&entry.tags);
    let end = (entry.from_hour + entry.hours) * 3600.0;
    let mut at = entry.from_hour * 3600.0;
    loop {
        at += random.exponential(3600.0 / entry.per_hour);
        if at >= end {
            return;
        }
        let sandbox = (entry.sandboxes > 0).then(|| random.below(entry.sandboxes));
        let owner = match sandbox {
            _ if entry.owners == 0 => None,
            Some(sandbox) => Some(sandbox % entry.owners),
            None => Some(random.below(entry.owners)),
        };
        let keeps = match entry.fixed {
            true => entry.seconds,
            false => random.exponential(entry.seconds),
        };
        all.push(Arrival {
            at: Duration::from_secs_f64(at),
            request: Request {
                tags: tags.clone(),
                sandbox: sandbox.map(|it| format!("{name}-sandbox-{it}").into()),
                owner: owner.map(|it| format!("{name}-owner-{it}").into()),
                priority: entry.priority,
            },
            keeps: Duration::from_secs_f64(keeps),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_load_is_listed_and_generated_by_time() {
        let text = "seed = 3\n[[ticket]]\nat = 1800\ntags = ['a']\nseconds = 5\ncount = 2\n\
            [[generate]]\ntags = ['b']\nper_hour = 100\nhours = 10\nseconds = 60\n\
            sandboxes = 6\nowners = 3\n";
        let load = LoadFile::from_toml(text).unwrap();
        let all = arrivals(&load);
        assert!((900..1100).contains(&all.len()), "{}", all.len());
        assert!(all.windows(2).all(|it| it[0].at <= it[1].at));
        let listed = all.iter().filter(|it| it.request.tags.contains("a"));
        assert_eq!(listed.count(), 2);
        assert_eq!(all, arrivals(&load));
        let keeps: f64 = all.iter().map(|it| it.keeps.as_secs_f64()).sum();
        assert!((55.0..65.0).contains(&(keeps / all.len() as f64)));
    }
}
