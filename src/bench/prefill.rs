//! A root that has seen many packages before: empty repositories, made quickly.

use super::Error;
use crate::import::root::Places;
use crate::model::Project;
use crate::sync::StopToken;
use std::fs;
use std::path::Path;

/// Makes so many bare repositories, each with its folder in the lookaside cache, in the projects
/// that packages will go to, in turns. They hold what makes git take them for repositories, and
/// nothing else: what counts is how many names a folder has.
///
/// # Errors
/// When the file system refuses, or the stop token was raised.
pub fn prefill(
    places: &Places,
    projects: &[Project],
    count: usize,
    stop: &StopToken,
) -> Result<(), Error> {
    for number in 0..count {
        if stop.is_draining() {
            return Err(Error::Stopped);
        }
        let project = &projects[number % projects.len()];
        let name = format!("prefilled-{number}");
        let repository = places.repositories(project).join(format!("{name}.git"));
        let made = repository_in(&repository);
        made.map_err(Error::io("create", &repository))?;
        let folder = places.lookasides(project).join(name);
        fs::create_dir_all(&folder).map_err(Error::io("create", &folder))?;
    }
    Ok(())
}

fn repository_in(folder: &Path) -> std::io::Result<()> {
    fs::create_dir_all(folder.join("objects"))?;
    fs::create_dir_all(folder.join("refs"))?;
    fs::write(folder.join("HEAD"), "ref: refs/heads/main\n")?;
    fs::write(folder.join("config"), "[core]\n\tbare = true\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Storage;

    #[test]
    fn git_takes_them_for_repositories() {
        let dir = tempfile::TempDir::new().unwrap();
        let places = Places::find(&Storage::new(dir.path())).unwrap();
        let projects = ["a/b", "a/c"].map(|it| Project::parse(it).unwrap());
        prefill(&places, &projects, 5, &StopToken::default()).unwrap();
        let made = |it: &Project| fs::read_dir(places.repositories(it)).unwrap().count();
        assert_eq!((made(&projects[0]), made(&projects[1])), (3, 2));
        let one = places.repositories(&projects[1]).join("prefilled-3.git");
        let repository = git2::Repository::open_bare(one).unwrap();
        assert!(repository.is_bare());
        assert_eq!(repository.references().unwrap().count(), 0);
    }
}
