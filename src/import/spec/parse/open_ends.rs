//! Which lines belong together: those of one macro, and those that a backslash joins.

use super::super::expand::Depth;

/// What lines leave open at their end.
#[derive(Default)]
pub(super) struct OpenEnds {
    depth: Depth,
    continued: bool,
}

impl OpenEnds {
    /// Whether the next line belongs to the ones before.
    pub(super) const fn any(&self) -> bool {
        !self.depth.is_closed() || self.continued
    }

    /// Takes in a line.
    pub(super) fn read(&mut self, line: &str) {
        let mut chars = line.chars().peekable();
        while let Some(c) = chars.next() {
            match (c, chars.peek().copied()) {
                ('\\', Some(hidden)) => {
                    self.continued |= hidden == '\n';
                    chars.next();
                }
                ('%', Some(second @ ('{' | '(' | '[' | '%'))) => {
                    self.depth.opened(second);
                    chars.next();
                }
                ('\n', _) => self.continued = false,
                _ => self.depth.nested(c),
            }
        }
    }
}
