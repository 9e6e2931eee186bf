//! Sdists that tell their license in every way that there is, or not at all; each is called as
//! its case is.

use super::Case;
use super::project::Project;

/// The text of a license of SPDX's list.
pub(super) fn text(id: &str) -> String {
    spdx::license_id(id).unwrap().text().to_owned()
}

fn project(case: &'static str) -> Project {
    let project = Project::unlicensed(case, case, "1.0");
    project.backend("\"flit_core\"", "flit_core.buildapi")
}

/// The text as the value of a field: later lines are indented.
fn folded(text: &str) -> String {
    text.replace('\n', "\n        ")
}

pub(super) fn all() -> Vec<Case> {
    vec![
        project("license-expression")
            .field("License-Expression: MIT OR Apache-2.0\nLicense-File: LICENSE")
            .file("LICENSE", text("MIT"))
            .tar_gz(),
        project("license-classifier")
            .field("License: see the file\nClassifier: License :: OSI Approved :: Apache Software License")
            .tar_gz(),
        project("license-classifiers")
            .field("Classifier: License :: OSI Approved :: MIT License")
            .field("Classifier: License :: OSI Approved :: Mozilla Public License 2.0 (MPL 2.0)")
            .tar_gz(),
        project("license-free-text").field("License: GPLv3+").tar_gz(),
        project("license-whole-text")
            .field(&format!("License: {}", folded(&text("MIT"))))
            .tar_gz(),
        project("license-file").file("LICENSE", text("BSD-3-Clause")).tar_gz(),
        project("license-file-choice")
            .file("LICENSE-MIT", text("MIT"))
            .file("LICENSE-APACHE", text("Apache-2.0"))
            .tar_gz(),
        project("license-file-gpl").file("COPYING", text("GPL-2.0-only")).tar_gz(),
        project("license-file-unreadable")
            .file("LICENSE", "You may look at this, but do not touch it.\n")
            .tar_gz(),
        project("license-not-told").file("README.md", "# licensed\n").tar_gz(),
        project("license-unknown-name").field("License: Beer Public License 12").tar_gz(),
    ]
}
