//! One HTTP answer before it is sent.

use super::Content;

/// A status, headers and a body.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) content: Content,
}

impl Reply {
    /// Success with a body.
    pub(crate) fn page(content_type: &str, content: impl Into<Content>) -> Self {
        Self {
            status: 200,
            headers: Vec::new(),
            content: content.into(),
        }
        .header("content-type", content_type)
    }

    /// A status and a short text.
    pub(crate) fn status(status: u16) -> Self {
        let mut reply = Self::page("text/plain", format!("status {status}\n"));
        reply.status = status;
        reply
    }

    /// A redirect to an address, whatever it is.
    pub(crate) fn redirect(location: &str) -> Self {
        Self::status(302).header("location", location)
    }

    /// One more header.
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }
}
