//! From entries to jobs of the queue.

use super::sources::Entry;
use crate::import::job::Source;
use crate::import::outcome::Failure;
use crate::import::queue::{NewJob, RunId, Target};
use crate::model::{Code, Digester, Sha256};
use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Arc;

/// Jobs that are added in one transaction: many, for names in no order touch all of the index of
/// keys, which is written once a transaction; and few enough that workers wait for a second at most.
pub(in crate::cli) const AT_ONCE: usize = 50_000;

/// What is the same for all jobs of one call.
pub(in crate::cli) struct Shared {
    pub(in crate::cli) target: Arc<Target>,
    pub(in crate::cli) sandbox: Arc<str>,
    pub(in crate::cli) priority: i32,
    pub(in crate::cli) background: bool,
    pub(in crate::cli) run: Option<RunId>,
}

impl Shared {
    /// The job of one source. A file is read once, for what is in it makes it the same job.
    pub(in crate::cli) fn job(&self, entry: &Entry) -> Result<NewJob, Failure> {
        let source = entry.source.clone().map_err(|error| Failure {
            code: error.code(),
            message: error.to_string(),
        })?;
        let (source, digest) = match source {
            Source::Path(path, kind) => {
                let read = || Ok((std::path::absolute(&path)?, digest(&path)?));
                let (path, digest) = read().map_err(|error: io::Error| Failure {
                    code: Code::FileNotReadable,
                    message: format!("cannot read {}: {error}", path.display()),
                })?;
                (Source::Path(path, kind), Some(digest))
            }
            other => (other, None),
        };
        Ok(NewJob {
            source,
            digest,
            target: Arc::clone(&self.target),
            sandbox: Arc::clone(&self.sandbox),
            priority: self.priority,
            background: self.background,
            run: self.run,
        })
    }
}

fn digest(path: &Path) -> io::Result<Sha256> {
    let mut digester = Digester::new(io::sink());
    io::copy(&mut File::open(path)?, &mut digester)?;
    Ok(digester.finish().1.sha256)
}
