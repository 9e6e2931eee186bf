//! Many specs, packed here and by `rpmbuild`, side by side.
//!
//! One process of `rpmbuild` takes all specs that go together: those whose source packages have
//! different names.

use super::made::content;
use crate::support::descriptions::{settings, under};
use crate::support::srpm::{HOST, TIME};
use crate::support::tools::output;
use distmill::import::spec;
use distmill::rpmfile::{SourceFile, SourceHeader, WriteSettings, write};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, UNIX_EPOCH};
use tempfile::TempDir;

/// A spec and the two packages made of it.
pub(super) struct Pair {
    pub(super) case: String,
    pub(super) text: String,
    pub(super) header: SourceHeader,
    pub(super) ours: PathBuf,
    pub(super) theirs: PathBuf,
}

/// A folder for each set of specs that go together.
pub(super) struct Workshop {
    dir: TempDir,
    pub(super) pairs: Vec<Pair>,
}

impl Workshop {
    /// Packs all specs; `payload` is RPM's name of the compression.
    pub(super) fn new(specs: Vec<(String, String)>, compression: &str, payload: &str) -> Self {
        let mut this = Self {
            dir: tempfile::tempdir().unwrap(),
            pairs: Vec::new(),
        };
        this.write_macros();
        let mut batches: Vec<BTreeMap<String, (String, String, SourceHeader)>> = Vec::new();
        for (case, text) in specs {
            let header = spec::parse(&text, &settings().parse_settings());
            let header = header.unwrap_or_else(|error| panic!("{case}: {error}"));
            let name = header.file_name();
            let free = batches.iter().position(|it| !it.contains_key(&name));
            let at = free.unwrap_or_else(|| {
                batches.push(BTreeMap::new());
                batches.len() - 1
            });
            batches[at].insert(name, (case, text, header));
        }
        for (number, batch) in batches.into_iter().enumerate() {
            let folder = this.dir.path().join(number.to_string());
            for sub in ["", "ours", "theirs"] {
                fs::create_dir(folder.join(sub)).unwrap();
            }
            let specs: Vec<PathBuf> = batch
                .values()
                .map(|(case, text, header)| put_files(&folder, case, text, header))
                .collect();
            this.rpmbuild(&folder, &["-bs", "--nodeps"], payload, &specs);
            for (name, (case, text, header)) in batch {
                let (ours, theirs) = (
                    folder.join("ours").join(&name),
                    folder.join("theirs").join(&name),
                );
                pack(&ours, &case, &text, &header, compression);
                this.pairs.push(Pair {
                    case,
                    text,
                    header,
                    ours,
                    theirs,
                });
            }
        }
        this
    }

    pub(super) fn path(&self) -> &Path {
        self.dir.path()
    }

    /// The macros of distributions that the specs use, for every process here.
    fn write_macros(&self) {
        let mut text = "%dist .fc43\n%use_source_date_epoch_as_buildtime 1\n".to_owned();
        text.push_str(&format!("%_buildhost {HOST}\n"));
        for file in ["macros.pyproject", "macros.rubygems"] {
            text.push_str(
                &fs::read_to_string(under("tests/support/rpm-macros").join(file)).unwrap(),
            );
        }
        fs::write(self.path().join(".rpmmacros"), text).unwrap();
    }

    /// Runs `rpmbuild` over specs or packages in a folder.
    pub(super) fn rpmbuild(
        &self,
        folder: &Path,
        options: &[&str],
        payload: &str,
        files: &[PathBuf],
    ) -> String {
        let place = folder.display();
        let mut command = Command::new("rpmbuild");
        command.args(options);
        for define in [
            format!("_topdir {place}/top"),
            format!("_srcrpmdir {place}/theirs"),
            format!("_source_payload {payload}"),
        ] {
            command.arg("--define").arg(define);
        }
        if options.contains(&"-bs") {
            command.arg("--define").arg(format!("_sourcedir {place}"));
        }
        command.env("SOURCE_DATE_EPOCH", TIME.to_string());
        command
            .env("HOME", self.path())
            .env("TZ", "UTC")
            .env("LC_ALL", "C.UTF-8");
        output(command.args(files))
    }
}

/// The names of a spec's sources and patches.
pub(super) fn file_names(header: &SourceHeader) -> BTreeSet<&String> {
    header.sources.iter().chain(&header.patches).collect()
}

fn spec_name(case: &str) -> String {
    format!("{case}.spec")
}

fn put_files(folder: &Path, case: &str, text: &str, header: &SourceHeader) -> PathBuf {
    let put = |name: &str, bytes: &[u8]| {
        let path = folder.join(name);
        fs::write(&path, bytes).unwrap();
        let time = UNIX_EPOCH + Duration::from_secs(TIME.into());
        let file = File::options().write(true).open(&path).unwrap();
        file.set_modified(time).unwrap();
        path
    };
    for name in file_names(header) {
        put(name, &content(name));
    }
    put(&spec_name(case), text.as_bytes())
}

fn pack(place: &Path, case: &str, text: &str, header: &SourceHeader, compression: &str) {
    let spec = SourceFile::from_bytes(&spec_name(case), text.as_bytes(), TIME).as_spec();
    let sources = file_names(header).into_iter();
    let sources = sources.map(|it| SourceFile::from_bytes(it, content(it), TIME));
    let files: Vec<SourceFile> = std::iter::once(spec).chain(sources).collect();
    let settings = WriteSettings {
        compression: compression.parse().unwrap(),
        build_time: TIME,
        build_host: HOST.to_owned(),
        ..WriteSettings::default()
    };
    let mut options = File::options();
    let options = options.read(true).write(true).create_new(true);
    write(&mut options.open(place).unwrap(), header, &files, &settings).unwrap();
}
