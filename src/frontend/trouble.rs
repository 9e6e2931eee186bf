//! A failure that goes on, said when it begins, when its cause changes, and when it is over.

use super::error::Error;

/// Takes a sentence for the operator, from any thread.
pub type Say<'a> = &'a (dyn Fn(&str) + Sync);

/// One thing that can fail again and again.
pub(super) struct Trouble<'a> {
    what: &'static str,
    cause: Option<String>,
    say: Say<'a>,
}

impl<'a> Trouble<'a> {
    /// Nothing is wrong so far; `what` is the sentence that the cause follows.
    pub(super) const fn new(what: &'static str, say: Say<'a>) -> Self {
        Self {
            what,
            cause: None,
            say,
        }
    }

    /// It failed.
    pub(super) fn begins(&mut self, error: &Error) {
        let cause = error.with_cause();
        if self.cause.as_ref() != Some(&cause) {
            let (what, hint) = (self.what, error.hint());
            tracing::warn!(%error, "{what}");
            (self.say)(&format!(
                "{what}, and is tried again: {cause}\n       hint: {hint}"
            ));
            self.cause = Some(cause);
        }
    }

    /// It went well.
    pub(super) fn ends(&mut self) {
        if self.cause.take().is_some() {
            let what = self.what;
            tracing::info!("no longer: {what}");
            (self.say)(&format!("no longer: {what}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net;
    use std::sync::Mutex;

    #[test]
    fn the_same_is_said_once() {
        let said = Mutex::new(Vec::new());
        let say = |text: &str| said.lock().unwrap().push(text.to_owned());
        let mut trouble = Trouble::new("it fails", &say);
        let error = |status| {
            Error::Net(net::Error::Status {
                url: "http://example.org/".to_owned(),
                status,
                retry_after: None,
            })
        };
        trouble.ends();
        for status in [500, 500, 401] {
            trouble.begins(&error(status));
        }
        trouble.ends();
        let said = said.lock().unwrap();
        assert_eq!(said.len(), 3, "{said:?}");
        assert!(
            said[1].contains("401") && said[1].contains("hint: check --auth-file"),
            "{said:?}"
        );
    }
}
