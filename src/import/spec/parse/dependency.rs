//! `BuildRequires:` and `BuildConflicts:`: names with comparisons, and rich dependencies.

use super::rich::rich;
use crate::rpmfile::{Dependency, Sense};

/// What the dependencies of one tag are to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Together {
    /// All must hold, as in `BuildRequires`.
    All,
    /// None may hold, as in `BuildConflicts`.
    None,
}

/// Every dependency of one line, in its order.
///
/// Fails with what is wrong.
pub(super) fn dependencies(text: &str, together: Together) -> Result<Vec<Dependency>, String> {
    let mut out = Vec::new();
    let mut rest = skip(text);
    while !rest.is_empty() {
        if rest.starts_with('(') {
            let (name, behind) = rich(rest, together)?;
            rest = behind;
            out.push(Dependency {
                name,
                sense: Sense::Any,
                version: String::new(),
            });
        } else {
            let simple;
            (simple, rest) = single(rest, |text| word(text, is_gap))?;
            out.push(simple);
        }
        rest = skip(rest);
    }
    Ok(out)
}

pub(super) fn is_gap(c: char) -> bool {
    c.is_ascii_whitespace() || c == ','
}

pub(super) fn skip(text: &str) -> &str {
    text.trim_start_matches(is_gap)
}

pub(super) fn word(text: &str, ends: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(ends).unwrap_or(text.len()))
}

/// One name, perhaps with a comparison; and what follows.
pub(super) fn single<'a>(
    text: &'a str,
    take: impl Fn(&'a str) -> (&'a str, &'a str),
) -> Result<(Dependency, &'a str), String> {
    let (name, rest) = take(text);
    let first = name.chars().next().unwrap_or(' ');
    if first.is_ascii() && !(first.is_ascii_alphanumeric() || first == '_' || first == '/') {
        return Err(format!("{name:?} is no name of a dependency"));
    }
    let any = |sense, version: &str| Dependency {
        name: name.to_owned(),
        sense,
        version: version.to_owned(),
    };
    let (operator, behind) = take(skip(rest));
    let Some(sense) = sense(operator) else {
        return Ok((any(Sense::Any, ""), rest));
    };
    let (version, rest) = take(skip(behind));
    let plain = |c: char| c.is_ascii_alphanumeric() || "._+%{}~^-:".contains(c);
    if version.is_empty() || !version.chars().all(plain) || version.contains("..") {
        return Err(format!("{version:?} is no version of {name}"));
    }
    let epoch = version.split_once(':').map_or("", |it| it.0);
    let once = |c| version.matches(c).count() <= 1;
    if !once('-') || !once(':') || !epoch.bytes().all(|it| it.is_ascii_digit()) {
        return Err(format!("{version:?} is no version of {name}"));
    }
    if first == '/' {
        return Err(format!("the file {name} has no version"));
    }
    Ok((any(sense, version), rest))
}

fn sense(operator: &str) -> Option<Sense> {
    Some(match operator {
        "<" => Sense::Less,
        ">" => Sense::Greater,
        "=" | "==" => Sense::Equal,
        "<=" | "=<" => Sense::LessEqual,
        ">=" | "=>" => Sense::GreaterEqual,
        _ => return None,
    })
}

pub(super) const fn operator(sense: Sense) -> &'static str {
    match sense {
        Sense::Any => "",
        Sense::Less => " < ",
        Sense::Greater => " > ",
        Sense::Equal => " = ",
        Sense::LessEqual => " <= ",
        Sense::GreaterEqual => " >= ",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> String {
        dependencies(text, Together::All)
            .unwrap()
            .iter()
            .map(|it| format!("{}{}{};", it.name, operator(it.sense), it.version))
            .collect()
    }

    #[test]
    fn lists_are_read() {
        for (text, expected) in [
            ("gcc", "gcc;"),
            ("gcc, make   cmake >= 3.1 ,b", "gcc;make;cmake >= 3.1;b;"),
            (
                "a => 1:2-3, b =< 1 c == 2~rc1",
                "a >= 1:2-3;b <= 1;c = 2~rc1;",
            ),
            ("perl(A::B) pkgconfig(x)", "perl(A::B);pkgconfig(x);"),
            ("/usr/bin/x", "/usr/bin/x;"),
            ("( a  and b>=1 )", "(a and b>=1);"),
            (
                "(a >= 1 if (b or c(x)) else d) e",
                "(a >= 1 if (b or c(x)) else d);e;",
            ),
        ] {
            assert_eq!(said(text), expected, "{text}");
        }
    }

    #[test]
    fn broken_ones_are_refused() {
        let deep = format!("{}a{}", "(".repeat(40), ")".repeat(40));
        for text in [
            "-a",
            "a >=",
            "a >= 1-2-3",
            "a = x:1",
            "/a > 1",
            "(a",
            "()",
            "(a and)",
            "(a xor b)",
            "(a and b or c)",
            "a >= 1..2",
            &deep,
        ] {
            assert!(dependencies(text, Together::All).is_err(), "{text}");
        }
    }
}
