//! What a template sees, in words: the source of the program's help and of the README.
//!
//! A test holds the list against what the templates are really given.

use super::templates::TemplateKind;

/// A value that templates see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TemplateValue {
    /// What it is called.
    pub name: &'static str,
    /// The templates that see it.
    pub kinds: &'static [TemplateKind],
    /// What it is, in a few words.
    pub meaning: &'static str,
}

impl TemplateValue {
    /// Whether it is a list.
    #[must_use]
    pub fn is_list(&self) -> bool {
        self.meaning.ends_with("; a list")
    }
}

const ALL: &[TemplateKind] = &TemplateKind::ALL;
const PYTHON: &[TemplateKind] = &[TemplateKind::Pypi, TemplateKind::Wheel];
const PYPI: &[TemplateKind] = &[TemplateKind::Pypi];
const WHEEL: &[TemplateKind] = &[TemplateKind::Wheel];
const GEM: &[TemplateKind] = &[TemplateKind::Gem];
const SDIST_AND_GEM: &[TemplateKind] = &[TemplateKind::Pypi, TemplateKind::Gem];

const fn value(
    name: &'static str,
    kinds: &'static [TemplateKind],
    meaning: &'static str,
) -> TemplateValue {
    TemplateValue {
        name,
        kinds,
        meaning,
    }
}

/// Every value, those of all templates first.
pub const TEMPLATE_VALUES: &[TemplateValue] = &[
    value("name", ALL, "name of the source package"),
    value("epoch", ALL, "epoch, or nothing"),
    value("version", ALL, "version as RPM spells it"),
    value(
        "upstream_version",
        ALL,
        "upstream's spelling, where it differs",
    ),
    value("release", ALL, "VERSION-1, for the changelog"),
    value("summary", ALL, "one line"),
    value("description", ALL, "lines, wrapped"),
    value("license", ALL, "SPDX expression"),
    value(
        "license_origin",
        ALL,
        "how the license was found, a sentence",
    ),
    value("url", ALL, "home page, or nothing"),
    value("source", ALL, "address or name of the archive, for Source0"),
    value("origin", ALL, "name of the archive"),
    value("archful", ALL, "whether it is for one architecture"),
    value(
        "tools",
        ALL,
        "compilers and the like, for BuildRequires; a list",
    ),
    value("date", ALL, "day of the changelog entry"),
    value("author", ALL, "name and address for the changelog entry"),
    value("license_files", ALL, "what %license takes; a list"),
    value("doc_files", SDIST_AND_GEM, "what %doc takes; a list"),
    value("subpackage", PYTHON, "name of the package with the modules"),
    value("extras", PYTHON, "names of extras; a list"),
    value("folder", PYPI, "top folder of the archive, or nothing"),
    value(
        "runtime",
        PYPI,
        "options of %pyproject_buildrequires, or nothing",
    ),
    value(
        "ask_extras",
        PYPI,
        "whether that macro may be asked for extras",
    ),
    value("dist_info", WHEEL, "the wheel's .dist-info folder"),
    value("gem_name", GEM, "upstream's name"),
    value("gem_full_name", GEM, "NAME-VERSION of the gem, as macros"),
    value(
        "requirements",
        GEM,
        "Ruby and RubyGems, for BuildRequires; a list",
    ),
    value("extensions", GEM, "whether it has extensions"),
    value(
        "extension_folders",
        GEM,
        "their sources, not installed; a list",
    ),
    value("executables", GEM, "names in %{_bindir}; a list"),
    value("bindir", GEM, "their folder in the gem, or nothing"),
    value("main_files", GEM, "what %files takes, whole paths; a list"),
    value(
        "development_files",
        GEM,
        "files for the doc package; a list",
    ),
    value("excluded_files", GEM, "files that are left out; a list"),
];
