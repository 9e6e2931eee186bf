//! One command, from its start to its end.

use super::capture::Capture;
use super::environment::{FARM, variables};
use super::settings::ShellSettings;
use crate::alloc::starter::{Finished, Order, Task};
use rustix::process::{Pid, Signal, kill_process_group};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::process::ExitStatusExt as _;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;
use tokio::io::AsyncReadExt as _;
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::{Instant, timeout, timeout_at};

/// The time that a group has to end by itself once it was told to.
const GRACE: Duration = Duration::from_secs(5);

/// How long output is waited for after the command itself ended: what it left behind may hold
/// its stdout for ever.
const OUTPUT_GRACE: Duration = Duration::from_millis(500);

/// Ends the group when it is dropped while the command runs, such as when the server stops.
struct Group(Option<Pid>);

impl Group {
    fn signal(&self, signal: Signal) {
        if let Some(group) = self.0 {
            // It fails where all of it has ended.
            let _ = kill_process_group(group, signal);
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.signal(Signal::TERM);
    }
}

/// Runs the command of an order to its end, and not longer than it may. The second value is
/// whether it had to be killed.
pub(super) async fn run(order: &Order, settings: &ShellSettings) -> (Finished, bool) {
    match try_run(order, settings).await {
        Ok(ended) => ended,
        Err(error) => {
            let text = format!("cannot be run: {error}");
            (Finished::failed(&text), false)
        }
    }
}

async fn try_run(order: &Order, settings: &ShellSettings) -> io::Result<(Finished, bool)> {
    let Some(line) = line(order) else {
        let finished = Finished::failed("the pool has no such command");
        return Ok((finished, false));
    };
    fs::create_dir_all(&settings.logs)?;
    let mut options = OpenOptions::new();
    let options = options.create(true).append(true);
    let mut log = options.open(settings.log(&order.task))?;
    let mut capture = match order.task {
        Task::Start(_) => Some(Capture::data()),
        Task::List(_) => Some(Capture::list()),
        _ => None,
    };
    let mut command = Command::new("/bin/sh");
    command.arg("-c").arg(line).envs(variables(order));
    command.env(FARM, &settings.farm);
    command.stdin(Stdio::null()).stderr(log.try_clone()?);
    match capture {
        Some(_) => command.stdout(Stdio::piped()),
        None => command.stdout(log.try_clone()?),
    };
    let mut child = command.process_group(0).spawn()?;
    let id = child.id().and_then(|it| i32::try_from(it).ok());
    let mut group = Group(id.and_then(Pid::from_raw));
    let limit = order.time_limit();
    let end = Instant::now() + limit;
    let stdout = child.stdout.take();
    let whole = async {
        match (&mut capture, stdout) {
            (Some(capture), Some(stdout)) => read(&mut child, stdout, capture, &mut log).await,
            _ => child.wait().await,
        }
    };
    let status = timeout_at(end, whole).await;
    let output = capture.map(Capture::finish).unwrap_or_default();
    let Ok(status) = status else {
        end_group(&mut child, &mut group).await;
        let text = format!("took longer than {} s and was killed", limit.as_secs_f64());
        let _ = writeln!(log, "<{text}>");
        let finished = Finished {
            ok: false,
            output,
            text,
        };
        return Ok((finished, true));
    };
    // What it started on purpose may go on.
    group.0 = None;
    let status = status?;
    let finished = Finished {
        ok: status.success(),
        output,
        text: ending(status),
    };
    Ok((finished, false))
}

/// The shell command of a task.
fn line(order: &Order) -> Option<&str> {
    let commands = &order.pool.commands;
    match order.task {
        Task::Start(_) => Some(&commands.start),
        Task::Delete(_) | Task::DeleteStray { .. } => Some(&commands.delete),
        Task::Livecheck(_) => commands.livecheck.as_deref(),
        Task::Release(_) => commands.release.as_deref(),
        Task::List(_) => commands.list.as_deref(),
    }
}

/// Takes the output while the command runs, and what is left of it then.
async fn read(
    child: &mut Child,
    mut stdout: ChildStdout,
    capture: &mut Capture,
    log: &mut File,
) -> io::Result<ExitStatus> {
    let mut buffer = [0; 4096];
    let mut ended = None;
    loop {
        let size = match ended {
            None => tokio::select! {
                // What was printed before the end comes first.
                biased;
                size = stdout.read(&mut buffer) => size?,
                status = child.wait() => {
                    ended = Some(status?);
                    continue;
                }
            },
            Some(_) => match timeout(OUTPUT_GRACE, stdout.read(&mut buffer)).await {
                Ok(size) => size?,
                Err(_) => 0,
            },
        };
        if size == 0 {
            return match ended {
                Some(status) => Ok(status),
                None => child.wait().await,
            };
        }
        capture.take(&buffer[..size]);
        // The log is for people: where it cannot be written the command goes on.
        let _ = log.write_all(&buffer[..size]);
    }
}

/// Asks the group to end, and ends it.
async fn end_group(child: &mut Child, group: &mut Group) {
    group.signal(Signal::TERM);
    let _ = timeout(GRACE, child.wait()).await;
    group.signal(Signal::KILL);
    group.0 = None;
    let _ = child.wait().await;
}

fn ending(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(0), _) => String::new(),
        (Some(code), _) => format!("exit code {code}"),
        (None, Some(signal)) => format!("ended by signal {signal}"),
        (None, None) => "ended in an unknown way".to_owned(),
    }
}
