//! The lines that choose among others: `%if` and its kin.

/// What a line says about the lines below it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Condition {
    If,
    IfArch,
    IfNoArch,
    IfOs,
    IfNoOs,
    ElseIf,
    ElseIfArch,
    ElseIfOs,
    Else,
    End,
    Include,
}

impl Condition {
    /// What a line says that begins so, and what follows.
    pub(super) fn of(line: &str) -> Option<(Self, &str)> {
        const WORDS: [(&str, Condition); 11] = [
            ("%ifarch", Condition::IfArch),
            ("%ifnarch", Condition::IfNoArch),
            ("%ifos", Condition::IfOs),
            ("%ifnos", Condition::IfNoOs),
            ("%if", Condition::If),
            ("%elifarch", Condition::ElseIfArch),
            ("%elifos", Condition::ElseIfOs),
            ("%elif", Condition::ElseIf),
            ("%else", Condition::Else),
            ("%endif", Condition::End),
            ("%include", Condition::Include),
        ];
        let line = line.trim_start_matches([' ', '\t', '\u{b}', '\u{c}', '\r']);
        WORDS.iter().find_map(|(word, condition)| {
            let rest = line.strip_prefix(word)?;
            let fits = if matches!(condition, Self::Else | Self::End) {
                !rest.starts_with(|c: char| c.is_ascii_alphabetic())
            } else {
                rest.is_empty() || rest.starts_with([' ', '\t'])
            };
            fits.then_some((*condition, rest))
        })
    }

    /// Whether a branch begins that did not hang on one before.
    pub(super) const fn opens(self) -> bool {
        matches!(
            self,
            Self::If | Self::IfArch | Self::IfNoArch | Self::IfOs | Self::IfNoOs
        )
    }

    /// Whether a further branch begins, with a condition of its own.
    pub(super) const fn continues(self) -> bool {
        matches!(self, Self::ElseIf | Self::ElseIfArch | Self::ElseIfOs)
    }
}
