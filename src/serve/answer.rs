//! Answers that every part gives.

use axum::body::Body;
use axum::http::header::{ALLOW, CONTENT_TYPE, HeaderName, HeaderValue, X_CONTENT_TYPE_OPTIONS};
use axum::http::{Response, StatusCode};

/// What handlers give.
pub(super) type Answer = Response<Body>;

/// An answer with headers whose values are plain ASCII.
pub(super) fn answer(status: StatusCode, headers: &[(HeaderName, &str)], body: Body) -> Answer {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let out = response.headers_mut();
    // Nothing that was uploaded is ever to be taken for a page.
    out.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    for (name, value) in headers {
        if let Ok(value) = HeaderValue::from_str(value) {
            out.insert(name, value);
        }
    }
    response
}

/// A short text for people.
pub(super) fn text(status: StatusCode, text: &'static str) -> Answer {
    let kind = [(CONTENT_TYPE, "text/plain; charset=utf-8")];
    answer(status, &kind, Body::from(text))
}

/// There is no such thing.
pub(super) fn not_found() -> Answer {
    text(StatusCode::NOT_FOUND, "not found\n")
}

/// The request's method is none of those that are allowed here.
pub(super) fn wrong_method(allowed: &'static str) -> Answer {
    let mut answer = text(StatusCode::METHOD_NOT_ALLOWED, "this is read only\n");
    let allowed = HeaderValue::from_static(allowed);
    answer.headers_mut().insert(ALLOW, allowed);
    answer
}

/// Something went wrong on this side; the log says what.
pub(super) fn broken() -> Answer {
    text(StatusCode::INTERNAL_SERVER_ERROR, "something went wrong\n")
}
