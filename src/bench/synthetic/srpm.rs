//! Made-up source packages: a spec, an archive, and now and then some patches.

use super::archive::TIME;
use super::project::Project;
use super::sdist;
use super::text::PYTHON;
use crate::import::spec::{ParseSettings, parse};
use crate::rpmfile::{SourceFile, WriteSettings, write};
use std::fmt::Write as _;
use std::io::{self, Cursor};

/// A source package of about `size` bytes: its file's name and its bytes.
pub(super) fn make(project: &mut Project, size: usize) -> io::Result<(String, Vec<u8>)> {
    // Headers take some 8 kB, however large the rest is.
    let (source, bytes) = sdist::make(project, size.saturating_sub(8000))?;
    let patches: Vec<(String, Vec<u8>)> = (0..project.chance.below(4))
        .map(|number| {
            let name = format!("{:04}-{}.patch", number + 1, project.word());
            (name, patch(project))
        })
        .collect();
    let spec = spec(project, &source, &patches);
    let settings = ParseSettings {
        dist: ".fc43".to_owned(),
        arch: "x86_64".to_owned(),
        defines: Vec::new(),
    };
    let header = parse(&spec, &settings).map_err(io::Error::other)?;
    let spec_name = format!("{}.spec", project.name);
    let mut files = vec![
        SourceFile::from_bytes(&spec_name, spec.into_bytes(), TIME).as_spec(),
        SourceFile::from_bytes(&source, bytes, TIME),
    ];
    let patches = patches.into_iter();
    files.extend(patches.map(|(name, bytes)| SourceFile::from_bytes(&name, bytes, TIME)));
    let settings = WriteSettings {
        build_time: TIME,
        arch: "x86_64".to_owned(),
        ..WriteSettings::default()
    };
    let mut out = Cursor::new(Vec::new());
    write(&mut out, &header, &files, &settings).map_err(io::Error::other)?;
    Ok((header.file_name(), out.into_inner()))
}

fn spec(project: &mut Project, source: &str, patches: &[(String, Vec<u8>)]) -> String {
    let Project {
        name,
        version,
        summary,
        license,
        ..
    } = project;
    let mut out = format!(
        "Name:           {name}\nVersion:        {version}\nRelease:        1%{{?dist}}\n\
         Summary:        {summary}\nLicense:        {license}\nURL:            https://example.org/{name}\n\
         Source0:        {source}\n"
    );
    for (number, (patch, _)) in patches.iter().enumerate() {
        let _ = writeln!(out, "Patch{number}:         {patch}");
    }
    out.push_str("BuildArch:      noarch\nBuildRequires:  python3-devel\n");
    for (other, least) in &project.dependencies {
        let _ = writeln!(out, "BuildRequires:  python3-{other} >= {least}");
    }
    let words: Vec<String> = (0..60).map(|_| project.word()).collect();
    let _ = write!(
        out,
        "\n%description\n{}\n\n%prep\n%autosetup -p1\n\n%build\n%pyproject_wheel\n\n%install\n\
         %pyproject_install\n\n%files\n%license LICENSE\n\n%changelog\n",
        words.join(" ")
    );
    for release in (1..2 + project.chance.below(20)).rev() {
        let what = project.word();
        let _ = write!(
            out,
            "* Tue Nov 14 2023 Ann Other <ann@example.org> - 0.{release}-1\n- Mend {what}\n\n"
        );
    }
    out
}

/// Some lines taken out and some put in.
fn patch(project: &mut Project) -> Vec<u8> {
    let text = project.text(&PYTHON, 1500);
    let lines: Vec<&[u8]> = text.split(|it| *it == b'\n').collect();
    let count = lines.len();
    let file = project.word();
    let mut out =
        format!("--- a/{file}.py\n+++ b/{file}.py\n@@ -1,{count} +1,{count} @@\n").into_bytes();
    for line in lines {
        out.push(project.chance.pick(b"  -+"));
        out.extend_from_slice(line);
        out.push(b'\n');
    }
    out
}
