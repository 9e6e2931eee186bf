//! Tickets over the wire: how many are taken, served and closed in a second, and how long each
//! takes.
//!
//! Starts the server with one pool of 20 resources that are used again (`cmd_new: echo ok`) and
//! lets 8 clients take, wait for and close tickets over connections that are kept open. With
//! `RESALLOC_URL` another server is asked instead, such as the original with the same pool; with
//! `RESALLOC_POLL=1` clients ask for the state instead of waiting; `RESALLOC_SECONDS` is for how
//! long.
//!
//!     cargo bench --bench resalloc

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    missing_docs
)]

use distmill::net::xmlrpc::{Value, decode_response, encode_call};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};
use tempfile::TempDir;

const CLIENTS: usize = 8;

const POOLS: &str = "bench:\n  cmd_new: echo ok\n  cmd_delete: 'true'\n  max: 20\n  max_starting: 20\n  \
    max_prealloc: 12\n  tags: [a]\n  reuse_opportunity_time: 3600\n  reuse_max_time: 36000\n";

/// The server of this program, killed when dropped.
struct Server {
    child: Child,
    _dir: TempDir,
    address: String,
}

impl Server {
    fn start() -> Self {
        let dir = TempDir::new().unwrap();
        let path = dir.path().display();
        let server = format!("db_url: sqlite:///{path}/db\nlogdir: {path}/log\nport: 0\n");
        std::fs::write(dir.path().join("server.yaml"), server).unwrap();
        std::fs::write(dir.path().join("pools.yaml"), POOLS).unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_distmill"))
            .arg("resalloc-server")
            .env("CONFIG_DIR", dir.path())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut said = BufReader::new(child.stderr.take().unwrap());
        said.read_line(&mut line).unwrap();
        let url = line.trim().rsplit(' ').next().unwrap();
        let address = address(url);
        Self {
            child,
            _dir: dir,
            address,
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Host and port of an address.
fn address(url: &str) -> String {
    let rest = url.trim_start_matches("http://");
    rest.trim_end_matches('/').to_owned()
}

/// A connection that is kept open where the server does so.
struct Client {
    address: String,
    stream: Option<BufReader<TcpStream>>,
}

impl Client {
    fn call(&mut self, method: &str, params: &[Value]) -> Value {
        let body = encode_call(method, params);
        let request = format!(
            "POST /RPC2 HTTP/1.1\r\nHost: {}\r\nContent-Type: text/xml\r\nContent-Length: {}\r\n\r\n{body}",
            self.address,
            body.len()
        );
        let mut stream = self.stream.take().unwrap_or_else(|| {
            let stream = TcpStream::connect(&self.address).unwrap();
            stream.set_nodelay(true).unwrap();
            BufReader::new(stream)
        });
        stream.get_mut().write_all(request.as_bytes()).unwrap();
        let (mut line, mut length, mut is_kept) = (String::new(), 0, false);
        loop {
            line.clear();
            stream.read_line(&mut line).unwrap();
            is_kept |= line.starts_with("HTTP/1.1");
            let lower = line.trim().to_ascii_lowercase();
            if let Some(number) = lower.strip_prefix("content-length:") {
                length = number.trim().parse().unwrap();
            }
            if lower.is_empty() {
                break;
            }
        }
        let mut answer = vec![0; length];
        stream.read_exact(&mut answer).unwrap();
        self.stream = is_kept.then_some(stream);
        decode_response(&answer).unwrap().unwrap()
    }

    /// Takes a ticket, has it served, closes it.
    fn cycle(&mut self, sandbox: &str, polls: bool) {
        let tags = Value::Array(vec!["a".into()]);
        let ticket = [self.call("takeTicket", &[tags, sandbox.into()])];
        match polls {
            true => {
                while self.call("collectTicket", &ticket).member("ready")
                    != Some(&Value::Bool(true))
                {
                    thread::sleep(Duration::from_millis(1));
                }
            }
            false => drop(self.call("waitTicket", &ticket)),
        }
        self.call("closeTicket", &ticket);
    }
}

fn main() {
    let variable = |name: &str| std::env::var(name).ok();
    let seconds: u64 = variable("RESALLOC_SECONDS").map_or(5, |it| it.parse().unwrap());
    let polls = variable("RESALLOC_POLL").is_some();
    let (server, address) = match variable("RESALLOC_URL") {
        Some(url) => (None, address(&url)),
        None => {
            let server = Server::start();
            let address = server.address.clone();
            (Some(server), address)
        }
    };
    let is_over = AtomicBool::new(false);
    let begun = Instant::now();
    let mut times: Vec<Duration> = thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS)
            .map(|number| {
                let (address, is_over) = (address.clone(), &is_over);
                scope.spawn(move || {
                    let mut client = Client {
                        address,
                        stream: None,
                    };
                    let sandbox = format!("s{number}");
                    // The first one waits for the start of its resource.
                    client.cycle(&sandbox, polls);
                    let mut times = Vec::new();
                    while !is_over.load(Ordering::Relaxed) {
                        let begun = Instant::now();
                        client.cycle(&sandbox, polls);
                        times.push(begun.elapsed());
                    }
                    times
                })
            })
            .collect();
        thread::sleep(Duration::from_secs(seconds));
        is_over.store(true, Ordering::Relaxed);
        clients
            .into_iter()
            .flat_map(|it| it.join().unwrap())
            .collect()
    });
    let rate = times.len() as f64 / begun.elapsed().as_secs_f64();
    times.sort_unstable();
    let at = |share: f64| {
        let last = times.len().saturating_sub(1);
        times
            .get((last as f64 * share) as usize)
            .copied()
            .unwrap_or_default()
    };
    println!(
        "{CLIENTS} clients, {seconds} s: {} cycles, {rate:.0} a second",
        times.len()
    );
    println!(
        "a cycle: median {:?}, 90 % {:?}, 99 % {:?}, 99.9 % {:?}, longest {:?}",
        at(0.5),
        at(0.9),
        at(0.99),
        at(0.999),
        at(1.0)
    );
    drop(server);
}
