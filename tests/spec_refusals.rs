//! What a spec may not say is refused here where the real `rpmspec` refuses it, and nowhere else:
//! nested rich dependencies in every combination of two operators, and files to leave out.

use crate::support::tools::{have, try_run};
use distmill::import::spec::{self, ParseSettings};
use std::fs;

const OPERATORS: [&str; 7] = ["and", "or", "if", "unless", "with", "without", "else"];

fn is_read(text: &str) -> bool {
    let settings = ParseSettings {
        dist: String::new(),
        arch: "x86_64".to_owned(),
        defines: Vec::new(),
    };
    spec::parse(text, &settings).is_ok()
}

/// Holds our answer to each line against the real one.
fn compare(lines: impl IntoIterator<Item = String>) {
    if !have(&["rpmspec"]) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("it.spec");
    let (mut taken, mut refused) = (0, 0);
    for line in lines {
        let text = format!(
            "Name: a\nVersion: 1\nRelease: 1\nSummary: s\nLicense: MIT\nSource0: a\nSource2: b\n\
             Patch1: p\n{line}\n%description\nd\n"
        );
        fs::write(&place, &text).unwrap();
        let real = try_run("rpmspec", &["-q", "--srpm", place.to_str().unwrap()]);
        let errors = String::from_utf8_lossy(&real.stderr);
        assert_eq!(is_read(&text), real.status.success(), "{line}: {errors}");
        if real.status.success() {
            taken += 1;
        } else {
            refused += 1;
        }
    }
    assert!(taken > 3 && refused > 3, "{taken} taken, {refused} refused");
}

#[test]
fn rich_dependencies_nest_as_in_rpm() {
    let nested = OPERATORS.iter().flat_map(|outer| {
        OPERATORS.iter().flat_map(move |inner| {
            [
                format!("((a {inner} b) {outer} c)"),
                format!("(a {outer} (b {inner} c))"),
                format!("(a {outer} b {inner} c)"),
                format!("(((a {inner} b)) {outer} (c {outer} d))"),
            ]
        })
    });
    compare(nested.flat_map(|it| {
        [
            format!("BuildRequires: {it}"),
            format!("BuildConflicts: {it}"),
        ]
    }));
}

#[test]
fn files_are_left_out_as_in_rpm() {
    let values = [
        "0",
        "2",
        "00",
        "1",
        "0, 2",
        "0,2",
        "0 2",
        "+0",
        "-0",
        "0x",
        "x",
        "99999999999",
    ];
    let lines = values.iter().map(|it| format!("NoSource: {it}"));
    compare(
        lines.chain(["NoPatch: 1", "NoPatch: 0", "NoSource: 0\nNoSource: 2"].map(str::to_owned)),
    );
}
