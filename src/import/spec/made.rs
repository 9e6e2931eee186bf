//! A spec that was made, and what its own text says of it.
//!
//! Nothing of a made spec is believed before it was read back as any other spec is: a template of
//! the user's may say what it likes, and what it says is what goes into dist-git.

use super::error::Error;
use super::naming::shortened;
use super::settings::SpecSettings;
use super::warning::Warning;
use super::writer::write;
use crate::import::description::Description;
use crate::model::PackageName;
use crate::model::version::RpmVersion;
use crate::rpmfile::SourceHeader;

/// A spec that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spec {
    /// `NAME.spec`.
    pub file_name: String,
    /// The whole spec; ends with a line break.
    pub text: String,
    /// The file of the user's template that it was made with; none for a built-in one.
    pub template: Option<String>,
    /// The name of the source package.
    pub package: PackageName,
    /// Its version.
    pub version: RpmVersion,
    /// What a person should look at.
    pub warnings: Vec<Warning>,
}

/// Makes the spec of a package and reads it back. The name that the spec says counts.
///
/// # Errors
/// What [`write()`] fails with; a spec that is none, or that names other files than the archive.
pub fn make(
    description: &Description,
    settings: &SpecSettings,
) -> Result<(Spec, SourceHeader), Error> {
    let mut spec = write(description, settings)?;
    let header = read_back(&mut spec, &description.file_name, settings);
    match (header, &spec.template) {
        (Ok(header), _) => Ok((spec, header)),
        (Err(source), None) => Err(source),
        (Err(source), Some(file)) => Err(Error::Made {
            file: file.clone(),
            package: shortened(&description.name),
            source: Box::new(source),
        }),
    }
}

fn read_back(
    spec: &mut Spec,
    archive: &str,
    settings: &SpecSettings,
) -> Result<SourceHeader, Error> {
    let header = super::parse(&spec.text, &settings.parse_settings())?;
    if header.sources != [archive] || !header.patches.is_empty() {
        return Err(Error::Sources {
            expected: archive.to_owned(),
            found: [&header.sources[..], &header.patches[..]].concat(),
        });
    }
    if header.name != spec.package.as_str() {
        spec.package = PackageName::new(&header.name).map_err(|source| Error::PackageName {
            upstream: shortened(&header.name),
            source,
        })?;
        spec.file_name = format!("{}.spec", spec.package);
    }
    Ok(header)
}
