//! Who gives builders out: tickets are closed where they were taken and nowhere else, whatever the
//! server says, and builders of pools that are used no more are deleted.

use crate::support::builds::{Yard, count, folder_pool, kill, packages};
use crate::support::resalloc::ResallocFarm;
use crate::support::said::Said;
use crate::support::tools::have;
use distmill::build::tickets::{News, Remote, Tell, Tickets, Wanted};
use distmill::net::xmlrpc::{Access, Caller};
use distmill::sync::StopToken;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

const TARGET: &str = "createrepo = ''\npause = 0.1\n[[targets]]\nname = 't-x86_64'\n";

/// Dispatches until the first build runs, and is killed then.
fn kill_in_the_middle(yard: &Yard) {
    let mut child = yard.start(&[]);
    let said = Said::read(child.stderr.take().unwrap());
    said.wait("[build ");
    kill(&mut child);
}

#[test]
fn tickets_of_others_stay_open_when_builders_come_from_elsewhere() {
    let yard = Yard::new();
    let farm = ResallocFarm::new(&yard.in_yard(&folder_pool("plain", 4, 0)));
    let server = farm.start();
    let theirs = farm.told(&server, &["ticket", "--tag", "copr_builder"]);
    yard.configure(&format!("builders = 1\ncommand = 'sleep 3600'\n{TARGET}"));
    yard.add(&packages(&yard, 1), &[]);
    kill_in_the_middle(&yard);
    let at_server = |command: &str| {
        let url = &server.url;
        yard.configure(&format!(
            "resalloc = '{url}'\ncommand = '{command}'\n{TARGET}"
        ));
    };
    at_server("sleep 3600");
    kill_in_the_middle(&yard);
    let list = || farm.maint(&["ticket-list"]).stdout;
    assert_eq!(list().lines().count(), 2, "{}", list());
    // Of the server's tickets one is told, and not closed by a dispatcher that does not go there.
    yard.configure(&format!("builders = 1\ncommand = 'true'\n{TARGET}"));
    let run = yard.run();
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let warning = format!("1 tickets of {} are still open", server.url);
    assert!(
        run.stderr.contains(warning.trim_end_matches('/')),
        "{}",
        run.stderr
    );
    // One that does closes it, and only it.
    at_server("true");
    yard.add(&packages(&yard, 2)[1..], &[]);
    let run = yard.run();
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let list = list();
    assert_eq!(list.lines().count(), 1, "{list}");
    assert!(list.starts_with(&format!("{theirs} ")), "{list}");
}

#[test]
fn builders_of_pools_that_are_used_no_more_are_deleted() {
    let yard = Yard::new();
    yard.pools(&folder_pool("plain", 2, 0));
    yard.configure(&format!(
        "farm = '{{farm}}'\ncommand = 'sleep 3600'\n{TARGET}"
    ));
    yard.add(&packages(&yard, 2), &[]);
    kill_in_the_middle(&yard);
    assert!(std::fs::read_dir(yard.builders()).unwrap().count() > 0);
    yard.configure(&format!("builders = 1\ncommand = 'true'\n{TARGET}"));
    let run = yard.run();
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert!(
        run.stderr.contains("of theirs are deleted"),
        "{}",
        run.stderr
    );
    assert_eq!(count(&yard.builds(), "finished"), 2);
    yard.assert_clean();
}

/// A server that answers as the mode says, ended when dropped.
struct Stub {
    child: Child,
    url: String,
    said: Said,
}

const STUB: &str = r"
import sys, threading, xmlrpc.client
from socketserver import ThreadingMixIn
from xmlrpc.server import SimpleXMLRPCRequestHandler, SimpleXMLRPCServer
class Handler(SimpleXMLRPCRequestHandler):
    rpc_paths = None
class Server(ThreadingMixIn, SimpleXMLRPCServer):
    daemon_threads = True
mode, closed, faults = sys.argv[1], set(), set()
server = Server(('127.0.0.1', 0), Handler, logRequests=False, allow_none=True)
def takeTicket(tags, sandbox=None):
    return 7
def waitTicket(ticket):
    if mode == 'silent':
        print('waits', flush=True)
        threading.Event().wait()
    return xmlrpc.client.Binary(b'host\n')
def collectTicket(ticket):
    gone = mode == 'silent' or ticket in closed
    return dict(ready=False, output=None, closed=gone, failed=False)
def closeTicket(ticket):
    if mode == 'faults' and ticket not in faults:
        faults.add(ticket)
        raise RuntimeError('database is locked')
    if ticket in closed:
        raise RuntimeError('no such ticket')
    closed.add(ticket)
    print('closed', ticket, flush=True)
for it in takeTicket, waitTicket, collectTicket, closeTicket:
    server.register_function(it)
print('http://127.0.0.1:%d/' % server.server_address[1], flush=True)
server.serve_forever()
";

impl Stub {
    fn start(mode: &str) -> Self {
        let mut command = Command::new("python3");
        command.args(["-c", STUB, mode]).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut url = String::new();
        out.read_line(&mut url).unwrap();
        Self {
            child,
            url: url.trim().to_owned(),
            said: Said::read(out),
        }
    }
}

impl Drop for Stub {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn wanted() -> Wanted {
    Wanted {
        tags: vec!["a".to_owned()],
        sandbox: None,
        owner: "me".to_owned(),
        priority: 0,
    }
}

/// What comes of one ticket of a server, which is closed after the second news of it.
fn news_of(stub: &Stub) -> Vec<News> {
    let runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = { runtime }.worker_threads(1).enable_all().build().unwrap();
    let access = Access {
        url: stub.url.parse().unwrap(),
        token: None,
    };
    let caller = Caller::new(access, StopToken::default());
    let remote = Remote::new(caller, &stub.url, runtime.handle().clone());
    let remote = remote.looking_every(Duration::from_millis(20));
    let (sender, receiver) = crossbeam_channel::unbounded();
    let tell: Tell = Arc::new(move |news| sender.send(news).unwrap());
    remote.take(vec![(1, wanted())], &tell);
    let mut all = Vec::new();
    while !matches!(all.last(), Some(News::Closed { .. })) {
        all.push(receiver.recv_timeout(Duration::from_secs(60)).unwrap());
        if all.len() == 2 {
            remote.close("7", None, &tell);
        }
    }
    all
}

#[test]
fn a_fault_is_no_closed_ticket() {
    if !have(&["python3"]) {
        return;
    }
    let stub = Stub::start("faults");
    let news = news_of(&stub);
    assert!(matches!(news[1], News::Ready { .. }), "{news:?}");
    // It was told as closed because it is.
    stub.said.wait("closed 7");
}

#[test]
fn a_ticket_that_was_closed_at_the_server_is_not_waited_for() {
    if !have(&["python3"]) {
        return;
    }
    let stub = Stub::start("silent");
    let news = news_of(&stub);
    stub.said.wait("waits");
    let News::Gone { reason, .. } = &news[1] else {
        panic!("{news:?}");
    };
    assert!(reason.contains("the server ended the ticket"), "{reason}");
}
