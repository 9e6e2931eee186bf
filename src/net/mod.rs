//! One HTTP client for all threads, with bounds on time, size, redirects and attempts.
//!
//! It reads an index page into memory or streams a file into a writer, and tries again what may
//! pass. It knows no registry and no archive: what a page means, where a file goes and what its
//! digest should be are the caller's. Called by `import::source` to resolve, by the pipeline to
//! fetch, and by `frontend` to ask for jobs and to hand in results.
//!
//! A host is asked no faster, and over no more connections, than its budget allows, all threads
//! together; a pause that it asks for is kept by all. Pages that were had before are asked for only
//! if they have changed, and equal requests that are under way are made once.
//!
//! Bytes arrive as served: nothing is decompressed on the way.

mod body;
mod budget;
mod cache;
mod client;
mod error;
mod flights;
mod host;
mod http;
mod page;
mod post;
mod redirect;
mod request;
mod retry;
mod shelf;
mod shown;
pub mod xmlrpc;

pub use client::{Client, Login};
pub use error::Error;
pub use http::SetupError;
pub use page::Page;
pub use post::{Authorization, Post};
pub use redirect::RedirectError;
pub use shown::{published, secret_in, shown};
