//! What it costs to tell a license by its text.
//!
//! `cargo bench --bench licenses` describes sdists that declare no license and hold one license
//! file. The first also reads the known texts, once for the whole program. Linux only: it reads
//! `/proc` for the memory.

#![allow(clippy::print_stdout, clippy::unwrap_used)]

use distmill::import::description::Description;
use distmill::import::source::pypi::SdistReader;
use spdx::text::LICENSE_TEXTS;
use std::fs;
use std::time::{Duration, Instant};

const INFO: &[u8] = b"Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n";
const TIMES: usize = 41;
const LICENSES: &[&str] = &[
    "MIT",
    "BSD-3-Clause",
    "Apache-2.0",
    "MPL-2.0",
    "GPL-2.0-only",
    "GPL-3.0-only",
    "LGPL-3.0-only",
];

fn main() {
    let before = resident_kib();
    let first = time(&text("MIT"), "MIT");
    println!(
        "first text: {:.1} ms, {} MiB more memory",
        first.as_secs_f64() * 1e3,
        (resident_kib() - before) / 1024
    );
    for id in LICENSES {
        let text = text(id);
        let mut all: Vec<Duration> = (0..TIMES).map(|_| time(&text, id)).collect();
        all.sort();
        let [least, median] = [all[0], all[TIMES / 2]].map(|it| it.as_secs_f64() * 1e3);
        let size = text.len();
        println!("{id:14} {size:6} bytes: median {median:6.2} ms, least {least:6.2} ms");
    }
}

/// A copy as packages have them.
fn text(id: &str) -> String {
    let text = LICENSE_TEXTS.iter().find(|it| it.0 == id).unwrap().1;
    format!("Copyright (c) 2014-2020 Jane Doe\nAll rights reserved.\n\n{text}")
}

fn time(license: &str, expected: &str) -> Duration {
    let started = Instant::now();
    let description = describe(license);
    let taken = started.elapsed();
    assert_eq!(description.license.unwrap().expression, expected);
    taken
}

fn describe(license: &str) -> Description {
    let mut reader = SdistReader::new(1 << 20);
    for (path, content) in [
        ("demo-1.0/PKG-INFO", INFO),
        ("demo-1.0/LICENSE", license.as_bytes()),
    ] {
        let mut bytes = content;
        reader
            .offer(path, content.len() as u64, &mut bytes)
            .unwrap();
    }
    reader.finish("demo-1.0.tar.gz", None).unwrap()
}

fn resident_kib() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|it| it.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}
