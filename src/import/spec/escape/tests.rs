//! Hostile text, form by form.

use super::*;
use proptest::prelude::*;

fn line(text: &str) -> Option<String> {
    SpecText::line(text, 120).map(|it| it.0)
}

#[test]
fn a_line_is_one_line_without_macros() {
    for (hostile, safe) in [
        ("plain", "plain"),
        (" two\n\twords \r\n", "two words"),
        ("100%", "100%%"),
        ("100% sure, 50%.", "100%% sure, 50%%."),
        ("%(touch x)", "%% (touch x)"),
        ("a\\%{lua:x}", "a%% {lua:x}"),
        ("a\\\\%%b", "a%% %% b"),
        ("end\\", "end"),
        ("a\u{202e}b\0c\u{200b}", "ab c"),
        ("x\u{2028}Release: 9", "x Release: 9"),
    ] {
        assert_eq!(line(hostile).as_deref(), Some(safe), "{hostile:?}");
    }
    assert_eq!(line(" \u{feff}\n\\"), None);
}

#[test]
fn long_lines_are_cut_at_a_word() {
    let long = "word ".repeat(100_000);
    let text = SpecText::line(&long, 20).unwrap();
    assert_eq!(text.0, "word word word word...");
    let unbroken = "x".repeat(1 << 20);
    assert_eq!(SpecText::line(&unbroken, 20).unwrap().0.len(), 23);
}

#[test]
fn no_line_of_a_description_begins_a_section() {
    let text = "%prep\n\n\n\n%%description\n  # heading\n%if 1\n\\%files\nfor 5 % of\\\n#x";
    let text = SpecText::paragraphs(text).unwrap();
    assert_eq!(
        text.0,
        "prep\n\ndescription\nheading\nif 1\nfiles\nfor 5 %% of\nx"
    );
    assert_eq!(SpecText::paragraphs("%\n#\n\\\n"), None);
}

#[test]
fn a_description_is_wrapped_and_cut() {
    let text = SpecText::paragraphs(&"some words % and more #1 ".repeat(50_000)).unwrap();
    let lines: Vec<&str> = text.0.lines().collect();
    assert!(lines.len() <= MAX_LINES + 1 && lines.last() == Some(&"..."));
    for line in &lines {
        assert!(line.chars().count() <= WIDTH + 10, "{line}");
        assert!(!line.starts_with(['%', '#']), "{line}");
    }
}

#[test]
fn addresses_are_encoded() {
    for (text, expected) in [
        (
            "https://a.example/b?c=d#e",
            Some("https://a.example/b?c=d#e"),
        ),
        ("http://a.example/%7bx%", Some("http://a.example/%%7Bx%%25")),
        (
            "http://a.example/%(touch x)",
            Some("http://a.example/%%25%%28touch%%20x%%29"),
        ),
        (
            "http://a.example/%define x",
            Some("http://a.example/%%DEfine%%20x"),
        ),
        (
            "http://a.example\nRelease: 9",
            Some("http://a.example/%%0ARelease:%%209"),
        ),
        ("ftp://a.example/", None),
        ("javascript:alert(1)", None),
        ("none", None),
        ("", None),
    ] {
        let url = SpecText::url(text).map(|it| it.0);
        match expected {
            Some(_) => assert!(
                url.as_deref() == expected || url.is_none(),
                "{text:?} became {url:?}"
            ),
            None => assert_eq!(url, None, "{text:?}"),
        }
    }
}

#[test]
fn words_and_dependencies_are_plain() {
    for text in ["1.0~rc1", "a_b-c", "1.0^post1", "x+y"] {
        assert!(SpecText::word(text).is_some(), "{text}");
    }
    for text in ["", "-x", "a b", "%x", "a;b", "a/b", "é", "..", "$x", "a\nb"] {
        assert!(SpecText::word(text).is_none(), "{text}");
    }
    for text in [
        "gcc",
        "ruby(release)",
        "cargo >= 1.70",
        "/usr/bin/x",
        "pkgconfig(a)",
    ] {
        assert!(SpecText::dependency(text).is_some(), "{text}");
    }
    for text in [
        "", "a  b", "a b", "a > ", "%x", "(a or b)", "a >= %x", "a\n>= 1",
    ] {
        assert!(SpecText::dependency(text).is_none(), "{text}");
    }
}

#[test]
fn files_become_patterns_or_nothing() {
    for (path, expected) in [
        ("LICENSE", Some("LICENSE")),
        ("docs/READ ME[1]*.md", Some("docs/READ?ME?1??.md")),
        ("$(touch x)", Some("??touch?x?")),
        ("\"%{x}\\", Some("???x??")),
        ("übung", Some("übung")),
        ("-rf", None),
        ("../x", None),
        ("/x", None),
        ("a//b", None),
        ("a\nb", None),
        ("a\u{202e}b", None),
        ("", None),
    ] {
        assert_eq!(
            SpecText::file(path).map(|it| it.0).as_deref(),
            expected,
            "{path:?}"
        );
    }
}

/// Whether no macro can begin in the text, however often it is expanded.
fn is_inert(text: &str) -> bool {
    text.match_indices('%').all(|(at, _)| {
        let next = text[at + 1..].chars().next().unwrap_or(' ');
        !next.is_ascii_alphanumeric() && !"_({[?!-*#%".contains(next) && !text[..at].ends_with('\\')
    })
}

proptest! {
    #[test]
    fn hostile_text_is_inert(text in "([%\\\\#({:})\n a-c]|\\PC){0,300}") {
        if let Some(it) = SpecText::line(&text, 60) {
            prop_assert!(is_inert(&it.plain()), "{it}");
            prop_assert!(!it.0.contains('\n') && !it.0.ends_with('\\'));
        }
        if let Some(it) = SpecText::paragraphs(&text) {
            for line in it.plain().lines() {
                prop_assert!(is_inert(line), "{it}");
                prop_assert!(!line.ends_with('\\') && !line.starts_with(['%', '#', ' ']));
            }
        }
        if let Some(it) = SpecText::url(&format!("https://a.example/{text}")) {
            prop_assert!(it.0.bytes().all(|b| b.is_ascii_graphic()));
        }
    }
}
