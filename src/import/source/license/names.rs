//! Well-known names of licenses, as people write them, and their SPDX names.
//!
//! Names are compared without case, punctuation and filling words. A name that stands for a
//! family (`BSD`, `GPL`) has the member that it mostly means, or the family's widest reading.

/// Names in the form that [`plain`] gives them.
const NAMES: &[(&str, &str)] = &[
    ("mit", "MIT"),
    ("mit x11", "MIT"),
    ("x11 mit", "MIT"),
    ("mit style", "MIT"),
    ("expat", "MIT"),
    ("mit expat", "MIT"),
    ("mit 0", "MIT-0"),
    ("apache", "Apache-2.0"),
    ("apache2", "Apache-2.0"),
    ("apache 2", "Apache-2.0"),
    ("apache2 0", "Apache-2.0"),
    ("apache software", "Apache-2.0"),
    ("asl 2", "Apache-2.0"),
    ("asl2", "Apache-2.0"),
    ("asl", "Apache-2.0"),
    ("apache software 2", "Apache-2.0"),
    ("apache asl 2", "Apache-2.0"),
    ("al2", "Apache-2.0"),
    ("bsd", "BSD-3-Clause"),
    ("bsd style", "BSD-3-Clause"),
    ("bsd like", "BSD-3-Clause"),
    ("bsd new", "BSD-3-Clause"),
    ("new bsd", "BSD-3-Clause"),
    ("bsd modified", "BSD-3-Clause"),
    ("modified bsd", "BSD-3-Clause"),
    ("revised bsd", "BSD-3-Clause"),
    ("3 clause bsd", "BSD-3-Clause"),
    ("bsd 3 clause", "BSD-3-Clause"),
    ("bsd 3", "BSD-3-Clause"),
    ("bsd3", "BSD-3-Clause"),
    ("bsd 3 clause new or revised", "BSD-3-Clause"),
    ("bsd 2 clause", "BSD-2-Clause"),
    ("2 clause bsd", "BSD-2-Clause"),
    ("bsd 2", "BSD-2-Clause"),
    ("bsd2", "BSD-2-Clause"),
    ("simplified bsd", "BSD-2-Clause"),
    ("bsd simplified", "BSD-2-Clause"),
    ("freebsd", "BSD-2-Clause"),
    ("0bsd", "0BSD"),
    ("isc", "ISC"),
    ("iscl", "ISC"),
    ("ruby", "Ruby"),
    ("same as ruby", "Ruby"),
    ("same as ruby s", "Ruby"),
    ("ruby s", "Ruby"),
    ("gpl", "GPL-1.0-or-later"),
    ("gpl 1", "GPL-1.0-only"),
    ("gpl 2", "GPL-2.0-only"),
    ("gpl 2+", "GPL-2.0-or-later"),
    ("gpl 3", "GPL-3.0-only"),
    ("gpl 3+", "GPL-3.0-or-later"),
    ("lgpl", "LGPL-2.0-or-later"),
    ("lgpl 2", "LGPL-2.0-only"),
    ("lgpl 2+", "LGPL-2.0-or-later"),
    ("lgpl 2 1", "LGPL-2.1-only"),
    ("lgpl 2 1+", "LGPL-2.1-or-later"),
    ("lgpl 3", "LGPL-3.0-only"),
    ("lgpl 3+", "LGPL-3.0-or-later"),
    ("agpl", "AGPL-3.0-or-later"),
    ("agpl 3", "AGPL-3.0-only"),
    ("agpl 3+", "AGPL-3.0-or-later"),
    ("mpl", "MPL-2.0"),
    ("mpl 2", "MPL-2.0"),
    ("mpl 1 1", "MPL-1.1"),
    ("mozilla 2", "MPL-2.0"),
    ("mozilla 1 1", "MPL-1.1"),
    ("epl 1", "EPL-1.0"),
    ("epl 2", "EPL-2.0"),
    ("eupl 1 2", "EUPL-1.2"),
    ("artistic 2", "Artistic-2.0"),
    ("unlicense", "Unlicense"),
    ("wtfpl", "WTFPL"),
    ("zlib", "Zlib"),
    ("zlib libpng", "Zlib"),
    ("zpl", "ZPL-2.1"),
    ("zpl 2 1", "ZPL-2.1"),
    ("zope public", "ZPL-2.1"),
    ("zope public 2 1", "ZPL-2.1"),
    ("psf", "PSF-2.0"),
    ("psfl", "PSF-2.0"),
    ("python", "PSF-2.0"),
    ("python software foundation", "PSF-2.0"),
    ("boost", "BSL-1.0"),
    ("boost 1", "BSL-1.0"),
    ("boost software 1", "BSL-1.0"),
    ("cc0", "CC0-1.0"),
    ("cc0 1", "CC0-1.0"),
    ("cc0 1 0 universal", "CC0-1.0"),
    ("cc by 4", "CC-BY-4.0"),
    ("cc by sa 4", "CC-BY-SA-4.0"),
    ("public domain", "LicenseRef-Fedora-Public-Domain"),
];

/// Names that SPDX has replaced by two, one with `-only` and one with `-or-later`.
const DEPRECATED: &[&str] = &[
    "GPL-1.0", "GPL-2.0", "GPL-3.0", "LGPL-2.0", "LGPL-2.1", "LGPL-3.0", "AGPL-1.0", "AGPL-3.0",
    "GFDL-1.1", "GFDL-1.2", "GFDL-1.3",
];

/// The SPDX name of a name as people write it.
pub(super) fn lookup(text: &str) -> Option<&'static str> {
    let plain = plain(text);
    NAMES.iter().find(|it| it.0 == plain).map(|it| it.1)
}

/// A name without case, punctuation, brackets and filling words, and with one spelling of
/// version numbers: `GNU GPL v2.0 or later` and `GPLv2+` are both `gpl 2+`.
fn plain(text: &str) -> String {
    let mut text = text.to_ascii_lowercase();
    for (long, short) in [
        ("gnu lesser general public", "lgpl"),
        ("gnu library general public", "lgpl"),
        ("gnu affero general public", "agpl"),
        ("lesser general public", "lgpl"),
        ("affero general public", "agpl"),
        ("gnu general public", "gpl"),
        ("general public", "gpl"),
        ("mozilla public", "mpl"),
        ("eclipse public", "epl"),
        ("gplv", "gpl v"),
        ("gpl2", "gpl 2"),
        ("gpl3", "gpl 3"),
        ("mplv", "mpl v"),
        (" or later", "+"),
        (" or newer", "+"),
        (" or any later version", "+"),
    ] {
        text = text.replace(long, short);
    }
    let mut words: Vec<String> = Vec::new();
    for word in text.split(|c: char| !c.is_alphanumeric() && c != '+') {
        let number = word
            .strip_prefix('v')
            .filter(|it| it.starts_with(|c: char| c.is_ascii_digit()));
        let word = number.unwrap_or(word);
        match word {
            "" | "the" | "license" | "licence" | "licenses" | "licensed" | "version" | "gnu"
            | "v" | "under" | "only" => {}
            "unlicence" => words.push("unlicense".to_owned()),
            _ => words.push(word.to_owned()),
        }
    }
    shorten(words).join(" ")
}

/// Drops a last `0` of a version (`2.0` is `2`), and a short name in brackets that only repeats
/// the name (`MIT (MIT)`).
fn shorten(mut words: Vec<String>) -> Vec<String> {
    let family = words.first().cloned().unwrap_or_default();
    if let Some(last) = words.last().cloned()
        && words.len() > 2
        && matches!(last.as_str(), "0" | "0+")
        && words[words.len() - 2].bytes().all(|b| b.is_ascii_digit())
    {
        words.pop();
        if last == "0+" {
            words.last_mut().expect("two words are left").push('+');
        }
    }
    if words.len() == 2 && words[1] == family {
        words.pop();
    }
    words
}

/// A valid expression in its plainest form: replaced names in their new form, operators in
/// capitals.
pub(super) fn modern(expression: &str) -> String {
    let mut out = String::with_capacity(expression.len());
    let mut rest = expression;
    while !rest.is_empty() {
        let end = rest.find([' ', '(', ')']).unwrap_or(rest.len());
        let (word, tail) = rest.split_at(end);
        out.push_str(&modern_word(word));
        let next = tail
            .find(|c| !matches!(c, ' ' | '(' | ')'))
            .unwrap_or(tail.len());
        out.push_str(&tail[..next]);
        rest = &tail[next..];
    }
    out
}

fn modern_word(word: &str) -> String {
    if ["or", "and", "with"]
        .iter()
        .any(|it| word.eq_ignore_ascii_case(it))
    {
        return word.to_ascii_uppercase();
    }
    let (base, suffix) = match word.strip_suffix('+') {
        Some(base) => (base, "-or-later"),
        None => (word, "-only"),
    };
    if DEPRECATED.contains(&base) {
        format!("{base}{suffix}")
    } else {
        word.to_owned()
    }
}

/// Every expression of the table.
#[cfg(test)]
pub(super) fn all_expressions() -> impl Iterator<Item = &'static str> {
    NAMES.iter().map(|it| it.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stand_in_the_form_that_is_looked_up() {
        for (name, _) in NAMES {
            assert_eq!(plain(name), *name);
        }
    }

    #[test]
    fn expressions_become_modern() {
        for (old, new) in [
            ("GPL-2.0+ or MIT", "GPL-2.0-or-later OR MIT"),
            ("(LGPL-2.1 and MIT)", "(LGPL-2.1-only AND MIT)"),
            ("Apache-2.0+", "Apache-2.0+"),
        ] {
            assert_eq!(modern(old), new);
        }
    }
}
