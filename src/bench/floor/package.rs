//! The least work for one package after the other.

use super::archive;
use super::place::{Known, put};
use super::srpm::{files_of, parts};
use crate::bench::{Error, Meter, Task, Work};
use crate::model::Layout;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Does the least work into one root.
#[derive(Debug)]
pub struct Floor {
    root: PathBuf,
    layout: Layout,
    known: Known,
}

impl Floor {
    /// Into this folder, laid out so.
    #[must_use]
    pub fn new(root: &Path, layout: Layout) -> Self {
        Self {
            root: root.to_owned(),
            layout,
            known: Known::default(),
        }
    }

    /// All packages of a task.
    pub fn run(&mut self, task: &Task, meter: &Meter) {
        for (project, package) in task.each() {
            let began = Instant::now();
            let project = Task::project(project).to_string();
            let result = match task.work {
                Work::Srpm => self.srpm(&package.path, &project),
                Work::Pypi | Work::Gem => self.archive(&package.path, &package.name, &project),
            };
            meter.take_least(&package.source, began.elapsed(), result);
        }
    }

    /// A source package into the repository of its name and the lookaside cache; its bytes.
    ///
    /// # Errors
    /// When it is no source package of the usual form, or a file cannot be read or written.
    pub fn srpm(&mut self, path: &Path, project: &str) -> Result<u64, Error> {
        let package = fs::read(path).map_err(Error::io("read", path))?;
        let bad = |problem| {
            let path = path.to_owned();
            move || Error::Floor { path, problem }
        };
        let (header, payload) = parts(&package).ok_or_else(bad("it is cut short"))?;
        let mut plain = Vec::new();
        let mut reader = archive::decoder(payload);
        let read = reader.read_to_end(&mut plain);
        read.map_err(Error::io("inflate", path))?;
        let files = files_of(header, &plain);
        let files = files.ok_or_else(bad("its payload is no cpio archive of the forms of RPM"))?;
        // NAME-VERSION-RELEASE.src.rpm
        let name = path.file_name().and_then(|it| it.to_str());
        let name = name.and_then(|it| it.rsplitn(3, '-').nth(2));
        let name = name.ok_or_else(bad("its name is not NAME-VERSION-RELEASE"))?;
        let put = put(
            &self.root,
            self.layout,
            project,
            name,
            &files,
            &mut self.known,
        );
        put.map_err(Error::io("write to", &self.root))?;
        Ok(package.len() as u64)
    }

    /// An sdist or a gem into a source package, and that into dist-git; its bytes.
    ///
    /// # Errors
    /// When a file cannot be read or written.
    pub fn archive(&mut self, path: &Path, name: &str, project: &str) -> Result<u64, Error> {
        let bytes = fs::read(path).map_err(Error::io("read", path))?;
        let file = path.file_name().unwrap_or_default().to_string_lossy();
        archive::inflate(&file, &bytes).map_err(Error::io("inflate", path))?;
        let spec = archive::spec(name, &file);
        let spec_name = format!("{name}.spec");
        let files = [(spec_name.as_str(), spec.as_bytes()), (&*file, &bytes[..])];
        let mut write = || {
            let folder = self.root.join("srpms").join(project);
            archive::write_srpm(&folder, name, &files)?;
            put(
                &self.root,
                self.layout,
                project,
                name,
                &files,
                &mut self.known,
            )
        };
        write().map_err(Error::io("write to", &self.root))?;
        Ok(bytes.len() as u64)
    }
}
