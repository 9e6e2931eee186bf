//! Made-up gems, as `gem build` makes them.

use super::archive::{Archive, TIME, gzip};
use super::fill::{Filling, fill};
use super::project::Project;
use super::text::RUBY;
use crate::model::{Digests, Sha256, SumKind};
use std::fmt::Write as _;
use std::io;
use tar::{Builder, Header};

/// A gem of about `size` bytes: its file's name and its bytes.
pub(super) fn make(project: &mut Project, size: usize) -> io::Result<(String, Vec<u8>)> {
    let mut data = Archive::new();
    let mut files = vec!["LICENSE.txt".to_owned(), "README.md".to_owned()];
    data.add("LICENSE.txt", project.license_text().as_bytes())?;
    data.add("README.md", project.prose(1200).as_bytes())?;
    let filling = Filling {
        folder: "lib/part",
        suffix: "rb",
        language: &RUBY,
        // Metadata and the blocks of the outer archive take the rest.
        size: size.saturating_sub(4000),
    };
    files.extend(fill(&mut data, &filling, project)?);
    let data = data.finish()?;
    let metadata = gzip(metadata(project, &files).as_bytes())?;
    let checksums = gzip(checksums(&metadata, &data).as_bytes())?;
    let mut tar = Builder::new(Vec::new());
    for (name, bytes) in [
        ("metadata.gz", &metadata),
        ("data.tar.gz", &data),
        ("checksums.yaml.gz", &checksums),
    ] {
        let mut header = Header::new_ustar();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o444);
        header.set_mtime(TIME.into());
        tar.append_data(&mut header, name, &bytes[..])?;
    }
    let name = format!("{}-{}.gem", project.name, project.version);
    Ok((name, tar.into_inner()?))
}

fn metadata(project: &mut Project, files: &[String]) -> String {
    let Project { name, version, .. } = project;
    let mut out = format!(
        "--- !ruby/object:Gem::Specification\nname: {name}\nversion: !ruby/object:Gem::Version\n  \
         version: {version}\nplatform: ruby\nauthors:\n- The authors of {name}\nautorequire:\n\
         bindir: exe\ncert_chain: []\ndate: 2023-11-14 00:00:00.000000000 Z\ndependencies:"
    );
    if project.dependencies.is_empty() {
        out.push_str(" []");
    }
    out.push('\n');
    for (number, (other, least)) in project.dependencies.iter().enumerate() {
        let kind = match number % 3 {
            2 => "development",
            _ => "runtime",
        };
        let requirement = requirement(least, "    ");
        let _ = writeln!(
            out,
            "- !ruby/object:Gem::Dependency\n  name: {other}\n  requirement: {requirement}\n  \
             type: :{kind}\n  prerelease: false"
        );
    }
    let (summary, license) = (project.summary.clone(), project.license);
    let text = project.prose(600);
    let words: Vec<&str> = text
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|it| !it.is_empty())
        .collect();
    let _ = write!(
        out,
        "description: {}\nemail:\n- authors@example.org\nexecutables: []\nextensions: []\n\
         extra_rdoc_files: []\nfiles:\n",
        words.join(" ")
    );
    for file in files {
        let _ = writeln!(out, "- {file}");
    }
    let _ = write!(
        out,
        "homepage: https://example.org/{}\nlicenses:\n- {license}\nmetadata: {{}}\n\
         require_paths:\n- lib\nrequired_ruby_version: {}\nrubygems_version: 3.4.20\n\
         signing_key:\nspecification_version: 4\nsummary: {summary}\ntest_files: []\n",
        project.name,
        requirement("2.7", "  ")
    );
    out
}

fn requirement(least: &str, indent: &str) -> String {
    format!(
        "!ruby/object:Gem::Requirement\n{indent}requirements:\n{indent}- - \">=\"\n{indent}  - \
         !ruby/object:Gem::Version\n{indent}    version: '{least}'"
    )
}

fn checksums(metadata: &[u8], data: &[u8]) -> String {
    let sha512 = |bytes: &[u8]| {
        let sum = Digests::of(bytes, Some(SumKind::Sha512)).sum;
        sum.expect("it was asked for").hex
    };
    format!(
        "---\nSHA256:\n  metadata.gz: {}\n  data.tar.gz: {}\nSHA512:\n  metadata.gz: {}\n  data.tar.gz: {}\n",
        Sha256::of(metadata),
        Sha256::of(data),
        sha512(metadata),
        sha512(data)
    )
}
