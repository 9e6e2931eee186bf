//! Clients that ask and then take nothing: they lose their connection, and nobody waits for them.

use crate::serve::{Server, clone, curl};
use crate::support::tools::{fsck, git, run};
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Bytes of a file: far more than the system holds of an answer that nobody reads.
const SIZE: usize = 12 << 20;

/// Long enough for the slowest machine.
const LONG: Duration = Duration::from_secs(60);

/// Bytes that do not become fewer by compression (xorshift).
fn noise(size: usize) -> Vec<u8> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let next = |_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    };
    (0..size / 8).flat_map(next).collect()
}

/// A large file in the lookaside cache; its address below the server's.
fn large_file(root: &Path) -> String {
    let hash = "a".repeat(128);
    let folder = root.join(format!("lookaside/o/p/x/f/sha512/{hash}"));
    fs::create_dir_all(&folder).unwrap();
    fs::create_dir_all(root.join("git")).unwrap();
    fs::write(folder.join("f"), noise(SIZE)).unwrap();
    format!("repo/pkgs/o/p/x/f/sha512/{hash}/f")
}

/// A repository with a large text that no compression makes small.
fn large_repository(root: &Path) -> PathBuf {
    let (work, bare) = (root.join("work"), root.join("git/o/p/x.git"));
    fs::create_dir_all(root.join("lookaside")).unwrap();
    run("git", &["init", "-q", "-b", "main", work.to_str().unwrap()]);
    git(&work, &["config", "user.name", "a"]);
    git(&work, &["config", "user.email", "a@example.org"]);
    fs::write(work.join("text"), noise(SIZE / 2)).unwrap();
    git(&work, &["add", "."]);
    git(&work, &["commit", "-q", "-m", "one"]);
    let (from, to) = (work.to_str().unwrap(), bare.to_str().unwrap());
    run("git", &["clone", "-q", "--bare", from, to]);
    bare
}

/// A request whose answer is not read yet.
fn ask(server: &Server, request: &str) -> TcpStream {
    let address = server.url.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address.trim_end_matches('/')).unwrap();
    stream.set_read_timeout(Some(LONG)).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    stream
}

/// The body of an answer without pieces, all of it.
fn body(mut stream: TcpStream) -> Vec<u8> {
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let end = answer.windows(4).position(|it| it == b"\r\n\r\n").unwrap();
    assert!(answer.starts_with(b"HTTP/1.0 200"));
    answer.split_off(end + 4)
}

#[test]
fn a_client_that_takes_nothing_keeps_nobody_out() {
    let root = TempDir::new().unwrap();
    let path = large_file(root.path());
    let bounds = ["--max-connections=2", "--idle-timeout=1"];
    let server = Server::start_with(root.path(), &bounds);
    let request = format!("GET /{path} HTTP/1.1\r\nHost: x\r\n\r\n");
    let stalled = [ask(&server, &request), ask(&server, &request)];
    // They have every place; whoever comes next waits until they lost them.
    let url = format!("{}{path}", server.url);
    let size = curl(&[
        "-f",
        "-m",
        "60",
        "-o",
        "/dev/null",
        "-w",
        "%{size_download}",
        &url,
    ]);
    assert_eq!(size, SIZE.to_string());
    for mut stream in stalled {
        let mut rest = Vec::new();
        let _ = stream.read_to_end(&mut rest);
        assert!(rest.len() < SIZE);
    }
    server.stop();
}

#[test]
fn a_slow_client_gets_all_of_it() {
    let root = TempDir::new().unwrap();
    let path = large_file(root.path());
    let server = Server::start_with(root.path(), &["--idle-timeout=2"]);
    let mut stream = ask(&server, &format!("GET /{path} HTTP/1.0\r\n\r\n"));
    // In all twice as long as a client may stand still.
    let (mut part, mut size) = (vec![0; SIZE / 128], 0);
    while let read @ 1.. = stream.read(&mut part).unwrap() {
        size += read;
        std::thread::sleep(Duration::from_millis(32));
    }
    assert!(size > SIZE, "{size}");
    server.stop();
}

#[test]
fn packs_that_nobody_takes_are_made_and_wait_on_the_disk() {
    let root = TempDir::new().unwrap();
    let bare = large_repository(root.path());
    let server = Server::start_with(root.path(), &["--idle-timeout=600"]);
    let url = server.repository("o/p/x");
    run("git", &["-c", "http.proxy=", "ls-remote", &url]);
    let before = server.threads();
    let tip = git(&bare, &["rev-parse", "main"]);
    let wish = format!("0032want {}\n00000009done\n", tip.trim());
    let request = format!(
        "POST /git/o/p/x.git/git-upload-pack HTTP/1.0\r\nContent-Type: \
         application/x-git-upload-pack-request\r\nContent-Length: {}\r\n\r\n{wish}",
        wish.len()
    );
    let stalled: Vec<TcpStream> = (0..12).map(|_| ask(&server, &request)).collect();
    for stream in &stalled {
        assert_eq!(stream.peek(&mut [0]).unwrap(), 1);
    }
    // Others are served meanwhile.
    let to = root.path().join("clone");
    clone(&url, &to, &[]);
    fsck(&to);
    // Nobody goes on making what nobody takes.
    let begin = Instant::now();
    while server.threads() > before + 2 {
        assert!(begin.elapsed() < LONG, "{} threads", server.threads());
        std::thread::sleep(Duration::from_millis(20));
    }
    let mut bodies = stalled.into_iter().map(body);
    let first = bodies.next().unwrap();
    let pack = first.strip_prefix(b"0008NAK\n").unwrap();
    let file = root.path().join("x.pack");
    fs::write(&file, pack).unwrap();
    run("git", &["index-pack", "--strict", file.to_str().unwrap()]);
    assert!(bodies.all(|it| it == first));
    server.stop();
}
