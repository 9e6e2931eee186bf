use super::*;
use spdx::text::LICENSE_TEXTS;
use std::time::Instant;

/// Licenses that packages are mostly under.
const COMMON: &[&str] = &[
    "MIT",
    "MIT-0",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "0BSD",
    "ISC",
    "GPL-2.0-only",
    "GPL-3.0-only",
    "LGPL-2.1-only",
    "LGPL-3.0-only",
    "AGPL-3.0-only",
    "MPL-1.1",
    "MPL-2.0",
    "EPL-2.0",
    "EUPL-1.2",
    "Artistic-1.0",
    "Artistic-2.0",
    "Ruby",
    "PSF-2.0",
    "Python-2.0",
    "ZPL-2.1",
    "Zlib",
    "Unlicense",
    "CC0-1.0",
    "CC-BY-4.0",
    "WTFPL",
    "BSL-1.0",
];

fn text(id: &str) -> &'static str {
    LICENSE_TEXTS.iter().find(|it| it.0 == id).unwrap().1
}

fn names(text: &str) -> Vec<String> {
    recognise(text).map_or_else(Vec::new, |it| it.licenses)
}

/// The words of a text in lines of another width.
fn wrapped(text: &str, width: usize) -> String {
    let mut lines = String::new();
    for paragraph in text.split("\n\n") {
        let mut line = String::new();
        for word in paragraph.split_whitespace() {
            if !line.is_empty() && line.len() + word.len() >= width {
                lines.push_str(&line);
                lines.push('\n');
                line.clear();
            }
            line.push_str(word);
            line.push(' ');
        }
        lines.push_str(&line);
        lines.push_str("\n\n");
    }
    lines
}

fn commented(text: &str) -> String {
    let lines = text.lines().map(|it| format!(" * {it}\r\n"));
    format!("/*\r\n{} */\r\n", lines.collect::<String>())
}

fn without_title(text: &str) -> &str {
    text.trim_start().split_once("\n\n").map_or(text, |it| it.1)
}

#[test]
fn common_licenses_are_recognised_in_any_form() {
    for id in COMMON {
        let plain = text(id);
        let forms = [
            plain.to_owned(),
            wrapped(plain, 40),
            wrapped(plain, 2_000),
            commented(&wrapped(plain, 70)),
            plain.to_uppercase(),
            format!(
                "Copyright \u{a9} 2009-2021, J\u{f6}rg D\u{f6}e <j@example.org>\nCopyright (C) 2022 Acme, Inc.\nAll rights reserved.\n\n{plain}"
            ),
            format!(
                "The thing\n=========\n\nThe thing is released under these terms:\n\n{plain}\n\nThanks to all who helped.\n"
            ),
            plain.replace('"', "\u{201c}").replace('\'', "\u{2019}"),
        ];
        for form in forms {
            let found = recognise(&form);
            let start: String = form.chars().take(200).collect();
            let Some(found) = found else {
                panic!("{id} is not recognised in: {start}")
            };
            assert_eq!(found.licenses, [*id], "{start}");
            assert!(found.percent >= 90, "{id} {} %: {start}", found.percent);
        }
    }
}

#[test]
fn nearly_every_known_text_is_recognised_as_itself() {
    let mut others = Vec::new();
    let mut count = 0;
    for (id, text) in LICENSE_TEXTS {
        let replaced = spdx::license_id(id).is_none_or(spdx::LicenseId::is_deprecated);
        // Names for one text: which counts is not in the text.
        let same = id.ends_with("-or-later") || id.contains("invariants") || id.contains("RFN");
        if replaced || same {
            continue;
        }
        count += 1;
        let found = names(&commented(text));
        if found != [*id] {
            // A text that says too little is left open; a wrong name is what must not be.
            let short = found.is_empty() && text.len() < 250;
            others.extend((!short).then_some((*id, found)));
        }
    }
    assert!(count > 600, "{count}");
    assert!(others.len() <= 5, "{others:?}");
    for (id, found) in others {
        let base = found.first().is_none_or(|it| id.starts_with(it.as_str()));
        assert!(base, "{id} is taken for {found:?}");
    }
}

#[test]
fn titles_may_be_missing_or_others() {
    let mit = without_title(text("MIT"));
    for title in [
        "",
        "The MIT License (MIT)\n\n",
        "(The MIT License)\n\n",
        "License\n-------\n\n",
    ] {
        assert_eq!(names(&format!("{title}{mit}")), ["MIT"], "{title}");
    }
    let apache = text("Apache-2.0").split("END OF TERMS").next().unwrap();
    assert_eq!(names(apache), ["Apache-2.0"]);
}

#[test]
fn the_ruby_license_comes_with_its_first_sentence() {
    for other in [
        "2-clause BSDL (see the file BSDL)",
        "GPL (see the file GPL)",
    ] {
        let before = format!(
            "Frob is copyrighted free software by Jane Doe <j@example.org>.\nYou can redistribute \
             it and/or modify it under either the terms of the {other}, or the conditions below:\n"
        );
        assert_eq!(names(&format!("{before}\n{}", text("Ruby"))), ["Ruby"]);
    }
}

#[test]
fn holders_may_be_named() {
    let bsd = text("BSD-3-Clause");
    let named = bsd
        .replace(
            "the copyright holder nor the names of its contributors",
            "Acme Widgets, Inc. nor the names of its employees",
        )
        .replace(
            "THE COPYRIGHT HOLDERS AND CONTRIBUTORS",
            "ACME WIDGETS, INC. AND ITS EMPLOYEES",
        )
        .replace("THE COPYRIGHT HOLDER OR CONTRIBUTORS", "ACME WIDGETS, INC.");
    assert_ne!(named, bsd);
    let found = recognise(&named).unwrap();
    assert_eq!(found.licenses, ["BSD-3-Clause"]);
    assert!((80..100).contains(&found.percent), "{}", found.percent);
}

#[test]
fn the_gpl_counts_from_its_version_unless_a_notice_says_more() {
    let gpl = text("GPL-2.0-only");
    assert_eq!(names(gpl), ["GPL-2.0-only"]);
    let end = "This General Public License does not permit incorporating your program into \
               proprietary programs.  If your program is a subroutine library, you may consider \
               it more useful to permit linking proprietary applications with the library.  If \
               this is what you want to do, use the GNU Library General Public License instead of \
               this License.";
    assert_eq!(names(&format!("{gpl}\n{end}\n")), ["GPL-2.0-only"]);
    let moved = gpl.replace(
        "51 Franklin Street, Fifth Floor",
        "59 Temple Place - Suite 330",
    );
    assert_ne!(moved, gpl);
    assert_eq!(names(&moved), ["GPL-2.0-only"]);
    let notice = "Frob is free software: you can redistribute it and/or modify it under the terms \
                  of the GNU General Public License as published by the Free Software Foundation, \
                  either version 2 of the License, or (at your option) any later version.\n\n";
    let notice = notice.replace("Frob", "This program");
    let rest = "This program is distributed in the hope that it will be useful, but WITHOUT ANY \
                WARRANTY; without even the implied warranty of MERCHANTABILITY or FITNESS FOR A \
                PARTICULAR PURPOSE. See the GNU General Public License for more details.\n\n";
    let whole = format!("{notice}{rest}{gpl}");
    assert_eq!(names(&whole), ["GPL-2.0-or-later"]);
    assert_eq!(names(&format!("{notice}{rest}")), ["GPL-2.0-or-later"]);
    let three = format!("{notice}{rest}").replace("version 2", "version 3");
    assert_eq!(names(&three), ["GPL-3.0-or-later"]);
    let exactly = format!("{notice}{rest}").replace(
        "either version 2 of the License, or (at your option) any later version",
        "version 2 of the License",
    );
    assert_eq!(names(&exactly), ["GPL-2.0-only"]);
    let loose = format!("Frob is under version 2 of the GPL or any later version.\n\n{gpl}");
    assert_eq!(names(&loose), ["GPL-2.0-or-later"]);
}

#[test]
fn the_lesser_gpl_comes_with_or_without_the_gpl() {
    let both = text("LGPL-3.0-only");
    let alone = both.split("GNU GENERAL PUBLIC LICENSE\n").next().unwrap();
    assert!(alone.len() < 10_000);
    assert_eq!(names(alone), ["LGPL-3.0-only"]);
    assert_eq!(names(both), ["LGPL-3.0-only"]);
}

#[test]
fn several_licenses_of_one_file_are_all_found() {
    let both = format!(
        "{}\n\n----\n\nParts are from Foo:\n\n{}",
        text("MIT"),
        text("BSD-3-Clause")
    );
    assert_eq!(names(&both), ["MIT", "BSD-3-Clause"]);
    let twice = format!("{0}\n\nand Bar:\n\n{0}", text("MIT"));
    assert_eq!(names(&twice), ["MIT"]);
    let notice = text("Apache-2.0");
    let notice = &notice[notice.find("Licensed under the Apache").unwrap()..];
    assert_eq!(names(notice), ["Apache-2.0"]);
}

#[test]
fn one_word_more_or_less_can_change_everything() {
    let [mit, apache, bsd, isc] =
        ["MIT", "Apache-2.0", "BSD-3-Clause", "ISC"].map(|it| wrapped(text(it), 100_000));
    for changed in [
        mit.replace("without restriction, including", "including"),
        mit.replace("is hereby granted", "is not granted"),
        mit.replace("to any person", "to any person except competitors"),
        mit.replace(
            "subject to the following conditions:",
            "subject to the following conditions: it may be used for non-commercial purposes only.",
        ),
        mit.replace("publish, distribute, sublicense, and/or sell", "publish"),
        format!("{mit}\nThe Software shall not be used by the military.\n"),
        format!("{mit}\nCommercial use requires a license.\n"),
        format!(
            "\"Commons Clause\" License Condition v1.0\n\nThe grant of rights will not include the right to Sell the Software.\n\n{apache}"
        ),
        apache.replace("no-charge, royalty-free", "royalty-bearing"),
        bsd.replace(
            "with or without modification, are permitted",
            "without modification, are permitted",
        ),
        isc.replace("with or without fee", "for a fee"),
    ] {
        assert!(![&mit, &apache, &bsd, &isc].contains(&&changed));
        assert_eq!(recognise(&changed), None, "{changed}");
    }
    // A known license of its own.
    let json = mit.replace(
        "THE SOFTWARE IS",
        "The Software shall be used for Good, not Evil.\n\nTHE SOFTWARE IS",
    );
    assert_eq!(names(&json), ["JSON"]);
}

#[test]
fn half_a_license_is_none() {
    // The half of that one is the whole license with half the GPL behind it.
    for id in COMMON.iter().filter(|it| **it != "LGPL-3.0-only") {
        let words: Vec<&str> = text(id).split_whitespace().collect();
        let middle = words.len() / 2;
        for half in [&words[..middle], &words[middle..]] {
            let found = names(&half.join(" "));
            assert!(found.is_empty(), "half of {id} is taken for {found:?}");
        }
    }
}

#[test]
fn other_texts_are_none() {
    let readme =
        "# Frob\n\nFrobs things.\n\n## License\n\nReleased under the MIT License, see LICENSE.\n";
    let owned = "Copyright (c) 2020 Acme, Inc. All rights reserved.\n\nThis software is proprietary and \
                 confidential. Unauthorized copying of this file, via any medium, is strictly \
                 prohibited. THE SOFTWARE IS PROVIDED \"AS IS\", WITHOUT WARRANTY OF ANY KIND, EXPRESS \
                 OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS \
                 FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR \
                 COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY.";
    let notice = "Apache Frob\nCopyright 2019-2021 The Frob Foundation\n\nThis product includes software \
                  developed at\nThe Frob Foundation (http://www.example.org/).\n";
    let long = "lorem ipsum dolor sit amet ".repeat(10_000);
    for text in [
        "",
        "MIT",
        "see LICENSE",
        readme,
        owned,
        notice,
        &long,
        "\0\u{202e}%{lua:x}",
    ] {
        assert_eq!(recognise(text), None, "{text:.80}");
    }
}

/// No statement on speed (that is a benchmark's), only that no text takes quadratic time.
#[test]
fn hostile_texts_take_bounded_time() {
    let phrase = "Permission is hereby granted, free of charge, to any person obtaining a copy ";
    let texts = [
        phrase.repeat(3_400),
        "all rights reserved ".repeat(13_000),
        "(c) 1 ".repeat(43_000),
        "a-\n".repeat(85_000),
        text("GPL-3.0-only").repeat(7),
        text("MIT").repeat(240),
        "= a\n".repeat(65_000),
    ];
    for text in texts {
        let started = Instant::now();
        recognise(&text);
        let seconds = started.elapsed().as_secs();
        assert!(seconds < 20, "{seconds} s: {text:.60}");
    }
}
