//! One connection to a builder, shared by the steps of a build.

use super::{NO_CONNECTION, SshSettings};
use crate::build::command::quoted;
use crate::build::runner::process::{Ended, Process};
use crate::build::runner::ssh::HostKeys;
use crate::build::runner::{Halted, Order, Verdict};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tempfile::TempDir;

/// How long the end of a connection may take.
const CLOSE: Duration = Duration::from_secs(10);

/// Where a step's input comes from.
#[derive(Debug)]
enum Input {
    Nothing,
    File(PathBuf),
    /// Nothing comes, and it does not end.
    Open,
}

/// A command at the other end.
#[derive(Debug)]
pub(super) struct Step {
    remote: String,
    limit: Duration,
    input: Input,
    output: Option<(PathBuf, u64)>,
    log: Option<PathBuf>,
}

impl Step {
    pub(super) const fn new(remote: String, limit: Duration) -> Self {
        Self {
            remote,
            limit,
            input: Input::Nothing,
            output: None,
            log: None,
        }
    }

    pub(super) fn input(mut self, file: &Path) -> Self {
        self.input = Input::File(file.to_owned());
        self
    }

    pub(super) fn open_input(mut self) -> Self {
        self.input = Input::Open;
        self
    }

    pub(super) fn output(mut self, file: &Path, most: u64) -> Self {
        self.output = Some((file.to_owned(), most));
        self
    }

    pub(super) fn log(mut self, file: &Path) -> Self {
        self.log = Some(file.to_owned());
        self
    }
}

/// A connection.
#[derive(Debug)]
pub(super) struct Connection {
    /// The control socket, the host's key, what ssh said.
    dir: TempDir,
    /// The program and its options, quoted for the shell.
    ssh: String,
    host: String,
    connect_timeout: Duration,
}

impl Connection {
    pub(super) fn new(settings: &SshSettings, order: &Order) -> io::Result<Self> {
        // The path of a socket must be short: not under the attempt's folder.
        let dir = tempfile::Builder::new().prefix("dm-ssh-").tempdir()?;
        let seconds = settings.connect_timeout.as_secs().max(1);
        let mut options = vec![
            "BatchMode=yes".to_owned(),
            "ControlMaster=auto".to_owned(),
            format!("ControlPath={}", dir.path().join("s").display()),
            "ControlPersist=60".to_owned(),
            format!("ConnectTimeout={seconds}"),
            "ServerAliveInterval=15".to_owned(),
            "ServerAliveCountMax=4".to_owned(),
            "LogLevel=ERROR".to_owned(),
        ];
        options.extend(host_keys(settings, dir.path()));
        options.extend(settings.options.iter().cloned());
        let mut words = vec![settings.program.clone(), "-T".to_owned()];
        for option in options {
            words.extend(["-o".to_owned(), option]);
        }
        if let Some(port) = order.machine.port.or(settings.port) {
            words.extend(["-p".to_owned(), port.to_string()]);
        }
        if let Some(path) = &settings.identity {
            words.extend(["-i".to_owned(), path.display().to_string()]);
        }
        if let Some(user) = &settings.user {
            words.extend(["-l".to_owned(), user.clone()]);
        }
        let words: Vec<String> = words.iter().map(|it| quoted(it)).collect();
        Ok(Self {
            ssh: words.join(" "),
            host: quoted(order.machine.host.trim_matches(['[', ']'])),
            connect_timeout: settings.connect_timeout + CLOSE,
            dir,
        })
    }

    /// A file of this connection, gone with it.
    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Connects, and stays connected.
    pub(super) async fn connect(&self, halted: &mut Halted) -> Result<(), Verdict> {
        let step = Step::new("true".to_owned(), self.connect_timeout);
        match self.run(step, Some(halted)).await? {
            0 => Ok(()),
            _ => Err(Verdict::Lost(format!(
                "ssh cannot reach it: {}",
                self.said()
            ))),
        }
    }

    /// Runs a step; the answer is its exit code, or the verdict that it leads to.
    pub(super) async fn run(
        &self,
        step: Step,
        halted: Option<&mut Halted>,
    ) -> Result<i32, Verdict> {
        match self.start(step, halted).await? {
            Ended::Code(NO_CONNECTION) => Err(Verdict::Lost(format!("ssh: {}", self.said()))),
            Ended::Code(code) => Ok(code),
            Ended::Halted => Err(Verdict::Halted),
            ended @ (Ended::TimedOut | Ended::Signal(_)) => {
                Err(Verdict::Lost(format!("ssh {ended}")))
            }
        }
    }

    /// Runs a step whose every end means something to the caller.
    pub(super) async fn finish(&self, step: Step, halted: &mut Halted) -> Result<Ended, Verdict> {
        self.start(step, Some(halted)).await
    }

    async fn start(&self, step: Step, halted: Option<&mut Halted>) -> Result<Ended, Verdict> {
        let mut script = String::new();
        if let Some((_, most)) = &step.output {
            script.push_str(&format!("ulimit -f {}\n", most.div_ceil(512)));
        }
        if matches!(step.input, Input::Open) {
            script.push_str("rm -f \"$HOLD\" && mkfifo \"$HOLD\" || exit 1\n");
        }
        script.push_str(&format!(
            "exec {} {} {}",
            self.ssh,
            self.host,
            quoted(&step.remote)
        ));
        match &step.input {
            Input::Nothing => script.push_str(" </dev/null"),
            Input::File(path) => script.push_str(&format!(" <{}", shell_path(path))),
            Input::Open => script.push_str(" 0<>\"$HOLD\""),
        }
        if let Some((path, _)) = &step.output {
            script.push_str(&format!(" >{}", shell_path(path)));
        }
        let mut process = Process::new(&script);
        process.env("HOLD", &self.file("hold").to_string_lossy());
        let said = self.file("said");
        if step.log.is_none() {
            let _ = fs::remove_file(&said);
        }
        let log = step.log.as_deref().unwrap_or(&said);
        let ended = process.run(log, step.limit, halted).await;
        ended.map_err(|error| Verdict::Trouble(format!("cannot run ssh: {error}")))
    }

    /// The last that the last step said.
    pub(super) fn said(&self) -> String {
        let text = fs::read_to_string(self.file("said")).unwrap_or_default();
        let last = text.lines().rfind(|it| !it.trim().is_empty());
        last.unwrap_or("it said nothing").trim().to_owned()
    }

    /// Ends the connection.
    pub(super) async fn close(&self) {
        let script = format!("exec {} -O exit {}", self.ssh, self.host);
        // One that broke has ended already.
        let _ = Process::new(&script)
            .run(&self.file("said"), CLOSE, None)
            .await;
    }
}

fn shell_path(path: &Path) -> String {
    quoted(&path.to_string_lossy())
}

fn host_keys(settings: &SshSettings, dir: &Path) -> Vec<String> {
    let (check, file) = match settings.host_keys {
        HostKeys::Strict => ("yes", settings.known_hosts.clone()),
        HostKeys::Remember => ("accept-new", settings.known_hosts.clone()),
        HostKeys::Once => ("accept-new", Some(dir.join("known_hosts"))),
        HostKeys::Off => ("no", Some(PathBuf::from("/dev/null"))),
    };
    let mut out = vec![format!("StrictHostKeyChecking={check}")];
    if let Some(file) = file {
        out.push(format!("UserKnownHostsFile={}", file.display()));
        out.push("GlobalKnownHostsFile=/dev/null".to_owned());
    }
    out
}
