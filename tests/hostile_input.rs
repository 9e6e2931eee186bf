//! Every hostile archive is refused with its own code, and none costs more than its share.

use crate::support::archive::{describe, paths};
use crate::support::fixtures;
use crate::support::hostile::{Attack, GEMS, SDISTS, ZIPS};
use crate::support::pack::{Tar, ZipEntry, gzip, xz, zip};
use crate::support::program::Program;
use crate::support::registry::Registry;
use distmill::config::Limits;
use distmill::import::archive::{Kind, WalkError, walk};
use distmill::model::Code;
use distmill::sync::{StopLevel, StopToken};
use std::fs;

fn check(file_name: &str, attacks: &[Attack]) {
    let limits = Limits::default();
    let mut wrong = Vec::new();
    for (attack, bytes, want) in attacks {
        let got = describe(file_name, &bytes(), &limits).map(|it| it.name);
        if got != Err(*want) {
            wrong.push(format!("{attack}: {got:?} instead of {want}"));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn sdists_are_refused() {
    check("evil-1.0.tar.gz", SDISTS);
}

#[test]
fn zips_are_refused() {
    check("evil-1.0.zip", ZIPS);
}

/// A wheel is a zip with other metadata, which none of these gets as far as.
#[test]
fn wheels_are_refused() {
    check("evil-1.0-py3-none-any.whl", ZIPS);
}

#[test]
fn gems_are_refused() {
    check("evil-1.0.gem", GEMS);
}

/// Every attack at once through the real program, with one honest package among them.
#[test]
fn hostile_packages_fail_alone_and_leave_nothing() {
    let program = Program::new().with("--jobs=8");
    let mut files = vec![fixtures::argument("gem-plain/plaingem-1.2.0.gem")];
    let mut want = Vec::new();
    for (ending, attacks) in [("tar.gz", SDISTS), ("zip", ZIPS), ("gem", GEMS)] {
        for (number, (attack, bytes, code)) in attacks.iter().enumerate() {
            let file = program.scratch().join(format!("evil{number}-1.0.{ending}"));
            fs::write(&file, bytes()).unwrap();
            files.push(file.to_str().unwrap().to_owned());
            want.push((*attack, code.as_str()));
        }
    }
    let outcomes = program.outcomes(&files);
    let code = |file: &String| {
        outcomes[file]["failure"]["code"]
            .as_str()
            .unwrap_or_default()
    };
    let found: Vec<(&str, &str)> = want
        .iter()
        .zip(&files[1..])
        .map(|((attack, _), file)| (*attack, code(file)))
        .collect();
    assert_eq!(found, want);
    assert_eq!(outcomes[&files[0]]["state"], "imported");
    let honest = |it: &std::path::PathBuf| it.to_string_lossy().contains("rubygem-plaingem");
    assert!(program.files().iter().all(honest), "{:?}", program.files());
}

#[test]
fn the_limits_are_options() {
    let file = fixtures::argument("sdist-setuptools/plainpkg-1.2.3.tar.gz");
    for option in ["--max-entries=2", "--max-bytes=1KB"] {
        assert_eq!(
            Program::new().with(option).failure(&file),
            "archive-too-large",
            "{option}"
        );
    }
    let registry = Registry::start();
    registry.add_gem("large", "1.0", vec![0; 10_000]);
    let program = Program::new().with_registry(&registry.url());
    assert_eq!(
        program.with("--max-download=9KB").failure("gem:large"),
        "download-too-large"
    );
}

#[test]
fn an_archive_cut_anywhere_is_refused_or_whole() {
    let tar = Tar::default()
        .file(b"x-1.0/PKG-INFO", b"Name: x\nVersion: 1.0\n")
        .file(b"x-1.0/data", &[b'y'; 700])
        .end();
    let entry = ZipEntry::new(b"x-1.0/PKG-INFO", b"Name: x\nVersion: 1.0\n");
    let gem = crate::support::pack::gem(b"name: x\nversion: 1.0\n", &tar);
    let limits = Limits::default();
    for (kind, bytes) in [
        (Kind::Tar, gzip(&tar)),
        (Kind::Tar, xz(&tar)),
        (
            Kind::Zip,
            zip(
                &[entry.clone(), ZipEntry::symlink(b"x-1.0/l", b"PKG-INFO")],
                0,
            ),
        ),
        (Kind::Gem, gem.clone()),
    ] {
        let whole = paths(kind, &bytes, &limits).unwrap();
        let framing = if kind == Kind::Gem { 1024 } else { 0 };
        for end in 0..bytes.len() {
            match paths(kind, &bytes[..end], &limits) {
                // A tar may lack its end mark; then nothing is missing but that.
                Ok(cut) => assert!(
                    cut == whole || (framing > 0 && whole.starts_with(&cut)),
                    "{kind:?} at {end}"
                ),
                Err(code) => assert!(
                    matches!(
                        code,
                        Code::ArchiveCorrupt | Code::ArchiveEmpty | Code::ArchiveTooLarge
                    ),
                    "{kind:?} at {end}: {code}"
                ),
            }
        }
    }
}

#[test]
fn an_archive_with_any_byte_changed_does_no_harm() {
    let tar = Tar::default()
        .pax(b'x', &[("path", b"x-1.0/PKG-INFO")])
        .file(b"a", b"Name: x\nVersion: 1.0\n")
        .symlink(b"x-1.0/l", b"PKG-INFO")
        .end();
    let entry = ZipEntry::new(b"x-1.0/PKG-INFO", b"Name: x\nVersion: 1.0\n");
    let limits = Limits {
        max_bytes: 1 << 20,
        ..Limits::default()
    };
    for (kind, bytes) in [
        (Kind::Tar, tar.clone()),
        (Kind::Tar, gzip(&tar)),
        (Kind::Tar, xz(&tar)),
        (Kind::Zip, zip(&[entry], 0)),
        (
            Kind::Gem,
            crate::support::pack::gem(b"name: x\nversion: 1.0\n", &tar),
        ),
    ] {
        for at in 0..bytes.len() {
            for flip in [0x01, 0x80, 0xff] {
                let mut bytes = bytes.clone();
                bytes[at] ^= flip;
                if let Ok(paths) = paths(kind, &bytes, &limits) {
                    for path in paths {
                        let leaves = path.starts_with('/') || path.split('/').any(|it| it == "..");
                        assert!(!leaves, "{kind:?} at {at}: {path}");
                    }
                }
            }
        }
    }
}

#[test]
fn limits_are_the_operators_to_set() {
    let tar = (0..20).fold(Tar::default(), |tar, i| {
        tar.file(format!("x/{i}").as_bytes(), &[b'x'; 5000])
    });
    let bytes = tar.gz();
    let with = |limits: Limits| paths(Kind::Tar, &bytes, &limits).map(|it| it.len());
    let default = Limits::default();
    assert_eq!(with(default), Ok(20));
    let too_large = Err(Code::ArchiveTooLarge);
    assert_eq!(
        with(Limits {
            max_entries: 19,
            ..default
        }),
        too_large
    );
    assert_eq!(
        with(Limits {
            max_entries: 20,
            ..default
        }),
        Ok(20)
    );
    assert_eq!(
        with(Limits {
            max_bytes: 100_000,
            ..default
        }),
        too_large
    );
    assert_eq!(
        with(Limits {
            max_bytes: 200_000,
            ..default
        }),
        Ok(20)
    );

    let entries: Vec<ZipEntry> = (0..20)
        .map(|i| ZipEntry::new(format!("x/{i}").as_bytes(), &[b'x'; 5000]))
        .collect();
    let bytes = zip(&entries, 0);
    let with = |limits: Limits| paths(Kind::Zip, &bytes, &limits).map(|it| it.len());
    assert_eq!(with(default), Ok(20));
    assert_eq!(
        with(Limits {
            max_entries: 19,
            ..default
        }),
        too_large
    );
    assert_eq!(
        with(Limits {
            max_bytes: 50_000,
            ..default
        }),
        too_large
    );
}

#[test]
fn a_ratio_counts_from_16_mib_and_over_the_whole_file() {
    let zeros = |mib: usize| Tar::default().file(b"x/zeros", &vec![0; mib << 20]);
    let limits = Limits::default();
    assert!(paths(Kind::Tar, &zeros(15).gz(), &limits).is_ok());
    assert_eq!(
        paths(Kind::Tar, &zeros(17).gz(), &limits),
        Err(Code::ArchiveTooLarge)
    );
    // The same zeros in front of as much that does not shrink are an ordinary archive.
    let mut state = 1_u32;
    let noise: Vec<u8> = std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    })
    .take(1 << 20)
    .collect();
    let mixed = zeros(17).file(b"x/noise", &noise).gz();
    assert!(paths(Kind::Tar, &mixed, &limits).is_ok());
}

#[test]
fn a_stop_ends_the_walk() {
    let stop = StopToken::default();
    stop.raise(StopLevel::Stop);
    let file = crate::support::archive::file_of(&Tar::default().file(b"x", b"y").gz());
    let walked = walk(
        &file,
        "x",
        Kind::Tar,
        &Limits::default(),
        &stop,
        &mut |_, _| Ok::<(), std::io::Error>(()),
    );
    match walked {
        Err(WalkError::Archive(error)) => assert_eq!(error.code(), Code::Stopped),
        other => panic!("{other:?}"),
    }
}

#[test]
fn errors_name_the_archive_and_the_entry() {
    let file =
        crate::support::archive::file_of(&Tar::default().file(b"../\x1b[31mevil", b"y").gz());
    let walked = walk(
        &file,
        "evil-1.0.tar.gz",
        Kind::Tar,
        &Limits::default(),
        &StopToken::default(),
        &mut |_, _| Ok::<(), std::io::Error>(()),
    );
    assert_eq!(
        walked.unwrap_err().to_string(),
        r#"evil-1.0.tar.gz: entry "../\u{1b}[31mevil" has a name with `..`"#
    );
}
