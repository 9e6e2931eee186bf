//! What only the template for wheels uses.
//!
//! A wheel is installed as it is, by the macros that install one that was built: it is put where
//! they look for it. What it needs at run time stands in its `METADATA`, which the spec hands to
//! `%pyproject_buildrequires -N` as a list of requirements, as there is no backend to ask; so
//! extras cannot be asked for (`-x`), and `pip` has to be required by name.

use super::error::Error;
use super::escape::SpecText;
use super::pypi::{extras, subpackage};
use super::warning::Warning;
use super::writer::{Common, named, sayable, source};
use crate::import::description::{Description, WheelDetails};
use serde::Serialize;

/// The values of the template.
#[derive(Serialize)]
pub(super) struct Values {
    #[serde(flatten)]
    common: Common,
    source: SpecText,
    subpackage: SpecText,
    extras: Vec<SpecText>,
    /// The folder that tells about the package.
    dist_info: SpecText,
    /// Licenses that the installer does not know as such, as whole paths.
    license_files: Vec<SpecText>,
}

pub(super) fn values(
    description: &Description,
    details: &WheelDetails,
    common: Common,
    warnings: &mut Vec<Warning>,
) -> Result<Values, Error> {
    let dist_info = named(description, ".dist-info folder", &details.dist_info)?;
    let installed = SpecText::concat(&[
        SpecText::ours(match details.platlib {
            true => "%{python3_sitearch}/",
            false => "%{python3_sitelib}/",
        }),
        dist_info.clone(),
        SpecText::ours("/"),
    ]);
    let unknown: &[String] = match details.names_licenses {
        true => &[],
        false => &description.license_files,
    };
    let license_files = sayable(unknown, "license file", SpecText::file, warnings);
    let whole = |it| SpecText::concat(&[installed.clone(), it]);
    Ok(Values {
        source: source(
            description,
            named(description, "archive", &description.file_name)?,
        ),
        subpackage: subpackage(description)?,
        extras: extras(&details.extras, warnings),
        license_files: license_files.into_iter().map(whole).collect(),
        dist_info,
        common,
    })
}
