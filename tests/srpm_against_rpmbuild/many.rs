//! At least sixty specs, those that distmill makes and those made by hand: read, written, and held
//! against what `rpmbuild -bs` makes of the same text and sources.

use super::workshop::{Pair, Workshop, file_names};
use super::{by_hand, made};
use crate::support::descriptions::under;
use crate::support::srpm::{self, differences};
use crate::support::tools::{have, output};
use flate2::read::GzDecoder;
use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::Command;

const SPEC: u32 = 5099;

/// All that may differ, and why. Build time, build host, cookie and file times are the same here,
/// as both sides are told them; so the list is shorter than it might be.
const ALLOWED: &[u32] = &[
    1064, // RPMVERSION: where the system's rpm is no 4.18.0
    5092, // PAYLOADDIGEST: of the compressed payload, and so of the compressor's version
    SPEC, // looked at below
];

/// Every spec of the proof.
fn specs() -> Vec<(String, String)> {
    let mut out = made::of_descriptions();
    out.extend(made::of_fixtures());
    out.extend(by_hand::all());
    for file in fs::read_dir(under("fixtures/specs/by-hand")).unwrap() {
        let path = file.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap();
        out.push((format!("kept-{name}"), fs::read_to_string(&path).unwrap()));
    }
    assert!(out.len() >= 60, "only {} specs", out.len());
    out
}

/// What SPEC differs in. RPM expands in it also what only the building machine knows: its folders
/// and the macros of its distribution (`%setup`, `%{buildroot}`, `%pyproject_wheel`). Such a macro
/// stands in ours as it is written, as it does in RPM's where it is unknown; every other line must
/// be the same, and in the same order.
fn spec_difference(pair: &Pair) -> Option<String> {
    let ours = srpm::string(&pair.ours, SPEC).unwrap();
    let theirs = srpm::string(&pair.theirs, SPEC).unwrap();
    if ours == theirs {
        return None;
    }
    let mut settled = Vec::new();
    let mut braces = 0;
    for line in ours.lines() {
        // A macro may go on over several lines.
        let within = braces > 0;
        if within || line.contains("%{") {
            braces += line.matches('{').count();
            braces = braces.saturating_sub(line.matches('}').count());
        }
        if !within && (!line.contains('%') || is_section(line)) {
            settled.push(line);
        }
    }
    if settled.len() == ours.lines().count() {
        return Some(format!("ours {ours:?}, theirs {theirs:?}"));
    }
    let mut rest = theirs.lines();
    let mut settled = settled.into_iter();
    let lost = settled.find(|line| !rest.any(|it| it == *line));
    lost.map(|line| format!("{line:?} of ours is not in theirs: {theirs:?}\nours {ours:?}"))
}

/// Lines with a percent sign that are no macro.
fn is_section(line: &str) -> bool {
    let word = line.split_whitespace().next().unwrap_or_default();
    let known = [
        "%description",
        "%package",
        "%prep",
        "%build",
        "%install",
        "%check",
        "%files",
        "%changelog",
        "%generate_buildrequires",
        "%sourcelist",
        "%patchlist",
    ];
    known.contains(&word) && !line[1..].contains('%')
}

#[test]
fn every_header_of_many_specs_is_the_one_of_rpmbuild() {
    if !have(&["rpmbuild", "rpm"]) {
        return;
    }
    let same_version = output(Command::new("rpm").arg("--version")).contains(" 4.18.");
    let mut wrong = Vec::new();
    let mut equal = 0;
    for (compression, payload) in [("none", "w.ufdio"), ("zstd:3", "w3.zstdio")] {
        let shop = Workshop::new(specs(), compression, payload);
        for pair in &shop.pairs {
            let mut found = differences(&pair.ours, &pair.theirs, ALLOWED);
            found.extend(spec_difference(pair));
            if same_version && compression == "none" && spec_is_equal(pair) {
                equal += 1;
                if fs::read(&pair.ours).unwrap() != fs::read(&pair.theirs).unwrap() {
                    found.push("the bytes differ".to_owned());
                }
            }
            let place = format!("{} {compression}", pair.case);
            wrong.extend(found.into_iter().map(|it| format!("{place}: {it}")));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} differences\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert!(
        !same_version || equal >= 40,
        "only {equal} files are the same to the byte"
    );
}

fn spec_is_equal(pair: &Pair) -> bool {
    srpm::string(&pair.ours, SPEC) == srpm::string(&pair.theirs, SPEC)
}

#[test]
fn the_tools_take_what_was_written_of_many_specs() {
    if !have(&["rpmbuild", "rpm", "rpm2cpio", "cpio", "createrepo_c"]) {
        return;
    }
    let shop = Workshop::new(specs(), "zstd:3", "w3.zstdio");
    let ours: Vec<PathBuf> = shop.pairs.iter().map(|it| it.ours.clone()).collect();
    let theirs: Vec<PathBuf> = shop.pairs.iter().map(|it| it.theirs.clone()).collect();

    let verified = output(Command::new("rpm").arg("-Kv").args(&ours));
    let good = verified.lines().filter(|it| it.ends_with(": OK")).count();
    // Two digests of the header, one or two of the payload, MD5 of both.
    assert!(good >= 4 * ours.len(), "{good} digests\n{verified}");
    for bad in ["BAD", "NOT OK", "NOTFOUND"] {
        assert!(!verified.contains(bad), "{verified}");
    }
    let ask = |query: &str, files: &[PathBuf]| {
        let text = output(Command::new("rpm").args(["-qp", query]).args(files));
        assert!(!text.is_empty() || query == "--scripts", "{query}");
        text
    };
    for query in [
        "--requires",
        "--provides",
        "--changelog",
        "--scripts",
        "--conflicts",
        "-l",
    ] {
        assert_eq!(ask(query, &ours), ask(query, &theirs), "{query}");
    }
    unpack(&shop);
    for folder in fs::read_dir(shop.path()).unwrap() {
        let folder = folder.unwrap().path();
        if folder.is_dir() {
            assert_eq!(
                repository(&folder.join("ours")),
                repository(&folder.join("theirs"))
            );
        }
    }
}

/// `cpio` lists the files in the order of RPM's, and unpacks them as they were.
fn unpack(shop: &Workshop) {
    for pair in &shop.pairs {
        let out = pair.ours.with_extension("unpacked");
        fs::create_dir(&out).unwrap();
        let script = "cd \"$1\" && rpm2cpio \"$2\" | cpio -id --quiet && rpm2cpio \"$2\" | cpio -it --quiet && echo -- && rpm2cpio \"$3\" | cpio -it --quiet";
        let mut command = Command::new("sh");
        command
            .args(["-c", script, "sh"])
            .arg(&out)
            .arg(&pair.ours)
            .arg(&pair.theirs);
        let listed = output(&mut command);
        let (ours, theirs) = listed.split_once("--\n").unwrap();
        assert_eq!(ours, theirs, "{}", pair.case);
        let names = file_names(&pair.header);
        for name in names.iter().filter(|it| !pair.header.left_out.contains(it)) {
            assert!(
                fs::read(out.join(name)).unwrap() == super::made::content(name),
                "{}: {name}",
                pair.case
            );
        }
        let spec = fs::read(out.join(format!("{}.spec", pair.case))).unwrap();
        assert!(
            spec == pair.text.as_bytes(),
            "{}: the spec differs",
            pair.case
        );
        fs::remove_dir_all(&out).unwrap();
    }
}

/// What `createrepo_c` says of the packages in a folder, but for sizes, sums and times.
fn repository(folder: &Path) -> String {
    let mut command = Command::new("createrepo_c");
    output(
        command
            .args(["--quiet", "--no-database", "--general-compress-type=gz"])
            .arg(folder),
    );
    let data = fs::read_dir(folder.join("repodata")).unwrap();
    let primary = data.map(|it| it.unwrap().path()).find(|it| {
        it.file_name()
            .unwrap()
            .to_str()
            .unwrap()
            .ends_with("primary.xml.gz")
    });
    let mut text = String::new();
    let mut unpacked = GzDecoder::new(File::open(primary.unwrap()).unwrap());
    unpacked.read_to_string(&mut text).unwrap();
    assert!(text.contains("<rpm:sourcerpm"), "{text}");
    let own = ["<checksum ", "<time ", "<size ", "<rpm:header-range "];
    let mut packages: Vec<String> = text
        .split("<package ")
        .map(|package| {
            let lines = package
                .lines()
                .filter(|line| !own.iter().any(|it| line.trim_start().starts_with(it)));
            lines.collect::<Vec<_>>().join("\n")
        })
        .collect();
    packages.sort();
    packages.join("\n")
}

/// Specs whose `%prep` needs more than there is here: an archive of another content.
const NOT_PREPARED: &[&str] = &["kept-extras", "kept-scripts"];

#[test]
fn rpmbuild_prepares_what_was_written_of_many_specs() {
    if !have(&["rpmbuild", "unzip", "gem"]) {
        return;
    }
    let shop = Workshop::new(specs(), "zstd:3", "w3.zstdio");
    let can = |it: &&Pair| {
        let header = &it.header;
        let here = [
            &header.exclude_arch,
            &header.exclusive_arch,
            &header.exclusive_os,
        ];
        here.iter().all(|it| it.is_empty())
            && header.left_out.is_empty()
            && !NOT_PREPARED.contains(&it.case.as_str())
    };
    let ours: Vec<PathBuf> = shop
        .pairs
        .iter()
        .filter(can)
        .map(|it| it.ours.clone())
        .collect();
    assert!(ours.len() >= 60, "only {} are prepared", ours.len());
    let folder = shop.path().join("prepared");
    fs::create_dir(&folder).unwrap();
    // Two processes, as there is a shell for each package.
    std::thread::scope(|scope| {
        for (number, part) in ours.chunks(ours.len().div_ceil(2)).enumerate() {
            let folder = folder.join(number.to_string());
            let shop = &shop;
            scope.spawn(move || {
                fs::create_dir(&folder).unwrap();
                shop.rpmbuild(&folder, &["-rp", "--nodeps"], "w3.zstdio", part);
            });
        }
    });
}
