use super::*;
use spdx::text::LICENSE_TEXTS;

fn license(id: &str) -> String {
    let text = LICENSE_TEXTS.iter().find(|it| it.0 == id).unwrap().1;
    text.to_owned()
}

fn read(files: &[(&str, &str)]) -> Option<Told> {
    let mut texts = LicenseTexts::default();
    for (path, text) in files {
        let path = format!("a-1/{path}");
        let size = text.len() as u64;
        texts.see(&path, size, &mut text.as_bytes()).unwrap();
    }
    let documents = Documents::of(files.iter().map(|it| it.0), &[]);
    texts.read("a-1/", &documents)
}

fn expression(files: &[(&str, &str)]) -> Option<String> {
    read(files).map(|it| it.expression)
}

#[test]
fn files_hold_together_unless_they_are_named_as_a_choice() {
    let [mit, apache, gpl, lgpl] =
        ["MIT", "Apache-2.0", "GPL-3.0-only", "LGPL-3.0-only"].map(license);
    let [ruby, bsd] = ["Ruby", "BSD-2-Clause"].map(license);
    let lesser = lgpl.split("GNU GENERAL PUBLIC LICENSE\n").next().unwrap();
    for (files, expected) in [
        (
            [("LICENSE", &*mit), ("LICENSE-APACHE", &apache)],
            "MIT AND Apache-2.0",
        ),
        (
            [("LICENSE-MIT", &mit), ("LICENSE-APACHE", &apache)],
            "Apache-2.0 OR MIT",
        ),
        (
            [("LICENSE.mit.txt", &mit), ("LICENSE.apache2", &apache)],
            "Apache-2.0 OR MIT",
        ),
        (
            [("MIT-LICENSE", &mit), ("GPL-LICENSE.txt", &gpl)],
            "GPL-3.0-only OR MIT",
        ),
        (
            [("LICENSE-MIT", &apache), ("LICENSE-APACHE", &mit)],
            "MIT AND Apache-2.0",
        ),
        (
            [("COPYING", &gpl), ("COPYING.LESSER", lesser)],
            "LGPL-3.0-only",
        ),
        ([("COPYING", &ruby), ("BSDL", &bsd)], "BSD-2-Clause OR Ruby"),
        (
            [("LICENSE", &mit), ("NOTICE", "Demo\nCopyright 2020 Foo\n")],
            "MIT",
        ),
        ([("LICENSE", &mit), ("COPYRIGHT", &mit)], "MIT"),
        ([("LICENSE", "The MIT License"), ("README", "x")], "MIT"),
        (
            [
                ("LICENSE", "SPDX-License-Identifier: 0BSD\n"),
                ("README", "x"),
            ],
            "0BSD",
        ),
    ] {
        let found = expression(&files).unwrap_or_default();
        assert_eq!(found, expected, "{:?}", files.map(|it| it.0));
    }
}

#[test]
fn a_license_that_is_not_recognised_leaves_all_open() {
    let mit = license("MIT");
    assert_eq!(read(&[("LICENSE", &mit), ("LICENSE.2", "Ask us.")]), None);
    let readme = format!("# A\n## License\n{mit}");
    assert_eq!(
        read(&[("LICENSE", "Ask us."), ("README.md", &readme)]),
        None
    );
    let told = read(&[("NOTICE", "Hello."), ("README.md", &readme)]).unwrap();
    assert_eq!((told.expression.as_str(), told.is_readme), ("MIT", true));
    assert_eq!(
        read(&[("README.md", "# A\n## License\nMIT, see LICENSE\n")]),
        None
    );
    assert_eq!(read(&[]), None);
}

#[test]
fn little_is_kept_and_the_highest_first() {
    let mut texts = LicenseTexts::default();
    let mut see = |path: &str, size: usize| {
        let text = vec![b'x'; size];
        texts.see(path, size as u64, &mut &*text).unwrap();
    };
    for number in 0..100 {
        see(&format!("a-1/v{number}/LICENSE"), 60_000);
    }
    see("a-1/README", 200_000);
    see("a-1/LICENSE", 200_000);
    see("a-1/LICENSE.large", 300_000);
    see("a-1/v/w/x/y/z/LICENSE", 1);
    see("a-1/setup.py", 1);
    let kept = |path: &str| texts.kept.contains_key(path);
    assert!(kept("a-1/LICENSE") && !kept("a-1/LICENSE.large") && !kept("a-1/setup.py"));
    assert!(!kept("a-1/v/w/x/y/z/LICENSE"));
    let bytes: usize = texts.kept.values().map(Vec::len).sum();
    assert!(
        bytes <= MAX_BYTES && texts.kept.len() <= MAX_FILES,
        "{bytes}"
    );
}
