//! The log of one import, which its owner may read: `{folder}/{build_id}.log`.
//!
//! A line an event, with its time. A second import of the same build goes on with the file.

use super::result::ImportResult;
use super::task::{BuildId, Task};
use crate::event::{Event, EventSink};
use crate::import::outcome::Outcome;
use crate::sync::hold;
use jiff::{Timestamp, Unit};
use std::fmt;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::Mutex;

/// An open log. What cannot be written is left out: no import fails for that.
#[derive(Debug)]
pub(super) struct TaskLog {
    file: Option<Mutex<File>>,
}

impl TaskLog {
    /// Opens or begins the log of a build.
    pub(super) fn open(folder: &Path, build_id: BuildId) -> Self {
        let path = folder.join(format!("{build_id}.log"));
        let open = || -> io::Result<File> {
            fs::create_dir_all(folder)?;
            File::options().create(true).append(true).open(&path)
        };
        let file = open().inspect_err(|error| {
            tracing::warn!(build_id, path = %path.display(), %error, "no log of this import");
        });
        Self {
            file: file.ok().map(Mutex::new),
        }
    }

    /// Says what is to be done. `source` is the address as it may be shown.
    pub(super) fn begin(&self, task: &Task, source: &str) {
        let (owner, project, branches) = (&task.owner, &task.project, task.branches.join(", "));
        self.line(format_args!(
            "build {}: {source} into {owner}/{project}, branches: {branches}",
            task.build_id
        ));
    }

    /// Says what came of it.
    pub(super) fn end(&self, outcome: &Outcome) {
        if let Some(package) = &outcome.package {
            self.line(format_args!("package: {} {}", package.name, package.evr));
        }
        for branch in &outcome.branches {
            let name = &branch.branch;
            match &branch.result {
                Ok(tip) if tip.moved => self.line(format_args!("{name}: {}", tip.commit)),
                Ok(tip) => self.line(format_args!("{name}: {}, as before", tip.commit)),
                Err(failure) => {
                    self.line(format_args!(
                        "{name}: {}: {}",
                        failure.code, failure.message
                    ));
                }
            }
        }
        if let Some(failure) = outcome.failure() {
            let code = failure.code;
            self.line(format_args!("{code}: {}", failure.message));
            self.line(format_args!("hint: {}", code.hint()));
        }
        let seconds = outcome.elapsed.as_secs_f64();
        self.line(format_args!(
            "{} after {seconds:.2} s",
            outcome.state.as_str()
        ));
    }

    /// Says what the frontend will be told.
    pub(super) fn result(&self, result: &ImportResult) {
        if let Ok(text) = serde_json::to_string(result) {
            self.line(format_args!("result: {text}"));
        }
    }

    /// Writes one line, whatever the text holds.
    pub(super) fn line(&self, text: fmt::Arguments<'_>) {
        let Some(file) = &self.file else {
            return;
        };
        let now = Timestamp::now().round(Unit::Millisecond);
        let now = now.unwrap_or_default();
        let text = text.to_string().replace(char::is_control, " ");
        let mut file = hold(file);
        let _ = writeln!(file, "{now} {text}");
    }
}

impl EventSink for TaskLog {
    fn emit(&self, event: Event) {
        match event {
            Event::Entered(_, stage) => self.line(format_args!("{stage}")),
            Event::Warning(_, text) => self.line(format_args!("warning: {text}")),
            Event::Started(..) | Event::Bytes(..) | Event::Ended(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_import_goes_on_with_the_file_and_no_text_makes_two_lines() {
        let dir = tempfile::TempDir::new().unwrap();
        let folder = dir.path().join("logs");
        TaskLog::open(&folder, 7).line(format_args!("a\nb"));
        TaskLog::open(&folder, 7).result(&ImportResult::failure(7));
        let text = fs::read_to_string(folder.join("7.log")).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 2);
        assert!(lines[0].ends_with("Z a b"), "{text}");
        assert!(lines[1].ends_with(r#"result: {"build_id":7}"#), "{text}");
        // A folder that cannot be made costs only the log.
        TaskLog::open(&folder.join("7.log"), 8).line(format_args!("lost"));
    }
}
