//! A registry is asked no more than it likes, by all threads together.

use crate::support::program::Program;
use crate::support::registry::{Fault, Registry, Reply};
use crate::support::sdist::sdist;
use distmill::config::NetSettings;
use distmill::model::Code;
use distmill::net::{Client, Error};
use distmill::sync::StopToken;
use std::fs;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use url::Url;

fn settings() -> NetSettings {
    NetSettings {
        timeout: Duration::from_secs(20),
        retries: 0,
        ..NetSettings::default()
    }
}

fn client(settings: NetSettings) -> Client {
    Client::new(settings, StopToken::default())
}

/// A client that keeps pages in a folder.
fn keeper(folder: &Path) -> Client {
    client(NetSettings {
        cache_folder: Some(folder.to_owned()),
        ..settings()
    })
}

fn at(registry: &Registry, path: &str) -> Url {
    registry.url().join(path).unwrap()
}

/// The name under which a registry has a budget of its own.
fn host(registry: &Registry) -> String {
    let url = registry.url();
    format!("{}:{}", url.host_str().unwrap(), url.port().unwrap())
}

/// Serves `/0`, `/1` and so on, and does the same in as many threads, each with its own page.
fn in_threads(registry: &Registry, count: usize, work: impl Fn(usize, &Url) + Sync) {
    for n in 0..count {
        registry.serve(
            &format!("/{n}"),
            Reply::page("text/plain", vec![b'x'; 1000]),
        );
    }
    thread::scope(|scope| {
        for n in 0..count {
            let work = &work;
            scope.spawn(move || work(n, &at(registry, &format!("/{n}"))));
        }
    });
}

fn kept(folder: &Path) -> Vec<PathBuf> {
    let shelves = fs::read_dir(folder).into_iter().flatten();
    let files = shelves.flat_map(|it| fs::read_dir(it.unwrap().path()).unwrap());
    files.map(|it| it.unwrap().path()).collect()
}

#[test]
fn all_threads_share_one_rate() {
    let registry = Registry::start();
    let mut settings = settings();
    settings.politeness.every.set_rate(50.0).unwrap();
    let client = client(settings);
    let start = Instant::now();
    in_threads(&registry, 40, |_, url| {
        client
            .with_stop(StopToken::default())
            .get(url, "*/*")
            .unwrap();
    });
    // A burst of eleven, and then one each 20 ms.
    let least = Duration::from_millis(20 * (40 - 11));
    assert!(start.elapsed() >= least, "{:?}", start.elapsed());
    assert_eq!(registry.all_requests().values().sum::<usize>(), 40);
}

#[test]
fn all_threads_share_the_connections() {
    let registry = Registry::start();
    registry
        .everything()
        .fault(Fault::Delay(Duration::from_millis(5)));
    let mut settings = settings();
    let share = settings.politeness.share_mut(Some(&host(&registry)));
    share.connections = NonZeroU32::new(3);
    let client = client(settings);
    let (open, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
    // Three there have to be at the same time, or none gets any further.
    let three = Barrier::new(3);
    in_threads(&registry, 24, |_, url| {
        let mut begin = || {
            let now = open.fetch_add(1, Ordering::SeqCst) + 1;
            most.fetch_max(now, Ordering::SeqCst);
            three.wait();
            Ok(Vec::new())
        };
        let mut end = |done, total| {
            if Some(done) == total {
                open.fetch_sub(1, Ordering::SeqCst);
            }
        };
        let bytes = client.download(url, 9999, &mut begin, &mut end).unwrap();
        assert_eq!(bytes.len(), 1000);
    });
    assert_eq!(most.load(Ordering::SeqCst), 3);
}

#[test]
fn a_pause_that_one_thread_is_asked_for_is_kept_by_all() {
    for reply in [
        Reply::status(429).header("retry-after", "1"),
        Reply::status(503).header("retry-after", "1"),
        // It names no pause: then it is the one before another attempt.
        Reply::status(429),
    ] {
        let registry = Registry::start();
        registry.serve("/busy", reply);
        registry.serve("/page", Reply::page("text/plain", "ok"));
        let client = client(NetSettings {
            backoff: Duration::from_secs(1),
            ..settings()
        });
        let start = Instant::now();
        client.get(&at(&registry, "/busy"), "*/*").unwrap_err();
        let other = client.with_stop(StopToken::default());
        let url = at(&registry, "/page");
        thread::spawn(move || other.get(&url, "*/*").unwrap())
            .join()
            .unwrap();
        assert!(start.elapsed() >= Duration::from_secs(1));
        assert_eq!(registry.requests("/page"), 1);
    }
}

#[test]
fn a_host_that_wants_a_long_pause_is_not_asked_and_others_are() {
    let (busy, other) = (Registry::start(), Registry::start());
    let long = Reply::status(429).header("retry-after", "3000");
    busy.serve("/busy", long);
    for registry in [&busy, &other] {
        registry.serve("/page", Reply::page("text/plain", "ok"));
    }
    let client = client(settings());
    for (path, said) in [
        ("/busy", "asks for fewer requests for 3000 s"),
        (
            "/page",
            "is not asked: its host asked for a pause, of which 29",
        ),
    ] {
        let error = client.get(&at(&busy, path), "*/*").unwrap_err();
        assert_eq!(error.code(), Code::RateLimited, "{error}");
        assert!(error.to_string().contains(said), "{error}");
    }
    assert_eq!(busy.requests("/page"), 0);
    client.get(&at(&other, "/page"), "*/*").unwrap();
}

#[test]
fn a_redirect_is_a_request_of_the_host_that_it_leads_to() {
    let (here, there) = (Registry::start(), Registry::start());
    there.serve("/page", Reply::page("text/plain", "ok"));
    for path in ["/page", "/other"] {
        here.serve(path, Reply::redirect(at(&there, path).as_str()));
    }
    here.serve("/again", Reply::redirect("/page"));
    let mut settings = settings();
    // The way to another page of the same host does not wait for itself.
    settings.politeness.every.connections = NonZeroU32::new(1);
    settings
        .politeness
        .share_mut(Some(&host(&there)))
        .set_rate(10.0)
        .unwrap();
    let client = client(settings);
    let start = Instant::now();
    for _ in 0..8 {
        let page = client.get(&at(&here, "/again"), "*/*").unwrap();
        assert_eq!(page.body, b"ok");
    }
    // A burst of three, and then one each 100 ms.
    assert!(
        start.elapsed() >= Duration::from_millis(500),
        "{:?}",
        start.elapsed()
    );
    let long = Reply::status(429).header("retry-after", "3000");
    there.serve("/other", long);
    let limited = client.get(&at(&here, "/other"), "*/*").unwrap_err();
    assert_eq!(limited.code(), Code::RateLimited, "{limited}");
    // Who asked for a pause gets it, and nobody else does.
    let requests = there.all_requests();
    let closed = client.get(&at(&here, "/page"), "*/*").unwrap_err();
    assert!(matches!(closed, Error::Closed { .. }), "{closed}");
    assert_eq!(there.all_requests(), requests);
    here.serve("/own", Reply::page("text/plain", "ok"));
    client.get(&at(&here, "/own"), "*/*").unwrap();
}

#[test]
fn a_page_that_did_not_change_is_not_sent_again() {
    let (registry, dir) = (Registry::start(), TempDir::new().unwrap());
    let dated = Reply::page("text/plain", "dated");
    let dated = dated.header("last-modified", "Sun, 06 Nov 1994 08:49:37 GMT");
    registry.serve("/dated", dated);
    registry.serve("/page", Reply::page("text/x", "one"));
    for path in ["/dated", "/page"] {
        let url = at(&registry, path);
        let first = keeper(dir.path()).get(&url, "*/*").unwrap();
        assert_eq!(registry.unchanged(path), 0);
        let second = keeper(dir.path()).get(&url, "*/*").unwrap();
        assert_eq!(first, second);
        assert_eq!((registry.requests(path), registry.unchanged(path)), (2, 1));
        // In another form it is another page.
        keeper(dir.path()).get(&url, "text/html").unwrap();
        assert_eq!((registry.requests(path), registry.unchanged(path)), (3, 1));
    }
    registry.serve("/page", Reply::page("text/x", "two"));
    let page = keeper(dir.path())
        .get(&at(&registry, "/page"), "*/*")
        .unwrap();
    assert_eq!(page.body, b"two");
    assert_eq!(registry.unchanged("/page"), 1);
}

#[test]
fn a_kept_page_that_is_damaged_is_asked_for_anew_and_replaced() {
    let (registry, dir) = (Registry::start(), TempDir::new().unwrap());
    registry.serve("/page", Reply::page("text/x", "one"));
    let get = || {
        keeper(dir.path())
            .get(&at(&registry, "/page"), "*/*")
            .unwrap()
    };
    get();
    let [file] = &kept(dir.path())[..] else {
        panic!("one page is one file");
    };
    let whole = fs::read(file).unwrap();
    for bytes in [&whole[..whole.len() - 1], b"", b"rubbish"] {
        fs::write(file, bytes).unwrap();
        assert_eq!(get().body, b"one");
        assert_eq!(registry.unchanged("/page"), 0);
        assert_eq!(fs::read(file).unwrap(), whole);
    }
    get();
    assert_eq!(registry.unchanged("/page"), 1);
}

#[test]
fn archives_and_what_must_not_be_kept_are_not() {
    let (registry, dir) = (Registry::start(), TempDir::new().unwrap());
    let secret = Reply::page("text/x", "s").header("cache-control", "private, no-store");
    registry.serve("/secret", secret);
    registry.serve("/file", Reply::page("text/x", "file"));
    let client = keeper(dir.path());
    client.get(&at(&registry, "/secret"), "*/*").unwrap();
    let mut open = || Ok(Vec::new());
    let url = at(&registry, "/file");
    client
        .download(&url, 99, &mut open, &mut |_, _| {})
        .unwrap();
    client.get(&at(&registry, "/none"), "*/*").unwrap_err();
    assert_eq!(kept(dir.path()), Vec::<PathBuf>::new());
}

#[test]
fn equal_requests_under_way_are_one() {
    let registry = Registry::start();
    registry.serve("/page", Reply::page("text/x", "one"));
    registry.path("/page").fault(Fault::Hold);
    let client = client(settings());
    thread::scope(|scope| {
        let ask = || {
            let client = client.with_stop(StopToken::default());
            client.get(&at(&registry, "/page"), "*/*").unwrap()
        };
        let first = scope.spawn(ask);
        while registry.requests("/page") == 0 {
            thread::yield_now();
        }
        // It stays under way until the others have come to wait for it.
        let others: Vec<_> = (0..5).map(|_| scope.spawn(ask)).collect();
        while client.waiting() < 5 {
            thread::yield_now();
        }
        registry.path("/page").heal();
        for it in others.into_iter().chain([first]) {
            assert_eq!(it.join().unwrap().body, b"one");
        }
    });
    assert_eq!(registry.requests("/page"), 1);
}

#[test]
fn the_program_keeps_pages_under_the_root() {
    let registry = Registry::start();
    for name in ["a", "b"] {
        let file = format!("{name}-1.0.tar.gz");
        registry.add_pypi(name, "1.0", &file, sdist(name, "1.0"));
    }
    let program = Program::new()
        .with_registry(&registry.url())
        .with("--contact=ops@example.org")
        .with("--connections=127.0.0.1=1");
    let page = "/pypi/a/json";
    program.imported("pypi:a");
    assert_eq!(registry.unchanged(page), 0);
    let agent = registry.header(page, "user-agent").unwrap();
    assert!(agent.starts_with("distmill/") && agent.ends_with(" (ops@example.org)"));
    let outcomes = program.outcomes(&["pypi:a", "pypi:b"]);
    assert_eq!(outcomes["pypi:a"]["state"], "unchanged");
    assert_eq!(registry.unchanged(page), 1);
    assert_eq!(kept(&program.root().join("cache")).len(), 2);

    let bare = Program::new().with_registry(&registry.url());
    let bare = bare.with("--cache-size=0");
    bare.imported("pypi:a");
    assert!(!bare.root().join("cache").exists());
    let run = bare.with("--requests-per-second=fast").import(&["pypi:a"]);
    assert_eq!(run.code, Some(2));
    assert!(run.stderr.contains("[HOST=]N"), "{}", run.stderr);
}
