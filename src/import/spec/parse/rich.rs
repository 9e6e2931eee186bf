//! Rich dependencies: `(a >= 1 if b else c)`, by the rules of rpm 4.18.
//!
//! Operators chain only with themselves. Some stand in no place where they would mean little:
//! inside `with` and `without` there are plain names and their like; `if` goes with `and`, not
//! with `or`; `unless` goes with `or`, not with `and`. A tag's dependencies are joined too, so
//! `(a unless b)` alone is no `BuildRequires`. What stands after `if` is a question of its own.

use super::dependency::{Together, is_gap, operator, single, skip, word};

/// How deep rich dependencies may nest.
const MAX_DEPTH: u32 = 32;

/// What must not stand around a dependency, seen from outside.
#[derive(Clone, Copy, Debug, Default)]
struct Refused {
    with: bool,
    and: bool,
    or: bool,
}

/// Reads one rich dependency: it in RPM's own spelling, and what follows.
///
/// Fails with what is wrong.
pub(super) fn rich(text: &str, together: Together) -> Result<(String, &str), String> {
    let mut out = String::new();
    let (rest, refused) = group(text, &mut out, 0)?;
    let around = match together {
        Together::All => "and",
        Together::None => "or",
    };
    fits(around, refused)?;
    Ok((out, rest))
}

fn group<'a>(text: &'a str, out: &mut String, depth: u32) -> Result<(&'a str, Refused), String> {
    if depth > MAX_DEPTH {
        return Err("a rich dependency nests too deep".to_owned());
    }
    let mut rest = text
        .strip_prefix('(')
        .ok_or("a rich dependency lacks its parenthesis")?;
    out.push('(');
    let (mut first, mut chain) = (None, None);
    let mut refused = Refused::default();
    loop {
        let inner;
        (rest, inner) = argument(skip(rest), out, depth)?;
        if !matches!(chain, Some("if" | "unless")) {
            refused.with |= inner.with;
            refused.and |= inner.and;
            refused.or |= inner.or;
        }
        rest = skip(rest);
        if let Some(behind) = rest.strip_prefix(')') {
            out.push(')');
            return Ok((behind, around(first, refused)?));
        }
        let op;
        (op, rest) = word(rest, |c| c.is_ascii_whitespace() || c == ')');
        chains(chain, op)?;
        first = first.or(Some(op));
        chain = Some(op);
        out.push(' ');
        out.push_str(op);
        out.push(' ');
    }
}

fn argument<'a>(text: &'a str, out: &mut String, depth: u32) -> Result<(&'a str, Refused), String> {
    if text.starts_with(')') || text.is_empty() {
        return Err("a rich dependency lacks an argument".to_owned());
    }
    if text.starts_with('(') {
        return group(text, out, depth + 1);
    }
    let (simple, rest) = single(text, name_or_version)?;
    out.push_str(&simple.name);
    out.push_str(operator(simple.sense));
    out.push_str(&simple.version);
    Ok((rest, Refused::default()))
}

/// A word of a rich dependency: ends at a closing parenthesis that it did not open.
fn name_or_version(text: &str) -> (&str, &str) {
    let mut open = 0_u32;
    let end = text.find(|c: char| {
        match c {
            '(' => open += 1,
            ')' if open == 0 => return true,
            ')' => open -= 1,
            _ => {}
        }
        is_gap(c)
    });
    text.split_at(end.unwrap_or(text.len()))
}

/// Whether `op` may follow `before`.
fn chains(before: Option<&str>, op: &str) -> Result<(), String> {
    match (before, op) {
        (None, "and" | "or" | "if" | "unless" | "else" | "with" | "without")
        | (Some("if" | "unless"), "else")
        | (Some("and"), "and")
        | (Some("or"), "or")
        | (Some("with"), "with") => Ok(()),
        (Some(before), "and" | "or" | "if" | "unless" | "else" | "with" | "without") => {
            Err(format!("{before:?} and {op:?} do not chain"))
        }
        _ => Err(format!("{op:?} is no operator of a rich dependency")),
    }
}

/// Whether `op` may join arguments of this kind.
fn fits(op: &str, refused: Refused) -> Result<(), String> {
    match op {
        "with" | "without" if refused.with => {
            Err(format!("{op:?} joins names and their versions only"))
        }
        "and" | "if" if refused.and => {
            Err("\"unless\" does not go with \"and\": write \"or\"".to_owned())
        }
        "or" | "unless" if refused.or => {
            Err("\"if\" does not go with \"or\": write \"and\"".to_owned())
        }
        _ => Ok(()),
    }
}

/// What a group whose first operator is `first` refuses around itself.
fn around(first: Option<&str>, inner: Refused) -> Result<Refused, String> {
    let Some(op) = first else {
        return Ok(inner);
    };
    fits(op, inner)?;
    Ok(match op {
        "with" | "without" => inner,
        "or" => Refused {
            with: inner.with,
            ..Refused::default()
        },
        "and" => Refused {
            with: true,
            ..Refused::default()
        },
        "if" => Refused {
            with: true,
            and: false,
            or: true,
        },
        "unless" => Refused {
            with: true,
            and: true,
            or: false,
        },
        _ => Refused {
            with: true,
            ..inner
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What rpm 4.18 says of each was asked of it; `tests/spec_against_rpmspec.rs` asks again.
    #[test]
    fn operators_stand_where_they_mean_something() {
        for text in [
            "((a if b) and c)",
            "(((a if b) and c) or d)",
            "(a if (b unless c))",
            "((a or b) with c)",
            "(a without (b or c))",
            "((a if b else c) and d)",
            "((a unless b) or c)",
        ] {
            let read = rich(text, Together::All).map(|it| it.0);
            assert_eq!(read, Ok(text.to_owned()));
        }
        for text in [
            "((a if b) or c)",
            "(((a if b)) or c)",
            "((a if b) with c)",
            "((a and b) without c)",
            "(a unless b)",
            "((a unless b) if c)",
            "((a unless b) and c)",
            "(a if b else c else d)",
            "(a without b without c)",
        ] {
            assert!(rich(text, Together::All).is_err(), "{text}");
        }
        assert!(rich("(a unless b)", Together::None).is_ok());
        assert!(rich("(a if b)", Together::None).is_err());
    }
}
