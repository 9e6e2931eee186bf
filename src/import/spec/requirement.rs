//! A gem's requirement on a version, as an RPM dependency.

use super::escape::SpecText;
use crate::import::description::GemRequirement;
use crate::model::version::GemVersion;

/// The dependencies on `name` that say the same as the requirements; just the name where they ask
/// for nothing. A requirement that is none by RubyGems' rules asks for nothing.
pub(super) fn dependencies(name: &'static str, requirements: &[GemRequirement]) -> Vec<SpecText> {
    let mut out: Vec<SpecText> = requirements
        .iter()
        .flat_map(|it| bounds(name, it))
        .collect();
    if out.is_empty() {
        out.push(SpecText::ours(name));
    }
    out
}

fn bounds(name: &'static str, requirement: &GemRequirement) -> Vec<SpecText> {
    let Ok(version) = requirement.version.parse::<GemVersion>() else {
        return Vec::new();
    };
    let compare = |operator: &'static str, version: &str| {
        let version = SpecText::word(version)?;
        Some(SpecText::concat(&[
            SpecText::ours(name),
            SpecText::ours(operator),
            version,
        ]))
    };
    let text = version.to_rpm().version;
    let bounds = match requirement.operator.as_str() {
        ">=" if is_zero(&text) => Vec::new(),
        ">=" => vec![compare(" >= ", &text)],
        ">" => vec![compare(" > ", &text)],
        "<=" => vec![compare(" <= ", &text)],
        "<" => vec![compare(" < ", &text)],
        "=" => vec![compare(" = ", &text)],
        "~>" => vec![compare(" >= ", &text), compare(" < ", &bumped(&text))],
        "!=" => vec![except(name, &text)],
        _ => Vec::new(),
    };
    bounds.into_iter().flatten().collect()
}

/// Anything but one version: two bounds of which one must hold.
fn except(name: &'static str, version: &str) -> Option<SpecText> {
    let version = SpecText::word(version)?;
    Some(SpecText::concat(&[
        SpecText::ours("("),
        SpecText::ours(name),
        SpecText::ours(" < "),
        version.clone(),
        SpecText::ours(" or "),
        SpecText::ours(name),
        SpecText::ours(" > "),
        version,
        SpecText::ours(")"),
    ]))
}

fn is_zero(version: &str) -> bool {
    version.chars().all(|c| c == '0' || c == '.')
}

/// The first version that `~>` no longer takes: the last number goes, the one before it rises.
fn bumped(version: &str) -> String {
    let release = version.split('~').next().unwrap_or_default();
    let mut numbers: Vec<&str> = release.split('.').collect();
    if numbers.len() > 1 {
        numbers.pop();
    }
    let last = numbers.pop().unwrap_or_default();
    // A number too long to count with bounds nothing that exists.
    let risen = last
        .parse::<u64>()
        .unwrap_or(u64::MAX - 1)
        .saturating_add(1);
    let mut out: Vec<String> = numbers.iter().map(ToString::to_string).collect();
    out.push(risen.to_string());
    out.join(".")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(requirements: &[(&str, &str)]) -> Vec<String> {
        let requirements: Vec<GemRequirement> = requirements
            .iter()
            .map(|(operator, version)| GemRequirement {
                operator: (*operator).to_owned(),
                version: (*version).to_owned(),
            })
            .collect();
        dependencies("ruby", &requirements)
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    #[test]
    fn requirements_become_bounds() {
        assert_eq!(said(&[("~>", "2.1")]), ["ruby >= 2.1", "ruby < 3"]);
        assert_eq!(said(&[("~>", "2.1.3")]), ["ruby >= 2.1.3", "ruby < 2.2"]);
        assert_eq!(said(&[("~>", "2")]), ["ruby >= 2", "ruby < 3"]);
        assert_eq!(said(&[("~>", "2.1.a.1")]), ["ruby >= 2.1~a.1", "ruby < 3"]);
        assert_eq!(said(&[("!=", "1.5")]), ["(ruby < 1.5 or ruby > 1.5)"]);
        assert_eq!(
            said(&[(">=", "2.5"), ("<", "3.3.dev")]),
            ["ruby >= 2.5", "ruby < 3.3~dev"]
        );
        assert_eq!(said(&[("=", "1")]), ["ruby = 1"]);
    }

    #[test]
    fn no_bound_is_just_the_name() {
        for none in [
            &[(">=", "0")][..],
            &[(">=", "0.0")],
            &[],
            &[("%(x)", "1")],
            &[(">", "%(x)")],
        ] {
            assert_eq!(said(none), ["ruby"]);
        }
    }
}
