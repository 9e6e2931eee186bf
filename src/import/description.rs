//! What a package says about itself, in one form for all ecosystems.
//!
//! Filled by `source`, from the archive itself and never from a registry's page; read by `spec`.
//! All text is as upstream wrote it, hostile until `spec` has escaped it.

use crate::model::{Ecosystem, Sha256};

/// One release of one package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Description {
    /// The name in upstream's spelling.
    pub name: String,
    /// The version in upstream's spelling.
    pub version: String,
    /// One line; may be missing or hold line breaks.
    pub summary: Option<String>,
    /// Many lines, of any length and markup.
    pub description: Option<String>,
    /// The license, where one could be told.
    pub license: Option<License>,
    /// Where the license was looked for, where none could be told.
    pub license_search: LicenseSearch,
    /// The project's home page.
    pub url: Option<String>,
    /// The base name of the archive that is packaged.
    pub file_name: String,
    /// Where the archive can be downloaded, for `Source0`.
    pub download_url: Option<String>,
    /// The newest modification time within the archive, in seconds since 1970.
    pub modified: Option<i64>,
    /// Compilers and tools that the build needs, such as `gcc`; as `BuildRequires` names them.
    pub tools: Vec<String>,
    /// Whether the package compiles for one architecture.
    pub archful: bool,
    /// Paths of license files, relative to the package's own folder; of a wheel, to its
    /// `.dist-info` folder.
    pub license_files: Vec<String>,
    /// Base names of documents, relative to the package's own folder.
    pub doc_files: Vec<String>,
    /// What a person should know of how all this was read, a sentence each.
    pub warnings: Vec<String>,
    /// What only this ecosystem knows.
    pub details: Details,
}

/// A license and how it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct License {
    /// An SPDX expression.
    pub expression: String,
    /// What it was read from.
    pub evidence: Evidence,
}

/// What a license was read from, best first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// A field that holds an SPDX expression by definition.
    Expression,
    /// Trove classifiers.
    Classifier,
    /// A free-text field.
    FreeText,
    /// A list of license names.
    List,
    /// The whole text of a license in a field that is meant for its name.
    FieldText {
        /// How much of the license is there word by word, in per cent.
        percent: u8,
    },
    /// The text of license files.
    Text {
        /// Paths, relative to the package's own folder.
        files: Vec<String>,
        /// How much of the least sure license is there word by word, in per cent.
        percent: u8,
    },
    /// The text of a license in a README.
    Readme {
        /// Its path.
        file: String,
        /// How much of the license is there word by word, in per cent.
        percent: u8,
    },
}

/// What was looked at in vain.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LicenseSearch {
    /// What the package declares, each shortened.
    pub declared: Vec<String>,
    /// The files that could hold a license, relative to the package's own folder.
    pub files: Vec<String>,
}

/// What only one ecosystem knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Details {
    /// An sdist.
    Pypi(PypiDetails),
    /// A wheel, which stands in for an sdist.
    Wheel(WheelDetails),
    /// A gem.
    Gem(GemDetails),
}

impl Description {
    /// The ecosystem that it comes from.
    #[must_use]
    pub const fn ecosystem(&self) -> Ecosystem {
        match self.details {
            Details::Pypi(_) | Details::Wheel(_) => Ecosystem::Pypi,
            Details::Gem(_) => Ecosystem::Gem,
        }
    }
}

/// What only an sdist says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PypiDetails {
    /// Where the build reads what the package needs at run time.
    pub runtime: RuntimeRequirements,
    /// The one top folder of the archive; none where the archive is flat.
    pub top_folder: Option<String>,
    /// `Provides-Extra`, in upstream's spelling and order.
    pub extras: Vec<String>,
    /// `Requires-Python`.
    pub requires_python: Option<String>,
}

/// What only a wheel says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WheelDetails {
    /// The folder `NAME-VERSION.dist-info` that tells about the package.
    pub dist_info: String,
    /// Whether it is installed where compiled packages are.
    pub platlib: bool,
    /// Whether the metadata names the license files, so that the installer knows them.
    pub names_licenses: bool,
    /// `Provides-Extra`, in upstream's spelling and order.
    pub extras: Vec<String>,
    /// `Requires-Python`.
    pub requires_python: Option<String>,
}

/// Where a build reads what a Python package needs at run time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RuntimeRequirements {
    /// The build backend tells them before it builds.
    #[default]
    Backend,
    /// They stand in `pyproject.toml`; the backend may tell them only with the finished wheel.
    ProjectTable,
    /// The backend tells them with the finished wheel, which is too late.
    Wheel,
}

/// What only a gem says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GemDetails {
    /// The authors, flat.
    pub authors: Vec<String>,
    /// Run-time dependencies.
    pub dependencies: Vec<GemDependency>,
    /// `required_ruby_version`.
    pub required_ruby: Vec<GemRequirement>,
    /// `required_rubygems_version`.
    pub required_rubygems: Vec<GemRequirement>,
    /// Base names of executables, of those whose files are there.
    pub executables: Vec<String>,
    /// The folder of the executables within the gem.
    pub bindir: String,
    /// Paths of the extensions' `extconf.rb` and the like.
    pub extensions: Vec<String>,
    /// `require_paths`.
    pub require_paths: Vec<String>,
    /// Every file of the gem's data archive, as its path.
    pub files: Vec<String>,
}

/// One dependency of a gem on another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GemDependency {
    /// The other gem's name.
    pub name: String,
    /// All must hold.
    pub requirements: Vec<GemRequirement>,
}

/// One comparison of a gem's version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GemRequirement {
    /// One of `=`, `!=`, `>`, `<`, `>=`, `<=`, `~>`.
    pub operator: String,
    /// The version compared with, in upstream's spelling.
    pub version: String,
}

/// The digests of one compressed member of a gem, taken while the gem was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberDigest {
    /// The member's name, such as `data.tar.gz`.
    pub name: String,
    /// Over the member as it lies in the gem.
    pub sha256: Sha256,
    /// The same; lower-case hexadecimal.
    pub sha512: String,
}
