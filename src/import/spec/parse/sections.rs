//! The order of a spec: the main preamble, then sections, each up to the next.

use super::super::directives::{Section, section};
use super::super::error::Error;
use super::super::expand::{has_mark, without_unknown};
use super::changelog::entries;
use super::draft::Draft;
use super::heading::{arguments, first_free, option, unclear};
use super::line::{Form, Line, fault, known};
use super::lines::Reader;
use super::preamble::{Outcome, Place, add_file, take};
use super::tags::Tag;

/// What ends a preamble.
pub(super) enum Stop {
    Section(Option<Line>),
    BuildArch,
}

/// One reading of a spec.
pub(super) struct Walk<'a> {
    pub(super) reader: Reader<'a>,
    pub(super) draft: Draft,
}

impl Walk<'_> {
    /// Reads a preamble; `whole` says to read on behind the main package's `BuildArch:`.
    pub(super) fn preamble(&mut self, package: usize, whole: bool) -> Result<Stop, Error> {
        let mut last = 1;
        let next = loop {
            let Some(line) = self.reader.next(Form::Tags)? else {
                break None;
            };
            if section(&line.text).is_some() {
                break Some(line);
            }
            last = line.number;
            let mut place = Place {
                draft: &mut self.draft,
                expander: self.reader.expander,
                package,
            };
            if take(&mut place, &line)? == Outcome::BuildArch && !whole {
                return Ok(Stop::BuildArch);
            }
        };
        self.check_required(package, last)?;
        if package == 0 {
            self.fill_out(last)?;
        }
        Ok(Stop::Section(next))
    }

    fn check_required(&self, package: usize, line: usize) -> Result<(), Error> {
        let header = &self.draft.header;
        let package = &self.draft.packages[package];
        let missing = [
            ("Name", package.name.is_empty()),
            ("Version", package.version.is_empty()),
            ("Release", package.release.is_empty()),
            ("Summary", !package.has_summary),
            ("License", header.license.is_empty()),
        ];
        match missing.iter().find(|it| it.1) {
            None => Ok(()),
            Some((tag, _)) => Err(Error::Invalid {
                line,
                problem: format!("the preamble has no {tag}"),
            }),
        }
    }

    /// Tags that the settings may give where the spec does not.
    fn fill_out(&mut self, line: usize) -> Result<(), Error> {
        for (name, field) in [
            ("vendor", &mut self.draft.header.vendor),
            ("packager", &mut self.draft.header.packager),
        ] {
            let value = self
                .reader
                .expander
                .expand(&format!("%{{?{name}}}"))
                .map_err(|it| fault(it, line))?;
            if field.is_none() && !value.is_empty() {
                known(&value, name, line)?;
                *field = Some(value);
            }
        }
        Ok(())
    }

    /// Reads the section that a line begins; gives the line of the next one.
    pub(super) fn section(&mut self, line: &Line) -> Result<Option<Line>, Error> {
        match section(&line.text).unwrap_or(Section::Other) {
            Section::Package => self.package(line),
            Section::Description => self.description(line),
            Section::Files => {
                if let Some(at) = self.owner(line, "the package of %files")? {
                    self.draft.packages[at].has_files = true;
                }
                // There `%license` is a word of its own, not what the tag defined.
                self.reader.expander.define("license", "%%license");
                let next = self.body(Form::Files).map(|it| it.1);
                self.reader.expander.undefine("license");
                next
            }
            Section::GenerateBuildRequires => {
                self.draft.header.dynamic_build_requires = true;
                self.body(Form::Script).map(|it| it.1)
            }
            Section::Prep => {
                let next = self.body(Form::Script)?.1;
                // RPM 4.18 loses the line that ends %prep from what it keeps of a spec.
                if next.is_some() {
                    self.reader.forget_last();
                }
                Ok(next)
            }
            Section::Changelog => self.changelog(line),
            Section::SourceList => self.list(Tag::Source),
            Section::PatchList => self.list(Tag::Patch),
            Section::Other => self.body(Form::Script).map(|it| it.1),
        }
    }

    /// The lines up to the next section, and that section's line.
    fn body(&mut self, form: Form) -> Result<(Vec<Line>, Option<Line>), Error> {
        let mut out = Vec::new();
        while let Some(line) = self.reader.next(form)? {
            if section(&line.text).is_some() {
                return Ok((out, Some(line)));
            }
            if form.reaches_header() {
                out.push(line);
            }
        }
        Ok((out, None))
    }

    fn package(&mut self, line: &Line) -> Result<Option<Line>, Error> {
        let words = arguments(line, "the name of a subpackage")?;
        let (name, full) = match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
            ["-n", name] => (name, true),
            [name] => (name, false),
            _ => return Err(unclear(line)),
        };
        let plain = |c: char| c.is_ascii_alphanumeric() || ".-_+".contains(c);
        let name = self.draft.full_name(name, full);
        let first = name.chars().next().unwrap_or(' ');
        let good = name.chars().all(plain) && !name.contains("..");
        if !good || !(first.is_ascii_alphanumeric() || first == '_') {
            return Err(unclear(line));
        }
        let Some(place) = self.draft.add(name, line.number)? else {
            return Err(Error::Invalid {
                line: line.number,
                problem: "a package stands twice".to_owned(),
            });
        };
        match self.preamble(place, true)? {
            Stop::Section(next) => Ok(next),
            Stop::BuildArch => Ok(None),
        }
    }

    fn description(&mut self, line: &Line) -> Result<Option<Line>, Error> {
        let words = arguments(line, "")?;
        let language = option(&words, "-l").filter(|it| *it != "C");
        let owner = self.owner(line, "the package of %description")?;
        let (lines, next) = self.body(Form::Tags)?;
        if let Some(at) = owner {
            self.draft.packages[at].has_description = true;
        }
        if owner == Some(0) {
            let mut text = String::new();
            for line in lines {
                known(&line.text, "the description", line.number)?;
                text.push_str(line.text.trim_ascii_end());
                text.push('\n');
            }
            text.truncate(text.trim_ascii_end().len());
            match language {
                Some(language) => self.draft.translation(language).description = text,
                None => self.draft.header.description = text,
            }
        }
        Ok(next)
    }

    fn changelog(&mut self, line: &Line) -> Result<Option<Line>, Error> {
        if self.draft.has_changelog {
            return Err(Error::Invalid {
                line: line.number,
                problem: "%changelog stands twice".to_owned(),
            });
        }
        self.draft.has_changelog = true;
        let (lines, next) = self.body(Form::Changelog)?;
        let mut text = String::new();
        for line in lines {
            // Where a line begins with a macro, it may stand for entries; further in, changelogs
            // are full of percent signs that RPM, too, leaves as they are.
            if has_mark(line.text.get(..3).unwrap_or_default()) {
                known(&line.text, "%changelog", line.number)?;
            }
            let line_text = without_unknown(&line.text);
            known(&line_text, "%changelog", line.number)?;
            text.push_str(&line_text);
        }
        self.draft.header.changelog = entries(&text);
        Ok(next)
    }

    fn list(&mut self, tag: Tag) -> Result<Option<Line>, Error> {
        let (lines, next) = self.body(Form::Tags)?;
        for line in lines {
            let text = line.text.trim_ascii_end();
            if !text.is_empty() {
                known(text, "a source or patch", line.number)?;
                let mut place = Place {
                    draft: &mut self.draft,
                    expander: self.reader.expander,
                    package: 0,
                };
                add_file(&mut place, tag, None, text, line.number)?;
            }
        }
        Ok(next)
    }

    /// The package that a section is about.
    fn owner(&self, line: &Line, place: &'static str) -> Result<Option<usize>, Error> {
        let words = arguments(line, "")?;
        let (name, full) = match option(&words, "-n") {
            Some(name) => (Some(name), true),
            None => (first_free(&words), false),
        };
        let Some(name) = name else {
            return Ok(Some(0));
        };
        known(name, place, line.number)?;
        self.draft
            .find(name, full)
            .map(Some)
            .ok_or_else(|| Error::Invalid {
                line: line.number,
                problem: format!("package {name} does not exist"),
            })
    }
}
