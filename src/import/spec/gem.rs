//! What only the template for gems uses: above all, which file goes into which package.

use super::error::Error;
use super::escape::SpecText;
use super::requirement::dependencies;
use super::warning::Warning;
use super::writer::{Common, named, sayable, source};
use crate::import::description::{Description, GemDetails};
use serde::Serialize;
use std::collections::BTreeSet;

/// The values of the template. Files are relative to the gem's own folder, but for `main_files`.
#[derive(Serialize)]
pub(super) struct Values {
    #[serde(flatten)]
    common: Common,
    source: SpecText,
    gem_name: SpecText,
    /// `NAME-VERSION` in upstream's spelling, as macros.
    gem_full_name: SpecText,
    requirements: Vec<SpecText>,
    extensions: bool,
    /// Folders of extension sources, which are not installed.
    extension_folders: Vec<SpecText>,
    executables: Vec<SpecText>,
    bindir: Option<SpecText>,
    license_files: Vec<SpecText>,
    main_files: Vec<SpecText>,
    doc_files: Vec<SpecText>,
    development_files: Vec<SpecText>,
    excluded_files: Vec<SpecText>,
}

pub(super) fn values(
    description: &Description,
    details: &GemDetails,
    common: Common,
    warnings: &mut Vec<Warning>,
) -> Result<Values, Error> {
    let extensions = !details.extensions.is_empty();
    let extension_folders = extension_folders(details);
    let mut files = sorted(description, details, &extension_folders);
    let mut say = |names: &Vec<String>, what| sayable(names, what, SpecText::file, warnings);
    let mut main_files = Vec::new();
    if files.main.iter().any(|it| it == "lib") {
        main_files.push(SpecText::ours("%{gem_libdir}"));
        files.main.retain(|it| it != "lib");
    }
    for file in say(&files.main, "file") {
        main_files.push(SpecText::concat(&[SpecText::ours("%{gem_instdir}/"), file]));
    }
    let mut excluded_files = say(&files.excluded, "file");
    if files.dotted {
        excluded_files.insert(0, SpecText::ours(".*"));
    }
    let executables = say(&details.executables, "executable");
    let gem_full_name = SpecText::ours(if common.upstream_version.is_some() {
        "%{gem_name}-%{upstream_version}"
    } else {
        "%{gem_name}-%{version}"
    });
    let mut requirements = dependencies("rubygems-devel", &details.required_rubygems);
    requirements.extend(dependencies(
        if extensions { "ruby-devel" } else { "ruby" },
        &details.required_ruby,
    ));
    Ok(Values {
        license_files: say(&description.license_files, "license file"),
        doc_files: say(&files.documents, "document"),
        development_files: say(&files.development, "file"),
        source: source(description, archive(description, &gem_full_name)?),
        gem_name: named(description, "name", &description.name)?,
        gem_full_name,
        requirements,
        extensions,
        extension_folders: extension_folders
            .iter()
            .filter_map(|it| SpecText::word(it))
            .collect(),
        bindir: SpecText::word(&details.bindir),
        executables,
        main_files,
        excluded_files,
        common,
    })
}

/// The archive's name, with the macros that hold its parts where it is called as gems are.
fn archive(description: &Description, gem_full_name: &SpecText) -> Result<SpecText, Error> {
    let usual = format!("{}-{}.gem", description.name, description.version.trim());
    if description.file_name == usual {
        let ending = SpecText::ours(".gem");
        Ok(SpecText::concat(&[gem_full_name.clone(), ending]))
    } else {
        named(description, "archive", &description.file_name)
    }
}

/// The top folders that hold nothing but sources of extensions.
fn extension_folders(details: &GemDetails) -> Vec<String> {
    let folders: BTreeSet<&str> = details
        .extensions
        .iter()
        .filter_map(|it| it.split_once('/'))
        .map(|(folder, _)| folder)
        // What Ruby loads from, and what cannot stand in a shell line, is better installed.
        .filter(|it| !matches!(*it, "." | "..") && SpecText::word(it).is_some())
        .filter(|it| {
            details
                .require_paths
                .iter()
                .all(|path| path.split('/').next() != Some(*it))
        })
        .collect();
    folders.into_iter().map(str::to_owned).collect()
}

/// The top entries of a gem's folder, by where they go.
#[derive(Default)]
struct Sorted {
    main: Vec<String>,
    documents: Vec<String>,
    development: Vec<String>,
    excluded: Vec<String>,
    dotted: bool,
}

fn sorted(description: &Description, details: &GemDetails, extensions: &[String]) -> Sorted {
    let tops: BTreeSet<&str> = details
        .files
        .iter()
        .filter_map(|it| it.trim_start_matches("./").split('/').next())
        .filter(|it| !it.is_empty())
        .collect();
    let mut out = Sorted::default();
    for top in tops {
        let listed = |list: &[String]| list.iter().any(|it| it == top);
        let needed = details
            .require_paths
            .iter()
            .chain([&details.bindir])
            .any(|it| it.split('/').next() == Some(top));
        let name = top.to_owned();
        if top.starts_with('.') {
            out.dotted = true;
        } else if listed(extensions) || listed(&description.license_files) {
            // Removed, or said as a license.
        } else if needed {
            out.main.push(name);
        } else if listed(&description.doc_files) || is_document(top) {
            out.documents.push(name);
        } else if is_leftover(top) {
            out.excluded.push(name);
        } else if is_development(top) {
            out.development.push(name);
        } else {
            out.main.push(name);
        }
    }
    out
}

fn is_document(name: &str) -> bool {
    const BEGINNINGS: [&str; 12] = [
        "readme",
        "change",
        "history",
        "news",
        "authors",
        "contribut",
        "todo",
        "upgrad",
        "security",
        "code_of_conduct",
        "thanks",
        "faq",
    ];
    let name = name.to_ascii_lowercase();
    BEGINNINGS.iter().any(|it| name.starts_with(it))
        || matches!(
            name.as_str(),
            "doc" | "docs" | "examples" | "example" | "samples"
        )
}

fn is_development(name: &str) -> bool {
    matches!(
        name,
        "Rakefile"
            | "Gemfile"
            | "Guardfile"
            | "Appraisals"
            | "gemfiles"
            | "rakelib"
            | "tasks"
            | "test"
            | "tests"
            | "spec"
            | "specs"
            | "features"
            | "benchmark"
            | "benchmarks"
            | "script"
    ) || std::path::Path::new(name)
        .extension()
        .is_some_and(|it| it == "gemspec")
}

fn is_leftover(name: &str) -> bool {
    matches!(
        name,
        "Gemfile.lock" | "Makefile" | "mkmf.log" | "pkg" | "tmp" | "coverage" | "gem_make.out"
    ) || std::path::Path::new(name)
        .extension()
        .is_some_and(|it| it == "gem")
}
