//! The texts of license files and READMEs, kept while an archive is walked, and what they say
//! together.
//!
//! An archive is walked once, before it is known whether anything in it will be needed: so few
//! and small files are kept, those that lie highest first.

use super::readme::license_section;
use super::text::{Recognised, recognise, without_implied};
use super::{joined, of_text};
use crate::import::source::documents::{Documents, is_license};
use crate::import::source::read_error::ReadError;
use crate::import::source::text::decoded;
use std::collections::HashMap;
use std::io::Read;

/// Files that are kept.
const MAX_FILES: usize = 12;
/// Bytes of one file; of a larger one nothing is kept.
const MAX_FILE: u64 = 256 << 10;
/// Bytes of all files.
const MAX_BYTES: usize = 512 << 10;
/// Folders above a file that is kept: what lies deeper belongs to something else.
const MAX_DEPTH: usize = 4;

/// The files that are kept.
#[derive(Debug, Default)]
pub(in crate::import::source) struct LicenseTexts {
    /// By path in the archive.
    kept: HashMap<String, Vec<u8>>,
}

/// What license files say together.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) expression: String,
    /// The single licenses.
    pub(super) licenses: Vec<String>,
    pub(super) percent: u8,
    /// The files that say it, or the README.
    pub(super) files: Vec<String>,
    pub(super) is_readme: bool,
}

impl LicenseTexts {
    /// Keeps a file's content, where it may be a license or hold one. Whatever is kept, the file
    /// may go on to be read by nobody else.
    ///
    /// # Errors
    /// The file cannot be read.
    pub(in crate::import::source) fn see(
        &mut self,
        path: &str,
        size: u64,
        content: &mut dyn Read,
    ) -> Result<(), ReadError> {
        let name = path.rsplit('/').next().unwrap_or(path);
        let depth = path.matches('/').count();
        let wanted = path.split('/').any(is_license) && depth <= MAX_DEPTH;
        if size > MAX_FILE || !(wanted || (is_readme(name) && depth <= 1)) {
            return Ok(());
        }
        let mut bytes = Vec::new();
        let read = content.take(MAX_FILE).read_to_end(&mut bytes);
        read.map_err(|source| ReadError::Io {
            path: path.to_owned(),
            source,
        })?;
        self.kept.insert(path.to_owned(), bytes);
        while self.is_over() {
            let place = |it: &&String| (is_readme(it), it.matches('/').count(), (*it).clone());
            let lowest = self.kept.keys().max_by_key(place).cloned();
            self.kept.remove(&lowest.unwrap_or_default());
        }
        Ok(())
    }

    fn is_over(&self) -> bool {
        let bytes: usize = self.kept.values().map(Vec::len).sum();
        self.kept.len() > MAX_FILES || bytes > MAX_BYTES
    }

    /// What the license files of the package in a folder of the archive (with a slash behind it,
    /// or empty) say, else its README. Nothing, where a file that is called a license is not
    /// recognised.
    pub(super) fn read(&self, folder: &str, documents: &Documents) -> Option<Told> {
        let mut found = Vec::new();
        for path in &documents.licenses {
            let bytes = self.kept.get(&format!("{folder}{path}"));
            match bytes.and_then(|it| said_by(&decoded(it).0)) {
                Some(it) => found.push((path.clone(), it)),
                None if is_aside(path) => {}
                None => return None,
            }
        }
        if !found.is_empty() {
            return together(&found);
        }
        let readmes = documents.others.iter().filter(|it| is_readme(it));
        readmes.into_iter().find_map(|path| {
            let (text, _) = decoded(self.kept.get(&format!("{folder}{path}"))?);
            let said = recognise(&license_section(&text)?)?;
            let told = together(&[(path.clone(), said)])?;
            Some(Told {
                is_readme: true,
                ..told
            })
        })
    }
}

/// The files that are looked at where a package's license is not declared.
pub(super) fn looked_at(documents: &Documents) -> Vec<String> {
    let readmes = documents.others.iter().filter(|it| is_readme(it));
    documents.licenses.iter().chain(readmes).cloned().collect()
}

/// What the text of a license file says: the text of a license, or no more than its name.
fn said_by(text: &str) -> Option<Recognised> {
    recognise(text).or_else(|| {
        let name = text.trim().trim_start_matches("SPDX-License-Identifier:");
        Some(Recognised {
            licenses: vec![of_text(name)?],
            percent: 100,
        })
    })
}

fn is_readme(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.get(..6)
        .is_some_and(|it| it.eq_ignore_ascii_case("readme"))
}

/// Whether a file that counts as a license may hold only what comes beside one.
fn is_aside(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    [
        "notice",
        "copyright",
        "legal",
        "authors",
        "contributors",
        "thanks",
    ]
    .iter()
    .any(|it| name.starts_with(it))
}

/// One expression of all files.
fn together(found: &[(String, Recognised)]) -> Option<Told> {
    let mut licenses: Vec<String> = Vec::new();
    for it in found.iter().flat_map(|it| &it.1.licenses) {
        if !licenses.contains(it) {
            licenses.push(it.clone());
        }
    }
    without_implied(&mut licenses);
    let word = match is_choice(found) || is_ruby(&licenses) {
        true => " OR ",
        false => " AND ",
    };
    Some(Told {
        expression: joined(licenses.clone(), word)?,
        licenses,
        percent: found.iter().map(|it| it.1.percent).min()?,
        files: found.iter().map(|it| it.0.clone()).collect(),
        is_readme: false,
    })
}

/// The Ruby license offers the terms of another one, which comes in a file of its own.
fn is_ruby(licenses: &[String]) -> bool {
    let mut names: Vec<&str> = licenses.iter().map(String::as_str).collect();
    names.sort_unstable();
    names == ["BSD-2-Clause", "Ruby"]
}

/// Whether there is one file for each of several licenses, named after it, as packages do that
/// leave the choice: `LICENSE-MIT` and `LICENSE-APACHE`.
fn is_choice(found: &[(String, Recognised)]) -> bool {
    let named = |(path, it): &(String, Recognised)| {
        let lower = path.to_ascii_lowercase();
        let filling = ["license", "licence", "copying", "txt", "md", "rst", ""];
        let parts = lower.split(['-', '_', '.']);
        let mut own = parts.filter(|it| !filling.contains(it));
        let (Some(name), None, [license]) = (own.next(), own.next(), &it.licenses[..]) else {
            return false;
        };
        let name = name.trim_end_matches(|c: char| c.is_ascii_digit());
        !path.contains('/') && license.to_ascii_lowercase().starts_with(name)
    };
    found.len() > 1 && found.iter().all(named)
}

#[cfg(test)]
mod tests;
