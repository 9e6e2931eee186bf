//! The tags that a build asks its builder for, and why.
//!
//! Their union: the deployment's base tag, `arch_{arch}`, those of the target, and those of every
//! rule whose pattern matches `owner/project/target/package` from the start (it need not match all of
//! it). Pure. A rule whose pattern is none is reported and skipped: one slip must not stop the builds
//! of everybody else.

use super::target::Target;
use crate::model::{Code, Project};
use regex::Regex;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt;

/// The base tag unless the deployment names another one.
pub const BASE: &str = "copr_builder";

/// A rule as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// A regular expression.
    pub pattern: String,
    /// The tags of builds that it matches.
    pub tags: Vec<String>,
}

/// A rule that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the rule with the pattern {pattern:?} is skipped: {problem}")]
pub struct BadRule {
    /// The pattern.
    pub pattern: String,
    /// What is wrong with it.
    pub problem: String,
}

impl BadRule {
    /// The stable code of this failure.
    #[must_use]
    pub const fn code(&self) -> Code {
        Code::BuildSettings
    }
}

/// Why a build asks for a tag.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "from")]
pub enum Why {
    /// Every build does.
    Base,
    /// For the target's architecture.
    Architecture,
    /// The target says so.
    Target,
    /// A rule says so.
    Rule {
        /// Its pattern.
        pattern: String,
    },
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Base => f.write_str("every build has it"),
            Self::Architecture => f.write_str("the architecture of the target"),
            Self::Target => f.write_str("a tag of the target"),
            Self::Rule { pattern } => write!(f, "the rule {pattern}"),
        }
    }
}

/// The rules of a deployment, ready for use.
#[derive(Clone, Debug)]
pub struct Rules {
    base: String,
    rules: Vec<(Regex, Rule)>,
}

impl Rules {
    /// Takes the rules that can be used; the second value is the others.
    #[must_use]
    pub fn new(base: &str, rules: Vec<Rule>) -> (Self, Vec<BadRule>) {
        let (mut good, mut bad) = (Vec::new(), Vec::new());
        for rule in rules {
            match matcher(&rule.pattern) {
                Ok(regex) => good.push((regex, rule)),
                Err(problem) => bad.push(BadRule {
                    pattern: rule.pattern,
                    problem,
                }),
            }
        }
        let base = base.to_owned();
        (Self { base, rules: good }, bad)
    }

    /// The base tag and those of all rules.
    pub fn all(&self) -> impl Iterator<Item = &str> {
        let rules = self.rules.iter().flat_map(|it| &it.1.tags);
        std::iter::once(&self.base).chain(rules).map(String::as_str)
    }

    /// The tags of a build, sorted, each with every reason for it.
    #[must_use]
    pub fn tags(
        &self,
        target: &Target,
        project: &Project,
        package: &str,
    ) -> BTreeMap<String, Vec<Why>> {
        let mut out: BTreeMap<String, Vec<Why>> = BTreeMap::new();
        let mut add = |tag: &str, why: Why| out.entry(tag.to_owned()).or_default().push(why);
        add(&self.base, Why::Base);
        add(&format!("arch_{}", target.architecture), Why::Architecture);
        for tag in &target.tags {
            add(tag, Why::Target);
        }
        let path = format!("{project}/{}/{package}", target.name);
        for (regex, rule) in &self.rules {
            if !regex.is_match(&path) {
                continue;
            }
            for tag in &rule.tags {
                let pattern = rule.pattern.clone();
                add(tag, Why::Rule { pattern });
            }
        }
        out
    }
}

/// An expression that matches where `pattern` does at the very start. It is tried on its own first:
/// what closes a group that it never opened must not close ours.
fn matcher(pattern: &str) -> Result<Regex, String> {
    let problem = |error: regex::Error| {
        let text = error.to_string();
        text.lines().last().unwrap_or_default().trim().to_owned()
    };
    Regex::new(pattern).map_err(problem)?;
    Regex::new(&format!(r"\A(?:{pattern})")).map_err(problem)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(list: &[(&str, &[&str])]) -> (Rules, Vec<BadRule>) {
        let rule = |it: &(&str, &[&str])| Rule {
            pattern: it.0.to_owned(),
            tags: it.1.iter().map(|it| (*it).to_owned()).collect(),
        };
        Rules::new(BASE, list.iter().map(rule).collect())
    }

    #[test]
    fn tags_are_a_union_and_each_has_its_reasons() {
        let (rules, bad) = rules(&[
            (
                "john/projectX.*/fedora-.*-x86_64/chromium",
                &["powerful", "arch_x86_64"],
            ),
            ("@team/", &["team"]),
            ("projectX", &["never"]),
            ("a|john", &["either"]),
        ]);
        assert!(bad.is_empty());
        let mut target = Target::named("fedora-42-x86_64");
        target.tags = vec!["fast".to_owned()];
        let project = Project::parse("john/projectX2").unwrap();
        let tags = rules.tags(&target, &project, "chromium-bsu");
        let names: Vec<&str> = tags.keys().map(String::as_str).collect();
        assert_eq!(
            names,
            ["arch_x86_64", "copr_builder", "either", "fast", "powerful"]
        );
        assert_eq!(tags["arch_x86_64"].len(), 2);
        assert_eq!(tags["copr_builder"], [Why::Base]);
        assert!(tags["powerful"][0].to_string().contains("chromium"));
        let team = Project::parse("@team/x").unwrap();
        let tags = rules.tags(&Target::named("sources-noarch"), &team, "a");
        let names: Vec<&str> = tags.keys().map(String::as_str).collect();
        assert_eq!(names, ["arch_noarch", "copr_builder", "team"]);
    }

    #[test]
    fn a_bad_rule_is_reported_and_the_others_hold() {
        let (rules, bad) = rules(&[
            ("(unclosed", &["a"]),
            ("x)|(?:", &["b"]),
            ("(?=look)ahead", &["c"]),
            ("", &["all"]),
        ]);
        assert_eq!(bad.len(), 3, "{bad:?}");
        assert!(bad[0].to_string().contains("(unclosed"), "{}", bad[0]);
        let project = Project::parse("a/b").unwrap();
        let tags = rules.tags(&Target::named("x-noarch"), &project, "c");
        assert!(tags.contains_key("all") && tags.len() == 3);
    }
}
