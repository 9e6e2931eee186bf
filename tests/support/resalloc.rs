//! A farm of builders: its files in a folder of its own, the server, and the commands.

use super::program::Run;
use super::tools::run;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Stdio};
use tempfile::TempDir;

/// A folder with the files of a farm, where its server and its commands run.
pub struct ResallocFarm {
    dir: TempDir,
}

/// A running server, killed when dropped.
pub struct ResallocServer {
    child: Option<Child>,
    stderr: BufReader<ChildStderr>,
    /// What it said so far.
    said: String,
    /// Where it listens.
    pub url: String,
}

/// A pool whose resources are folders, with further lines.
pub fn folders(name: &str, lines: &str) -> String {
    let mut text = format!(
        "{name}:\n  cmd_new: mkdir made/$RESALLOC_NAME && echo $RESALLOC_NAME\n  \
         cmd_delete: rmdir made/$RESALLOC_NAME\n"
    );
    for line in lines.lines() {
        text.push_str(&format!("  {}\n", line.trim()));
    }
    text
}

impl ResallocFarm {
    /// A farm with these pools.
    pub fn new(pools: &str) -> Self {
        let farm = Self {
            dir: TempDir::new().unwrap(),
        };
        fs::create_dir(farm.path("made")).unwrap();
        farm.set_server("port: 0");
        farm.set_pools(pools);
        farm
    }

    /// A path in its folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Replaces `server.yaml`; the database and the logs are in the folder.
    pub fn set_server(&self, lines: &str) {
        let dir = self.dir.path().display();
        let text = format!("db_url: sqlite:///{dir}/db.sqlite\nlogdir: {dir}/log\n{lines}\n");
        fs::write(self.path("server.yaml"), text).unwrap();
    }

    /// Replaces `pools.yaml`, as editors do.
    pub fn set_pools(&self, text: &str) {
        fs::write(self.path(".new"), text).unwrap();
        fs::rename(self.path(".new"), self.path("pools.yaml")).unwrap();
    }

    /// The program under one of its names, in the folder.
    pub fn command(&self, name: &str) -> Command {
        let link = self.path(name);
        if !link.exists() {
            symlink(env!("CARGO_BIN_EXE_distmill"), &link).unwrap();
        }
        let mut command = Command::new(link);
        command.current_dir(self.dir.path()).stdin(Stdio::null());
        command.env("CONFIG_DIR", self.dir.path());
        command
    }

    /// Runs `resalloc-maint`.
    pub fn maint(&self, arguments: &[&str]) -> Run {
        let mut command = self.command("resalloc-maint");
        Run::of(command.args(arguments).output().unwrap())
    }

    /// Runs `resalloc`.
    pub fn client(&self, server: &ResallocServer, arguments: &[&str]) -> Run {
        let mut command = self.command("resalloc");
        command.args(["--connection", &server.url]);
        Run::of(command.args(arguments).output().unwrap())
    }

    /// What `resalloc` prints, which must go well, without the line break at its end.
    pub fn told(&self, server: &ResallocServer, arguments: &[&str]) -> String {
        let run = self.client(server, arguments);
        assert_eq!(run.code, Some(0), "{arguments:?}: {}", run.stderr);
        run.stdout.trim_end().to_owned()
    }

    /// Runs a server that ends by itself.
    pub fn refused(&self) -> Run {
        Run::of(self.command("resalloc-server").output().unwrap())
    }

    /// Starts the server.
    pub fn start(&self) -> ResallocServer {
        let mut command = self.command("resalloc-server");
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let mut server = ResallocServer {
            stderr: BufReader::new(child.stderr.take().unwrap()),
            child: Some(child),
            said: String::new(),
            url: String::new(),
        };
        let line = server.says("serving tickets on http");
        server.url = line.trim().rsplit(' ').next().unwrap().to_owned();
        server
    }

    /// The names of the folders that were made and not deleted.
    pub fn made(&self) -> Vec<String> {
        let entries = fs::read_dir(self.path("made")).unwrap();
        let names = entries.map(|it| it.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<String> = names.collect();
        names.sort();
        names
    }

    /// Waits until something is so, while the server works.
    pub fn wait_until(&self, what: &str, mut is_so: impl FnMut(&Self) -> bool) {
        let begun = std::time::Instant::now();
        while !is_so(self) {
            let list = || self.maint(&["resource-list"]).stdout;
            assert!(begun.elapsed().as_secs() < 60, "never: {what}\n{}", list());
            std::thread::yield_now();
        }
    }

    /// Runs a Python program with the server's address as its argument; what it prints.
    pub fn python(&self, server: &ResallocServer, program: &str) -> String {
        let head = "import sys, xmlrpc.client\nurl = sys.argv[1]\n\
                    def proxy(): return xmlrpc.client.ServerProxy(url, allow_none=True)\n\
                    s = proxy()\n";
        run("python3", &["-c", &format!("{head}{program}"), &server.url])
    }
}

impl ResallocServer {
    /// Its process.
    pub fn id(&self) -> u32 {
        self.child.as_ref().unwrap().id()
    }

    /// Reads on until it says this; the line.
    pub fn says(&mut self, part: &str) -> String {
        loop {
            let mut line = String::new();
            let size = self.stderr.read_line(&mut line).unwrap();
            assert!(size > 0, "it ended without saying {part:?}:\n{}", self.said);
            self.said.push_str(&line);
            if line.contains(part) {
                return line;
            }
        }
    }

    /// Ends it in good order.
    pub fn stop(mut self) {
        let mut child = self.child.take().unwrap();
        run("kill", &["-s", "TERM", &child.id().to_string()]);
        assert_eq!(child.wait().unwrap().code(), Some(0));
    }

    /// Ends it at once.
    pub fn kill(mut self) {
        let mut child = self.child.take().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
    }
}

impl Drop for ResallocServer {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// The text of a log of the commands.
pub fn hook_log(farm: &ResallocFarm, name: &str) -> String {
    let path: &Path = &farm.path("log/hooks").join(name);
    fs::read_to_string(path).unwrap_or_default()
}
