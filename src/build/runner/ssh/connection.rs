//! One connection to a builder, shared by the steps of a build.

use super::{NO_CONNECTION, SshSettings};
use crate::build::command::quoted;
use crate::build::runner::process::{Ended, Process};
use crate::build::runner::ssh::HostKeys;
use crate::build::runner::{Halted, Order, Verdict};
use std::fs;
use std::io::{self, PipeWriter};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tempfile::TempDir;

/// How long the end of a connection may take.
const CLOSE: Duration = Duration::from_secs(10);

/// What a step exits with that could not be set up here; no build at the other end does.
const NO_PIPE: i32 = 254;

/// Bytes of what is kept of ssh's own messages.
const MOST_SAID: u64 = 64 << 10;

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
    output: Option<PipeWriter>,
    log: Option<(PathBuf, u64)>,
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

    pub(super) fn output(mut self, to: PipeWriter) -> Self {
        self.output = Some(to);
        self
    }

    pub(super) fn log(mut self, file: &Path, most: u64) -> Self {
        self.log = Some((file.to_owned(), most));
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
        fs::create_dir_all(&settings.connections)?;
        let dir = TempDir::with_prefix_in("ssh-", &settings.connections)?;
        let seconds = settings.connect_timeout.as_secs().max(1);
        // The path of a socket must be short: ssh runs in that folder. The first value counts.
        let mut options: Vec<String> = [
            "BatchMode=yes",
            "ControlMaster=auto",
            "ControlPath=./socket",
            "ControlPersist=60",
        ]
        .map(str::to_owned)
        .into();
        options.extend(settings.options.iter().cloned());
        options.extend([
            format!("ConnectTimeout={seconds}"),
            "ServerAliveInterval=15".to_owned(),
            "ServerAliveCountMax=4".to_owned(),
            "LogLevel=ERROR".to_owned(),
            // What runs there may be anything: nothing of ours goes over.
            "ForwardAgent=no".to_owned(),
            "ForwardX11=no".to_owned(),
        ]);
        options.extend(host_keys(settings));
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
    fn file(&self, name: &str) -> PathBuf {
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
        if matches!(step.input, Input::Open) {
            script.push_str(&format!("rm -f hold && mkfifo hold || exit {NO_PIPE}\n"));
        }
        script.push_str(&format!(
            "exec {} {} {}",
            self.ssh,
            self.host,
            quoted(&step.remote)
        ));
        match &step.input {
            Input::Nothing => {}
            Input::File(path) => script.push_str(&format!(" <{}", shell_path(path))),
            Input::Open => script.push_str(" 0<>hold"),
        }
        let mut process = Process::new(&script);
        process.folder(self.dir.path());
        if let Some(output) = step.output {
            process.output(output);
        }
        let said = self.file("said");
        if step.log.is_none() {
            let _ = fs::remove_file(&said);
        }
        let (log, most) = step.log.unwrap_or((said, MOST_SAID));
        process.most(most);
        match process.run(&log, step.limit, halted).await {
            Ok(Ended::Code(NO_PIPE)) => {
                let folder = self.dir.path().display();
                Err(Verdict::Trouble(format!("cannot make a pipe in {folder}")))
            }
            ended => ended.map_err(|error| Verdict::of_here("cannot run ssh", &error)),
        }
    }

    /// The last that the last step said.
    pub(super) fn said(&self) -> String {
        let text = fs::read_to_string(self.file("said")).unwrap_or_default();
        let last = text.lines().rfind(|it| !it.trim().is_empty());
        last.unwrap_or("it said nothing").trim().to_owned()
    }

    /// Ends the connection.
    pub(super) async fn close(&self) {
        let mut exit = Process::new(&format!("exec {} -O exit {}", self.ssh, self.host));
        exit.folder(self.dir.path());
        // One that broke has ended already.
        let _ = exit.run(&self.file("said"), CLOSE, None).await;
    }
}

fn shell_path(path: &Path) -> String {
    quoted(&path.to_string_lossy())
}

fn host_keys(settings: &SshSettings) -> Vec<String> {
    let known = settings.known_hosts.as_deref();
    let (check, file) = match settings.host_keys {
        HostKeys::Strict => ("yes", known),
        HostKeys::Remember => ("accept-new", known),
        HostKeys::Once => ("accept-new", Some(Path::new("known_hosts"))),
        HostKeys::Off => ("no", Some(Path::new("/dev/null"))),
    };
    let mut out = vec![format!("StrictHostKeyChecking={check}")];
    if let Some(file) = file {
        out.push(format!("UserKnownHostsFile={}", option_path(file)));
        out.push("GlobalKnownHostsFile=/dev/null".to_owned());
    }
    out
}

/// A path as ssh reads it in an option: one word, in which nothing stands for something else.
fn option_path(path: &Path) -> String {
    let text = path.to_string_lossy();
    let text = text.replace('\\', "\\\\").replace('"', "\\\"");
    format!("\"{}\"", text.replace('%', "%%"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_one_word_of_an_option() {
        let path = Path::new("/srv/my \"keys\"/50%");
        assert_eq!(option_path(path), r#""/srv/my \"keys\"/50%%""#);
    }
}
