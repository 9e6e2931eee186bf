//! A whole spec: settings in, header out.

use super::super::error::Error;
use super::super::expand::{Expander, has_mark};
use super::draft::Draft;
use super::lines::Reader;
use super::sections::{Stop, Walk};
use crate::rpmfile::SourceHeader;

/// What a spec does not say itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseSettings {
    /// What `%{?dist}` stands for, such as `.fc43`; nothing where empty.
    pub dist: String,
    /// The architecture that is built on, such as `x86_64`.
    pub arch: String,
    /// Further macros: names without `%`, and bodies. A distribution's macros that a spec uses in
    /// its tags belong here.
    pub defines: Vec<(String, String)>,
}

/// Reads the header that a spec's source package has.
///
/// # Errors
/// Fails where RPM would refuse the spec; where the header depends on something that cannot be
/// known without running code or a distribution's macros, naming macro and line; and where the
/// spec grows over a bound.
pub fn parse(text: &str, settings: &ParseSettings) -> Result<SourceHeader, Error> {
    if has_mark(text) {
        return Err(Error::Unsupported {
            line: 1,
            what: "a character that Unicode forbids in text".to_owned(),
        });
    }
    let mut expander = Expander::new(&settings.arch);
    if !settings.dist.is_empty() {
        expander.define("dist", &settings.dist);
    }
    for (name, body) in &settings.defines {
        expander.define(name, body);
    }
    let mut whole = false;
    loop {
        let archs = match pass(text, &mut expander, whole)? {
            Pass::Finished(header) => return Ok(*header),
            Pass::Again(archs) => archs,
        };
        // RPM begins anew for the first architecture that it can build, with all macros kept.
        let arch = archs
            .iter()
            .find(|it| *it == "noarch" || **it == settings.arch)
            .or(archs.first())
            .map_or(settings.arch.as_str(), String::as_str);
        expander.define("_target_cpu", arch);
        whole = true;
    }
}

/// How one reading of a spec ends.
enum Pass {
    Finished(Box<SourceHeader>),
    Again(Vec<String>),
}

/// Reads a spec once; `whole` says to read on behind the main package's `BuildArch:`.
fn pass(text: &str, expander: &mut Expander, whole: bool) -> Result<Pass, Error> {
    let mut walk = Walk {
        reader: Reader::new(text, expander)?,
        draft: Draft::new(),
    };
    let mut next = match walk.preamble(0, whole)? {
        Stop::Section(line) => line,
        Stop::BuildArch => return Ok(Pass::Again(walk.draft.header.build_archs)),
    };
    while let Some(line) = next {
        next = walk.section(&line)?;
    }
    let last = text.lines().count();
    if let Some(package) = walk.draft.packages.iter().find(|it| !it.has_description) {
        return Err(Error::Invalid {
            line: last,
            problem: format!("package {} has no %description", package.name),
        });
    }
    let mut header = walk.draft.finished();
    header.spec = Some(walk.reader.given());
    Ok(Pass::Finished(Box::new(header)))
}
