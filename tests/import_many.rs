//! Many jobs at once: for the same packages, and on a disk that is full.

use crate::support::disk::SmallDisk;
use crate::support::fixtures;
use crate::support::program::Program;
use crate::support::registry::Registry;
use crate::support::tools::{fsck, git, run};
use std::fs;
use std::path::PathBuf;

/// Source packages of ten names with twenty contents each, made by the program itself from one
/// gem whose name and version are replaced.
fn two_hundred(program: &Program) -> Vec<PathBuf> {
    let folder = program.scratch().join("packages");
    fs::create_dir(&folder).unwrap();
    let mut made = Vec::new();
    for package in 0..10 {
        for version in 0..20 {
            let script = format!(
                "Gem::Specification.new {{ |s| s.name = 'many{package}'; s.version = '1.{version}'; \
                 s.summary = 's'; s.authors = ['a']; s.license = 'MIT'; s.files = [] }}"
            );
            fs::write(folder.join(format!("{package}-{version}.gemspec")), script).unwrap();
            made.push(folder.join(format!("many{package}-1.{version}.gem")));
        }
    }
    let script = "require 'rubygems/package'; Dir.chdir(ARGV[0]); \
        Gem::DefaultUserInteraction.ui = Gem::SilentUI.new; \
        Dir['*.gemspec'].each { |f| Gem::Package.build(Gem::Specification.load(f), true) }";
    run("ruby", &["-e", script, folder.to_str().unwrap()]);
    made
}

#[test]
fn two_hundred_jobs_for_ten_packages_on_sixteen_threads() {
    let program = Program::new()
        .with("--jobs=16")
        .with("--branch=main")
        .with("--branch=f42");
    let files = two_hundred(&program);
    let outcomes = program.outcomes(&files);
    assert_eq!(outcomes.len(), 200);
    for outcome in outcomes.values() {
        assert_eq!(outcome["state"], "imported", "{outcome:#}");
    }
    for package in 0..10 {
        let repository = program.repository(&format!("rubygem-many{package}"));
        fsck(&repository);
        assert_eq!(git(&repository, &["rev-list", "--count", "main"]), "21");
        assert_eq!(
            git(&repository, &["rev-list", "--min-parents=2", "--all"]),
            ""
        );
        assert_eq!(
            git(&repository, &["rev-parse", "main"]),
            git(&repository, &["rev-parse", "f42"])
        );
    }
}

#[test]
fn a_full_disk_fails_the_job_and_nothing_stays() {
    let program = Program::new();
    let place = program.scratch().join("disk");
    let Some(_disk) = SmallDisk::mount(&place, "512k") else {
        return;
    };
    let large = program.scratch().join("large-1-1.src.rpm");
    fs::write(&large, vec![7; 2 << 20]).unwrap();
    let registry = Registry::start();
    registry.add_gem("large", "1.0", vec![7; 2 << 20]);
    let program = Program::new()
        .at(&place.join("root"))
        .with_registry(&registry.url());
    assert_eq!(program.failure(large.to_str().unwrap()), "disk-full");
    assert_eq!(program.failure("gem:large"), "disk-full");
    assert!(program.files().is_empty(), "{:?}", program.files());
    // There is room for what is small, and later still none for what is not.
    program.imported(&fixtures::argument("gem-plain/plaingem-1.2.0.gem"));
    // Fill it up: a commit cannot be made either, and the repository stays sound.
    let filler = place.join("filler");
    let mut size = 1 << 20;
    while size >= 4096 {
        let _ = fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(&filler)
            .and_then(|mut it| std::io::Write::write_all(&mut it, &vec![1; size]));
        size /= 2;
    }
    let before = program.files();
    let gem = fixtures::argument("gem-executable/runme-0.3.gem");
    assert_eq!(program.failure(&gem), "disk-full");
    assert_eq!(program.files(), before);
    fsck(&program.repository("rubygem-plaingem"));
}
