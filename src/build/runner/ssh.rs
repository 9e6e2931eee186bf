//! Builds on other machines, through the system's own ssh.
//!
//! One connection a build, shared by all that is done there (`ControlMaster`): the source package goes
//! over, the command runs, its files come back as a tar archive, its folder is removed. The command
//! runs under the same watch as on this machine: when the connection ends, so does it. What ssh
//! itself reports as a failure of the connection is a lost builder; everything else is the build's.

mod connection;
mod settings;

pub use settings::{HostKeys, SshSettings};

use super::files::{self, Problem};
use super::script::{NO_ROOM, script, srpm_name};
use super::{Done, Halted, Order, Runner, Verdict};
use crate::build::command::quoted;
use crate::build::results::LOG;
use crate::build::runner::guard::{self, GUARD};
use crate::build::runner::process::Ended;
use connection::{Connection, Step};
use std::hash::{BuildHasher as _, RandomState};
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::task::spawn_blocking;

/// How long copying in one direction may take.
const COPY: Duration = Duration::from_secs(1800);

/// How long cleaning may take.
const CLEAN: Duration = Duration::from_secs(60);

/// What the other side exits with where the folder of results is none.
const NO_RESULTS: i32 = 79;

/// What ssh exits with when the connection failed.
const NO_CONNECTION: i32 = 255;

/// Runs builds by ssh.
#[derive(Clone, Debug)]
pub struct Ssh {
    runtime: Handle,
    settings: Arc<SshSettings>,
}

impl Ssh {
    /// Connects as the settings say.
    #[must_use]
    pub fn new(runtime: Handle, settings: SshSettings) -> Self {
        Self {
            runtime,
            settings: Arc::new(settings),
        }
    }
}

impl Runner for Ssh {
    fn begin(&self, order: Order, mut halted: Halted, done: Done) {
        let settings = Arc::clone(&self.settings);
        self.runtime.spawn(async move {
            let verdict = run(&order, &settings, &mut halted).await;
            let _ = spawn_blocking(move || done(verdict)).await;
        });
    }
}

async fn run(order: &Order, settings: &SshSettings, halted: &mut Halted) -> Verdict {
    if !order.machine.is_reachable_by_ssh() {
        return Verdict::Lost(format!("{:?} is no host for ssh", order.machine.host));
    }
    let connection = match Connection::new(settings, order) {
        Ok(connection) => connection,
        Err(error) => return Verdict::of_here("cannot set ssh up", &error),
    };
    let work = place(&settings.work, &order.name);
    let verdict = match connection.connect(halted).await {
        Ok(()) => match send(order, &connection, &work, halted).await {
            Ok(()) => build(order, settings, &connection, &work, halted).await,
            Err(verdict) => verdict,
        },
        Err(verdict) => return verdict,
    };
    // A builder that is gone needs no cleaning, and a ticket's end cleans the others too.
    let is_ended = matches!(verdict, Verdict::Halted | Verdict::TimedOut);
    let clean = Step::new(clean(&work, is_ended), CLEAN);
    let _ = connection.run(clean, None).await;
    connection.close().await;
    verdict
}

/// Removes the folder of a build. Of one that was ended the watch does it, once it is all at its end.
fn clean(work: &str, is_ended: bool) -> String {
    let work = quoted(work);
    let wait =
        format!("n=0; while [ -d {work} ] && [ $n -lt 75 ]; do sleep 0.2; n=$((n + 1)); done; ");
    let wait = if is_ended { wait } else { String::new() };
    format!("{wait}rm -rf {work}")
}

/// A folder there that no other build has, whoever else sends builds to the same machine.
fn place(base: &str, name: &str) -> String {
    // The standard library seeds every RandomState anew: randomness enough to tell folders apart.
    let unique = RandomState::new().hash_one(name);
    format!("{}/{name}-{unique:016x}", base.trim_end_matches('/'))
}

/// Makes the folder of the build, with the source package in it.
async fn send(
    order: &Order,
    connection: &Connection,
    work: &str,
    halted: &mut Halted,
) -> Result<(), Verdict> {
    if let Err(error) = std::fs::File::open(&order.srpm) {
        let text = format!("{}: {error}", order.srpm.display());
        return Err(Verdict::NoSource(text));
    }
    let work = quoted(work);
    let name = quoted(&srpm_name(order));
    let remote = format!("rm -rf {work}; mkdir -p {work}/results && cat > {work}/{name}");
    let step = Step::new(remote, COPY).input(&order.srpm);
    match connection.run(step, Some(halted)).await? {
        0 => Ok(()),
        _ => Err(Verdict::Lost(format!(
            "the source package cannot be put there: {}",
            connection.said()
        ))),
    }
}

async fn build(
    order: &Order,
    settings: &SshSettings,
    connection: &Connection,
    work: &str,
    halted: &mut Halted,
) -> Verdict {
    let words = [GUARD, "sh", &script(order, work), guard::script(), work].map(quoted);
    let remote = format!("exec /bin/sh -c {}", words.join(" "));
    let step = Step::new(remote, order.time_limit)
        .open_input()
        .log(&order.folder.join(LOG), order.max_log);
    let code = match connection.finish(step, halted).await {
        Ok(Ended::Code(code)) => code,
        Ok(Ended::TimedOut) => return Verdict::TimedOut,
        Ok(Ended::Halted) => return Verdict::Halted,
        Ok(ended @ Ended::Signal(_)) => return Verdict::Lost(format!("ssh {ended}")),
        Err(verdict) => return verdict,
    };
    match code {
        NO_CONNECTION => return Verdict::Lost("the connection broke".to_owned()),
        NO_ROOM => return Verdict::Lost("it has no room left".to_owned()),
        _ => {}
    }
    let fetched = fetch(order, settings, connection, work, halted).await;
    match (code, fetched) {
        (0, Ok(())) => Verdict::Succeeded,
        (0, Err(verdict)) => verdict,
        (code, _) => Verdict::Failed(code),
    }
}

/// Takes the files that the build made, as they come.
async fn fetch(
    order: &Order,
    settings: &SshSettings,
    connection: &Connection,
    work: &str,
    halted: &mut Halted,
) -> Result<(), Verdict> {
    let here = |error: io::Error| Verdict::of_here("cannot take the results", &error);
    let (reader, writer) = io::pipe().map_err(here)?;
    let (to, most) = (order.folder.join("files"), settings.max_results);
    let (begun, begins) = oneshot::channel();
    let taking = spawn_blocking(move || {
        let _ = begun.send(());
        files::unpack(reader, &to, most)
    });
    // The time for the copy begins once there is a thread that takes it.
    let _ = begins.await;
    let remote = format!(
        "cd {}/results || exit {NO_RESULTS}; tar cf - .",
        quoted(work)
    );
    let step = Step::new(remote, COPY).output(writer);
    let sent = connection.run(step, Some(halted)).await;
    let taken = taking.await;
    let taken = taken.unwrap_or_else(|error| Err(Problem::Ours(io::Error::other(error))));
    match (sent, taken) {
        (Err(Verdict::Halted), _) => Err(Verdict::Halted),
        (Ok(NO_RESULTS), _) => {
            let text = "the command left no folder of results".to_owned();
            Err(Verdict::Unusable(text))
        }
        // Too much, or no room here: then the other side was cut off.
        (_, Err(problem @ (Problem::Theirs(_) | Problem::Ours(_)))) => Err(problem.verdict()),
        (Err(verdict), _) => Err(verdict),
        (Ok(0), taken) => taken.map_err(Problem::verdict),
        (Ok(_), _) => {
            let text = format!("the results cannot be had: {}", connection.said());
            Err(Verdict::Lost(text))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn builds_of_one_name_do_not_meet() {
        let (one, other) = (place("/var/tmp/", "a-1-1"), place("/var/tmp", "a-1-1"));
        assert!(one.starts_with("/var/tmp/a-1-1-"), "{one}");
        assert_ne!(one, other);
    }
}
