//! The expansion itself: finds macros in text and puts in what they mean.

use super::super::directives::is_directive;
use super::arguments::{options, words};
use super::builtins::Builtin;
use super::call::{Arguments, Call, is_percent_code, macro_end, read_call, start_of};
use super::mark::{CODE, UNKNOWN, has_mark};
use super::table::{Meaning, Table};

/// How deep macros may nest; RPM's own bound.
const MAX_DEPTH: u32 = 64;
/// How many macros one spec may expand.
const MAX_STEPS: u32 = 300_000;
/// How many bytes all expansions of one spec may write.
const MAX_BYTES: usize = 8 << 20;
/// How many bytes may be looked through for the ends of macros.
const MAX_SCANNED: usize = 32 << 20;

/// Why a text cannot be expanded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::import::spec) enum Fault {
    /// Over a bound.
    TooLarge(&'static str),
    /// RPM, too, would refuse it.
    Mistake(String),
}

/// The macros of one spec, and what their expansion has cost so far.
#[derive(Debug, Default)]
pub(in crate::import::spec) struct Expander {
    pub(super) table: Table,
    depth: u32,
    steps: u32,
    bytes: usize,
    scanned: usize,
}

impl Expander {
    /// Expands a text. What cannot be expanded stays, behind a mark.
    pub(in crate::import::spec) fn expand(&mut self, text: &str) -> Result<String, Fault> {
        let mut out = String::new();
        self.expand_into(text, &mut out)?;
        Ok(out)
    }

    /// Defines a macro for good, as `%global` does with a body that is already expanded.
    pub(in crate::import::spec) fn define(&mut self, name: &str, body: &str) {
        let meaning = Meaning::Body {
            text: body.into(),
            options: None,
        };
        self.table.define_global(name, meaning);
    }

    /// Takes back the latest definition of a macro.
    pub(in crate::import::spec) fn undefine(&mut self, name: &str) {
        self.table.undefine(name);
    }

    /// Says that nobody can know whether and how a name is defined.
    pub(in crate::import::spec) fn forget(&mut self, name: &str) {
        self.table.define_global(name, Meaning::Unknowable);
    }

    pub(super) fn expand_into(&mut self, text: &str, out: &mut String) -> Result<(), Fault> {
        if self.depth >= MAX_DEPTH {
            return Err(Fault::TooLarge("64 levels of macros"));
        }
        self.depth += 1;
        let mut rest = text;
        while let Some(at) = rest.find('%') {
            // The macro behind a mark comes to its turn again, and may be known by now.
            self.push(rest[..at].trim_end_matches([UNKNOWN, CODE]), out)?;
            rest = &rest[at..];
            let behind = &rest[1..];
            if behind.is_empty() || behind.starts_with('%') {
                self.push("%", out)?;
                rest = behind.strip_prefix('%').unwrap_or(behind);
            } else {
                let length = self.one(behind, out)?;
                rest = &behind[length..];
            }
        }
        self.push(rest, out)?;
        self.depth -= 1;
        Ok(())
    }

    /// Counts what was looked through: nested macros are looked through again and again.
    const fn scan(&mut self, bytes: usize) -> Result<(), Fault> {
        self.scanned += bytes;
        if self.scanned > MAX_SCANNED {
            return Err(Fault::TooLarge("32 MiB looked through for macros"));
        }
        Ok(())
    }

    pub(super) fn push(&mut self, text: &str, out: &mut String) -> Result<(), Fault> {
        self.bytes += text.len();
        if self.bytes > MAX_BYTES {
            return Err(Fault::TooLarge("8 MiB of expanded text"));
        }
        out.push_str(text);
        Ok(())
    }

    /// Expands the macro that begins behind a percent sign; tells how many bytes it took.
    fn one(&mut self, text: &str, out: &mut String) -> Result<usize, Fault> {
        self.steps += 1;
        if self.steps > MAX_STEPS {
            return Err(Fault::TooLarge("300000 macros"));
        }
        let end = macro_end(text)
            .ok_or_else(|| Fault::Mistake(format!("a macro does not end: %{}", start_of(text))))?;
        self.scan(end)?;
        match text.as_bytes()[0] {
            b'(' => match self.shortened(&text[1..end - 1])? {
                Some(value) => self.push(&value, out)?,
                None => self.leave(CODE, &text[..end], out)?,
            },
            b'[' => match self.expression(&text[1..end - 1])? {
                Some(value) => self.push(&value, out)?,
                None => self.leave(CODE, &text[..end], out)?,
            },
            _ => {
                let call = read_call(text, end);
                self.scan(call.full_length - end)?;
                return self.call(&call, text, out);
            }
        }
        Ok(end)
    }

    /// The one piece of shell that packagers use everywhere, to shorten a commit's digest:
    /// `c=WORD; echo ${c:0:7}`. It is understood, not run.
    fn shortened(&mut self, script: &str) -> Result<Option<String>, Fault> {
        let Some((assignment, output)) = script.split_once(';') else {
            return Ok(None);
        };
        let Some((name, word)) = assignment.trim_ascii().split_once('=') else {
            return Ok(None);
        };
        let length = output
            .trim_ascii()
            .strip_prefix("echo ${")
            .and_then(|it| it.strip_prefix(name))
            .and_then(|it| it.strip_prefix(":0:"))
            .and_then(|it| it.strip_suffix('}'))
            .and_then(|it| it.parse::<usize>().ok());
        let plain = |it: &str| !it.is_empty() && it.bytes().all(|b| b.is_ascii_alphanumeric());
        let (Some(length), true) = (length, plain(name)) else {
            return Ok(None);
        };
        let word = self.expand(word)?;
        Ok(plain(&word).then(|| word.chars().take(length).collect()))
    }

    /// Leaves a macro as it is written, behind a mark.
    pub(super) fn leave(&mut self, mark: char, text: &str, out: &mut String) -> Result<(), Fault> {
        out.push(mark);
        self.push("%", out)?;
        self.push(text, out)
    }

    fn call(&mut self, call: &Call<'_>, text: &str, out: &mut String) -> Result<usize, Fault> {
        // Where nothing is called, the percent sign stands for itself and reading goes on at once.
        let flags = if call.braced {
            0
        } else {
            call.length - call.name.len()
        };
        if call.name.is_empty() {
            self.push("%", out)?;
            return Ok(flags);
        }
        let meaning = self.table.get(call.name).cloned();
        let builtin = Builtin::named(call.name).filter(|_| meaning.is_none());
        let known = meaning.is_some() || builtin.is_some();
        if matches!(meaning, Some(Meaning::Unknowable)) {
            self.leave(CODE, &text[..call.length], out)?;
            return Ok(call.length);
        }
        if call.tested {
            if known != call.negated {
                match call.arguments {
                    Arguments::Whole(text) if !text.is_empty() => self.expand_into(text, out)?,
                    _ => self.mean(meaning.as_ref(), out)?,
                }
            }
            return Ok(call.length);
        }
        match (meaning, builtin) {
            (
                Some(Meaning::Body {
                    text: body,
                    options: Some(options),
                }),
                _,
            ) => {
                let arguments = self.arguments(call.arguments)?.unwrap_or_default();
                self.with_arguments(call.name, &options, &arguments, &body, out)?;
                Ok(call.full_length)
            }
            (Some(meaning), _) => {
                self.mean(Some(&meaning), out)?;
                Ok(call.length)
            }
            (None, Some(builtin)) if builtin.takes_text() => {
                let (definition, free) = match call.arguments {
                    Arguments::Whole(it) | Arguments::Words(it) if call.braced => (it, false),
                    _ => (&text[call.length..], true),
                };
                let length = self.define_text(builtin, definition, free)?;
                Ok(if free {
                    call.length + length
                } else {
                    call.length
                })
            }
            (None, Some(builtin)) => {
                let arguments = match self.arguments(call.arguments)? {
                    None if builtin.takes_nothing() => Vec::new(),
                    None => {
                        let problem = format!("%{} lacks its argument", call.name);
                        return Err(Fault::Mistake(problem));
                    }
                    Some(arguments) => arguments,
                };
                self.run(builtin, &arguments, &text[..call.full_length], out)?;
                Ok(call.full_length)
            }
            (None, None) => {
                if call.braced || !(is_directive(call.name) || is_percent_code(call.name)) {
                    out.push(UNKNOWN);
                }
                self.push("%", out)?;
                Ok(flags)
            }
        }
    }

    /// Puts in what a name means, without arguments.
    fn mean(&mut self, meaning: Option<&Meaning>, out: &mut String) -> Result<(), Fault> {
        match meaning {
            Some(Meaning::Body { text, .. }) => self.expand_into(text, out),
            Some(Meaning::Literal(text)) => self.push(text, out),
            Some(Meaning::Unknowable) | None => Ok(()),
        }
    }

    fn arguments(&mut self, arguments: Arguments<'_>) -> Result<Option<Vec<String>>, Fault> {
        Ok(match arguments {
            Arguments::None => None,
            Arguments::Whole(text) => Some(vec![self.expand(text)?]),
            Arguments::Words(text) => Some(words(&self.expand(text)?)),
        })
    }

    /// Expands the body of a parametric macro with its arguments defined.
    fn with_arguments(
        &mut self,
        name: &str,
        known: &str,
        arguments: &[String],
        body: &str,
        out: &mut String,
    ) -> Result<(), Fault> {
        let parsed = options(arguments, known)
            .map_err(|it| Fault::Mistake(format!("%{name} takes no option -{it} as given")))?;
        self.table.enter();
        self.table.define_argument("0", name);
        self.table.define_argument("**", &arguments.join(" "));
        self.table
            .define_argument("#", &parsed.rest.len().to_string());
        self.table.define_argument("*", &parsed.rest.join(" "));
        for (letter, value) in parsed.options {
            let whole = value
                .as_ref()
                .map_or_else(|| format!("-{letter}"), |it| format!("-{letter} {it}"));
            self.table.define_argument(&format!("-{letter}"), &whole);
            if let Some(value) = value {
                self.table.define_argument(&format!("-{letter}*"), &value);
            }
        }
        for (number, argument) in parsed.rest.iter().enumerate() {
            self.table
                .define_argument(&(number + 1).to_string(), argument);
        }
        let result = self.expand_into(body, out);
        self.table.leave();
        result
    }
}

/// Whether any argument holds what could not be expanded.
pub(super) fn any_mark(arguments: &[String]) -> bool {
    arguments.iter().any(|it| has_mark(it))
}
