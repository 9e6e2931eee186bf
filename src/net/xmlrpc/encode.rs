//! From calls and answers to text.

use super::{Fault, Value};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use quick_xml::escape::partial_escape;
use std::fmt::Write as _;

const HEAD: &str = "<?xml version='1.0'?>\n";

/// The text of a call.
#[must_use]
pub fn encode_call(method: &str, params: &[Value]) -> String {
    let mut out = format!("{HEAD}<methodCall><methodName>{}", text(method));
    out.push_str("</methodName><params>");
    for param in params {
        out.push_str("<param>");
        write(param, &mut out);
        out.push_str("</param>");
    }
    out.push_str("</params></methodCall>\n");
    out
}

/// The text of an answer that holds a value.
#[must_use]
pub fn encode_response(value: &Value) -> String {
    let mut out = format!("{HEAD}<methodResponse><params><param>");
    write(value, &mut out);
    out.push_str("</param></params></methodResponse>\n");
    out
}

/// The text of an answer that is a fault.
#[must_use]
pub fn encode_fault(fault: &Fault) -> String {
    let members = [
        ("faultCode".to_owned(), Value::Int(fault.code)),
        ("faultString".to_owned(), Value::String(fault.text.clone())),
    ];
    let mut out = format!("{HEAD}<methodResponse><fault>");
    write(&Value::Struct(members.into()), &mut out);
    out.push_str("</fault></methodResponse>\n");
    out
}

fn write(value: &Value, out: &mut String) {
    out.push_str("<value>");
    // Writing to a string cannot fail.
    let _ = match value {
        Value::Nil => write!(out, "<nil/>"),
        Value::Int(it) if i32::try_from(*it).is_ok() => write!(out, "<int>{it}</int>"),
        Value::Int(it) => write!(out, "<i8>{it}</i8>"),
        Value::Bool(it) => write!(out, "<boolean>{}</boolean>", u8::from(*it)),
        Value::String(it) => write!(out, "<string>{}</string>", text(it)),
        Value::Double(it) => write!(out, "<double>{it}</double>"),
        Value::Bytes(it) => write!(out, "<base64>{}</base64>", STANDARD.encode(it)),
        Value::DateTime(it) => write!(out, "<dateTime.iso8601>{}</dateTime.iso8601>", text(it)),
        Value::Array(items) => {
            out.push_str("<array><data>");
            items.iter().for_each(|it| write(it, out));
            write!(out, "</data></array>")
        }
        Value::Struct(members) => {
            out.push_str("<struct>");
            for (name, member) in members {
                let _ = write!(out, "<member><name>{}</name>", text(name));
                write(member, out);
                out.push_str("</member>");
            }
            write!(out, "</struct>")
        }
    };
    out.push_str("</value>");
}

/// Text with what XML has no form for replaced: it is for people, bytes go as base64.
fn text(raw: &str) -> String {
    let is_fine = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    match raw.chars().all(is_fine) {
        true => partial_escape(raw).into_owned(),
        false => {
            let replace = |c| if is_fine(c) { c } else { '\u{fffd}' };
            let clean: String = raw.chars().map(replace).collect();
            partial_escape(clean.as_str()).into_owned()
        }
    }
}
