//! The lines of a spec, with macros expanded and conditions applied.
//!
//! Lines are joined while a macro is open or a backslash ends them, then expanded together, then
//! given out one by one: a macro may hold sections and conditions. A line in a branch that does
//! not hold is given out empty. A condition that cannot be known is an error, except in a section
//! that does not reach the header: there its branches are passed over, and what they define is
//! held for unknowable.

use super::super::directives::section;
use super::super::error::Error;
use super::super::expand::{Expander, marked, without_marks};
use super::condition::Condition;
use super::line::{Form, Line, fault, known};
use super::open_ends::OpenEnds;
use std::collections::VecDeque;

/// The longest spec, in bytes.
const MAX_TEXT: usize = 4 << 20;
/// How many conditions may be open.
const MAX_BRANCHES: usize = 500;

/// One `%if` that is open.
#[derive(Debug)]
struct Branch {
    /// The lines of the present branch count.
    reading: bool,
    /// A later branch may still count.
    readable: bool,
    /// Nobody can know which branch counts.
    undecided: bool,
    /// `%else` was seen.
    last: bool,
    line: usize,
}

/// Reads a spec line by line.
pub(super) struct Reader<'a> {
    raw: std::str::SplitInclusive<'a, char>,
    pub(super) expander: &'a mut Expander,
    /// Expanded lines that were not given out yet.
    pending: VecDeque<String>,
    branches: Vec<Branch>,
    number: usize,
    /// All lines given out so far, as RPM keeps them in SPEC.
    given: String,
    /// Where the last of them begins.
    last: usize,
}

impl<'a> Reader<'a> {
    pub(super) fn new(text: &'a str, expander: &'a mut Expander) -> Result<Self, Error> {
        if text.len() > MAX_TEXT {
            return Err(Error::TooLarge {
                line: 1,
                limit: "4 MiB",
            });
        }
        Ok(Self {
            raw: text.split_inclusive('\n'),
            expander,
            pending: VecDeque::new(),
            branches: Vec::new(),
            number: 0,
            given: String::new(),
            last: 0,
        })
    }

    fn reading(&self) -> bool {
        self.branches.last().is_none_or(|it| it.reading)
    }

    fn mistake<T>(&self, problem: &str) -> Result<T, Error> {
        Err(Error::Invalid {
            line: self.number,
            problem: problem.to_owned(),
        })
    }

    /// The text of all lines that were given out.
    pub(super) fn given(self) -> String {
        self.given
    }

    /// Takes the last line out of that text.
    pub(super) fn forget_last(&mut self) {
        self.given.truncate(self.last);
    }

    /// The next line of a section of the given form; none at the end.
    pub(super) fn next(&mut self, form: Form) -> Result<Option<Line>, Error> {
        let Some(text) = self.take()? else {
            if let Some(open) = self.branches.last() {
                return Err(Error::Invalid {
                    line: open.line,
                    problem: "an %if is not closed".to_owned(),
                });
            }
            return Ok(None);
        };
        let directive = Condition::of(&text);
        let keep = match directive {
            Some((condition, rest)) => {
                let rest = rest.to_owned();
                self.apply(condition, &rest, form.reaches_header())?;
                false
            }
            None => self.reading(),
        };
        if !keep && directive.is_none() {
            self.pass_over(&text)?;
        }
        let text = if keep { text } else { String::new() };
        let text = self.strip(text, form);
        Ok(Some(Line {
            text,
            number: self.number,
        }))
    }

    /// Takes the comment off a line, and keeps what RPM would of it.
    fn strip(&mut self, mut line: String, form: Form) -> String {
        let comment = line.trim_ascii_start().starts_with('#');
        self.last = self.given.len();
        if form == Form::Script {
            self.given.push_str(&without_marks(&line));
        }
        // RPM cuts a comment where it begins, so what indents it stays.
        if comment {
            line.truncate(line.len() - line.trim_ascii_start().len());
        }
        match form {
            Form::Script => {}
            Form::Tags => {
                let end = if comment {
                    &line
                } else {
                    line.trim_ascii_end()
                };
                self.given.push_str(&without_marks(end));
                self.given.push('\n');
            }
            Form::Changelog | Form::Files => self.given.push_str(&without_marks(&line)),
        }
        line
    }

    /// The next expanded line. A condition takes the lines that a backslash adds to it.
    fn take(&mut self) -> Result<Option<String>, Error> {
        while self.pending.is_empty() {
            let Some(buffer) = self.joined()? else {
                return Ok(None);
            };
            let expanded = if self.is_expanded(&buffer) {
                self.expander
                    .expand(&buffer)
                    .map_err(|it| fault(it, self.number))?
            } else {
                buffer
            };
            if expanded.is_empty() {
                self.pending.push_back(String::new());
            }
            self.pending
                .extend(expanded.split_inclusive('\n').map(str::to_owned));
        }
        let mut line = self.pending.pop_front().unwrap_or_default();
        if Condition::of(&line).is_some() {
            while let Some(start) = line.strip_suffix("\\\n") {
                let next = self.pending.pop_front().unwrap_or_default();
                line = format!("{start}  {next}");
            }
        }
        Ok(Some(line))
    }

    /// Macros count only where lines do; those of an `%elif` where its branch still may.
    fn is_expanded(&self, buffer: &str) -> bool {
        match Condition::of(buffer) {
            Some((condition, _)) if condition.continues() => {
                self.branches.last().is_none_or(|it| it.readable)
            }
            _ => self.reading(),
        }
    }

    /// Lines of the file up to one that leaves nothing open.
    fn joined(&mut self) -> Result<Option<String>, Error> {
        let mut buffer = String::new();
        let mut open = OpenEnds::default();
        let first = self.number + 1;
        for raw in self.raw.by_ref() {
            self.number += 1;
            buffer.push_str(raw);
            open.read(raw);
            if !open.any() {
                return Ok(Some(buffer));
            }
        }
        if buffer.is_empty() {
            return Ok(None);
        }
        Err(Error::Invalid {
            line: first,
            problem: "a macro or a continued line does not end".to_owned(),
        })
    }

    fn apply(&mut self, condition: Condition, rest: &str, header: bool) -> Result<(), Error> {
        if condition == Condition::Include {
            return if self.reading() {
                Err(Error::Unsupported {
                    line: self.number,
                    what: "%include".to_owned(),
                })
            } else {
                Ok(())
            };
        }
        if condition.opens() {
            if self.branches.len() >= MAX_BRANCHES {
                return Err(Error::TooLarge {
                    line: self.number,
                    limit: "500 open conditions",
                });
            }
            let reading = self.reading();
            let holds = self.decide(condition, rest, header, reading)?;
            self.branches.push(Branch {
                reading: reading && holds == Some(true),
                readable: reading && holds == Some(false),
                undecided: reading && holds.is_none(),
                last: false,
                line: self.number,
            });
            return Ok(());
        }
        let Some(branch) = self.branches.last() else {
            return self.mistake("a branch or end without an %if");
        };
        let (readable, after_else) = (branch.readable, branch.last);
        if condition == Condition::End {
            self.branches.pop();
            return Ok(());
        }
        if after_else {
            return self.mistake("a branch behind %else");
        }
        let holds = if condition == Condition::Else {
            Some(true)
        } else {
            self.decide(condition, rest, header, readable)?
        };
        if let Some(branch) = self.branches.last_mut() {
            branch.last = condition == Condition::Else;
            branch.reading = readable && holds == Some(true);
            branch.readable = readable && holds == Some(false);
            branch.undecided |= readable && holds.is_none();
        }
        Ok(())
    }

    /// Whether a condition holds, where that matters; nothing where nobody can know.
    fn decide(
        &mut self,
        condition: Condition,
        rest: &str,
        header: bool,
        matters: bool,
    ) -> Result<Option<bool>, Error> {
        if !matters {
            return Ok(Some(false));
        }
        if header {
            known(rest, "a condition", self.number)?;
        }
        let (against, negated) = match condition {
            Condition::If | Condition::ElseIf => {
                return Expander::holds(rest).map_err(|it| fault(it, self.number));
            }
            Condition::IfArch | Condition::ElseIfArch => ("%{_target_cpu}", false),
            Condition::IfNoArch => ("%{_target_cpu}", true),
            Condition::IfNoOs => ("%{_target_os}", true),
            _ => ("%{_target_os}", false),
        };
        if marked(rest).is_some() {
            return Ok(None);
        }
        if rest.trim_ascii().is_empty() {
            return self.mistake("a condition lacks its argument");
        }
        let against = self
            .expander
            .expand(against)
            .map_err(|it| fault(it, self.number))?;
        let listed = rest
            .split_ascii_whitespace()
            .any(|it| it.eq_ignore_ascii_case(&against));
        Ok(Some(listed != negated))
    }

    /// Looks at a line that does not count: in a branch that nobody could decide, a section may
    /// not begin, and definitions are lost.
    fn pass_over(&mut self, text: &str) -> Result<(), Error> {
        let Some(branch) = self.branches.iter().find(|it| it.undecided) else {
            return Ok(());
        };
        if section(text).is_some() {
            return Err(Error::Unsupported {
                line: branch.line,
                what: "a section that depends on a condition which is not known here".to_owned(),
            });
        }
        for word in ["%global", "%define", "%{global", "%{define", "%undefine"] {
            for (at, _) in text.match_indices(word) {
                let name: String = text[at + word.len()..]
                    .trim_start_matches([' ', '\t', ':'])
                    .chars()
                    .take_while(|c| c.is_ascii_alphanumeric() || *c == '_')
                    .collect();
                if !name.is_empty() {
                    self.expander.forget(&name);
                }
            }
        }
        Ok(())
    }
}
