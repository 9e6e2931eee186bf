//! From an archive to its spec: reading, describing, recognising the license, writing the spec.
//!
//! `cargo bench --bench describe` times an sdist and a gem of 500 kB (compressed; some 2 MB of
//! source text in 200 files, with a license file), on one thread, from the open file to the text
//! of the spec. The archives are made once, in memory, always the same.

#![allow(clippy::unwrap_used, dead_code)]

#[path = "../tests/support/pack.rs"]
mod pack;

use criterion::{Criterion, Throughput};
use distmill::config::{Identity, Limits};
use distmill::import::archive::{Entry, EntryKind, Kind, Summary, walk};
use distmill::import::description::Description;
use distmill::import::source::ReadError;
use distmill::import::source::pypi::SdistReader;
use distmill::import::source::rubygems::GemReader;
use distmill::import::spec::{self, SpecSettings, Templates};
use distmill::sync::StopToken;
use pack::Tar;
use std::fs::File;
use std::io::{Read, Write as _};

/// Bytes of an archive.
const SIZE: usize = 500_000;
/// Files of source text in it.
const FILES: usize = 200;

/// Text that gzip makes about four times shorter, as it does source code.
struct Text {
    state: u64,
}

impl Text {
    fn next(&mut self) -> u64 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        self.state
    }

    fn file(&mut self, size: usize) -> Vec<u8> {
        let mut out = Vec::with_capacity(size + 80);
        while out.len() < size {
            let depth = self.next() % 4;
            let (word, other) = (self.next() % 400, self.next() % 3000);
            let line = match self.next() % 3 {
                0 => format!("def method_{word}(self, argument_{other}):\n"),
                1 => format!("value_{word} = self.compute(argument_{other}, {depth})\n"),
                _ => format!("# what word_{other} means where {word} is read again\n"),
            };
            out.extend(std::iter::repeat_n(
                b' ',
                4 * usize::try_from(depth).unwrap(),
            ));
            out.extend(line.bytes());
        }
        out
    }
}

/// Adds files of text until the compressed whole is near [`SIZE`].
fn fill(folder: &str, suffix: &str) -> Tar {
    let mut text = Text {
        state: 0x9e37_79b9_7f4a_7c15,
    };
    let sample = pack::gzip(&text.file(100_000)).len();
    let each = SIZE * (100_000 / FILES) / sample;
    (0..FILES).fold(Tar::default(), |tar, number| {
        let name = format!("{folder}pkg/module_{number}.{suffix}");
        tar.file(name.as_bytes(), &text.file(each))
    })
}

fn sdist() -> Vec<u8> {
    let info = "Metadata-Version: 2.1\nName: demo\nVersion: 1.2.3\nSummary: A package to measure with\n\
        Home-page: https://example.org/demo\nProvides-Extra: fast\n\nWhat it does.\n";
    fill("demo-1.2.3/", "py")
        .file(b"demo-1.2.3/PKG-INFO", info.as_bytes())
        .file(b"demo-1.2.3/LICENSE", license().as_bytes())
        .file(b"demo-1.2.3/README.md", b"# demo\n")
        .file(
            b"demo-1.2.3/pyproject.toml",
            b"[build-system]\nrequires = [\"setuptools\"]\nbuild-backend = \"setuptools.build_meta\"\n",
        )
        .gz()
}

fn gem() -> Vec<u8> {
    let files: String = (0..FILES)
        .map(|it| format!("- pkg/module_{it}.rb\n"))
        .collect();
    let metadata = format!(
        "--- !ruby/object:Gem::Specification\nname: demo\nversion: !ruby/object:Gem::Version\n  version: 1.2.3\n\
         platform: ruby\nauthors:\n- Ann Other\nsummary: A package to measure with\n\
         homepage: https://example.org/demo\nlicenses: []\nrequire_paths:\n- lib\nfiles:\n- LICENSE\n{files}"
    );
    let data = fill("", "rb").file(b"LICENSE", license().as_bytes()).end();
    pack::gem(metadata.as_bytes(), &data)
}

/// The text of a license, as a project has it.
fn license() -> String {
    let text = spdx::license_id("MIT").unwrap().text();
    text.replace("<year> <copyright holders>", "2020 Ann Other")
}

/// Shows a reader every file of the archive.
fn walked(
    name: &str,
    kind: Kind,
    file: &File,
    mut offer: impl FnMut(&str, u64, &mut dyn Read) -> Result<(), ReadError>,
) -> Summary {
    let (limits, stop) = (Limits::default(), StopToken::default());
    let mut visit = |entry: &Entry<'_>, content: &mut dyn Read| match entry.kind {
        EntryKind::File => offer(entry.path, entry.size, content),
        EntryKind::Directory | EntryKind::Link => Ok(()),
    };
    walk(file, name, kind, &limits, &stop, &mut visit).unwrap()
}

fn describe(name: &str, kind: Kind, file: &File) -> Description {
    let max_metadata = Limits::default().max_metadata;
    if kind == Kind::Gem {
        let mut reader = GemReader::new(max_metadata);
        let summary = walked(name, kind, file, |path, size, content| {
            reader.offer(path, size, content)
        });
        let made = reader.finish(name, summary.newest_mtime, &summary.members);
        return made.unwrap();
    }
    let mut reader = SdistReader::new(max_metadata);
    let summary = walked(name, kind, file, |path, size, content| {
        reader.offer(path, size, content)
    });
    reader.finish(name, summary.newest_mtime).unwrap()
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    let mut group = criterion.benchmark_group("describe and write the spec");
    let settings = SpecSettings {
        dist: ".fc43".to_owned(),
        arch: "x86_64".to_owned(),
        identity: Identity::default(),
        templates: Templates::default(),
    };
    for (name, kind, bytes) in [
        (
            "demo-1.2.3.tar.gz",
            Kind::of_file_name("demo-1.2.3.tar.gz").unwrap(),
            sdist(),
        ),
        ("demo-1.2.3.gem", Kind::Gem, gem()),
    ] {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&bytes).unwrap();
        let description = describe(name, kind, &file);
        assert!(description.license.is_some(), "{name} has no license");
        group.throughput(Throughput::Bytes(bytes.len() as u64));
        group.bench_function(name, |bencher| {
            bencher.iter(|| spec::write(&describe(name, kind, &file), &settings).unwrap());
        });
    }
    group.finish();
    criterion.final_summary();
}
