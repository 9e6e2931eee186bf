//! `distmill batch --since` takes what changed at the registry, and passes over nothing; `distmill
//! retry` puts back what failed.

use crate::support::pack::{Tar, gem};
use crate::support::program::{Program, Run};
use crate::support::registry::{Fault, Form, Registry, Reply};
use crate::support::sdist::sdist;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// A batch of all of an ecosystem, with these options.
fn batch(program: &Program, registry: &Registry, ecosystem: &str, options: &[&str]) -> Run {
    let all = format!("--all={ecosystem}");
    let from = format!("--registry={ecosystem}={}", registry.url());
    let mut arguments = vec![&*all, &*from, "--retries=0", "--attempts=1", "--jobs=2"];
    arguments.extend(options);
    program.run("batch", &arguments)
}

fn serve(registry: &Registry, names: &[(&str, u64)], last: u64) {
    let project = |it: &(&str, u64)| json!({"name": it.0, "_last-serial": it.1});
    let projects: Vec<Value> = names.iter().map(project).collect();
    let page = json!({"meta": {"_last-serial": last, "api-version": "1.4"}, "projects": projects});
    let kind = "application/vnd.pypi.simple.v1+json";
    registry.serve("/simple/", Reply::page(kind, page.to_string()));
}

fn publish(registry: &Registry, name: &str, version: &str) {
    let file = format!("{name}-{version}.tar.gz");
    registry.add_pypi(name, version, &file, sdist(name, version));
}

/// A gem of that name.
fn of(name: &str, version: &str) -> Vec<u8> {
    let metadata = format!("name: {name}\nversion: {version}\nlicenses: [MIT]\nsummary: s\n");
    let data = Tar::default().file(b"lib/a.rb", b"1\n").end();
    gem(metadata.as_bytes(), &data)
}

/// The sources of the run that was begun last, and the name of it.
fn last_run(program: &Program) -> (String, BTreeSet<String>) {
    let report = program.run("report", &["--json"]);
    let report: Value = serde_json::from_str(&report.stdout).unwrap();
    let name = report["run"]["name"].as_str().unwrap().to_owned();
    let jobs = program.queue_json(&["list", "--run", &name]);
    let source = |it: &Value| it["source"].as_str().unwrap().to_owned();
    (name, jobs.iter().map(source).collect())
}

fn sources(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|it| (*it).to_owned()).collect()
}

#[test]
fn a_later_run_takes_only_what_changed() {
    let registry = Registry::start();
    for name in ["a", "b", "c"] {
        publish(&registry, name, "1.0");
    }
    serve(&registry, &[("a", 10), ("b", 20), ("c", 30)], 30);
    let program = Program::new();
    let run = |options: &[&str]| {
        let run = batch(&program, &registry, "pypi", options);
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        run.stderr
    };
    let said = run(&[]);
    assert!(
        said.contains("the registry lists 3 names, up to 30"),
        "{said}"
    );
    let first = last_run(&program);
    assert_eq!(first.1, sources(&["pypi:a", "pypi:b", "pypi:c"]));

    publish(&registry, "b", "2.0");
    publish(&registry, "d", "1.0");
    let names = [("a", 10), ("b", 41), ("c", 30), ("d", 42)];
    serve(&registry, &names, 42);
    // A dry run knows where to begin, and moves nothing on.
    let dry = batch(&program, &registry, "pypi", &["--since=last", "--dry-run"]);
    assert!(dry.stdout.contains("b-2.0.tar.gz") && !dry.stdout.contains("a-1.0"));
    let said = run(&["--since=last"]);
    assert!(
        said.contains("2 names changed at the registry since 30, up to 42"),
        "{said}"
    );
    let (name, found) = last_run(&program);
    assert_eq!(name, format!("{}-since-30-to-42", first.0));
    assert_eq!(found, sources(&["pypi:b", "pypi:d"]));
    assert!(program.show("python-b", "python-b.spec").contains("2.0"));

    // The whole run once more takes new names, and does not set the state back or on.
    publish(&registry, "e", "1.0");
    serve(&registry, &[("a", 10), ("b", 41), ("d", 50), ("e", 51)], 51);
    run(&[]);
    run(&["--since=last"]);
    assert_eq!(last_run(&program).1, sources(&["pypi:d", "pypi:e"]));
    // Nothing changed.
    let said = run(&["--since=last"]);
    assert!(
        said.contains("0 names changed at the registry since 51"),
        "{said}"
    );
    // Another selection has its own state.
    let said = run(&["--since=last", "--match=a*"]);
    assert!(
        said.contains("nothing was noted of an earlier run"),
        "{said}"
    );
    assert_eq!(last_run(&program).1, sources(&["pypi:a"]));
    // A state that is named.
    run(&["--since=45", "--run=mine"]);
    assert_eq!(
        last_run(&program),
        ("mine".to_owned(), sources(&["pypi:d", "pypi:e"]))
    );
    let taken = batch(&program, &registry, "pypi", &["--since=50", "--run=mine"]);
    assert_eq!(taken.code, Some(1));
    assert!(
        taken.stderr.contains("give another --run"),
        "{}",
        taken.stderr
    );
}

#[test]
fn a_run_that_did_not_queue_all_moves_nothing_on() {
    let registry = Registry::start();
    publish(&registry, "a", "1.0");
    serve(&registry, &[("a", 10)], 10);
    let program = Program::new();
    batch(&program, &registry, "pypi", &[]);
    serve(&registry, &[("a", 11)], 11);
    // The registry breaks off amid the list.
    registry.path("/simple/").fault(Fault::Truncate);
    let broken = batch(&program, &registry, "pypi", &["--since=last"]);
    assert_eq!(broken.code, Some(1));
    registry.path("/simple/").heal();
    let run = batch(&program, &registry, "pypi", &["--since=last"]);
    assert!(
        run.stderr
            .contains("1 names changed at the registry since 10"),
        "{}",
        run.stderr
    );
}

#[test]
fn gems_change_at_the_end_of_the_list() {
    let registry = Registry::start();
    let add = |name: &str, version: &str| {
        registry.add_gem(name, version, of(name, version));
    };
    for name in ["a", "b", "c"] {
        add(name, "1.0");
    }
    let mut text = "created_at: 2026-11-01T00:00:05Z\n---\na 1.0 x\nb 1.0 x\nc 1.0 x\n".to_owned();
    let serve = |text: &str| registry.serve("/versions", Reply::page("text/plain", text));
    serve(&text);
    let program = Program::new();
    let run = |options: &[&str]| {
        let run = batch(&program, &registry, "gem", options);
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        run.stderr
    };
    run(&[]);
    assert_eq!(last_run(&program).1, sources(&["gem:a", "gem:b", "gem:c"]));
    text.push_str("b 1.1 y\nc -1.0 y\n");
    add("b", "1.1");
    serve(&text);
    let said = run(&["--since=last"]);
    let serial = format!("up to 2026-11-01T00:00:05Z+{}", text.len());
    assert!(said.contains(&serial), "{said}");
    assert_eq!(last_run(&program).1, sources(&["gem:b"]));
    let anew = text.replace("2026-11", "2026-12");
    serve(&anew);
    let said = run(&["--since=last"]);
    assert!(said.contains("made its list anew"), "{said}");
    assert_eq!(last_run(&program).1, sources(&["gem:a", "gem:b"]));
}

#[test]
fn a_mirror_may_have_the_html_list_alone() {
    let registry = Registry::start();
    for name in ["foo-bar", "six"] {
        publish(&registry, name, "1.0");
    }
    registry.everything().offer(&[Form::SimpleHtml]);
    let html = "<!DOCTYPE html><html><body><a href='../'>up</a>\n\
                <a href='foo-bar/'>Foo_Bar</a>\n<a href='/simple/six/'>six</a></body></html>";
    registry.serve("/simple/", Reply::page("text/html; charset=utf-8", html));
    let program = Program::new();
    let run = batch(&program, &registry, "pypi", &[]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert_eq!(last_run(&program).1, sources(&["pypi:Foo_Bar", "pypi:six"]));
    let run = batch(&program, &registry, "pypi", &["--since=7"]);
    assert_eq!(run.code, Some(1));
    assert!(
        run.stderr.contains("cannot tell what changed"),
        "{}",
        run.stderr
    );
    for wrong in ["--since=now", "--since=-1"] {
        let run = batch(&program, &registry, "pypi", &[wrong]);
        assert_eq!(run.code, Some(2), "{}", run.stderr);
    }
    let run = batch(&program, &registry, "pypi", &["--since=1", "--limit=5"]);
    assert_eq!(run.code, Some(2), "what is left out would never come back");
}

#[test]
fn failures_of_a_run_are_put_back_by_code() {
    let registry = Registry::start();
    for name in ["a", "b", "good"] {
        publish(&registry, name, "1.0");
    }
    registry
        .package("a")
        .files()
        .fault(Fault::FailFirst(1, 500));
    registry.package("b").files().fault(Fault::Truncate);
    serve(&registry, &[("a", 1), ("b", 2), ("good", 3)], 3);
    let program = Program::new();
    let run = batch(&program, &registry, "pypi", &["--run=one"]);
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    program.queue(&["add", "pypi:void"]);
    let retry = |arguments: &[&str]| program.run("retry", arguments);
    assert_eq!(retry(&[]).code, Some(2), "a code, or --all");
    let none = retry(&["--code=http-error", "two"]);
    assert!(
        none.stderr.contains("there is no run two"),
        "{}",
        none.stderr
    );
    let done = retry(&["--code=http-error"]);
    assert_eq!(done.stdout, "1 jobs of run one put back into the queue\n");
    assert_eq!(
        retry(&["--json", "--code=http-error", "one"]).stdout,
        "{\"queued\":0}\n"
    );
    let jobs = program.queue_json(&["list", "--run=one", "--state=queued"]);
    assert_eq!(jobs.len(), 1);
    assert_eq!(jobs[0]["source"], "pypi:a");
    assert_eq!(retry(&["--all", "--json"]).stdout, "{\"queued\":1}\n");
    // The same by the other name of it.
    let stats = program.queue(&["retry", "--run=one", "--code=imported"]);
    assert_eq!(stats.stdout, "0 jobs put back into the queue\n");
}
