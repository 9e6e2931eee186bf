//! Peak memory of the program while many threads import large archives.
//!
//! `cargo bench --bench memory -- [MEGABYTES] [THREADS]` (500 and 16 by default) makes one sdist
//! of that size, imports it once on each thread, and prints the highest resident set.
//! Linux only: it reads `/proc`.

#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::expect_used)]

use flate2::Compression;
use flate2::write::GzEncoder;
use std::fs::{self, File};
use std::io::{BufWriter, Read as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

fn main() {
    let mut numbers = std::env::args()
        .skip(1)
        .filter_map(|it| it.parse::<u64>().ok());
    let megabytes = numbers.next().unwrap_or(500);
    let threads = numbers.next().unwrap_or(16);
    let dir = tempfile::TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let sdist = dir.path().join("large-1.0.tar.gz");
    make_sdist(&sdist, megabytes);

    let started = Instant::now();
    let mut child = Command::new(env!("CARGO_BIN_EXE_distmill"))
        .args(["import", "--quiet", "--json"])
        .args([format!("--jobs={threads}"), "--root".to_owned()])
        .arg(dir.path().join("root"))
        .args((0..threads).map(|_| &sdist))
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    while child.try_wait().unwrap().is_none() {
        peak = peak.max(high_water_kib(&status).unwrap_or(0));
        thread::sleep(Duration::from_millis(20));
    }
    let mut outcomes = String::new();
    child
        .stdout
        .take()
        .unwrap()
        .read_to_string(&mut outcomes)
        .unwrap();
    let done = outcomes.matches("\"failure\":null").count();
    assert_eq!(done as u64, threads, "{outcomes}");
    println!(
        "{threads} threads, sdists of {} MB: peak {} MiB, {:.1} s",
        fs::metadata(&sdist).unwrap().len() / 1_000_000,
        peak / 1024,
        started.elapsed().as_secs_f64()
    );
}

/// Writes an sdist with one file that hardly compresses.
fn make_sdist(path: &Path, megabytes: u64) {
    let out = BufWriter::new(File::create(path).unwrap());
    let mut tar = tar::Builder::new(GzEncoder::new(out, Compression::fast()));
    let mut add = |name: &str, size: u64, content: &mut dyn std::io::Read| {
        let mut header = tar::Header::new_gnu();
        header.set_size(size);
        header.set_mode(0o644);
        header.set_mtime(1_700_000_000);
        tar.append_data(&mut header, name, content).unwrap();
    };
    let info = b"Metadata-Version: 2.1\nName: large\nVersion: 1.0\nLicense-Expression: MIT\n";
    add("large-1.0/PKG-INFO", info.len() as u64, &mut &info[..]);
    let size = megabytes * 1_000_000;
    add("large-1.0/data.bin", size, &mut Noise(1).take(size));
    tar.into_inner().unwrap().finish().unwrap();
}

/// Bytes of a linear congruential generator: the same in every run.
struct Noise(u64);

impl std::io::Read for Noise {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        for chunk in buffer.chunks_mut(4) {
            self.0 = self
                .0
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            chunk.copy_from_slice(&(self.0 >> 32).to_le_bytes()[..chunk.len()]);
        }
        Ok(buffer.len())
    }
}

/// The highest resident set so far.
fn high_water_kib(status: &str) -> Option<u64> {
    let text = fs::read_to_string(status).ok()?;
    let line = text.lines().find(|it| it.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}
