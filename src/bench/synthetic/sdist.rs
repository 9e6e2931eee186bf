//! Made-up sdists, as the usual build backends make them.

use super::archive::Archive;
use super::fill::{Filling, fill};
use super::project::Project;
use super::text::PYTHON;
use std::fmt::Write as _;
use std::io;

/// An sdist of about `size` bytes: its file's name and its bytes.
pub(super) fn make(project: &mut Project, size: usize) -> io::Result<(String, Vec<u8>)> {
    let module = project.name.replace('-', "_");
    let top = format!("{module}-{}", project.version);
    // A backend of today writes an expression, one of yesterday a classifier or a text; some
    // projects say nothing and put a license beside their code.
    let kind = project.chance.below(20);
    let info = metadata(project, kind);
    let mut archive = Archive::new();
    let mut add = |path: &str, text: &str| archive.add(&format!("{top}/{path}"), text.as_bytes());
    add("PKG-INFO", &info)?;
    add("pyproject.toml", &pyproject(project))?;
    add("LICENSE", &project.license_text())?;
    add("README.md", &project.prose(1200))?;
    add("MANIFEST.in", "include LICENSE README.md\n")?;
    if project.chance.happens(50) && size > 20_000 {
        add("CHANGES.md", &project.changes())?;
    }
    add(&format!("src/{module}.egg-info/PKG-INFO"), &info)?;
    add(&format!("src/{module}.egg-info/top_level.txt"), &module)?;
    add(&format!("src/{module}/__init__.py"), "\n")?;
    let filling = Filling {
        folder: &format!("{top}/src/{module}/part"),
        suffix: "py",
        language: &PYTHON,
        size,
    };
    fill(&mut archive, &filling, project)?;
    Ok((format!("{top}.tar.gz"), archive.finish()?))
}

fn metadata(project: &mut Project, kind: usize) -> String {
    let Project { name, version, .. } = project;
    let mut out = format!(
        "Metadata-Version: 2.4\nName: {name}\nVersion: {version}\nSummary: {}\n\
         Home-page: https://example.org/{name}\nAuthor: The authors of {name}\n\
         Author-email: authors@example.org\n",
        project.summary
    );
    let license = project.license;
    match kind {
        0..9 => {
            let _ = writeln!(out, "License-Expression: {license}");
        }
        9..18 => {
            let _ = writeln!(out, "License: {license}");
        }
        _ => {}
    }
    for minor in 8..8 + project.chance.below(7) {
        let _ = writeln!(
            out,
            "Classifier: Programming Language :: Python :: 3.{minor}"
        );
    }
    out.push_str("Classifier: Operating System :: OS Independent\nRequires-Python: >=3.8\n");
    for (number, (other, least)) in project.dependencies.iter().enumerate() {
        let marker = match number % 4 {
            3 => "; extra == \"test\"",
            _ => "",
        };
        let _ = writeln!(out, "Requires-Dist: {other}>={least}{marker}");
    }
    if project.dependencies.len() > 3 {
        out.push_str("Provides-Extra: test\n");
    }
    let text = project.prose(2500);
    let _ = write!(out, "Description-Content-Type: text/markdown\n\n{text}");
    out
}

fn pyproject(project: &Project) -> String {
    let others = project.dependencies.iter();
    let others: Vec<String> = others.map(|it| format!("\"{}>={}\"", it.0, it.1)).collect();
    format!(
        "[build-system]\nrequires = [\"setuptools>=61\"]\nbuild-backend = \"setuptools.build_meta\"\n\n\
         [project]\nname = \"{}\"\nversion = \"{}\"\ndependencies = [{}]\n",
        project.name,
        project.version,
        others.join(", ")
    )
}
