//! The resalloc wire: tickets over XML-RPC, for the clients that are in the field.
//!
//! ```text
//! POST /any/path     takeTicket collectTicket waitTicket closeTicket whyTicket listPools,
//!                    introspection
//! ```
//!
//! A client that waits costs a connection and a watch in the allocator, no thread. Beyond
//! loopback every call has to show a token. Nothing here decides: [`Allocator`](crate::alloc) does.
//! Called by `cli`.

mod guard;
mod introspection;
mod methods;
mod pools;
mod server;

pub use guard::Guard;
pub use server::TicketPort;
