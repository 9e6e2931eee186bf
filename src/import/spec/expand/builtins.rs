//! Macros that are no text: RPM's own, and those of Python packaging that make subpackages.

use super::arguments::QUOTE;
use super::define::definition;
use super::expander::{Expander, Fault, any_mark};
use super::extras::extras_packages;
use super::mark::{CODE, has_mark};
use super::table::Meaning;

/// A macro that is built in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Builtin {
    Define,
    Global,
    Comment,
    Undefine,
    Expand,
    Expression,
    Source,
    Patch,
    BaseName,
    FolderName,
    Suffix,
    Shrink,
    Quote,
    ShellQuote,
    UrlPath,
    Message,
    Error,
    Defined,
    Undefined,
    With,
    Without,
    Condition,
    ConditionOff,
    ConditionOn,
    /// Runs code, or asks the machine: never expanded.
    Code,
    /// One subpackage an extra of a Python package.
    ExtrasPackages,
    /// Adds to binary packages what no source header shows.
    Silent,
}

impl Builtin {
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "define" => Self::Define,
            "global" => Self::Global,
            "dnl" => Self::Comment,
            "undefine" => Self::Undefine,
            "expand" => Self::Expand,
            "expr" => Self::Expression,
            "S" => Self::Source,
            "P" => Self::Patch,
            "basename" => Self::BaseName,
            "dirname" => Self::FolderName,
            "suffix" => Self::Suffix,
            "shrink" => Self::Shrink,
            "quote" => Self::Quote,
            "shescape" => Self::ShellQuote,
            "url2path" | "u2p" => Self::UrlPath,
            "echo" | "warn" | "trace" | "dump" => Self::Message,
            "error" => Self::Error,
            "defined" => Self::Defined,
            "undefined" => Self::Undefined,
            "with" => Self::With,
            "without" => Self::Without,
            "bcond" => Self::Condition,
            "bcond_with" => Self::ConditionOff,
            "bcond_without" => Self::ConditionOn,
            "lua" | "getenv" | "getconfdir" | "getncpus" | "load" | "exists" | "uncompress"
            | "macrobody" | "verbose" => Self::Code,
            "pyproject_extras_subpkg" | "python_extras_subpkg" => Self::ExtrasPackages,
            "py_provides"
            | "python_provide"
            | "filter_setup"
            | "filter_from_requires"
            | "filter_from_provides"
            | "filter_requires_in"
            | "filter_provides_in"
            | "perl_default_filter"
            | "ruby_default_filter"
            | "systemd_requires"
            | "systemd_ordering"
            | "sysusers_requires_compat" => Self::Silent,
            _ => return None,
        })
    }

    /// Whether it reads the text behind it itself.
    pub(super) const fn takes_text(self) -> bool {
        matches!(self, Self::Define | Self::Global | Self::Comment)
    }

    /// Whether it can stand without an argument.
    pub(super) const fn takes_nothing(self) -> bool {
        matches!(self, Self::Message | Self::Code | Self::Silent)
    }
}

impl Expander {
    /// Runs `%define`, `%global` or `%dnl`; tells how many bytes of the text it took.
    pub(super) fn define_text(
        &mut self,
        builtin: Builtin,
        text: &str,
        free: bool,
    ) -> Result<usize, Fault> {
        if builtin == Builtin::Comment {
            return Ok(text.find('\n').map_or(text.len(), |it| it + 1));
        }
        let found = definition(text, free).map_err(Fault::Mistake)?;
        if matches!(Builtin::named(&found.name), Some(it) if it.takes_text()) {
            let problem = format!("%{} is built in and cannot be defined", found.name);
            return Err(Fault::Mistake(problem));
        }
        let global = builtin == Builtin::Global;
        let body = if global {
            self.expand(&found.body)?
        } else {
            found.body
        };
        let meaning = if has_mark(&body) && calls(&body, &found.name) {
            // It adds to what a distribution says, and must not be taken for its own beginning.
            Meaning::Unknowable
        } else {
            Meaning::Body {
                text: body.into(),
                options: found.options.map(Into::into),
            }
        };
        if global {
            self.table.define_global(&found.name, meaning);
        } else {
            self.table.define(&found.name, meaning);
        }
        Ok(found.length)
    }

    /// Runs a built-in macro; `call` is how it was written, behind the percent sign.
    pub(super) fn run(
        &mut self,
        builtin: Builtin,
        arguments: &[String],
        call: &str,
        out: &mut String,
    ) -> Result<(), Fault> {
        let first = arguments.first().map_or("", String::as_str);
        if builtin == Builtin::Expand {
            return self.expand_into(first, out);
        }
        let mute = matches!(builtin, Builtin::Message | Builtin::Silent);
        if builtin == Builtin::Code || (any_mark(arguments) && !mute) {
            return self.leave(CODE, call, out);
        }
        let text = match builtin {
            Builtin::Undefine => {
                self.table.undefine(first);
                String::new()
            }
            Builtin::Expression => match Self::plain_expression(first)? {
                Some(text) => text,
                None => return self.leave(CODE, call, out),
            },
            Builtin::Source => return self.expand_into(&format!("%{{SOURCE{first}}}"), out),
            Builtin::Patch => return self.expand_into(&format!("%{{PATCH{first}}}"), out),
            Builtin::Error => return Err(Fault::Mistake(format!("%error: {first}"))),
            Builtin::Defined | Builtin::Undefined => {
                let wanted = builtin == Builtin::Defined;
                match self.tested(first) {
                    Some(defined) => digit(defined == wanted),
                    None => return self.leave(CODE, call, out),
                }
            }
            Builtin::With | Builtin::Without => {
                let wanted = builtin == Builtin::With;
                match self.tested(&format!("with_{first}")) {
                    Some(defined) => digit(defined == wanted),
                    None => return self.leave(CODE, call, out),
                }
            }
            Builtin::Condition | Builtin::ConditionOff | Builtin::ConditionOn => {
                return self.condition(builtin, arguments, call, out);
            }
            Builtin::ExtrasPackages => {
                let packages = extras_packages(arguments)?;
                return self.expand_into(&packages, out);
            }
            Builtin::Quote => {
                let quoted: Vec<String> = arguments
                    .iter()
                    .map(|it| format!("{QUOTE}{it}{QUOTE}"))
                    .collect();
                quoted.join(" ")
            }
            _ => of_text(builtin, first),
        };
        self.push(&text, out)
    }

    /// Whether a name is defined; nothing where nobody can know.
    fn tested(&self, name: &str) -> Option<bool> {
        match self.table.get(name) {
            Some(Meaning::Unknowable) => None,
            Some(_) => Some(true),
            None => Some(Builtin::named(name).is_some()),
        }
    }

    /// A build condition: on or off unless the one who builds says otherwise.
    fn condition(
        &mut self,
        builtin: Builtin,
        arguments: &[String],
        call: &str,
        out: &mut String,
    ) -> Result<(), Fault> {
        let name = arguments.first().map_or("", String::as_str);
        let on = match builtin {
            Builtin::ConditionOn => true,
            Builtin::ConditionOff => false,
            _ => {
                let default = arguments.get(1).map_or("", String::as_str);
                match Self::plain_expression(&format!("({default}) ? 1 : 0"))? {
                    Some(value) => value == "1",
                    None => return self.leave(CODE, call, out),
                }
            }
        };
        let other = if on { "_without_" } else { "_with_" };
        let said = self.table.get(&format!("{other}{name}")).is_some();
        if on != said {
            self.define(&format!("with_{name}"), "1");
        }
        Ok(())
    }
}

/// Whether a text calls a macro by its name.
fn calls(text: &str, name: &str) -> bool {
    text.match_indices(name).any(|(at, _)| {
        let before = text[..at].trim_end_matches(['?', '!']);
        let behind = &text[at + name.len()..];
        before.ends_with(['%', '{'])
            && !behind.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
    })
}

/// The macros that turn one text into another.
fn of_text(builtin: Builtin, text: &str) -> String {
    match builtin {
        Builtin::BaseName => text.rsplit('/').next().unwrap_or_default().to_owned(),
        Builtin::FolderName => text.rsplit_once('/').map_or(text, |it| it.0).to_owned(),
        Builtin::Suffix => text.rsplit_once('.').map_or("", |it| it.1).to_owned(),
        Builtin::Shrink => text.split_ascii_whitespace().collect::<Vec<_>>().join(" "),
        Builtin::ShellQuote => format!("'{}'", text.replace('\'', "'\\''")),
        Builtin::UrlPath => {
            let path = text.split_once("://").map_or(text, |(_, rest)| {
                rest.find('/').map_or("", |at| &rest[at..])
            });
            if path.is_empty() { "/" } else { path }.to_owned()
        }
        _ => String::new(),
    }
}

fn digit(yes: bool) -> String {
    u8::from(yes).to_string()
}
