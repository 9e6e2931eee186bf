//! Which requests a setting is about: all, those of one package, those for one path.

use super::fault::Rule;
use super::{Fault, Form, Shared, State, pypi};

/// A set of requests, and what is said about them.
pub(crate) struct Scope<'a> {
    shared: &'a Shared,
    target: Target,
}

/// Which requests; all that is set has to match.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Target {
    /// A normalised name.
    pub(super) package: Option<String>,
    pub(super) path: Option<String>,
    pub(super) part: Part,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Part {
    #[default]
    All,
    Index,
    Files,
}

/// How an index is offered.
#[derive(Clone, Debug)]
pub(super) struct Options {
    pub(super) forms: Vec<Form>,
    pub(super) relative_urls: bool,
    pub(super) releases: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            forms: Form::ALL.to_vec(),
            relative_urls: false,
            releases: true,
        }
    }
}

impl<'a> Scope<'a> {
    pub(super) fn new(shared: &'a Shared, target: Target) -> Self {
        Self { shared, target }
    }

    /// Only the index pages of these.
    pub(crate) fn index(mut self) -> Self {
        self.target.part = Part::Index;
        self
    }

    /// Only the files of these.
    pub(crate) fn files(mut self) -> Self {
        self.target.part = Part::Files;
        self
    }

    /// Adds a misbehaviour.
    pub(crate) fn fault(self, fault: Fault) -> Self {
        self.shared.state().faults.push(Rule {
            target: self.target.clone(),
            fault,
            used: 0,
        });
        self
    }

    /// Takes every fault of this very scope back.
    pub(crate) fn heal(self) -> Self {
        let target = &self.target;
        self.shared.state().faults.retain(|it| it.target != *target);
        self
    }

    /// Offers these forms of an index and no others.
    pub(crate) fn offer(self, forms: &[Form]) -> Self {
        self.change(|it| it.forms = forms.to_vec())
    }

    /// Gives addresses of files relative to the project's simple page.
    pub(crate) fn relative_urls(self) -> Self {
        self.change(|it| it.relative_urls = true)
    }

    /// Leaves `releases` out of the JSON of a project.
    pub(crate) fn without_releases(self) -> Self {
        self.change(|it| it.releases = false)
    }

    /// The options of one package win over those of all.
    fn change(self, change: impl FnOnce(&mut Options)) -> Self {
        let mut state = self.shared.state();
        let position = state.options.iter().position(|it| it.0 == self.target);
        if let Some(position) = position {
            change(&mut state.options[position].1);
        } else {
            let mut options = state.options_of(self.target.package.as_deref());
            change(&mut options);
            state.options.push((self.target.clone(), options));
        }
        drop(state);
        self
    }
}

impl State {
    /// How the index of a package is offered.
    pub(super) fn options_of(&self, package: Option<&str>) -> Options {
        let find = |name: Option<&str>| {
            let mut all = self.options.iter();
            all.find(|it| it.0.package.as_deref() == name)
                .map(|it| it.1.clone())
        };
        find(package).or_else(|| find(None)).unwrap_or_default()
    }
}

impl Target {
    pub(super) fn matches(&self, path: &str) -> bool {
        let (package, part) = package_of(path);
        self.path.as_ref().is_none_or(|it| it == path)
            && (self.package.is_none() || self.package == package)
            && (self.part == Part::All || self.part == part)
    }
}

/// The normalised name of the package that a path is about, and whether it is a file of it.
fn package_of(path: &str) -> (Option<String>, Part) {
    let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
    let (name, part) = match parts[..] {
        ["files", name, _] => (name, Part::Files),
        ["gems", file] => (gem_name(file), Part::Files),
        ["pypi" | "simple" | "info", name, ..] => (name, Part::Index),
        ["api", "v1", "versions", file] => (file.trim_end_matches(".json"), Part::Index),
        _ => return (None, Part::All),
    };
    (Some(pypi::normalised(name)), part)
}

/// The name in `name-1.0.gem`: up to the dash before the first digit.
fn gem_name(file: &str) -> &str {
    let dash = file
        .match_indices('-')
        .find(|(at, _)| file[at + 1..].starts_with(|c: char| c.is_ascii_digit()));
    dash.map_or(file, |(at, _)| &file[..at])
}
