//! What only the template for Python packages uses.

use super::error::Error;
use super::escape::SpecText;
use super::naming::normalised;
use super::warning::Warning;
use super::writer::{Common, named, sayable, source};
use crate::import::description::{Description, PypiDetails, RuntimeRequirements};
use crate::model::Ecosystem;
use serde::Serialize;
use std::collections::BTreeSet;

/// The values of the template.
#[derive(Serialize)]
pub(super) struct Values {
    #[serde(flatten)]
    common: Common,
    source: SpecText,
    subpackage: SpecText,
    /// Options of the macro that finds the build requirements, where it needs any.
    runtime: Option<SpecText>,
    /// Whether that macro may be asked for the requirements of extras.
    ask_extras: bool,
    folder: Option<SpecText>,
    extras: Vec<SpecText>,
    license_files: Vec<SpecText>,
    doc_files: Vec<SpecText>,
}

pub(super) fn values(
    description: &Description,
    details: &PypiDetails,
    common: Common,
    warnings: &mut Vec<Warning>,
) -> Result<Values, Error> {
    let folder = details
        .top_folder
        .as_deref()
        .map(|it| named(description, "top folder", it))
        .transpose()?;
    let license_files = sayable(
        one_a_name(&description.license_files),
        "license file",
        SpecText::file,
        warnings,
    );
    let mut doc_files = sayable(&description.doc_files, "document", SpecText::file, warnings);
    doc_files.retain(|it| !license_files.contains(it));
    let (runtime, ask_extras) = match details.runtime {
        RuntimeRequirements::Backend => (None, true),
        RuntimeRequirements::ProjectTable => (Some("-p"), true),
        // Without any requirements there are none of extras either.
        RuntimeRequirements::Wheel => (Some("-R"), false),
    };
    Ok(Values {
        source: source(description, archive(description, &common)?),
        subpackage: subpackage(description)?,
        runtime: runtime.map(SpecText::ours),
        ask_extras,
        folder,
        extras: extras(&details.extras, warnings),
        license_files,
        doc_files,
        common,
    })
}

/// What the package is called that holds the modules.
pub(super) fn subpackage(description: &Description) -> Result<SpecText, Error> {
    let package = super::package_name(Ecosystem::Pypi, &description.name)?;
    let bare = package.as_str();
    let bare = bare.strip_prefix("python-").unwrap_or(bare);
    named(description, "name", &format!("python3-{bare}"))
}

/// The names of extras, normalised.
pub(super) fn extras(names: &[String], warnings: &mut Vec<Warning>) -> Vec<SpecText> {
    let say = |it: &str| SpecText::word(&normalised(it)?);
    sayable(names, "extra", say, warnings)
}

/// The license files without those that another one further up shares its base name with: all are
/// put into one folder, where the last would replace the package's own. The build puts every file
/// that the metadata names beside the modules, each at its own path.
fn one_a_name(files: &[String]) -> impl Iterator<Item = &String> {
    let parts = |it: &String| it.matches('/').count();
    let base = |it: &str| it.rsplit('/').next().map(str::to_owned);
    let mut highest: Vec<&String> = files.iter().collect();
    highest.sort_by_key(|it| parts(it));
    let mut seen = BTreeSet::new();
    highest.retain(|it| seen.insert(base(it)));
    files.iter().filter(move |it| highest.contains(it))
}

/// The archive's name; where upstream spells the version differently, its spelling is said with
/// the macro that holds it.
fn archive(description: &Description, common: &Common) -> Result<SpecText, Error> {
    let file = &description.file_name;
    if let Some(version) = &common.upstream_version
        && let Some((stem, ending)) = file.rsplit_once(&format!("-{version}."))
    {
        return Ok(SpecText::concat(&[
            named(description, "archive", stem)?,
            SpecText::ours("-%{upstream_version}."),
            named(description, "archive", ending)?,
        ]));
    }
    named(description, "archive", file)
}
