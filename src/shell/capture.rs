//! The beginning of what a command prints, in whole lines.

/// What is kept of a start command's output, in bytes.
const DATA_BYTES: usize = 512;
/// What is kept of a list of names, in bytes.
const LIST_BYTES: usize = 5120;

/// Takes output as it comes and keeps whole lines up to a limit.
#[derive(Debug)]
pub(super) struct Capture {
    limit: usize,
    /// Whether the cut is marked, and a first line that is too long is cut within.
    is_marked: bool,
    kept: Vec<u8>,
    /// The line that has not ended yet, and no more of it than could be kept.
    line: Vec<u8>,
    is_full: bool,
}

impl Capture {
    /// For the data of a resource: 512 bytes; a first line that is longer is cut; what is left
    /// out is told by a last line.
    pub(super) const fn data() -> Self {
        Self::new(DATA_BYTES, true)
    }

    /// For a list of names: 5,120 bytes, never a part of a line: it would be another name.
    pub(super) const fn list() -> Self {
        Self::new(LIST_BYTES, false)
    }

    const fn new(limit: usize, is_marked: bool) -> Self {
        Self {
            limit,
            is_marked,
            kept: Vec::new(),
            line: Vec::new(),
            is_full: false,
        }
    }

    pub(super) fn take(&mut self, bytes: &[u8]) {
        for part in bytes.split_inclusive(|it| *it == b'\n') {
            if self.is_full {
                return;
            }
            let room = (self.limit + 1).saturating_sub(self.line.len());
            self.line.extend_from_slice(&part[..part.len().min(room)]);
            let is_over = self.kept.len() + self.line.len() > self.limit;
            if is_over || part.ends_with(b"\n") {
                self.end_line();
            }
        }
    }

    /// All that is kept.
    pub(super) fn finish(mut self) -> Vec<u8> {
        if !self.is_full && !self.line.is_empty() {
            self.end_line();
        }
        self.kept
    }

    fn end_line(&mut self) {
        let line = std::mem::take(&mut self.line);
        if self.kept.len() + line.len() <= self.limit {
            self.kept.extend_from_slice(&line);
            return;
        }
        self.is_full = true;
        if self.is_marked {
            if self.kept.is_empty() {
                self.kept.extend_from_slice(&line[..self.limit]);
                // The mark is a line of its own.
                self.kept.push(b'\n');
            }
            self.kept.extend_from_slice(b"<< trimmed >>\n");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(mut capture: Capture, chunks: &[&str]) -> String {
        for it in chunks {
            capture.take(it.as_bytes());
        }
        String::from_utf8(capture.finish()).unwrap()
    }

    #[test]
    fn whole_lines_are_kept_up_to_the_limit() {
        let line = format!("{}\n", "x".repeat(255));
        let data = |chunks: &[&str]| kept(Capture::data(), chunks);
        assert_eq!(data(&["a", "b\nc"]), "ab\nc");
        assert_eq!(data(&[]), "");
        let two = format!("{line}{line}");
        assert_eq!(data(&[&line, &line]), two);
        let marked = format!("{two}<< trimmed >>\n");
        assert_eq!(data(&[&line, &line, "y"]), marked);
        assert_eq!(data(&[&two, &line.repeat(100), "z\n"]), marked);
        let long = "z".repeat(5000);
        let cut = format!("{}\n<< trimmed >>\n", "z".repeat(512));
        assert_eq!(data(&[&long, &long, "\nmore\n"]), cut);
        assert_eq!(
            data(&["a\n", &long]),
            "a\n<< trimmed >>\n",
            "a later line is never cut"
        );
    }

    #[test]
    fn a_list_has_no_part_of_a_name() {
        let list = |chunks: &[&str]| kept(Capture::list(), chunks);
        let name = format!("{}\n", "n".repeat(99));
        assert_eq!(list(&[&name.repeat(60)]), name.repeat(51));
        assert_eq!(list(&[&"n".repeat(6000)]), "");
        assert_eq!(list(&["a\nb"]), "a\nb");
    }
}
