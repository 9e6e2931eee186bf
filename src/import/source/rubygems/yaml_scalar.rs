//! What a YAML scalar and its tag mean in a gem.
//!
//! Ruby's tags are taken for those classes that RubyGems itself allows; any other is refused.

use super::yaml::{Node, YamlError};
use crate::import::source::text::decoded;
use saphyr_parser::{ScalarStyle, Tag};
use std::borrow::Cow;

/// Ruby classes whose objects a gem may hold.
pub(super) const CLASSES: &[&str] = &[
    "Gem::Specification",
    "Gem::Version",
    "Gem::Version::Requirement",
    "Gem::Requirement",
    "Gem::Dependency",
    "Gem::Platform",
    "Version::Requirement",
    "YAML::Syck::DefaultKey",
    "Syck::DefaultKey",
    "YAML::PrivateType",
    "String",
    "Date",
    "Time",
];

/// The value of a scalar: null, or its text.
pub(super) fn scalar(
    text: Cow<'_, str>,
    style: ScalarStyle,
    tag: Option<&Tag>,
) -> Result<Node, YamlError> {
    check_tag(tag)?;
    if tag.is_some_and(|it| it.suffix == "binary") {
        return binary(&text).map(Node::Text).ok_or(YamlError::Binary);
    }
    let null = style == ScalarStyle::Plain
        && tag.is_none()
        && matches!(&*text, "" | "~" | "null" | "Null" | "NULL");
    Ok(if null {
        Node::Null
    } else {
        Node::Text(text.into_owned())
    })
}

/// Refuses tags that would make an object of a class that a gem has no use for.
pub(super) fn check_tag(tag: Option<&Tag>) -> Result<(), YamlError> {
    let Some(tag) = tag else {
        return Ok(());
    };
    let Some(kind) = tag.suffix.strip_prefix("ruby/") else {
        return Ok(());
    };
    let class = kind.split_once(':').map_or("", |it| it.1);
    let known = match kind {
        "sym" | "symbol" | "string" => true,
        _ => kind.starts_with("object:") && CLASSES.contains(&class),
    };
    if known {
        Ok(())
    } else {
        Err(YamlError::Class(kind.chars().take(100).collect()))
    }
}

/// Decodes base 64, in which old writers of YAML put every text that is not ASCII, whatever
/// encoding it had.
fn binary(text: &str) -> Option<String> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut held) = (0_u32, 0);
    for byte in text.bytes().filter(|b| !b.is_ascii_whitespace()) {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            b'=' => continue,
            _ => return None,
        };
        bits = bits << 6 | u32::from(value);
        held += 6;
        if held >= 8 {
            held -= 8;
            out.push(u8::try_from(bits >> held & 0xff).expect("masked to a byte"));
        }
    }
    Some(decoded(&out).0.into_owned())
}
