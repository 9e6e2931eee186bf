//! A file that says that a worker lives, and what it runs.
//!
//! `workers/ID` is locked for as long as the process lives; the system lets go of the lock when
//! it dies, however that happens. In it stand the boot of the system, then the numbers of the jobs
//! that run, eight bytes for each thread: so the next process knows which jobs were running when this
//! one died, and which had only been handed out. It is written on every begin and end, into the
//! system's memory only: a crash of the whole machine, which the boot tells, is no job's fault.

use super::WorkError;
use crate::event::JobId;
use crate::import::queue::{QueueError, WorkerId};
use crate::sync::hold;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read as _};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// The bytes of a place.
const PLACE: u64 = 8;

/// What names one boot of the system: 32 hexadecimal digits and dashes.
const BOOT_ID: &str = "/proc/sys/kernel/random/boot_id";

/// The bytes of a boot at the beginning of a file.
const BOOT: usize = 40;

/// The file of a living worker.
#[derive(Debug)]
pub struct Presence {
    path: PathBuf,
    file: File,
    taken: Mutex<Vec<bool>>,
}

/// What a file tells about its worker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Sign {
    /// The process lives, and runs these jobs.
    Alive(Vec<JobId>),
    /// It is dead, and ran these jobs.
    Dead(Vec<JobId>),
    /// There is no file.
    None,
}

impl Presence {
    /// Takes a worker in. Others see it in the queue and its file as if both came at once: the
    /// folder is locked meanwhile.
    ///
    /// # Errors
    /// Those of `enlist`, or names the file or the folder.
    pub fn enter(
        folder: &Path,
        enlist: impl FnOnce() -> Result<WorkerId, QueueError>,
    ) -> Result<(WorkerId, Self), WorkError> {
        let door = || {
            fs::create_dir_all(folder)?;
            let door = File::open(folder)?;
            door.lock()?;
            Ok(door)
        };
        let _door = door().map_err(|source| WorkError::Presence {
            path: folder.to_owned(),
            source,
        })?;
        let worker = enlist()?;
        Self::show(folder, worker).map(|it| (worker, it))
    }

    /// Waits until whoever is just being taken in has its file.
    pub(super) fn wait_for_entries(folder: &Path) -> io::Result<()> {
        match File::open(folder) {
            Ok(door) => door.lock_shared(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Writes and locks the file of a worker in this folder.
    fn show(folder: &Path, worker: WorkerId) -> Result<Self, WorkError> {
        let path = folder.join(worker.to_string());
        // Nobody shall see it before it is locked.
        let aside = folder.join(format!("{worker}.new"));
        let open = || {
            let mut options = OpenOptions::new();
            let file = options.read(true).write(true).create(true).open(&aside)?;
            file.lock()?;
            file.write_all_at(&boot(), 0)?;
            fs::rename(&aside, &path)?;
            Ok(file)
        };
        let file = open().map_err(|source| WorkError::Presence {
            path: path.clone(),
            source,
        })?;
        Ok(Self {
            path,
            file,
            taken: Mutex::default(),
        })
    }

    /// Removes the file: the worker was taken out of the queue. Otherwise it stays behind, and
    /// tells that its worker is dead.
    pub(super) fn leave(self) {
        let _ = fs::remove_file(&self.path);
    }

    /// What the file of a worker in this folder tells.
    pub(super) fn look(folder: &Path, worker: WorkerId) -> io::Result<Sign> {
        let file = match File::open(folder.join(worker.to_string())) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Sign::None),
            Err(error) => return Err(error),
        };
        let lives = match file.try_lock_shared() {
            Ok(()) => false,
            Err(TryLockError::WouldBlock) => true,
            Err(TryLockError::Error(error)) => return Err(error),
        };
        let mut bytes = Vec::new();
        (&file).read_to_end(&mut bytes)?;
        let (before, places) = bytes.split_at(BOOT.min(bytes.len()));
        let places = places.as_chunks::<{ PLACE as usize }>().0.iter();
        let mut jobs: Vec<_> = places.map(|it| JobId::from_le_bytes(*it)).collect();
        // What ran when the machine went down did not take it down.
        jobs.retain(|it| *it != 0 && before == boot());
        Ok(match lives {
            true => Sign::Alive(jobs),
            false => Sign::Dead(jobs),
        })
    }

    /// Whether the file of a worker in this folder tells that its process is dead.
    #[must_use]
    pub fn is_dead(folder: &Path, worker: WorkerId) -> bool {
        matches!(Self::look(folder, worker), Ok(Sign::Dead(_)))
    }

    /// The workers that files in this folder are of, whether they are whole or not.
    pub(super) fn all(folder: &Path) -> Vec<(WorkerId, PathBuf)> {
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        let worker = |path: PathBuf| {
            let name = path.file_name()?.to_str()?;
            let id = name.strip_suffix(".new").unwrap_or(name).parse().ok()?;
            Some((id, path))
        };
        entries.filter_map(|it| worker(it.path())).collect()
    }

    /// Removes a file that no process has locked, of a worker that was taken out of the queue.
    pub(super) fn clear(path: &Path) {
        let is_free = File::open(path).is_ok_and(|it| it.try_lock_shared().is_ok());
        if is_free {
            let _ = fs::remove_file(path);
        }
    }

    /// Removes what a dead worker left.
    pub(super) fn forget(folder: &Path, worker: WorkerId) {
        let _ = fs::remove_file(folder.join(worker.to_string()));
    }

    /// Runs a job that this file names for as long as it runs.
    pub(super) fn during<T>(&self, job: JobId, run: impl FnOnce() -> T) -> T {
        let place = {
            let mut taken = hold(&self.taken);
            let free = taken.iter().position(|it| !it);
            let place = free.unwrap_or(taken.len());
            match taken.get_mut(place) {
                Some(it) => *it = true,
                None => taken.push(true),
            }
            place
        };
        let running = Running {
            presence: self,
            place,
        };
        running.write(job);
        run()
    }
}

/// The boot of the system, as a file begins with it; all the same where the system does not tell.
fn boot() -> [u8; BOOT] {
    let mut out = [0; BOOT];
    let text = fs::read(BOOT_ID).unwrap_or_default();
    let length = text.len().min(BOOT);
    out[..length].copy_from_slice(&text[..length]);
    out
}

/// A place in the file; free again when dropped, also by a panic.
struct Running<'a> {
    presence: &'a Presence,
    place: usize,
}

impl Running<'_> {
    fn write(&self, job: JobId) {
        let at = BOOT as u64 + self.place as u64 * PLACE;
        // Without it a crash is not counted for the job, and the worker works as well.
        if let Err(error) = self.presence.file.write_all_at(&job.to_le_bytes(), at) {
            tracing::warn!(job, %error, "the running job cannot be noted down");
        }
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.write(0);
        hold(&self.presence.taken)[self.place] = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_tells_the_living_from_the_dead_and_what_they_ran() {
        let dir = tempfile::TempDir::new().unwrap();
        let look = || Presence::look(dir.path(), 7).unwrap();
        assert_eq!(look(), Sign::None);
        let (_, here) = Presence::enter(dir.path(), || Ok(7)).unwrap();
        assert_eq!(look(), Sign::Alive(Vec::new()));
        here.during(1, || {
            here.during(1 << 40, || {
                assert_eq!(look(), Sign::Alive(vec![1, 1 << 40]));
                // As if it died now: the lock goes, the file stays.
                here.file.unlock().unwrap();
                assert_eq!(look(), Sign::Dead(vec![1, 1 << 40]));
            });
            here.during(3, || assert_eq!(look(), Sign::Dead(vec![1, 3])));
            // Another boot: the machine went down, and that is no job's fault.
            here.file.write_all_at(b"another", 0).unwrap();
            assert_eq!(look(), Sign::Dead(Vec::new()));
            here.file.write_all_at(&boot(), 0).unwrap();
            assert_eq!(look(), Sign::Dead(vec![1]));
        });
        assert_eq!(look(), Sign::Dead(Vec::new()));
        Presence::forget(dir.path(), 7);
        assert_eq!(look(), Sign::None);
    }
}
