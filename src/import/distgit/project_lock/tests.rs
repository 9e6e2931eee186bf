//! Who may hold a project when, and that nothing is left of it.

use super::*;
use crate::config::Storage;
use crate::sync::StopLevel;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;
use tempfile::TempDir;

struct Site {
    _dir: TempDir,
    places: Places,
    project: Project,
    stop: StopToken,
}

fn site() -> Site {
    let dir = TempDir::new().unwrap();
    Site {
        places: Places::find(&Storage::new(dir.path())).unwrap(),
        project: Project::parse("@o/p:pr:1").unwrap(),
        stop: StopToken::default(),
        _dir: dir,
    }
}

impl Site {
    fn share(&self) -> Result<ProjectLock, Error> {
        ProjectLock::share(&self.places, &self.project, Part::Repositories, &self.stop)
    }

    fn alone(&self) -> ProjectLock {
        ProjectLock::alone(&self.places, self.project.owner(), self.project.name()).unwrap()
    }

    fn door(&self) -> PathBuf {
        self.places
            .project_door(self.project.owner(), self.project.name())
    }

    /// What is there of the lock: folders of the project, and its door.
    fn files(&self) -> usize {
        let folders = [
            self.places.repositories(&self.project),
            self.places.srpms(&self.project),
        ];
        let all = folders.iter().map(PathBuf::as_path);
        let owners = all.clone().map(|it| it.parent().unwrap());
        assert_eq!(
            all.clone().any(Path::exists),
            owners.clone().any(Path::exists)
        );
        all.filter(|it| it.exists()).count() + usize::from(self.door().exists())
    }

    /// Waits until somebody stands in the door.
    fn wait_for_the_door(&self) {
        while !File::open(self.door())
            .is_ok_and(|it| matches!(it.try_lock(), Err(fs::TryLockError::WouldBlock)))
        {
            thread::yield_now();
        }
    }
}

#[test]
fn many_share_it_and_nothing_is_left() {
    let site = site();
    let first = site.share().unwrap();
    let second = site.share().unwrap();
    assert_eq!(site.files(), 1);
    drop(first);
    assert_eq!(site.files(), 1);
    drop(second);
    assert_eq!(site.files(), 0);
    drop(site.alone());
    assert_eq!(site.files(), 0);
    // What a killed process left is in nobody's way, and goes.
    fs::write(site.door(), "").unwrap();
    drop(site.share().unwrap());
    assert_eq!(site.files(), 0);
    // A folder with something in it stays.
    let held = site.share().unwrap();
    fs::create_dir(site.places.repositories(&site.project).join("x.git")).unwrap();
    drop(held);
    assert_eq!(site.files(), 1);
}

#[test]
fn whoever_makes_source_packages_alone_holds_it_too() {
    let site = site();
    let share = || ProjectLock::share(&site.places, &site.project, Part::Srpms, &site.stop);
    let held = share().unwrap();
    assert!(!site.places.repositories(&site.project).exists());
    thread::scope(|scope| {
        let alone = scope.spawn(|| drop(site.alone()));
        site.wait_for_the_door();
        assert!(!alone.is_finished());
        drop(held);
    });
    assert_eq!(site.files(), 0);
}

#[test]
fn other_projects_are_not_held_up() {
    let site = site();
    let _alone = site.alone();
    let other = Project::parse("@o/p").unwrap();
    let stop = site.stop.with_limit(Duration::from_secs(60));
    ProjectLock::share(&site.places, &other, Part::Repositories, &stop).unwrap();
}

#[test]
fn a_wait_ends_with_a_stop_or_the_limit() {
    let mut site = site();
    let alone = site.alone();
    site.stop = site.stop.with_limit(Duration::from_millis(5));
    let error = site.share().unwrap_err();
    assert_eq!(error.code(), crate::model::Code::Stopped);
    site.stop = StopToken::default();
    thread::scope(|scope| {
        let waiting = scope.spawn(|| site.share());
        site.stop.raise(StopLevel::Stop);
        assert!(matches!(
            waiting.join().unwrap(),
            Err(Error::Stopped { .. })
        ));
    });
    drop(alone);
    // What is free is no wait.
    site.share().unwrap();
    assert_eq!(site.files(), 0);
}

#[test]
fn who_comes_later_waits_for_the_one_in_the_door() {
    let site = site();
    let early = site.share().unwrap();
    let (done, order) = mpsc::channel();
    thread::scope(|scope| {
        let alone = done.clone();
        let (site, late) = (&site, done);
        scope.spawn(move || {
            let held = site.alone();
            alone.send("alone").unwrap();
            drop(held);
        });
        site.wait_for_the_door();
        let short = site.stop.with_limit(Duration::from_millis(5));
        ProjectLock::share(&site.places, &site.project, Part::Repositories, &short).unwrap_err();
        scope.spawn(move || {
            let _held = site.share().unwrap();
            late.send("late").unwrap();
        });
        drop(early);
    });
    assert_eq!(order.iter().collect::<Vec<_>>(), ["alone", "late"]);
    assert_eq!(site.files(), 0);
}

#[test]
fn it_holds_though_its_folder_comes_and_goes() {
    let site = site();
    // Imports count one each, whoever is alone a thousand.
    let inside = AtomicUsize::new(0);
    let enter = |weight: usize| inside.fetch_add(weight, Ordering::SeqCst);
    let leave = |weight: usize| inside.fetch_sub(weight, Ordering::SeqCst);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..500 {
                    let _held = site.share().unwrap();
                    assert!(enter(1) < 1000, "somebody is alone");
                    thread::yield_now();
                    leave(1);
                }
            });
        }
        for _ in 0..2 {
            scope.spawn(|| {
                for _ in 0..200 {
                    let _held = site.alone();
                    assert_eq!(enter(1000), 0);
                    thread::yield_now();
                    leave(1000);
                }
            });
        }
    });
    assert_eq!(site.files(), 0);
}
