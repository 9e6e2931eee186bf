//! git's smart protocol over HTTP, reading side, versions 0 (gitprotocol-http and -pack): clone,
//! fetch and ls-remote of stock clients, shallow ones too.
//!
//! Nothing is kept between two requests. Clients that ask for version 2 take version 0 as well.

mod history;
mod making;
mod negotiate;
mod pack;
mod packet;
mod references;
mod request;
mod upload;

pub(super) use making::Making;
pub(super) use references::references;
pub(super) use upload::pack;
