//! Making a corpus once, and keeping it.

use super::project::Project;
use super::{gem, sdist, size, srpm};
use crate::bench::{Corpus, Error, Work};
use crate::import::root::Incoming;
use crate::sync::StopToken;
use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::io;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// Counted up when the same seed makes other bytes than before.
const FORM: u32 = 1;

/// How folders begin where a corpus is made.
const MAKING: &str = ".making-";

/// The file in a corpus that says how large each of the others is.
const SIZES: &str = ".sizes";

/// What is made up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Synthetic {
    /// What kind of packages.
    pub work: Work,
    /// How many.
    pub count: NonZeroUsize,
    /// What everything follows from.
    pub seed: u64,
    /// Bytes of every archive, instead of sizes that follow the law of the ecosystem.
    pub size: Option<u64>,
}

/// The folder where corpora are kept unless another one is named: `distmill/bench` in the user's
/// cache, or in the folder for temporary files where there is none.
#[must_use]
pub fn default_cache() -> PathBuf {
    let own = |name: &str| env::var_os(name).map(PathBuf::from);
    let home = || own("HOME").map(|it| it.join(".cache"));
    let cache = own("XDG_CACHE_HOME").filter(|it| it.is_absolute());
    let cache = cache.or_else(home).unwrap_or_else(env::temp_dir);
    cache.join("distmill").join("bench")
}

impl Synthetic {
    /// Where it came from, for a report.
    #[must_use]
    pub fn origin(&self) -> String {
        let size = self.size.map(|it| format!(", {it} bytes each"));
        let size = size.unwrap_or_default();
        format!("made up, seed {}{size}", self.seed)
    }

    /// The corpus in this folder of corpora, where it is made unless it is there.
    ///
    /// # Errors
    /// When a file cannot be written or read, or the stop token was raised.
    pub fn corpus(&self, cache: &Path, stop: &StopToken) -> Result<Corpus, Error> {
        let size = self.size.map_or("law".to_owned(), |it| it.to_string());
        let Self {
            work, count, seed, ..
        } = self;
        let folder = cache.join(format!("{work}-{count}-{seed}-{size}-v{FORM}"));
        // Made aside, in folders that go when this ends, or with the next run if it is killed.
        let aside = Incoming::open(cache, MAKING)?;
        if !is_whole(&folder, self.count.get()) {
            let made = aside.path().join("made");
            fs::create_dir(&made).map_err(Error::io("create", &made))?;
            self.make(&made, stop)?;
            note_sizes(&made).map_err(Error::io("write to", &made))?;
            // What is there is damaged, unless somebody made the same meanwhile.
            if !is_whole(&folder, self.count.get()) {
                let _ = fs::rename(&folder, aside.path().join("damaged"));
            }
            if let Err(error) = fs::rename(&made, &folder)
                && !is_whole(&folder, self.count.get())
            {
                return Err(Error::io("create", &folder)(error));
            }
        }
        Corpus::read(&folder, self.work, stop)
    }

    /// Makes all packages, on all processors.
    fn make(&self, folder: &Path, stop: &StopToken) -> Result<(), Error> {
        let sizes = size::sizes(self.work, self.count.get(), self.seed, self.size);
        let next = AtomicUsize::new(0);
        let failure = Mutex::new(None);
        let work = || {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                let Some(size) = sizes.get(number).filter(|_| !stop.is_draining()) else {
                    return;
                };
                if let Err(error) = self.package(folder, number, *size) {
                    next.store(sizes.len(), Ordering::Relaxed);
                    failure.lock().ok().and_then(|mut it| it.replace(error));
                }
            }
        };
        let threads = thread::available_parallelism().map_or(1, NonZeroUsize::get);
        thread::scope(|scope| (0..threads).for_each(|_| drop(scope.spawn(work))));
        let failure = failure
            .into_inner()
            .expect("no thread panics with the lock");
        match failure {
            Some(error) => Err(error),
            None if stop.is_draining() => Err(Error::Stopped),
            None => Ok(()),
        }
    }

    fn package(&self, folder: &Path, number: usize, size: u64) -> Result<(), Error> {
        let mut project = Project::new(self.seed, number);
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        let made = match self.work {
            Work::Srpm => srpm::make(&mut project, size),
            Work::Pypi => sdist::make(&mut project, size),
            Work::Gem => gem::make(&mut project, size),
        };
        let (name, bytes) = made.map_err(|error| Error::Make {
            package: project.name,
            problem: error.to_string(),
        })?;
        let path = folder.join(name);
        fs::write(&path, bytes).map_err(Error::io("write", &path))
    }
}

/// Writes down the size of every file in a folder.
fn note_sizes(folder: &Path) -> io::Result<()> {
    let sizes = sizes(folder)?;
    fs::write(folder.join(SIZES), serde_json::to_vec(&sizes)?)
}

/// The size of every file in a folder but that of the list itself, by name.
fn sizes(folder: &Path) -> io::Result<BTreeMap<String, u64>> {
    let mut out = BTreeMap::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name != SIZES {
            out.insert(name, entry.metadata()?.len());
        }
    }
    Ok(out)
}

/// Whether a corpus of so many files is as it was made.
fn is_whole(folder: &Path, count: usize) -> bool {
    let noted = fs::read(folder.join(SIZES)).ok();
    let noted = noted.and_then(|it| serde_json::from_slice(&it).ok());
    let there = sizes(folder).ok();
    noted.is_some() && noted == there && there.is_some_and(|it| it.len() == count)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Sha256;
    use std::time::SystemTime;

    #[test]
    fn the_same_seed_makes_the_same_bytes_and_is_made_once() {
        for work in Work::ALL {
            let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
            let made = |seed: u64, cache: &Path| {
                let synthetic = Synthetic {
                    work,
                    count: NonZeroUsize::new(4).unwrap(),
                    seed,
                    size: Some(20_000),
                };
                synthetic.corpus(cache, &StopToken::default()).unwrap()
            };
            let known = |it: &Corpus| -> Vec<(String, String)> {
                let items = it.items.iter();
                items
                    .map(|it| (it.file_name.clone(), it.sha256.to_string()))
                    .collect()
            };
            let first = made(1, one.path());
            assert_eq!(known(&first), known(&made(1, two.path())), "{work}");
            assert_ne!(known(&first), known(&made(2, two.path())), "{work}");
            for item in &first.items {
                assert!((17_000..27_000).contains(&item.size), "{item:?}");
            }
            let time = |it: &Corpus| -> SystemTime {
                fs::metadata(&it.items[0].path).unwrap().modified().unwrap()
            };
            assert_eq!(time(&first), time(&made(1, one.path())));
            // What was damaged since is made again.
            fs::remove_file(&first.items[0].path).unwrap();
            assert_eq!(known(&first), known(&made(1, one.path())), "{work}");
            fs::write(&first.items[1].path, "cut").unwrap();
            assert_eq!(known(&first), known(&made(1, one.path())), "{work}");
            fs::write(first.items[0].path.with_file_name("more-1.gem"), "").unwrap();
            assert_eq!(known(&first), known(&made(1, one.path())), "{work}");
            let left = fs::read_dir(one.path()).unwrap().count();
            assert_eq!(left, 1, "{work}");
        }
    }

    /// Where it fails, something makes other bytes of the same seed, such as another compressor:
    /// then count up [`FORM`], lest reports of unlike corpora be compared.
    #[test]
    fn the_bytes_of_a_seed_are_known() {
        for (work, form) in [
            (
                Work::Pypi,
                "f80662ddee8dc567b2e3999c0ebf24db59e0d576bc7e3051812de0b3729fd2a2",
            ),
            (
                Work::Gem,
                "962de65e17216f73dca78564072e22083a6558320d16f82fa0db715aaddb2a6e",
            ),
            (
                Work::Srpm,
                "6bd399a2a2c932bbac9f0743b356d90cca1cd400e714fb3f664f987f94dde204",
            ),
        ] {
            let cache = tempfile::tempdir().unwrap();
            let synthetic = Synthetic {
                work,
                count: NonZeroUsize::new(3).unwrap(),
                seed: 1,
                size: Some(10_000),
            };
            let corpus = synthetic.corpus(cache.path(), &StopToken::default());
            let digests = corpus.unwrap().items.into_iter();
            let digests: String = digests.map(|it| it.sha256.to_string()).collect();
            let all = Sha256::of(digests.as_bytes()).to_string();
            assert_eq!((FORM, &*all), (1, form), "{work}");
        }
    }
}
