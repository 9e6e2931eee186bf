//! From a description to a spec: what all ecosystems have in common.

use super::error::Error;
use super::escape::SpecText;
use super::made::Spec;
use super::naming::{package_name, shortened};
use super::settings::SpecSettings;
use super::templates::TemplateKind;
use super::warning::Warning;
use super::{gem, pypi, wheel};
use crate::import::description::{Description, Details, Evidence, License};
use crate::model::PackageName;
use crate::model::version::{GemVersion, RpmVersion, of_pep440};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use minijinja::value::{Serde, Value};
use serde::Serialize;

/// The license of a package that declares none.
const UNKNOWN_LICENSE: &str = "LicenseRef-Unknown";
/// The longest summary, in characters.
const MAX_SUMMARY: usize = 200;
/// The days that a changelog entry may have, as their first seconds: 1997-01-01 to 2100-01-01.
/// An archive without any time gets the first.
const FIRST_DAY: i64 = 852_076_800;
const LAST_DAY: i64 = 4_102_444_800;

/// What every template may use.
#[derive(Serialize)]
pub(super) struct Common {
    /// The archive.
    origin: SpecText,
    name: SpecText,
    epoch: Option<SpecText>,
    version: SpecText,
    /// Where RPM's version is spelt differently.
    pub(super) upstream_version: Option<SpecText>,
    release: SpecText,
    summary: SpecText,
    description: SpecText,
    license: SpecText,
    license_origin: SpecText,
    url: Option<SpecText>,
    archful: bool,
    tools: Vec<SpecText>,
    date: SpecText,
    author: SpecText,
}

/// Makes the spec of a package: the same description and settings give the same text.
///
/// # Errors
/// Fails where name, version, archive or folder cannot be said in a spec, or where the template
/// does not work.
pub fn write(description: &Description, settings: &SpecSettings) -> Result<Spec, Error> {
    let package = package_name(description.ecosystem(), &description.name)?;
    let version = rpm_version(description)?;
    let mut warnings = Vec::new();
    let common = common(description, settings, &package, &version, &mut warnings)?;
    let (kind, values) = values(description, common, &mut warnings)?;
    let filled = settings.templates.fill(kind, &description.name, values)?;
    Ok(Spec {
        file_name: format!("{package}.spec"),
        text: filled.text,
        template: filled.file,
        package,
        version,
        warnings,
    })
}

/// What the template of a description's kind is given.
fn values(
    description: &Description,
    common: Common,
    warnings: &mut Vec<Warning>,
) -> Result<(TemplateKind, Value), Error> {
    Ok(match &description.details {
        Details::Pypi(details) => (
            TemplateKind::Pypi,
            Value::from(Serde(pypi::values(description, details, common, warnings)?)),
        ),
        Details::Wheel(details) => (
            TemplateKind::Wheel,
            Value::from(Serde(wheel::values(
                description,
                details,
                common,
                warnings,
            )?)),
        ),
        Details::Gem(details) => (
            TemplateKind::Gem,
            Value::from(Serde(gem::values(description, details, common, warnings)?)),
        ),
    })
}

fn rpm_version(description: &Description) -> Result<RpmVersion, Error> {
    let text = description.version.trim();
    let version = match &description.details {
        Details::Pypi(_) | Details::Wheel(_) => text.parse().ok().map(|it| of_pep440(&it)),
        Details::Gem(_) => text.parse::<GemVersion>().ok().map(|it| it.to_rpm()),
    };
    // A version stands in file names, which have 255 bytes.
    version
        .filter(|it| it.version.len() <= 100)
        .ok_or_else(|| Error::Version {
            package: shortened(&description.name),
            version: shortened(text),
        })
}

fn common(
    description: &Description,
    settings: &SpecSettings,
    package: &PackageName,
    version: &RpmVersion,
    warnings: &mut Vec<Warning>,
) -> Result<Common, Error> {
    let name = named(description, "name", package.as_str())?;
    let summary = summary(description, &name);
    let (license, license_origin) = license(description, warnings);
    // The epoch of a Python version is no part of any file's name.
    let upstream = description.version.trim();
    let upstream = upstream.split_once('!').map_or(upstream, |it| it.1);
    let upstream_version = (upstream != version.version)
        .then(|| named(description, "version", upstream))
        .transpose()?;
    Ok(Common {
        origin: named(description, "archive", &description.file_name)?,
        epoch: version.epoch.map(SpecText::from),
        version: named(description, "version", &version.version)?,
        upstream_version,
        release: SpecText::line(&format!("{version}-1"), 255)
            .expect("a version that was said shows"),
        description: description
            .description
            .as_deref()
            .and_then(SpecText::paragraphs)
            .unwrap_or_else(|| {
                SpecText::paragraphs(&summary.plain()).unwrap_or_else(|| name.clone())
            }),
        summary,
        name,
        license,
        license_origin,
        url: description.url.as_deref().and_then(SpecText::url),
        archful: is_archful(description),
        tools: tools(description, warnings),
        date: date(description.modified),
        author: author(settings),
    })
}

/// A name that has to stand in macros and the shell.
pub(super) fn named(
    description: &Description,
    what: &'static str,
    name: &str,
) -> Result<SpecText, Error> {
    SpecText::word(name).ok_or_else(|| Error::Name {
        package: shortened(&description.name),
        what,
        name: shortened(name),
    })
}

/// Each value that can be said, in its order; a warning for each that cannot.
pub(super) fn sayable<'a>(
    values: impl IntoIterator<Item = &'a String>,
    what: &'static str,
    say: impl Fn(&str) -> Option<SpecText>,
    warnings: &mut Vec<Warning>,
) -> Vec<SpecText> {
    let mut out: Vec<SpecText> = Vec::new();
    for value in values {
        match say(value) {
            Some(text) if out.contains(&text) => {}
            Some(text) => out.push(text),
            None => warnings.push(Warning::LeftOut {
                what,
                value: shortened(value),
            }),
        }
    }
    out
}

fn summary(description: &Description, name: &SpecText) -> SpecText {
    let said = description
        .summary
        .as_deref()
        .and_then(|it| SpecText::line(it, MAX_SUMMARY * 4))
        // Packagers end no summary with a dot.
        .and_then(|it| SpecText::line(it.plain().trim_end_matches(['.', ' ']), MAX_SUMMARY));
    said.unwrap_or_else(|| {
        let kind = match description.details {
            Details::Pypi(_) | Details::Wheel(_) => "Python package ",
            Details::Gem(_) => "Ruby gem ",
        };
        let upstream = SpecText::word(&description.name).unwrap_or_else(|| name.clone());
        SpecText::concat(&[SpecText::ours(kind), upstream])
    })
}

/// The license, and a sentence on where it is from.
fn license(description: &Description, warnings: &mut Vec<Warning>) -> (SpecText, SpecText) {
    let said = description
        .license
        .as_ref()
        .and_then(|it| Some((SpecText::line(&it.expression, 1_000)?, it)));
    match said {
        Some((expression, license)) => (expression, license_origin(license)),
        None => {
            warnings.push(Warning::NoLicense);
            let origin = "No license could be told: look into the sources.";
            (SpecText::ours(UNKNOWN_LICENSE), SpecText::ours(origin))
        }
    }
}

/// How a license was found, as one line of a comment.
fn license_origin(license: &License) -> SpecText {
    let text_of = |what: &str, percent: u8| {
        // The text of a GNU license is the same whatever a notice says of later versions.
        let only = match license.expression.contains("-only") {
            true => "; no notice there grants later versions",
            false => "",
        };
        let line =
            format!("Told from the license's text ({percent} per cent of it{only}) in {what}.");
        SpecText::line(&line, 500).expect("the brackets show")
    };
    match &license.evidence {
        Evidence::Expression => SpecText::ours("The SPDX expression that upstream gives."),
        Evidence::Classifier => SpecText::ours("Told from upstream's trove classifiers."),
        Evidence::FreeText => SpecText::ours("Told from upstream's free-text license field."),
        Evidence::List => SpecText::ours("Told from upstream's list of licenses."),
        Evidence::FieldText { percent } => text_of("upstream's license field", *percent),
        Evidence::Readme { file, percent } => text_of(file, *percent),
        Evidence::Text { files, percent } => text_of(&files.join(", "), *percent),
    }
}

/// Whether something is compiled: a gem with extensions is, whatever else was found out.
fn is_archful(description: &Description) -> bool {
    let extensions = match &description.details {
        Details::Gem(details) => !details.extensions.is_empty(),
        Details::Pypi(_) | Details::Wheel(_) => false,
    };
    description.archful || extensions
}

/// The tools, and a compiler where something is compiled.
fn tools(description: &Description, warnings: &mut Vec<Warning>) -> Vec<SpecText> {
    let mut tools = sayable(
        &description.tools,
        "build tool",
        SpecText::dependency,
        warnings,
    );
    let gcc = SpecText::ours("gcc");
    // What is in a wheel was compiled elsewhere.
    let compiles = is_archful(description) && !matches!(description.details, Details::Wheel(_));
    if compiles && !tools.contains(&gcc) {
        tools.insert(0, gcc);
    }
    tools
}

fn date(modified: Option<i64>) -> SpecText {
    let second = modified.unwrap_or(FIRST_DAY).clamp(FIRST_DAY, LAST_DAY);
    let day = Timestamp::from_second(second)
        .expect("the bounds are within what a timestamp holds")
        .to_zoned(TimeZone::UTC)
        .strftime("%a %b %d %Y")
        .to_string();
    SpecText::line(&day, 40).expect("a date shows")
}

fn author(settings: &SpecSettings) -> SpecText {
    let identity = &settings.identity;
    SpecText::line(&format!("{} <{}>", identity.name, identity.email), 200)
        .expect("the brackets show")
}

/// `Source0`: the download where its address is known, in a form whose last part is the archive's
/// name, as RPM takes it for the file beside the spec.
pub(super) fn source(description: &Description, file: SpecText) -> SpecText {
    let Some(address) = description.download_url.as_deref() else {
        return file;
    };
    let address = address.split('#').next().unwrap_or_default();
    let Some(url) = SpecText::url(address) else {
        return file;
    };
    let folder = address
        .strip_suffix(description.file_name.as_str())
        .filter(|it| it.ends_with('/'))
        .and_then(SpecText::url);
    match folder {
        Some(folder) => SpecText::concat(&[folder, file]),
        None => SpecText::concat(&[url, SpecText::ours("#/"), file]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::spec::TEMPLATE_VALUES;
    use crate::import::spec::tests::{gem, pypi, settings, wheel};
    use minijinja::value::ValueKind;
    use std::collections::BTreeSet;

    /// The list that users read is what templates are given.
    #[test]
    fn the_values_of_templates_are_listed() {
        for description in [pypi(), wheel(), gem()] {
            let package = package_name(description.ecosystem(), &description.name).unwrap();
            let version = rpm_version(&description).unwrap();
            let mut warnings = Vec::new();
            let common = common(&description, &settings(), &package, &version, &mut warnings);
            let (kind, values) = values(&description, common.unwrap(), &mut warnings).unwrap();
            let given: BTreeSet<String> = values
                .try_iter()
                .unwrap()
                .map(|it| it.to_string())
                .collect();
            let listed = TEMPLATE_VALUES.iter().filter(|it| it.kinds.contains(&kind));
            for it in listed.clone() {
                let is_list = values.get_attr(it.name).unwrap().kind() == ValueKind::Seq;
                assert_eq!(it.is_list(), is_list, "{kind}: {}", it.name);
            }
            let listed: BTreeSet<String> = listed.map(|it| it.name.to_owned()).collect();
            assert_eq!(given, listed, "{kind}");
        }
    }
}
