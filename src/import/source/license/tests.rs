use super::*;

fn sdist(
    expression: Option<&str>,
    classifiers: &[&str],
    text: Option<&str>,
) -> Option<(String, Evidence)> {
    let classifiers: Vec<String> = classifiers.iter().map(|it| (*it).to_owned()).collect();
    of_sdist(expression, &classifiers, text).map(|it| (it.expression, it.evidence))
}

const MIT: &str = "License :: OSI Approved :: MIT License";
const BSD: &str = "License :: OSI Approved :: BSD License";
const OSI: &str = "License :: OSI Approved";

#[test]
fn the_best_source_counts() {
    let all = sdist(Some("Apache-2.0"), &[MIT], Some("BSD"));
    assert_eq!(all, Some(("Apache-2.0".into(), Evidence::Expression)));
    let two = sdist(Some("no license at all"), &[OSI, MIT], Some("ISC"));
    assert_eq!(two, Some(("MIT".into(), Evidence::Classifier)));
    let text = sdist(None, &[OSI], Some("ISC"));
    assert_eq!(text, Some(("ISC".into(), Evidence::FreeText)));
    assert_eq!(sdist(None, &[], Some("UNKNOWN")), None);
    assert_eq!(sdist(None, &["License :: Freeware"], None), None);
}

#[test]
fn a_guess_comes_last() {
    let better = sdist(None, &[BSD], Some("BSD-2-Clause"));
    assert_eq!(better, Some(("BSD-2-Clause".into(), Evidence::FreeText)));
    let nothing_better = sdist(None, &[BSD], Some("see the file"));
    assert_eq!(
        nothing_better,
        Some(("BSD-3-Clause".into(), Evidence::Classifier))
    );
    let both = sdist(None, &[MIT, BSD], None);
    assert_eq!(
        both,
        Some(("MIT AND BSD-3-Clause".into(), Evidence::Classifier))
    );
}

#[test]
fn free_texts_are_names_or_expressions() {
    for (text, want) in [
        ("MIT", "MIT"),
        ("mit", "MIT"),
        ("The MIT License (MIT)", "MIT"),
        ("MIT Licence", "MIT"),
        ("Apache 2.0", "Apache-2.0"),
        ("Apache License, Version 2.0", "Apache-2.0"),
        ("New BSD", "BSD-3-Clause"),
        ("Simplified BSD License", "BSD-2-Clause"),
        ("GPLv3+", "GPL-3.0-or-later"),
        ("GPL-2.0", "GPL-2.0-only"),
        ("GPL v2 or later", "GPL-2.0-or-later"),
        ("GNU GPL v2", "GPL-2.0-only"),
        ("LGPL-3.0+", "LGPL-3.0-or-later"),
        ("MIT/Apache-2.0", "MIT OR Apache-2.0"),
        ("MIT or GPLv2", "MIT OR GPL-2.0-only"),
        ("(MIT OR Apache-2.0) AND ISC", "(MIT OR Apache-2.0) AND ISC"),
        ("Ruby", "Ruby"),
        (
            "GPL-2.0-or-later WITH Classpath-exception-2.0",
            "GPL-2.0-or-later WITH Classpath-exception-2.0",
        ),
        ("GPL-2.0 OR MIT", "GPL-2.0-only OR MIT"),
    ] {
        assert_eq!(of_text(text).as_deref(), Some(want), "{text}");
    }
    for text in [
        "",
        "Proprietary",
        "see LICENSE",
        "mitre",
        "MIT\nPermission is hereby granted",
        "MIT OR %(id)",
        "%{lua:os.exit()}",
        "later",
    ] {
        assert_eq!(of_text(text), None, "{text}");
    }
}

#[test]
fn every_name_in_the_tables_is_valid() {
    for it in classifiers::all_expressions().chain(names::all_expressions()) {
        assert!(
            Expression::parse_mode(it, ParseMode::STRICT).is_ok(),
            "{it} is not an SPDX expression"
        );
    }
}

#[test]
fn lists_of_gems_hold_together() {
    let list = |names: &[&str]| {
        let names: Vec<String> = names.iter().map(|it| (*it).to_owned()).collect();
        of_list(&names).map(|it| it.expression)
    };
    assert_eq!(list(&["MIT"]), Some("MIT".into()));
    assert_eq!(
        list(&["Ruby", "BSD-2-Clause", "Ruby"]),
        Some("Ruby AND BSD-2-Clause".into())
    );
    assert_eq!(
        list(&["MIT OR Ruby", "ISC"]),
        Some("(MIT OR Ruby) AND ISC".into())
    );
    assert_eq!(list(&["MIT", "whatever we like"]), None);
    assert_eq!(list(&[""]), None);
}
