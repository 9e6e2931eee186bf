//! The least work for one package after the other.

use super::archive::{Inflater, decoder};
use super::make_folder;
use super::place::{File, Place};
use super::srpm::{entries, name, parts};
use crate::bench::{Error, Meter, Package, Task, Work};
use crate::model::Layout;
use crate::rpmfile::Compression;
use std::fs;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::Instant;
use zstd::stream::raw::{Encoder, InBuffer, Operation as _, OutBuffer};

/// Does the least work into one root.
pub struct Floor {
    root: PathBuf,
    place: Place,
    inflater: Inflater,
    zstd: Encoder<'static>,
    /// What a package is before compression; what is written of it.
    plain: Vec<u8>,
    payload: Vec<u8>,
}

impl Floor {
    /// Into this folder, laid out so.
    ///
    /// # Errors
    /// When there is no memory for a compressor.
    pub fn new(root: &Path, layout: Layout) -> Result<Self, Error> {
        let level = Compression::default().level().map_or(0, i32::from);
        let zstd = Encoder::new(level).map_err(Error::io("write to", root))?;
        Ok(Self {
            root: root.to_owned(),
            place: Place::new(root, layout),
            inflater: Inflater::default(),
            zstd,
            plain: Vec::new(),
            payload: Vec::new(),
        })
    }

    /// All packages of a task.
    pub fn run(&mut self, task: &Task, meter: &Meter) {
        for (project, package) in task.each() {
            let began = Instant::now();
            let project = Task::project(project).to_string();
            let result = match task.work {
                Work::Srpm => self.srpm(&package.path, &project),
                Work::Pypi | Work::Gem => self.archive(package, &project),
            };
            meter.take_least(&package.source, began.elapsed(), result);
        }
    }

    /// A source package into the repository of its name and the lookaside cache; its bytes.
    fn srpm(&mut self, path: &Path, project: &str) -> Result<u64, Error> {
        let package = fs::read(path).map_err(Error::io("read", path))?;
        let bad = |problem| {
            let path = path.to_owned();
            move || Error::Floor { path, problem }
        };
        let (header, payload) = parts(&package).ok_or_else(bad("it is cut short"))?;
        self.plain.clear();
        let read = decoder(payload).read_to_end(&mut self.plain);
        read.map_err(Error::io("inflate", path))?;
        let files = entries(header, &self.plain);
        let files = files.ok_or_else(bad("its payload is no cpio archive of the forms of RPM"))?;
        let files = files.into_iter().map(|it| File {
            name: it.name,
            bytes: &self.plain[it.bytes],
            is_executable: it.is_executable,
        });
        let name = name(header).ok_or_else(bad("it has no name"))?;
        let put = self.place.put(project, name, files.collect());
        put.map_err(Error::io("write to", &self.root))?;
        Ok(package.len() as u64)
    }

    /// An sdist or a gem into a source package, and that into dist-git; its bytes.
    fn archive(&mut self, package: &Package, project: &str) -> Result<u64, Error> {
        let path = &package.path;
        let recipe = package.recipe.as_ref().ok_or_else(|| Error::Floor {
            path: path.clone(),
            problem: "nothing could be made of it beforehand",
        })?;
        // Read to where it stands in the payload.
        let start = recipe.before.0.len();
        self.plain.clear();
        self.plain.extend_from_slice(&recipe.before.0);
        let mut file = fs::File::open(path).map_err(Error::io("read", path))?;
        let read = file.read_to_end(&mut self.plain);
        let end = start + read.map_err(Error::io("read", path))?;
        self.plain.extend_from_slice(&recipe.after.0);
        let archive = &self.plain[start..end];

        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let inflated = self.inflater.inflate(&name, archive);
        inflated.map_err(Error::io("inflate", path))?;
        let mut write = || {
            compress(&mut self.zstd, &self.plain, &mut self.payload)?;
            let head = recipe.head(archive, &self.payload, &self.plain);
            let folder = self.root.join("srpms").join(project);
            write_file(&folder, &recipe.file_name, &[&head, &self.payload])?;
            let source = File {
                name: &name,
                bytes: archive,
                is_executable: false,
            };
            let files = vec![recipe.spec(), source];
            self.place.put(project, &recipe.package, files)
        };
        write().map_err(Error::io("write to", &self.root))?;
        Ok(archive.len() as u64)
    }
}

/// Compresses bytes as a stream, which comes out a little smaller than all of them at once.
fn compress(zstd: &mut Encoder<'_>, bytes: &[u8], out: &mut Vec<u8>) -> io::Result<()> {
    zstd.reinit()?;
    zstd.set_pledged_src_size(Some(bytes.len() as u64))?;
    out.clear();
    out.reserve(zstd::zstd_safe::compress_bound(bytes.len()));
    let (mut from, mut to) = (InBuffer::around(bytes), OutBuffer::around(out));
    while from.pos() < bytes.len() {
        zstd.run(&mut from, &mut to)?;
    }
    while zstd.finish(&mut to, true)? > 0 {}
    Ok(())
}

/// Writes a file of some parts. The folder is mostly there.
fn write_file(folder: &Path, name: &str, parts: &[&[u8]]) -> io::Result<()> {
    let path = folder.join(name);
    let mut file = match fs::File::create(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            make_folder(folder)?;
            fs::File::create(&path)
        }
        other => other,
    }?;
    parts.iter().try_for_each(|it| file.write_all(it))
}
