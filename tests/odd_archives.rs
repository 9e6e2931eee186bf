//! Archives that nobody packs today any more: of other shapes, without metadata, in old encodings.
//! Each becomes a spec that the real `rpmspec` reads, and a warning says what was guessed.

use crate::support::descriptions::under;
use crate::support::pack::{Tar, ZipEntry, bzip2, gem, gzip, xz, zip};
use crate::support::program::Program;
use crate::support::tools::run;
use serde_json::Value;
use std::fs;

/// The outcome of an archive, its spec, and what the real tool says of the spec.
struct Made {
    outcome: Value,
    spec: String,
    told: String,
}

fn made(file_name: &str, bytes: &[u8]) -> Made {
    let program = Program::new();
    let path = program.scratch().join(file_name);
    fs::write(&path, bytes).unwrap();
    let outcome = program.imported(path.to_str().unwrap());
    let package = outcome["package"].as_str().unwrap();
    let spec = program.show(package, &format!("{package}.spec"));
    let spec_path = program.scratch().join("it.spec");
    fs::write(&spec_path, &spec).unwrap();
    let macros = |name: &str| {
        let path = under(&format!("tests/support/rpm-macros/macros.{name}"));
        format!("--load={}", path.display())
    };
    let (pyproject, rubygems) = (macros("pyproject"), macros("rubygems"));
    let spec_path = spec_path.to_str().unwrap();
    run("rpmspec", &[&pyproject, &rubygems, "-P", spec_path]);
    let form = "%{NAME} %{VERSION} [%{SOURCE} ]%{SUMMARY}";
    let told = run(
        "rpmspec",
        &[
            &pyproject, &rubygems, "-q", "--srpm", "--qf", form, spec_path,
        ],
    );
    Made {
        outcome,
        spec,
        told,
    }
}

impl Made {
    fn warnings(&self) -> Vec<&str> {
        let list = self.outcome["warnings"].as_array().unwrap();
        let texts = list.iter().map(|it| it.as_str().unwrap());
        texts.filter(|it| !it.contains("license")).collect()
    }
}

const INFO: &[u8] =
    b"Metadata-Version: 1.0\nName: oddpkg\nVersion: 1.0\nSummary: Odd\nLicense: MIT\n";
const SETUP: &[u8] = b"from distutils.core import setup\nsetup(name='oddpkg', version='1.0')\n";

fn tar(prefix: &str) -> Vec<u8> {
    let path = |name: &str| format!("{prefix}{name}").into_bytes();
    Tar::default()
        .file(&path("setup.py"), SETUP)
        .file(&path("PKG-INFO"), INFO)
        .file(&path("oddpkg.py"), b"")
        .end()
}

fn zipped(prefix: &str) -> Vec<u8> {
    let file = |name: &str, bytes| ZipEntry::new(format!("{prefix}{name}").as_bytes(), bytes);
    zip(&[file("PKG-INFO", INFO), file("setup.py", SETUP)], 0)
}

#[test]
fn any_top_folder_or_none_will_do_in_any_compression() {
    for (prefix, line) in [
        ("oddpkg-1.0/", "%autosetup -p1 -n oddpkg-1.0\n"),
        ("Odd_pkg.release/", "%autosetup -p1 -n Odd_pkg.release\n"),
        ("", "%autosetup -p1 -c -n %{name}-%{version}\n"),
    ] {
        for (ending, bytes) in [
            ("tar.gz", gzip(&tar(prefix))),
            ("tgz", gzip(&tar(prefix))),
            ("tar.bz2", bzip2(&tar(prefix))),
            ("tar.xz", xz(&tar(prefix))),
            ("zip", zipped(prefix)),
        ] {
            let file_name = format!("oddpkg-1.0.{ending}");
            let it = made(&file_name, &bytes);
            assert_eq!(it.told, format!("python-oddpkg 1.0 {file_name} Odd"));
            assert!(it.spec.contains(line), "{prefix} {ending}: {}", it.spec);
            assert!(it.warnings().is_empty(), "{:?}", it.warnings());
        }
    }
}

#[test]
fn without_metadata_the_project_and_the_name_of_the_file_speak() {
    let no_info = "the archive has no PKG-INFO: name and version are from ";
    let bare = Tar::default()
        .file(b"oddpkg-trunk/setup.py", SETUP)
        .file(b"oddpkg-trunk/LICENSE", b"MIT\n")
        .gz();
    let it = made("oddpkg-1.0b2.tar.gz", &bare);
    assert_eq!(
        it.told,
        "python-oddpkg 1.0~b2 oddpkg-1.0b2.tar.gz Python package oddpkg"
    );
    assert!(it.spec.contains("%autosetup -p1 -n oddpkg-trunk\n"));
    assert_eq!(it.warnings(), [format!("{no_info}the name of the file")]);

    let project = b"[build-system]\nrequires = ['flit_core']\nbuild-backend = 'flit_core.buildapi'\n\
        [project]\nname = 'Odd.Pkg'\nversion = '3'\ndescription = 'Says %(touch ran) itself'\nlicense = 'MIT'\n";
    let it = made(
        "download.zip",
        &zip(&[ZipEntry::new(b"pyproject.toml", project)], 0),
    );
    assert_eq!(
        it.told,
        "python-odd-pkg 3 download.zip Says % (touch ran) itself"
    );
    assert!(it.spec.contains("\nLicense:        MIT\n"));
    assert_eq!(it.warnings(), [format!("{no_info}pyproject.toml")]);

    let program = Program::new();
    for (file_name, bytes) in [
        (
            "oddpkg-1.0.tar.gz",
            Tar::default().file(b"x/oddpkg.py", b"").gz(),
        ),
        ("snapshot.tar.gz", bare),
    ] {
        let path = program.scratch().join(file_name);
        fs::write(&path, bytes).unwrap();
        let code = program.failure(path.to_str().unwrap());
        assert_eq!(code, "metadata-missing", "{file_name}");
    }
}

#[test]
fn text_in_old_encodings_is_read_with_a_warning() {
    let sdist = |info: &[u8]| Tar::default().file(b"x-1/PKG-INFO", info).gz();
    let wide = |text: &str| {
        let units = text.encode_utf16().flat_map(u16::to_le_bytes);
        [0xff, 0xfe].into_iter().chain(units).collect::<Vec<u8>>()
    };
    let latin: &[u8] =
        b"Name: x\nVersion: 1\nLicense: MIT\nSummary: Andr\xe9's \x93caf\xe9\x94 \0\x81\n";
    let it = made("x-1.tar.gz", &sdist(latin));
    assert_eq!(it.told, "python-x 1 x-1.tar.gz André's “café” \u{fffd}");
    let warning = "\"x-1/PKG-INFO\" is not UTF-8 text; it was read as ";
    assert_eq!(it.warnings(), [format!("{warning}Windows-1252")]);
    let it = made(
        "x-1.tar.gz",
        &sdist(&wide(
            "Name: x\r\nVersion: 1\r\nSummary: Ünï\r\nLicense: MIT\r\n",
        )),
    );
    assert_eq!(it.told, "python-x 1 x-1.tar.gz Ünï");
    assert_eq!(it.warnings(), [format!("{warning}UTF-16")]);

    let metadata = b"--- !ruby/object:Gem::Specification\nname: odd\nversion: !ruby/object:Gem::Version\n  version: '1'\n\
        platform: ruby\nlicenses: [MIT]\nsummary: Andr\xe9\nauthors:\n- !binary |-\n  QW5kcuk=\ndescription: !binary |-\n  Y2Fm6Q==\n";
    let it = made(
        "odd-1.gem",
        &gem(metadata, &Tar::default().file(b"lib/odd.rb", b"").end()),
    );
    assert_eq!(it.told, "rubygem-odd 1 odd-1.gem André");
    assert!(it.spec.contains("%description\ncafé\n"), "{}", it.spec);
    assert_eq!(
        it.warnings(),
        ["\"metadata.gz\" is not UTF-8 text; it was read as Windows-1252"]
    );
}
