//! The templates that specs are written with: one a kind of archive, and those of the user.
//!
//! They are in the language of minijinja. Values are safe in tags, descriptions, the changelog and
//! `%files`, as the built-in templates use them; only names, versions and folders are safe in shell
//! sections and macros. A mistake in a user's template is found when it is set, before any package
//! is looked at: what the language does not take, and names of values that no template is given.
//! What a template does is bounded in steps and in what it writes, so that none can hang a job.

use super::error::Error;
use super::naming::{normalised, shortened};
use super::template_values::TEMPLATE_VALUES;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Value;
use minijinja::{AutoEscape, Environment, ErrorKind, Template, UndefinedBehavior};
use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::str::FromStr;

/// Instructions of the template engine for one spec. A gem of a thousand files takes ten thousand.
const MAX_STEPS: u64 = 5_000_000;
/// Bytes of a spec that a template may write.
const MAX_SPEC: usize = 16 << 20;

/// A kind of archive, which a template is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TemplateKind {
    /// The sdist of a Python package.
    Pypi,
    /// The wheel of a Python package that has no sdist.
    Wheel,
    /// A gem.
    Gem,
}

impl TemplateKind {
    /// Every kind, in the order in which help texts list them.
    pub const ALL: [Self; 3] = [Self::Pypi, Self::Wheel, Self::Gem];

    /// The word that stands for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Pypi => "pypi",
            Self::Wheel => "wheel",
            Self::Gem => "gem",
        }
    }

    /// The built-in template.
    #[must_use]
    pub const fn built_in(self) -> &'static str {
        match self {
            Self::Pypi => include_str!("templates/pypi.spec"),
            Self::Wheel => include_str!("templates/wheel.spec"),
            Self::Gem => include_str!("templates/gem.spec"),
        }
    }

    /// A package's name as names are compared; nothing for what is no name.
    fn comparable(self, name: &str) -> Option<String> {
        match self {
            Self::Pypi | Self::Wheel => normalised(name),
            Self::Gem => Some(name.to_owned()).filter(|it| !it.is_empty()),
        }
    }
}

impl fmt::Display for TemplateKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl FromStr for TemplateKind {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let found = Self::ALL.into_iter().find(|it| it.word() == text);
        found.ok_or_else(|| Error::TemplateKey(shortened(text)))
    }
}

/// What a template is for: a kind of archive, and perhaps one package only. Written as `KIND` or
/// `KIND:NAME`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TemplateKey {
    kind: TemplateKind,
    /// As names are compared.
    package: Option<String>,
}

impl FromStr for TemplateKey {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let (kind, package) = match text.split_once(':') {
            Some((kind, package)) => (kind, Some(package)),
            None => (text, None),
        };
        let refuse = |_| Error::TemplateKey(shortened(text));
        let kind: TemplateKind = kind.parse().map_err(refuse)?;
        let package = package.map(|it| kind.comparable(it).ok_or(()));
        let package = package
            .transpose()
            .map_err(|()| Error::TemplateKey(shortened(text)))?;
        Ok(Self { kind, package })
    }
}

/// The built-in templates, and those of the user instead.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Templates {
    own: BTreeMap<TemplateKey, Own>,
}

/// A template of the user's.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Own {
    file: String,
    text: String,
}

/// What a template makes.
pub(super) struct Filled {
    pub(super) text: String,
    /// The user's file, where it was one.
    pub(super) file: Option<String>,
}

impl Templates {
    /// Takes a template of the user's, in the place of one for the same. `file` is what messages
    /// call it.
    ///
    /// # Errors
    /// Says where the template is wrong.
    pub fn set(&mut self, key: TemplateKey, file: &str, text: String) -> Result<(), Error> {
        check(key.kind, file, &text)?;
        let file = file.to_owned();
        self.own.insert(key, Own { file, text });
        Ok(())
    }

    /// Fills in the template for one package: its own, else that of its kind.
    pub(super) fn fill(
        &self,
        kind: TemplateKind,
        package: &str,
        values: Value,
    ) -> Result<Filled, Error> {
        let own = kind
            .comparable(package)
            .and_then(|it| self.get(kind, Some(it)))
            .or_else(|| self.get(kind, None));
        let (text, file) = match own {
            Some(own) => (own.text.as_str(), own.file.clone()),
            None => (kind.built_in(), format!("the built-in template for {kind}")),
        };
        let mut out = Bounded(Vec::new());
        environment()
            .template_from_str(text)
            .and_then(|it| it.render_captured_to(values, &mut out).map(|_| ()))
            .map_err(|error| mistake(&file, &error))?;
        let mut text = String::from_utf8(out.0).expect("templates write text");
        if !text.ends_with('\n') {
            text.push('\n');
        }
        Ok(Filled {
            text,
            file: own.map(|_| file),
        })
    }

    fn get(&self, kind: TemplateKind, package: Option<String>) -> Option<&Own> {
        self.own.get(&TemplateKey { kind, package })
    }
}

/// What can be told without a package.
fn check(kind: TemplateKind, file: &str, text: &str) -> Result<(), Error> {
    let environment = environment();
    let template = environment.template_from_str(text);
    let template = template.map_err(|error| mistake(file, &error))?;
    let known = |name: &str| {
        let mut values = TEMPLATE_VALUES.iter();
        values.any(|it| it.name == name && it.kinds.contains(&kind))
            || environment.globals().any(|it| it.0 == name)
    };
    let mut unknown: Vec<String> = template.undeclared_variables(false).into_iter().collect();
    unknown.retain(|it| !known(it));
    unknown.sort_unstable();
    match unknown.first() {
        None => try_out(kind, &template).map_err(|error| mistake(file, &error)),
        Some(name) => Err(Error::Template {
            file: file.to_owned(),
            line: line_of(text, name),
            problem: format!(
                "there is no value {name:?} (`distmill template {kind} --help` lists them)"
            ),
        }),
    }
}

/// Fills a template in with placeholders, to find filters and functions that do not exist: the
/// language looks for them only where it needs them. Other failures are for the real values to show.
fn try_out(kind: TemplateKind, template: &Template<'_, '_>) -> Result<(), minijinja::Error> {
    let seen = TEMPLATE_VALUES.iter().filter(|it| it.kinds.contains(&kind));
    let values: BTreeMap<&str, Value> = seen
        .map(|it| match it.is_list() {
            true => (it.name, Value::from(vec!["placeholder"])),
            false => (it.name, Value::from("placeholder")),
        })
        .collect();
    let filled = template.render_captured_to(Value::from(values), Bounded(Vec::new()));
    let is_missing = |error: &minijinja::Error| {
        matches!(
            error.kind(),
            ErrorKind::UnknownFilter
                | ErrorKind::UnknownTest
                | ErrorKind::UnknownFunction
                | ErrorKind::TemplateNotFound
        )
    };
    match filled {
        Err(error) if is_missing(&error) => Err(error),
        Ok(_) | Err(_) => Ok(()),
    }
}

/// The first line with code and this name in it.
fn line_of(text: &str, name: &str) -> Option<usize> {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    let uses = |line: &str| {
        ["{{", "{%"].iter().any(|it| line.contains(it))
            && line.split(|c| !part(c)).any(|it| it == name)
    };
    text.lines().position(uses).map(|it| it + 1)
}

fn mistake(file: &str, error: &minijinja::Error) -> Error {
    let problem = match (error.kind(), error.detail()) {
        (ErrorKind::OutOfFuel, _) => format!("it takes more than {MAX_STEPS} steps"),
        (ErrorKind::WriteFailure, _) => format!("it writes more than {MAX_SPEC} bytes"),
        (kind, Some(detail)) => format!("{kind}: {detail}"),
        (kind, None) => kind.to_string(),
    };
    Error::Template {
        file: file.to_owned(),
        line: error.line(),
        problem,
    }
}

/// Takes so many bytes and no more.
struct Bounded(Vec<u8>);

impl io::Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() + bytes.len() > MAX_SPEC {
            return Err(io::Error::other("the spec is too large"));
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    // Escaping for HTML would not make anything safe here; see `escape`.
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_fuel(Some(MAX_STEPS));
    environment.set_syntax(
        SyntaxConfig::builder()
            .trim_blocks(true)
            .lstrip_blocks(true)
            .keep_trailing_newline(true)
            .build()
            .expect("whitespace options never conflict"),
    );
    environment
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(kind: &str, text: &str) -> String {
        let mut templates = Templates::default();
        let key: TemplateKey = kind.parse().unwrap();
        let set = templates.set(key, "my.spec", text.to_owned());
        let error = set.expect_err(text);
        assert_eq!(error.code(), crate::model::Code::SpecInvalid);
        assert_eq!(templates, Templates::default());
        error.to_string()
    }

    #[test]
    fn mistakes_are_found_before_a_template_is_used() {
        let broken = refused("pypi", "Name: {{ name }}\nVersion: {{ version\n");
        assert!(
            broken.starts_with("my.spec, line 2: syntax error: "),
            "{broken}"
        );
        let unknown = refused("pypi", "Name: {{ name }}\n\n{% if gem_name %}x{% endif %}");
        assert!(
            unknown.starts_with("my.spec, line 3: there is no value \"gem_name\""),
            "{unknown}"
        );
        let filter = refused("gem", "Name: {{ name | shout }}\n");
        assert!(
            filter.starts_with("my.spec, line 1: unknown filter: "),
            "{filter}"
        );
        let other = refused(
            "gem",
            "Name: {{ name }}\n{% for a in tools %}{% include 'x' %}{% endfor %}",
        );
        assert!(
            other.starts_with("my.spec, line 2: template not found: "),
            "{other}"
        );
    }

    #[test]
    fn a_template_cannot_run_forever() {
        let endless =
            "{% for a in range(90000) %}{% for b in range(90000) %}{% endfor %}{% endfor %}";
        let long =
            "{% set x = 'xxxxxxxxxxxxxxxx' * 65536 %}{% for a in range(99) %}{{ x }}{% endfor %}";
        for (text, problem) in [(endless, "steps"), (long, "bytes")] {
            let mut templates = Templates::default();
            templates
                .set("gem".parse().unwrap(), "my.spec", text.to_owned())
                .unwrap();
            let error = templates
                .fill(TemplateKind::Gem, "a", Value::UNDEFINED)
                .err()
                .unwrap();
            assert!(error.to_string().contains(problem), "{error}");
        }
    }

    #[test]
    fn a_template_for_one_package_comes_first() {
        let mut templates = Templates::default();
        for (key, text) in [
            ("pypi", "all"),
            ("pypi:Foo_Bar", "one"),
            ("gem:Foo_Bar", "gem"),
        ] {
            let key_of = key.parse().unwrap();
            templates.set(key_of, key, text.to_owned()).unwrap();
        }
        let key: TemplateKey = "pypi:foo-bar".parse().unwrap();
        templates.set(key, "again", "one".to_owned()).unwrap();
        let made = |kind, name| {
            let filled = templates.fill(kind, name, Value::UNDEFINED).unwrap();
            (filled.text, filled.file)
        };
        let file = |name: &str| Some(name.to_owned());
        assert_eq!(
            made(TemplateKind::Pypi, "foo.bar"),
            ("one\n".to_owned(), file("again"))
        );
        assert_eq!(
            made(TemplateKind::Pypi, "foo"),
            ("all\n".to_owned(), file("pypi"))
        );
        assert_eq!(
            made(TemplateKind::Gem, "Foo_Bar"),
            ("gem\n".to_owned(), file("gem:Foo_Bar"))
        );
        for key in ["", "npm", "pypi:", "pypi:a b", "gem:", "pypi=x"] {
            assert!(key.parse::<TemplateKey>().is_err(), "{key}");
        }
    }

    /// RPM expands these a second time, and their values are upstream's.
    #[test]
    fn templates_use_no_macro_that_holds_upstream_text() {
        for text in TemplateKind::ALL.map(TemplateKind::built_in) {
            for name in ["summary", "url", "license", "description"] {
                for call in [
                    format!("%{{{name}"),
                    format!("%{{?{name}"),
                    format!("%{{!?{name}"),
                ] {
                    assert!(!text.to_lowercase().contains(&call), "{call}");
                }
            }
            assert!(!text.contains("%url") && !text.contains("%summary"));
        }
    }
}
