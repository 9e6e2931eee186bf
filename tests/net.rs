//! The client gets what there is, tries again what may pass, and never waits for ever.

use crate::support::registry::{Fault, Registry, Reply};
use distmill::config::NetSettings;
use distmill::model::Code;
use distmill::net::{Client, Error, RedirectError};
use distmill::sync::{StopLevel, StopToken};
use std::io::{self, Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::sync::Barrier;
use std::time::{Duration, Instant, SystemTime};
use url::Url;

/// Patient enough for a busy machine where nothing goes wrong; every test that waits for a limit
/// sets its own.
fn settings() -> NetSettings {
    NetSettings {
        user_agent: "distmill-test (me@example.org)".to_owned(),
        timeout: Duration::from_secs(20),
        download_timeout: Duration::from_secs(60),
        retries: 2,
        backoff: Duration::from_millis(1),
        max_backoff: Duration::from_millis(5),
        max_redirects: 3,
        use_proxies: true,
        max_page: 1 << 20,
        ..NetSettings::default()
    }
}

fn hasty() -> NetSettings {
    NetSettings {
        timeout: Duration::from_millis(100),
        retries: 1,
        ..settings()
    }
}

fn client(settings: NetSettings) -> Client {
    Client::new(settings, StopToken::default())
}

fn at(registry: &Registry, path: &str) -> Url {
    registry.url().join(path).unwrap()
}

/// Downloads into memory; also says how many writers were opened.
fn download(client: &Client, url: &Url, max_bytes: u64) -> (Result<Vec<u8>, Error>, usize) {
    let mut opened = 0;
    let mut open = || {
        opened += 1;
        Ok(Vec::new())
    };
    let result = client.download(url, max_bytes, &mut open, &mut |_, _| {});
    (result, opened)
}

#[test]
fn a_page_arrives_with_what_is_needed_to_read_it() {
    let registry = Registry::start();
    registry.serve("/page", Reply::page("text/x; charset=utf-8", "hello"));
    let url = at(&registry, "/page");
    let page = client(settings()).get(&url, "text/x, */*;q=0.1").unwrap();
    assert_eq!(page.body, b"hello");
    assert_eq!(page.content_type.as_deref(), Some("text/x; charset=utf-8"));
    assert_eq!(page.url, url);
    let header = |name| registry.header("/page", name).unwrap();
    assert_eq!(header("user-agent"), "distmill-test (me@example.org)");
    assert_eq!(header("accept"), "text/x, */*;q=0.1");
}

#[test]
fn a_large_file_is_streamed_with_progress() {
    let registry = Registry::start();
    let mut file = tempfile::NamedTempFile::new().unwrap();
    let bytes: Vec<u8> = (0..3_000_000_u32).map(|it| (it % 251) as u8).collect();
    file.write_all(&bytes).unwrap();
    registry.add_pypi("big", "1", "big-1.tar.gz", file.path());

    let mut seen = vec![0];
    let taken = client(settings()).download(
        &at(&registry, "/files/big/big-1.tar.gz"),
        3_000_000,
        &mut || Ok(Vec::new()),
        &mut |done, total| {
            assert_eq!(total, Some(3_000_000));
            seen.push(done);
        },
    );
    assert!(taken.unwrap() == bytes, "other bytes than were published");
    assert!(seen.is_sorted() && seen.len() > 3, "{seen:?}");
    assert_eq!(seen.last(), Some(&3_000_000));
}

#[test]
fn nothing_is_decompressed() {
    let registry = Registry::start();
    let reply = Reply::page("application/gzip", b"\x1f\x8bnot really");
    registry.serve("/x.gz", reply.header("content-encoding", "gzip"));
    let (taken, _) = download(&client(settings()), &at(&registry, "/x.gz"), 100);
    assert_eq!(taken.unwrap(), b"\x1f\x8bnot really");
    let accepted = registry.header("/x.gz", "accept-encoding");
    assert_eq!(accepted.as_deref(), Some("identity"));
}

#[test]
fn a_missing_page_is_asked_for_once() {
    let registry = Registry::start();
    registry.serve("/gone", Reply::status(410));
    for path in ["/nothing", "/gone"] {
        let result = client(settings()).get(&at(&registry, path), "*/*");
        assert!(result.unwrap_err().is_not_found());
        assert_eq!(registry.requests(path), 1);
    }
}

#[test]
fn other_refusals_are_not_tried_again() {
    let registry = Registry::start();
    for status in [400, 401, 403] {
        let path = format!("/{status}");
        registry.serve(&path, Reply::status(status));
        let error = client(settings()).get(&at(&registry, &path), "*/*");
        let error = error.unwrap_err();
        assert!(matches!(error, Error::Status { status: it, .. } if it == status));
        assert_eq!(error.code(), Code::HttpRefused);
        assert!(!error.is_not_found());
        assert_eq!(registry.requests(&path), 1);
    }
}

#[test]
fn a_server_error_may_pass() {
    let registry = Registry::start();
    registry.serve("/page", Reply::page("text/plain", "at last"));
    for status in [500, 502, 503, 408] {
        registry.path("/page").fault(Fault::FailFirst(1, status));
    }
    let patient = NetSettings {
        retries: 4,
        ..settings()
    };
    let page = client(patient).get(&at(&registry, "/page"), "*/*").unwrap();
    assert_eq!(page.body, b"at last");
    assert_eq!(registry.requests("/page"), 5);
}

#[test]
fn a_server_error_may_stay() {
    let registry = Registry::start();
    registry.path("/page").fault(Fault::Fail(503));
    let error = client(settings()).get(&at(&registry, "/page"), "*/*");
    assert!(matches!(error, Err(Error::Status { status: 503, .. })));
    assert_eq!(registry.requests("/page"), 3, "one, and two more");
}

#[test]
fn a_rate_limit_is_waited_for() {
    let registry = Registry::start();
    registry.serve("/page", Reply::page("text/plain", "ok"));
    let now = httpdate::fmt_http_date(SystemTime::now());
    registry.path("/page").fault(Fault::RateLimit(1, now));
    registry
        .path("/page")
        .fault(Fault::RateLimit(1, "1".to_owned()));
    let patient = NetSettings {
        max_backoff: Duration::from_secs(2),
        ..settings()
    };
    let start = Instant::now();
    client(patient).get(&at(&registry, "/page"), "*/*").unwrap();
    assert!(start.elapsed() >= Duration::from_secs(1), "came too early");
    assert_eq!(registry.requests("/page"), 3);
}

#[test]
fn a_rate_limit_that_asks_for_too_long_fails() {
    let registry = Registry::start();
    let tomorrow = SystemTime::now() + Duration::from_secs(86_400);
    let busy = Reply::status(503).header("retry-after", "3600");
    registry.serve("/busy", busy);
    registry
        .path("/seconds")
        .fault(Fault::RateLimit(9, "3600".to_owned()));
    registry
        .path("/date")
        .fault(Fault::RateLimit(9, httpdate::fmt_http_date(tomorrow)));
    for path in ["/busy", "/seconds", "/date"] {
        let error = client(settings()).get(&at(&registry, path), "*/*");
        let error = error.unwrap_err();
        assert_eq!(error.code(), Code::RateLimited, "{path}: {error}");
        assert_eq!(registry.requests(path), 1, "{path}");
    }
}

#[test]
fn a_rate_limit_may_stay() {
    let registry = Registry::start();
    registry
        .path("/page")
        .fault(Fault::RateLimit(9, "0".to_owned()));
    let error = client(settings()).get(&at(&registry, "/page"), "*/*");
    assert_eq!(error.unwrap_err().code(), Code::RateLimited);
    assert_eq!(registry.requests("/page"), 3);
}

#[test]
fn a_server_that_accepts_and_hangs_times_out() {
    let registry = Registry::start();
    registry.path("/page").fault(Fault::Hang);
    let start = Instant::now();
    let error = client(hasty()).get(&at(&registry, "/page"), "*/*");
    let elapsed = start.elapsed();
    let error = error.unwrap_err();
    assert_eq!(error.code(), Code::NetworkTimeout, "{error}");
    assert_eq!(registry.requests("/page"), 2);
    assert!(elapsed >= Duration::from_millis(200), "{elapsed:?}");
    assert!(elapsed < Duration::from_secs(10), "{elapsed:?}");
}

#[test]
fn a_body_that_stalls_times_out() {
    let registry = Registry::start();
    registry.serve("/file", Reply::page("x/y", vec![b'x'; 500_000]));
    registry.path("/file").fault(Fault::Stall);
    let start = Instant::now();
    let (result, opened) = download(&client(hasty()), &at(&registry, "/file"), 1 << 20);
    let elapsed = start.elapsed();
    let error = result.unwrap_err();
    assert_eq!(error.code(), Code::NetworkTimeout, "{error}");
    assert_eq!(opened, 2);
    assert!(elapsed >= Duration::from_millis(200), "{elapsed:?}");
    assert!(elapsed < Duration::from_secs(10), "{elapsed:?}");
}

#[test]
fn a_body_that_trickles_meets_the_limit_of_the_whole() {
    let registry = Registry::start();
    registry.serve("/file", Reply::page("x/y", vec![b'x'; 100_000]));
    let drop = Fault::Trickle(Duration::from_millis(2));
    registry.path("/file").fault(drop);
    let short = NetSettings {
        download_timeout: Duration::from_millis(200),
        ..settings()
    };
    let start = Instant::now();
    let url = at(&registry, "/file");
    let (result, opened) = download(&client(short.clone()), &url, 1 << 20);
    let error = result.unwrap_err();
    assert!(
        matches!(error, Error::Timeout { limit, .. } if limit == short.download_timeout),
        "{error}"
    );
    assert_eq!(opened, 1, "no time is left for another attempt");
    let error = client(short).get(&url, "*/*").unwrap_err();
    assert_eq!(error.code(), Code::NetworkTimeout, "pages have it too");
    assert!(start.elapsed() < Duration::from_secs(10));
}

#[test]
fn no_pause_outlasts_the_limit_of_the_whole() {
    let registry = Registry::start();
    registry.path("/page").fault(Fault::Fail(500));
    let impatient = NetSettings {
        backoff: Duration::from_secs(3600),
        max_backoff: Duration::from_secs(3600),
        ..settings()
    };
    let error = client(impatient).get(&at(&registry, "/page"), "*/*");
    assert!(matches!(error, Err(Error::Status { status: 500, .. })));
    assert_eq!(registry.requests("/page"), 1);
}

#[test]
fn a_truncated_body_is_fetched_anew() {
    let registry = Registry::start();
    registry.serve("/file", Reply::page("x/y", vec![b'x'; 500_000]));
    registry.path("/file").fault(Fault::Truncate);
    let (result, opened) = download(&client(settings()), &at(&registry, "/file"), 1 << 20);
    let error = result.unwrap_err();
    let Error::Truncated {
        received, expected, ..
    } = error
    else {
        panic!("{error:?}");
    };
    assert_eq!((received, expected), (250_000, Some(500_000)));
    assert_eq!(opened, 3);

    registry.path("/file").heal();
    let (result, opened) = download(&client(settings()), &at(&registry, "/file"), 1 << 20);
    assert_eq!(result.unwrap().len(), 500_000);
    assert_eq!(opened, 1);
}

#[test]
fn a_redirect_is_followed_to_the_final_address() {
    let registry = Registry::start();
    registry.serve("/a/page", Reply::page("x/y", "moved"));
    registry.path("/a/page").fault(Fault::RedirectOnce);
    let page = client(settings()).get(&at(&registry, "/a/page"), "*/*");
    let page = page.unwrap();
    assert_eq!(page.body, b"moved");
    assert_eq!(page.url, at(&registry, "/moved/a/page"));
}

#[test]
fn redirects_astray_fail_at_once() {
    let registry = Registry::start();
    registry.path("/loop").fault(Fault::RedirectLoop);
    registry.serve("/ftp", Reply::redirect("ftp://127.0.0.1/x"));
    registry.serve("/file", Reply::redirect("file:///etc/passwd"));
    registry.serve("/none", Reply::status(302));
    registry.serve("/bad", Reply::redirect("http://[::1/x"));
    registry.serve("/number", Reply::redirect("http://1.2.3.999/x"));
    for (path, requests) in [
        ("/loop", 4),
        ("/ftp", 1),
        ("/file", 1),
        ("/none", 1),
        ("/bad", 1),
        ("/number", 1),
    ] {
        let error = client(settings()).get(&at(&registry, path), "*/*");
        let error = error.unwrap_err();
        assert_eq!(error.code(), Code::RedirectLoop, "{path}: {error:?}");
        assert_eq!(registry.requests(path), requests, "{path}");
    }
    let error = client(settings()).get(&at(&registry, "/loop"), "*/*");
    assert!(
        matches!(error, Err(Error::Redirect { source, .. }) if source == RedirectError::TooMany(3))
    );
}

#[test]
fn too_much_is_refused_with_and_without_a_length() {
    let registry = Registry::start();
    registry.serve("/file", Reply::page("x/y", vec![b'x'; 2 << 20]));
    let url = at(&registry, "/file");
    let client = client(settings());
    for chunked in [false, true] {
        if chunked {
            registry.path("/file").fault(Fault::NoLength);
        }
        let mut most = 0;
        let error = client.download(
            &url,
            1_000_000,
            &mut || Ok(io::sink()),
            &mut |done, total| {
                assert_eq!(total, None);
                most = done;
            },
        );
        let error = error.map(|_| ()).unwrap_err();
        assert_eq!(error.code(), Code::DownloadTooLarge, "{error}");
        assert_eq!(most > 0, chunked, "what has a length is refused before");
        assert!(most <= 1_000_000);
        let page = client.get(&url, "*/*");
        assert!(matches!(page, Err(Error::TooLarge { max_bytes, .. }) if max_bytes == 1 << 20));
    }
    assert_eq!(registry.requests("/file"), 4, "none was tried again");
    let (taken, _) = download(&client, &url, 2 << 20);
    assert_eq!(taken.unwrap().len(), 2 << 20, "the limit itself fits");
}

/// Fails like a full disk, on write or on flush.
struct Full(bool);

impl Write for Full {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        if self.0 {
            return Err(io::ErrorKind::StorageFull.into());
        }
        Ok(buf.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Err(io::ErrorKind::StorageFull.into())
    }
}

#[test]
fn the_writer_s_failures_are_this_machine_s() {
    let registry = Registry::start();
    registry.serve("/file", Reply::page("x/y", "bytes"));
    let url = at(&registry, "/file");
    let client = client(settings());
    for on_write in [true, false] {
        let result = client.download(&url, 9, &mut || Ok(Full(on_write)), &mut |_, _| {});
        assert_eq!(result.map(|_| ()).unwrap_err().code(), Code::DiskFull);
    }
    let mut open = || Err::<Vec<u8>, _>(io::ErrorKind::PermissionDenied.into());
    let result = client.download(&url, 9, &mut open, &mut |_, _| {});
    assert_eq!(result.unwrap_err().code(), Code::PermissionDenied);
    assert_eq!(registry.requests("/file"), 3, "none was tried again");
}

#[test]
fn a_closed_port_is_tried_again_and_named() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let url = Url::parse(&format!("http://user:secret@{address}/x")).unwrap();
    let error = client(settings()).get(&url, "*/*").unwrap_err();
    assert_eq!(error.code(), Code::NetworkUnreachable);
    let text = format!("{error:?} {error}");
    assert!(text.contains(&format!("http://{address}/x cannot be reached")));
    assert!(!text.contains("secret"), "{text}");
}

#[test]
fn a_connection_that_closes_before_the_answer_is_tried_again() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = Url::parse(&format!("http://{}/", listener.local_addr().unwrap())).unwrap();
    let server = std::thread::spawn(move || {
        let mut served = 0;
        while served < 2 {
            drop(listener.accept().unwrap());
            served += 1;
        }
        let (mut last, _) = listener.accept().unwrap();
        let mut request = [0; 4096];
        assert!(last.read(&mut request).unwrap() > 0);
        last.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")
            .unwrap();
        // The client closes first, so that no reset overtakes the answer.
        io::copy(&mut last, &mut io::sink()).unwrap();
    });
    let client = client(settings());
    assert_eq!(client.get(&url, "*/*").unwrap().body, b"ok");
    drop(client);
    server.join().unwrap();
}

#[test]
fn only_http_is_spoken() {
    for url in ["ftp://127.0.0.1/x", "file:///etc/passwd", "data:,x"] {
        let error = client(settings()).get(&url.parse().unwrap(), "*/*");
        assert_eq!(error.unwrap_err().code(), Code::BadSource, "{url}");
    }
}

#[test]
fn an_address_that_fits_no_request_is_named() {
    let registry = Registry::start();
    let url = at(&registry, &"x".repeat(100_000));
    let error = client(settings()).get(&url, "*/*").unwrap_err();
    assert_eq!(error.code(), Code::BadSource, "{error:?}");
    assert!(error.to_string().len() < 1000);
    assert!(registry.all_requests().is_empty());
}

#[test]
fn a_stop_ends_a_pause_and_a_download() {
    let registry = Registry::start();
    registry.path("/page").fault(Fault::Fail(500));
    registry.serve("/file", Reply::page("x/y", vec![b'x'; 5 << 20]));
    let patient = NetSettings {
        backoff: Duration::from_secs(1000),
        max_backoff: Duration::from_secs(1000),
        download_timeout: Duration::from_secs(10_000),
        ..settings()
    };
    let stop = StopToken::default();
    let client = Client::new(patient.clone(), stop.clone());
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| client.get(&at(&registry, "/page"), "*/*"));
        while registry.requests("/page") == 0 {
            std::thread::yield_now();
        }
        stop.raise(StopLevel::Drain);
        stop.raise(StopLevel::Stop);
        assert!(matches!(waiting.join().unwrap(), Err(Error::Stopped)));
    });
    assert_eq!(registry.requests("/page"), 1);

    let stop = StopToken::default();
    let client = Client::new(patient, stop.clone());
    let url = at(&registry, "/file");
    let mut reads = 0;
    let result = client.download(&url, 9 << 20, &mut || Ok(io::sink()), &mut |_, _| {
        reads += 1;
        stop.raise(StopLevel::Stop);
    });
    assert_eq!(result.map(|_| ()).unwrap_err().code(), Code::Stopped);
    assert_eq!(reads, 1);
    assert!(matches!(client.get(&url, "*/*"), Err(Error::Stopped)));
    assert_eq!(registry.requests("/file"), 1, "nothing starts after a stop");
}

#[test]
fn threads_share_a_client() {
    let registry = Registry::start();
    registry.everything().fault(Fault::Hang);
    let waiting = NetSettings {
        timeout: Duration::from_millis(700),
        retries: 0,
        ..settings()
    };
    let client = client(waiting);
    let barrier = Barrier::new(4);
    std::thread::scope(|scope| {
        for n in 0..4 {
            let (client, registry, barrier) = (&client, &registry, &barrier);
            scope.spawn(move || {
                barrier.wait();
                let error = client.get(&at(registry, &format!("/{n}")), "*/*");
                assert_eq!(error.unwrap_err().code(), Code::NetworkTimeout);
            });
        }
    });
    assert_eq!(registry.max_concurrent_requests(), 4);
}

#[test]
fn a_late_answer_within_the_limit_is_taken() {
    let registry = Registry::start();
    registry.add_gem("rake", "13.2.1", Path::new(file!()));
    let late = Fault::Delay(Duration::from_millis(20));
    registry.everything().fault(late);
    let start = Instant::now();
    let (taken, _) = download(
        &client(settings()),
        &at(&registry, "/gems/rake-13.2.1.gem"),
        1 << 20,
    );
    assert_eq!(taken.unwrap(), std::fs::read(file!()).unwrap());
    assert!(start.elapsed() >= Duration::from_millis(20));
}

#[test]
fn a_wait_ends_with_a_stop_or_the_limit_of_the_whole_whatever_the_server_does() {
    let registry = Registry::start();
    registry.serve("/file", Reply::page("x/y", vec![b'x'; 500_000]));
    registry.path("/file").fault(Fault::Stall);
    registry.path("/page").fault(Fault::Hang);
    let patient = NetSettings {
        timeout: Duration::from_secs(1000),
        download_timeout: Duration::from_secs(1000),
        ..settings()
    };
    let short = NetSettings {
        download_timeout: Duration::from_millis(200),
        ..patient.clone()
    };
    let start = Instant::now();
    for path in ["/page", "/file"] {
        let url = at(&registry, path);
        let (result, _) = download(&client(short.clone()), &url, 1 << 20);
        let error = result.unwrap_err();
        assert!(
            matches!(error, Error::Timeout { limit, .. } if limit == short.download_timeout),
            "{error}"
        );
        let stop = StopToken::default().with_limit(Duration::from_millis(200));
        let client = client(patient.clone()).with_stop(stop);
        let (result, _) = download(&client, &url, 1 << 20);
        assert_eq!(result.unwrap_err().code(), Code::Stopped);
    }
    assert!(start.elapsed() < Duration::from_secs(20));
}
