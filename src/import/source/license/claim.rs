//! What a package declares of its license, and how its files complete it.
//!
//! What is said plainly counts. A name that means one of several licenses is made certain by the
//! text of one of them; what says nothing, or nothing that can be mapped, leaves it to the files.

use super::files::{LicenseTexts, Told, looked_at};
use super::{classifiers, of_list, of_sdist, of_text};
use crate::import::description::{Evidence, License, LicenseSearch};
use crate::import::source::documents::Documents;
use crate::import::source::read_error::shortened;

/// Words of somebody who does not want a package to be used freely, whatever else lies in it.
const CLOSED: &[&str] = &[
    "proprietary",
    "commercial",
    "all rights reserved",
    "unlicensed",
    "nolicense",
    "no license",
    "home use",
    "educational use",
    "private",
];

/// The declaration of one package.
#[derive(Debug)]
pub(in crate::import::source) struct Claim {
    license: Option<License>,
    /// Whether the license is only the likeliest of a family.
    is_guess: bool,
    /// All that was said, shortened.
    said: Vec<String>,
    /// The names of a list that are known, and how many there are with the unknown.
    known: Vec<String>,
    count: usize,
}

impl Claim {
    /// The declaration of an sdist.
    pub(in crate::import::source) fn sdist(
        expression: Option<&str>,
        classifiers: &[String],
        free_text: Option<&str>,
    ) -> Self {
        let license = of_sdist(expression, classifiers, free_text);
        let by_classifier = license
            .as_ref()
            .is_some_and(|it| it.evidence == Evidence::Classifier);
        let certain = classifiers::read(classifiers).is_some_and(|it| it.certain);
        let about = classifiers.iter().filter(|it| it.starts_with("License"));
        let texts = expression.into_iter().chain(free_text);
        Self {
            license,
            is_guess: by_classifier && !certain,
            said: texts
                .chain(about.map(String::as_str))
                .map(shortened)
                .collect(),
            known: Vec::new(),
            count: 0,
        }
    }

    /// The declaration of a gem.
    pub(in crate::import::source) fn list(list: &[String]) -> Self {
        let names = || list.iter().filter(|it| !it.trim().is_empty());
        let known: Vec<String> = names().filter_map(|it| of_text(it)).collect();
        Self {
            license: of_list(list),
            is_guess: false,
            said: names().map(|it| shortened(it)).collect(),
            // Where no name is known they may be anything, as `see LICENSE` is.
            count: if known.is_empty() { 0 } else { names().count() },
            known,
        }
    }

    /// The license of a package that lies in a folder of its archive (with a slash behind it, or
    /// empty), and where it was looked for in vain.
    pub(in crate::import::source) fn settle(
        self,
        texts: &LicenseTexts,
        folder: &str,
        documents: &Documents,
    ) -> (Option<License>, LicenseSearch) {
        if self.license.is_some() && !self.is_guess {
            return (self.license, LicenseSearch::default());
        }
        let told = match self.is_closed() {
            true => None,
            false => texts.read(folder, documents).filter(|it| self.fits(it)),
        };
        match told.map(license_of).or(self.license) {
            Some(license) => (Some(license), LicenseSearch::default()),
            None => {
                let files = looked_at(documents);
                let declared = self.said;
                (None, LicenseSearch { files, declared })
            }
        }
    }

    fn is_closed(&self) -> bool {
        let closed = |it: &String| {
            let lower = it.to_lowercase();
            // A whole text, of which this is the start, may say so of one line only.
            lower.chars().count() < 100 && CLOSED.iter().any(|word| lower.contains(word))
        };
        self.said.iter().any(closed)
    }

    /// Whether the files do not leave out what was declared.
    fn fits(&self, told: &Told) -> bool {
        let family = |it: &str| it.split('-').next().unwrap_or_default().to_owned();
        match &self.license {
            // A guess is only made more precise.
            Some(guess) => {
                let own = family(&guess.expression);
                told.licenses.iter().all(|it| family(it) == own)
            }
            None => {
                let held = |it: &String| told.licenses.contains(it);
                told.licenses.len() >= self.count && self.known.iter().all(held)
            }
        }
    }
}

fn license_of(told: Told) -> License {
    let (mut files, percent) = (told.files, told.percent);
    let evidence = match files.pop() {
        Some(file) if told.is_readme => Evidence::Readme { file, percent },
        last => {
            files.extend(last);
            Evidence::Text { files, percent }
        }
    };
    License {
        expression: told.expression,
        evidence,
    }
}
