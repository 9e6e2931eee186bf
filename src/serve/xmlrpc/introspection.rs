//! What the server says of itself: `system.listMethods` and its kin.

use crate::net::xmlrpc::Value;

/// The methods and what they do, by name.
const METHODS: [(&str, &str); 9] = [
    (
        "closeTicket",
        "closeTicket(ticket): closes a ticket, and gives its resource back.",
    ),
    (
        "collectTicket",
        "collectTicket(ticket): says how a ticket stands: ready (nil when there is no such \
         ticket), output, closed, failed.",
    ),
    (
        "listPools",
        "listPools(): how the pools do, as a text of JSON.",
    ),
    (
        "system.listMethods",
        "system.listMethods(): the names of all methods.",
    ),
    (
        "system.methodHelp",
        "system.methodHelp(name): what a method does.",
    ),
    (
        "system.methodSignature",
        "system.methodSignature(name): signatures are not kept.",
    ),
    (
        "takeTicket",
        "takeTicket(tags, sandbox=nil, owner=nil, priority=0): takes a ticket for a resource with \
         all of these tags; the answer is its number.",
    ),
    (
        "waitTicket",
        "waitTicket(ticket): waits until the ticket has a resource; the answer is what its start \
         command printed.",
    ),
    (
        "whyTicket",
        "whyTicket(ticket): says what a ticket waits for: text, and json with the same as values.",
    ),
];

/// The names of all methods.
pub(super) fn list() -> Value {
    Value::Array(METHODS.iter().map(|it| it.0.into()).collect())
}

/// What a method does; nothing of an unknown one, as Python's library has it.
pub(super) fn help(name: &str) -> Value {
    let found = METHODS.iter().find(|it| it.0 == name);
    found.map_or("", |it| it.1).into()
}

/// The answer of Python's library, whatever the method.
pub(super) fn signature() -> Value {
    "signatures not supported".into()
}
