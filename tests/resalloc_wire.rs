//! The ticket server, as resalloc's clients and administrators see it.

use crate::support::program::Run;
use crate::support::resalloc::{ResallocFarm, ResallocServer, folders, hook_log};
use distmill::config::Secret;
use distmill::net::xmlrpc::{Access, CallError, Caller, Value};
use distmill::sync::StopToken;
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::fs;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

fn caller(server: &ResallocServer) -> Caller {
    let access = Access {
        url: server.url.parse().unwrap(),
        token: None,
    };
    Caller::new(access, StopToken::default())
}

#[test]
fn the_stock_python_client_takes_waits_checks_and_closes() {
    let farm = ResallocFarm::new(&folders("basic", "tags: [a]\nmax: 2\nmax_prealloc: 1"));
    let server = farm.start();
    let told = farm.python(
        &server,
        r#"
assert s.system.listMethods() == ["closeTicket", "collectTicket", "listPools", "system.listMethods",
    "system.methodHelp", "system.methodSignature", "takeTicket", "waitTicket", "whyTicket"]
assert "closes a ticket" in s.system.methodHelp("closeTicket")
assert s.system.methodSignature("closeTicket") == "signatures not supported"
one = s.takeTicket(["a"])
assert type(one) is int
output = s.waitTicket(one)
name = str(output)
assert type(output) is xmlrpc.client.Binary and name.startswith("basic_0000000")
for number in (one, str(one)):
    got = s.collectTicket(number)
    assert got == {"ready": True, "output": output, "closed": False, "failed": False}, got
assert s.waitTicket(str(one)) == output
never = s.takeTicket(["a", "z"], None)
assert s.collectTicket(never) == {"ready": False, "output": None, "closed": False, "failed": False}
for wrong in (99, "99", "x", -1, ""):
    assert s.collectTicket(wrong)["ready"] is None
    for method in (s.closeTicket, s.waitTicket):
        try: method(wrong); assert False
        except xmlrpc.client.Fault as fault:
            assert fault.faultCode == 1 and fault.faultString.startswith("<class '"), fault
            assert fault.faultString.endswith(">:no such ticket %s" % wrong), fault
for call in (lambda: s.nothing(), lambda: s.takeTicket("a"), lambda: s.takeTicket([1]),
             lambda: s.waitTicket(), lambda: s.waitTicket([]), lambda: s.takeTicket([], 3)):
    try: call(); assert False
    except xmlrpc.client.Fault as fault: assert fault.faultString.startswith("<class '")
assert s.closeTicket(str(one)) is None and s.closeTicket(one) is None
assert s.collectTicket(one) == {"ready": True, "output": output, "closed": True, "failed": False}
assert s.waitTicket(one) == output
url = url + "RPC2"
assert proxy().collectTicket(never)["ready"] is False
print(name, end="")
"#,
    );
    assert_eq!(told.lines().count(), 1);
    let log = hook_log(&farm, "000001_alloc");
    assert!(log.starts_with("basic_00000001_"), "{log}");
    server.stop();
}

#[test]
fn tickets_outlive_a_restart() {
    let pools = folders(
        "basic",
        "tags: [a]\nmax: 3\nmax_prealloc: 1\nreuse_opportunity_time: 900",
    );
    let farm = ResallocFarm::new(&pools);
    let server = farm.start();
    let ticket = farm.told(&server, &["ticket", "--tag=a", "--sandbox=s"]);
    let output = farm.told(&server, &["ticket-wait", &ticket]);
    let waiting = farm.told(&server, &["ticket", "--tag=z"]);
    server.stop();
    let server = farm.start();
    assert_eq!(farm.told(&server, &["ticket-check", &ticket]), output);
    farm.told(&server, &["ticket-close", &ticket]);
    // The same sandbox gets the same resource again, also over a restart.
    let again = farm.told(&server, &["ticket", "--tag=a", "--sandbox=s"]);
    assert_eq!(farm.told(&server, &["ticket-wait", &again]), output);
    assert_eq!(again, "3");
    // A pool for what waited comes in by an edit.
    farm.set_pools(&format!(
        "{pools}{}",
        folders("late", "tags: [z]\nmax_prealloc: 1")
    ));
    assert!(
        farm.told(&server, &["ticket-wait", &waiting])
            .starts_with("late_")
    );
    server.stop();
}

#[test]
fn hundreds_of_clients_wait_at_once_without_a_thread_each() {
    let farm = ResallocFarm::new("");
    let mut server = farm.start();
    let program = format!(
        r#"
import os, threading, time
proc = "/proc/{}/"
tickets = [s.takeTicket(["later"], "s%d" % n) for n in range(500)]
results = {{}}
def wait(ticket):
    try: results[ticket] = str(proxy().waitTicket(ticket)).strip()
    except xmlrpc.client.Fault as fault: results[ticket] = fault.faultString
threads = [threading.Thread(target=wait, args=(it,)) for it in tickets]
for it in threads: it.start()
while len(os.listdir(proc + "fd")) < 500: time.sleep(0.01)
count = len(os.listdir(proc + "task"))
assert count < 50, count
for ticket in tickets[:100]: s.closeTicket(ticket)
for it in threads[:100]: it.join()
assert len(results) == 100, len(results)
for it in results.values(): assert "was closed" in it, it
pools = "late: {{cmd_new: 'echo $RESALLOC_NAME', cmd_delete: 'true', tags: [later], max: 500, " \
    "max_starting: 100, max_prealloc: 400}}"
open("{}", "w").write(pools)
for it in threads: it.join()
names = [results[it] for it in tickets[100:]]
assert len(set(names)) == 400 and all(it.startswith("late_") for it in names)
"#,
        server.id(),
        farm.path("pools.yaml").display(),
    );
    farm.python(&server, &program);
    server.says("the pools were read again");
    server.stop();
}

#[test]
fn the_command_lines_print_and_exit_as_the_original_ones() {
    let pool = folders(
        "basic",
        "tags: [b, {name: a, priority: 3}]\nmax_prealloc: 1\nmax: 2",
    );
    let farm = ResallocFarm::new(&pool);
    let server = farm.start();
    let client = |arguments: &[&str]| farm.client(&server, arguments);
    let ends = |run: Run, code, stdout: &str, stderr: &str| {
        assert_eq!(
            (run.code, &*run.stdout, &*run.stderr),
            (Some(code), stdout, stderr)
        );
    };
    ends(
        client(&["ticket", "--tag", "a", "--tag", "b"]),
        0,
        "1\n",
        "",
    );
    let name = farm.told(&server, &["ticket-wait", "1"]);
    let line = format!("{name}\n");
    ends(client(&["ticket-check", "1"]), 0, &line, "");
    ends(client(&["ticket", "--tag=z"]), 0, "2\n", "");
    ends(
        client(&["ticket-check", "2"]),
        1,
        "",
        "ticket is still not processed\n",
    );
    let unknown = "WARNING: non-existing ticket\nticket is still not processed\n";
    ends(client(&["ticket-check", "77"]), 1, "", unknown);
    let listed = format!("1 - {name} pool=basic tags=a,b status=UP releases=0 ticket=1\n");
    farm.wait_until("the second one is up", |it| {
        it.maint(&["resource-list", "--up"]).stdout.lines().count() == 2
    });
    let all = farm.maint(&["resource-list"]).stdout;
    assert!(
        all.starts_with(&listed) && all.contains("2 - basic_00000002_"),
        "{all}"
    );
    assert!(all.ends_with("status=UP releases=0 ticket=NULL\n"), "{all}");
    let tickets = format!("1 - state=OPEN tags=a,b resource={name}\n2 - state=OPEN tags=z\n");
    ends(farm.maint(&["ticket-list"]), 0, &tickets, "");
    ends(client(&["ticket-close", "1"]), 0, "", "");
    ends(
        client(&["ticket-check", "1"]),
        1,
        &line,
        "WARNING: already closed ticket\n",
    );
    let lost = client(&["ticket-close", "77"]);
    assert_eq!(lost.code, Some(1));
    assert!(lost.stderr.contains("no such ticket 77"), "{}", lost.stderr);
    assert_eq!(client(&["ticket"]).code, Some(2));
    server.stop();
    let gone = farm.command("resalloc");
    let gone = { gone }
        .args(["--connection=http://127.0.0.1:1", "ticket-check", "1"])
        .output();
    let gone = Run::of(gone.unwrap());
    assert_eq!(gone.code, Some(1));
    assert!(gone.stderr.contains("cannot be reached"), "{}", gone.stderr);
}

#[test]
fn links_are_called_as_the_original_commands_are() {
    let farm = ResallocFarm::new(&folders("p", "tags: [a]\nmax_prealloc: 1"));
    let server = farm.start();
    for name in ["resalloc", "resalloc-maint", "resalloc-server"] {
        let run = |argument: &str| Run::of(farm.command(name).arg(argument).output().unwrap());
        let (version, help) = (run("--version"), run("--help"));
        assert_eq!((version.code, help.code), (Some(0), Some(0)), "{name}");
        assert!(version.stdout.starts_with(&format!("{name} ")), "{name}");
        let usage = format!("Usage: {name} [OPTIONS]");
        assert!(help.stdout.contains(&usage), "{}", help.stdout);
    }
    let run = farm.client(&server, &["ticket", "--ta=a"]);
    assert_eq!((run.code, run.stdout.as_str()), (Some(0), "1\n"));
    let run = farm.client(&server, &["ticket-check", "-1"]);
    assert_eq!(run.code, Some(1));
    assert!(run.stderr.contains("non-existing ticket"), "{}", run.stderr);
    // Whatever a tag is, an answer with it is XML.
    let why = farm.python(
        &server,
        "print(s.whyTicket(s.takeTicket(['a]]>']))['text'])",
    );
    assert!(why.contains("lacks a]]>"), "{why}");
    server.stop();
}

#[test]
fn what_is_beyond_the_original_has_json_beside() {
    let farm = ResallocFarm::new(&folders("basic", "tags: [b]\nmax_prealloc: 1\nmax: 2"));
    let server = farm.start();
    farm.told(&server, &["ticket", "--tag=b"]);
    farm.told(&server, &["ticket", "--tag=z"]);
    farm.told(&server, &["ticket-wait", "1"]);
    let why = farm.told(&server, &["ticket-why", "2"]);
    assert!(
        why.contains("ticket 2 waits") && why.contains("pool basic: lacks z"),
        "{why}"
    );
    let why = farm.told(&server, &["--json", "ticket-why", "2"]);
    assert_eq!(serde_json::from_str::<Json>(&why).unwrap()["ticket"], 2);
    let check = farm.told(
        &server,
        &["--json", "ticket", "--tag=b", "--owner=me", "--priority=-3"],
    );
    assert_eq!(check, r#"{"ticket":3}"#);
    let told = farm.maint(&["--json", "ticket-list"]).stdout;
    let last: Json = serde_json::from_str(told.lines().last().unwrap()).unwrap();
    assert_eq!(
        (&last["owner"], &last["priority"]),
        (&"me".into(), &(-3).into())
    );
    let pools = farm.told(&server, &["--json", "pools"]);
    let pools: Json = serde_json::from_str(&pools).unwrap();
    assert_eq!(
        (&pools["pool"], &pools["max"]),
        (&"basic".into(), &2.into())
    );
    assert!(farm.told(&server, &["pools"]).contains("good"));
    server.stop();
}

#[test]
fn resources_are_shown_with_all_that_is_known() {
    let farm = ResallocFarm::new(&folders(
        "basic",
        "tags: [{name: a, priority: 3}]\nmax_prealloc: 2\nmax_starting: 2",
    ));
    let server = farm.start();
    farm.wait_until("both are up", |it| {
        it.maint(&["resource-list", "--up"]).stdout.lines().count() == 2
    });
    let ends = |run: Run, code, stdout: &str, stderr: &str| {
        assert_eq!(
            (run.code, &*run.stdout, &*run.stderr),
            (Some(code), stdout, stderr)
        );
    };
    let info = farm.maint(&["resource-info", "2"]).stdout;
    assert!(
        info.starts_with("{\n    \"id\": 2,\n    \"name\": \"basic_00000002_"),
        "{info}"
    );
    let values: Json = serde_json::from_str(&info).unwrap();
    assert_eq!(values["data"], values["name"]);
    assert_eq!(
        (&values["state"], &values["tags"]["a"]),
        (&"UP".into(), &3.into())
    );
    let by_name = farm.maint(&["resource-info", values["name"].as_str().unwrap()]);
    assert_eq!(by_name.stdout, info);
    ends(
        farm.maint(&["resource-info", "99"]),
        0,
        "",
        "Unknown resource: 99\n",
    );
    let each = farm.maint(&[
        "foreach-resource",
        "--command",
        "echo '{state}:' {data_utf8}",
    ]);
    assert!(
        each.stdout.contains("UP: basic_00000002_"),
        "{}",
        each.stdout
    );
    server.stop();
}

#[test]
fn what_is_deleted_by_hand_fails_its_ticket_now_or_at_the_next_start() {
    let farm = ResallocFarm::new(&folders("basic", "tags: [a]\nmax_prealloc: 1\nmax: 3"));
    let server = farm.start();
    farm.told(&server, &["ticket", "--tag=a"]);
    let name = farm.told(&server, &["ticket-wait", "1"]);
    assert_eq!(farm.maint(&["resource-delete", "1"]).code, Some(0));
    farm.wait_until("it is gone", |it| !it.made().contains(&name));
    assert!(
        farm.maint(&["ticket-list"])
            .stdout
            .starts_with("1 - state=FAILED tags=a")
    );
    let check = farm.client(&server, &["ticket-check", "1"]);
    assert_eq!((check.code, check.stdout.trim()), (Some(1), &*name));
    assert_eq!(check.stderr, "WARNING: assigned resource failed\n");
    farm.told(&server, &["ticket-close", "1"]);
    assert_eq!(farm.maint(&["ticket-list"]).stdout, "");
    farm.wait_until("there is another one", |it| it.made().len() == 1);
    server.stop();
    // Nobody serves: the deletion is shown and kept, and done at the next start.
    let kept = farm.made();
    farm.maint(&["resource-delete", "--unused"]);
    let list = farm.maint(&["resource-list"]).stdout;
    assert!(list.contains("status=DELETE_REQUEST"), "{list}");
    let server = farm.start();
    farm.wait_until("it is replaced", |it| {
        it.made().len() == 1 && it.made() != kept
    });
    assert_eq!(
        farm.maint(&["resource-delete"]).stderr,
        "no resources specified\n"
    );
    let none = farm.maint(&["resource-delete", "77"]).stderr;
    assert_eq!(none, "Unknown resource: 77\nno resources specified\n");
    server.stop();
}

#[test]
fn a_call_can_wait_without_a_thread() {
    let farm = ResallocFarm::new("");
    let server = farm.start();
    let caller = caller(&server);
    let (sender, receiver) = std::sync::mpsc::channel();
    let tags = || Value::Array(vec!["z".into()]);
    let tickets: Vec<Value> = (0..50)
        .map(|_| caller.ask("takeTicket", &[tags()]).unwrap())
        .collect();
    let waits: Vec<_> = tickets
        .iter()
        .map(|ticket| {
            let (sender, number) = (sender.clone(), ticket.as_int().unwrap());
            let done = move |answer| drop(sender.send((number, answer)));
            let ticket = std::slice::from_ref(ticket);
            caller.begin("waitTicket", ticket, None, done).unwrap()
        })
        .collect();
    drop(sender);
    waits[0].cancel();
    for ticket in &tickets {
        caller
            .ask("closeTicket", std::slice::from_ref(ticket))
            .unwrap();
    }
    let mut ended: Vec<i64> = Vec::new();
    for (number, answer) in receiver {
        let Err(CallError::Fault { fault, .. }) = answer else {
            panic!("{answer:?}")
        };
        assert!(fault.text.contains("was closed"), "{fault}");
        ended.push(number);
    }
    ended.sort_unstable();
    // The one that was given up may have been answered before.
    let all: Vec<i64> = tickets.iter().map(|it| it.as_int().unwrap()).collect();
    assert!(ended == all || ended == all[1..], "{ended:?}");
    let late = caller.call(
        "waitTicket",
        &[caller.ask("takeTicket", &[tags()]).unwrap()],
        Some(Duration::from_millis(100)),
    );
    assert!(matches!(late, Err(CallError::Net(_))), "{late:?}");
    server.stop();
}

/// What the clients of the test below know of their tickets.
#[derive(Default)]
struct Known {
    /// Outputs of those that had a resource and were not closed.
    served: Mutex<BTreeMap<i64, Value>>,
    answers: AtomicUsize,
}

/// Takes, waits and closes now and then, until the server is gone.
fn work(server: &Caller, known: &Known, seed: i64) {
    let ask = |method: &str, params: &[Value]| {
        let answer = server.ask(method, params);
        known.answers.fetch_add(1, Ordering::Relaxed);
        answer
    };
    for step in 0.. {
        let tags = Value::Array(vec!["a".into()]);
        let sandbox = Value::String(format!("s{}", (seed + step) % 3));
        let Ok(ticket) = ask("takeTicket", &[tags, sandbox]) else {
            return;
        };
        let number = ticket.as_int().unwrap();
        let Ok(output) = ask("waitTicket", std::slice::from_ref(&ticket)) else {
            return;
        };
        known.served.lock().unwrap().insert(number, output);
        if (seed + step) % 4 != 0 {
            // It may be closed though the answer does not come: nothing is known of it then.
            known.served.lock().unwrap().remove(&number);
            if ask("closeTicket", &[ticket]).is_err() {
                return;
            }
        }
    }
}

/// The tickets that are not closed.
fn listed(farm: &ResallocFarm) -> Vec<i64> {
    let tickets = farm.maint(&["--json", "ticket-list"]).stdout;
    let number = |line: &str| {
        let ticket: Json = serde_json::from_str(line).unwrap();
        ticket["id"].as_i64().unwrap()
    };
    tickets.lines().map(number).collect()
}

#[test]
fn after_a_kill_open_tickets_keep_their_resources_and_nothing_leaks() {
    let pool = "basic:\n  tags: [a]\n  max: 12\n  max_starting: 3\n  max_prealloc: 2\n  \
        reuse_opportunity_time: 900\n  reuse_max_count: 3\n  cmd_new: sleep 0.03; \
        mkdir made/$RESALLOC_NAME && sleep 0.03 && echo $RESALLOC_NAME\n  cmd_release: sleep 0.01\n  \
        cmd_delete: sleep 0.02; rm -rf made/$RESALLOC_NAME\n";
    let farm = ResallocFarm::new(pool);
    let mut open: BTreeMap<i64, Value> = BTreeMap::new();
    for (round, moment) in [3, 11, 24, 8, 17].into_iter().enumerate() {
        let server = farm.start();
        let caller = caller(&server);
        for (ticket, output) in &open {
            let found = caller.ask("collectTicket", &[Value::Int(*ticket)]).unwrap();
            assert_eq!(found.member("output"), Some(output), "ticket {ticket}");
            assert_eq!(found.member("closed"), Some(&Value::Bool(false)));
            let Value::Bytes(name) = output else {
                panic!("{output:?}")
            };
            let name = String::from_utf8_lossy(name).trim().to_owned();
            assert!(
                farm.made().contains(&name),
                "{name} of ticket {ticket} is gone"
            );
        }
        // Tickets whose clients never heard of them, and some more: room for the next ones.
        while open.len() > 4 {
            open.pop_first();
        }
        for ticket in listed(&farm) {
            if !open.contains_key(&ticket) {
                caller.ask("closeTicket", &[Value::Int(ticket)]).unwrap();
            }
        }
        let known = Known::default();
        std::thread::scope(|scope| {
            for client in 0..3 {
                let (caller, known) = (&caller, &known);
                scope.spawn(move || work(caller, known, client + i64::try_from(round).unwrap()));
            }
            while known.answers.load(Ordering::Relaxed) < moment {
                std::thread::yield_now();
            }
            server.kill();
        });
        open.append(&mut known.served.into_inner().unwrap());
    }
    // Without the pool all goes, what the kills cut short as well, once the tickets are closed.
    farm.set_pools("{}");
    let server = farm.start();
    for ticket in listed(&farm) {
        farm.told(&server, &["ticket-close", &ticket.to_string()]);
    }
    farm.wait_until("all is gone", |it| {
        it.maint(&["resource-list"]).stdout.is_empty()
    });
    assert_eq!(farm.made(), Vec::<String>::new());
    server.stop();
}

#[test]
fn a_broken_edit_is_told_and_a_pool_that_is_removed_is_drained() {
    let (first, second) = (
        folders("first", "tags: [a]\nmax_prealloc: 1\nmax: 2"),
        folders("second", "tags: [b]\nmax_prealloc: 1"),
    );
    let farm = ResallocFarm::new(&format!("{first}  colour: red\n"));
    let mut server = farm.start();
    let log = fs::read_to_string(farm.path("log/main.log")).unwrap();
    assert!(
        log.contains("pool first: the key colour is not known"),
        "{log}"
    );
    farm.told(&server, &["ticket", "--tag=a"]);
    let name = farm.told(&server, &["ticket-wait", "1"]);
    for (text, part) in [
        ("first: [", "pools.yaml is wrong"),
        ("first: {cmd_new: x}", "cmd_delete is missing"),
        ("", "pools.yaml is empty: write {} to have no pools"),
        ("---\n# all gone\n", "pools.yaml is empty"),
    ] {
        farm.set_pools(text);
        let said = server.says("the pools stay as they are");
        assert!(said.contains(part), "{said}");
    }
    // The last good ones are in use.
    farm.told(&server, &["ticket", "--tag=a"]);
    farm.told(&server, &["ticket-wait", "2"]);
    farm.told(&server, &["ticket-close", "2"]);
    farm.set_pools(&second);
    server.says("the pools were read again");
    let is_left = |it: &ResallocFarm| {
        it.made()
            .iter()
            .filter(|it| it.starts_with("first"))
            .count()
    };
    farm.wait_until("all but the taken one are gone", |it| is_left(it) == 1);
    assert!(farm.made().contains(&name));
    farm.told(&server, &["ticket-close", "1"]);
    farm.wait_until("the taken one is gone too", |it| is_left(it) == 0);
    farm.told(&server, &["ticket", "--tag=b"]);
    assert!(
        farm.told(&server, &["ticket-wait", "3"])
            .starts_with("second_")
    );
    server.stop();
}

#[test]
fn a_hanging_command_stops_neither_its_pool_nor_others() {
    let hanging = "hang:\n  cmd_new: sleep 600\n  cmd_delete: 'true'\n  cmd_livecheck: sleep 600\n  \
        tags: [{name: a, priority: 9}]\n  max_prealloc: 1\n  time_limits: {start: 0.5}\n";
    let checks = folders(
        "checks",
        "tags: [c]\nmax: 2\nmax_prealloc: 1\ncmd_livecheck: sleep 600\nlivecheck_period: 0",
    );
    let farm = ResallocFarm::new(&format!(
        "{hanging}{checks}{}",
        folders("works", "tags: [a]\nmax_prealloc: 1")
    ));
    let server = farm.start();
    for (ticket, tag, pool) in [
        ("1", "a", "works_"),
        ("2", "c", "checks_"),
        ("3", "c", "checks_"),
    ] {
        farm.told(&server, &["ticket", "--tag", tag]);
        assert!(
            farm.told(&server, &["ticket-wait", ticket])
                .starts_with(pool)
        );
    }
    farm.told(&server, &["ticket-close", "2"]);
    farm.wait_until("the start was ended", |it| {
        let log = fs::read_to_string(it.path("log/main.log")).unwrap();
        log.contains("took longer than 0.5 s")
    });
    server.stop();
}

#[test]
fn beyond_loopback_a_token_is_wanted() {
    let farm = ResallocFarm::new(&folders("basic", "tags: [a]\nmax_prealloc: 1"));
    farm.set_server("port: 0\nhostname: 0.0.0.0");
    let refused = farm.refused();
    assert_eq!(refused.code, Some(1));
    for part in ["0.0.0.0:0 is beyond loopback", "token_file"] {
        assert!(refused.stderr.contains(part), "{}", refused.stderr);
    }
    let tokens = farm.path("tokens");
    farm.set_server(&format!(
        "port: 0\nhostname: 0.0.0.0\ntoken_file: {}",
        tokens.display()
    ));
    fs::write(&tokens, "# nobody yet\n").unwrap();
    assert!(farm.refused().stderr.contains("has no token"));
    fs::write(&tokens, "# ours\nsecret-1\nsecret-2\n").unwrap();
    let mut server = farm.start();
    server.url = server.url.replace("0.0.0.0", "127.0.0.1");
    let refused = farm.client(&server, &["ticket", "--tag=a"]);
    assert_eq!(refused.code, Some(1));
    assert!(
        refused.stderr.contains("refuses the token"),
        "{}",
        refused.stderr
    );
    let file = tokens.to_str().unwrap();
    assert_eq!(
        farm.told(&server, &["--token-file", file, "ticket", "--tag=a"]),
        "1"
    );
    let ticket = |token: &str| {
        let access = Access {
            url: server.url.parse().unwrap(),
            token: Some(Secret::new(token.to_owned())),
        };
        let tags = Value::Array(vec!["a".into()]);
        Caller::new(access, StopToken::default()).ask("takeTicket", &[tags])
    };
    assert_eq!(ticket("secret-2").unwrap(), Value::Int(2));
    assert!(ticket("secret-3").is_err());
    // The stock client shows a token as a password.
    farm.python(
        &server,
        "url = url.replace('//', '//me:secret-1@')\nassert proxy().takeTicket(['a']) == 3\n\
         try: s.takeTicket(['a']); assert False\n\
         except xmlrpc.client.ProtocolError as error: assert error.errcode == 401",
    );
    server.stop();
}

#[test]
fn what_keeps_a_server_from_starting_is_told() {
    let farm = ResallocFarm::new(
        "one: {cmd_new: x, cmd_delete: y, tags: [t]}\ntwo: {cmd_new: x, cmd_delete: y, tags_on_demand: [t]}",
    );
    let fails = |parts: &[&str]| {
        let run = farm.refused();
        assert_eq!(run.code, Some(1));
        for part in parts {
            assert!(run.stderr.contains(part), "{part}: {}", run.stderr);
        }
    };
    fails(&["pools.yaml is wrong", "pool one", "pool two", "tag t"]);
    farm.set_pools("");
    let check = farm.command("resalloc-server").arg("--check").output();
    let check = Run::of(check.unwrap());
    assert_eq!(check.code, Some(0));
    assert!(
        check.stdout.ends_with("are good: 0 pools\n"),
        "{}",
        check.stdout
    );
    let server = farm.start();
    fails(&["another server has"]);
    server.stop();
    fs::write(farm.path("policy.yaml"), "ageing: soon").unwrap();
    fails(&["policy.yaml is wrong", "ageing"]);
    farm.set_server("port: 99999\nloglevel: loud");
    fails(&["server.yaml is wrong", "port is 99999", "loglevel"]);
    fs::remove_file(farm.path("server.yaml")).unwrap();
    let missing = farm.command("resalloc-maint");
    let missing = { missing }
        .env("CONFIG_DIR", "/nonexistent")
        .arg("ticket-list")
        .output();
    assert!(!missing.unwrap().status.success());
}
