//! What the header of a source package says, as plain values.
//!
//! Filled from a spec by `import::spec`, turned into tags by the writer. Field names are those of
//! the RPM tags.

use crate::model::version::evr;

/// Everything that a spec contributes to the header of its source package.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SourceHeader {
    /// NAME.
    pub name: String,
    /// EPOCH, where the spec has one.
    pub epoch: Option<u32>,
    /// VERSION.
    pub version: String,
    /// RELEASE, with the dist suffix.
    pub release: String,
    /// SUMMARY, one line.
    pub summary: String,
    /// DESCRIPTION, many lines, without a line break at the end.
    pub description: String,
    /// GROUP; `Unspecified` where the spec has none.
    pub group: Option<String>,
    /// HEADERI18NTABLE behind `C`, in its order, and what is said in each of these languages.
    pub translations: Vec<Translation>,
    /// LICENSE.
    pub license: String,
    /// URL.
    pub url: Option<String>,
    /// VENDOR.
    pub vendor: Option<String>,
    /// PACKAGER.
    pub packager: Option<String>,
    /// DISTRIBUTION.
    pub distribution: Option<String>,
    /// BUGURL.
    pub bug_url: Option<String>,
    /// VCS.
    pub vcs: Option<String>,
    /// DISTTAG.
    pub dist_tag: Option<String>,
    /// MODULARITYLABEL.
    pub modularity_label: Option<String>,
    /// TRANSLATIONURL.
    pub translation_url: Option<String>,
    /// UPSTREAMRELEASES.
    pub upstream_releases: Option<String>,
    /// SOURCE: base names, in the order of the spec's lines; written last first, as `rpmbuild`
    /// does. A name may stand twice.
    pub sources: Vec<String>,
    /// PATCH: base names, in the same order.
    pub patches: Vec<String>,
    /// NOSOURCE: numbers of the sources that are left out, in the same order.
    pub no_source: Vec<u32>,
    /// NOPATCH: numbers of the patches that are left out, in the same order.
    pub no_patch: Vec<u32>,
    /// The base names that the numbers of `no_source` and `no_patch` stand for.
    pub left_out: Vec<String>,
    /// BUILDARCHS: the values of `BuildArch:`; ARCH is the first of them, or the host's own.
    pub build_archs: Vec<String>,
    /// EXCLUDEARCH.
    pub exclude_arch: Vec<String>,
    /// EXCLUSIVEARCH.
    pub exclusive_arch: Vec<String>,
    /// EXCLUDEOS.
    pub exclude_os: Vec<String>,
    /// EXCLUSIVEOS.
    pub exclusive_os: Vec<String>,
    /// PROVIDE…: the binary packages that the spec would build, in the order of the spec. A
    /// package without `%files` is not built, and so does not stand here.
    pub provides: Vec<Dependency>,
    /// REQUIRE…: the `BuildRequires:`, in the order of the spec.
    pub build_requires: Vec<Dependency>,
    /// CONFLICT…: the `BuildConflicts:`, in the order of the spec.
    pub build_conflicts: Vec<Dependency>,
    /// Whether the spec has a `%generate_buildrequires` section.
    pub dynamic_build_requires: bool,
    /// CHANGELOG…, newest first.
    pub changelog: Vec<ChangelogEntry>,
    /// SPEC: the spec with its macros expanded, as far as they are known.
    pub spec: Option<String>,
}

impl SourceHeader {
    /// `name-[epoch:]version-release`.
    #[must_use]
    pub fn nevr(&self) -> String {
        format!("{}-{}", self.name, self.evr())
    }

    /// `[epoch:]version-release`.
    #[must_use]
    pub fn evr(&self) -> String {
        evr(self.epoch, &self.version, &self.release)
    }

    /// The name of the package's file, as `rpmbuild` gives it.
    #[must_use]
    pub fn file_name(&self) -> String {
        let complete = self.no_source.is_empty() && self.no_patch.is_empty();
        let suffix = if complete { "src" } else { "nosrc" };
        format!(
            "{}-{}-{}.{suffix}.rpm",
            self.name, self.version, self.release
        )
    }
}

/// The texts of a package in one language; an empty one is not there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Translation {
    /// The locale, such as `de` or `fr_FR.UTF-8`.
    pub language: String,
    /// SUMMARY.
    pub summary: String,
    /// DESCRIPTION.
    pub description: String,
    /// GROUP.
    pub group: String,
}

/// One name, comparison and version.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Dependency {
    /// A name, or a whole rich dependency in parentheses.
    pub name: String,
    /// How the version compares.
    pub sense: Sense,
    /// `[epoch:]version[-release]`; empty where any will do.
    pub version: String,
}

/// The comparison of a dependency, as RPM's sense flags.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sense {
    /// No version is asked for.
    Any,
    /// `<`
    Less,
    /// `>`
    Greater,
    /// `=`
    Equal,
    /// `<=`
    LessEqual,
    /// `>=`
    GreaterEqual,
}

impl Sense {
    /// The bits of REQUIREFLAGS.
    #[must_use]
    pub const fn bits(self) -> u32 {
        match self {
            Self::Any => 0,
            Self::Less => 2,
            Self::Greater => 4,
            Self::Equal => 8,
            Self::LessEqual => 10,
            Self::GreaterEqual => 12,
        }
    }
}

/// One entry of `%changelog`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangelogEntry {
    /// Seconds since 1970, at 12:00 UTC of the day.
    pub time: u32,
    /// The rest of the line behind the date: who, and for which version.
    pub author: String,
    /// The lines below, without a line break at the end.
    pub text: String,
}
