//! An error with its causes, as one line for people.

use anyhow::Error;

/// The error and its causes, each behind a colon. A cause that the text before it ends with was
/// told there.
pub(super) fn told(error: &Error) -> String {
    let mut out = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if out.is_empty() {
            out = cause;
        } else if !out.ends_with(&cause) {
            out.push_str(": ");
            out.push_str(&cause);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::Context as _;
    use std::io;

    #[derive(Debug, thiserror::Error)]
    #[error("cannot read x: {source}")]
    struct Telling {
        source: io::Error,
    }

    #[derive(Debug, thiserror::Error)]
    #[error("cannot read x")]
    struct Silent {
        source: io::Error,
    }

    #[test]
    fn every_cause_is_told_once() {
        let cause = || io::Error::other("no disk");
        let telling = Error::new(Telling { source: cause() });
        assert_eq!(told(&telling), "cannot read x: no disk");
        let silent = Error::new(Silent { source: cause() });
        assert_eq!(told(&silent), "cannot read x: no disk");
        let more = Err::<(), _>(telling).context("no report").unwrap_err();
        assert_eq!(told(&more), "no report: cannot read x: no disk");
    }
}
