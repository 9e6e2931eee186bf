//! One HTTP client for all threads, with bounds on time, size, redirects and attempts.
//!
//! It reads an index page into memory or streams a file into a writer, and tries again what may
//! pass. It knows no registry and no archive: what a page means, where a file goes and what its
//! digest should be are the caller's. Called by `import::source` to resolve, by the pipeline to
//! fetch, and by `frontend` to ask for jobs and to hand in results.
//!
//! Bytes arrive as served: nothing is decompressed on the way.

mod body;
mod client;
mod error;
mod http;
mod redirect;
mod retry;
pub mod xmlrpc;

pub use client::{Authorization, Client, Login, Page, Post};
pub use error::{Error, shown};
pub use http::SetupError;
pub use redirect::RedirectError;
