//! The fields of a `Gem::Specification`, taken from its tree.
//!
//! Gems of twenty years differ: a version is a map or a text, a requirement stands under three
//! names, lists may be single texts or lists of lists.

use super::yaml::{Id, Node, Tree};
use crate::import::description::{GemDependency, GemRequirement};
use crate::import::source::read_error::{ReadError, shortened};
use crate::model::version::GemVersion;

/// What errors call the member.
pub(super) const PATH: &str = "metadata.gz";

/// Texts of one list that are kept.
const MAX_LIST: usize = 10_000;

/// What a gem says about itself.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Specification {
    pub(super) name: String,
    pub(super) version: String,
    pub(super) summary: Option<String>,
    pub(super) description: Option<String>,
    pub(super) homepage: Option<String>,
    pub(super) licenses: Vec<String>,
    pub(super) authors: Vec<String>,
    pub(super) dependencies: Vec<GemDependency>,
    pub(super) required_ruby: Vec<GemRequirement>,
    pub(super) required_rubygems: Vec<GemRequirement>,
    pub(super) executables: Vec<String>,
    pub(super) bindir: String,
    pub(super) extensions: Vec<String>,
    pub(super) require_paths: Vec<String>,
    pub(super) extra_documents: Vec<String>,
}

impl Specification {
    /// Reads the YAML of a gem's metadata.
    pub(super) fn parse(text: &str) -> Result<Self, ReadError> {
        let tree = Tree::parse(text).map_err(|it| invalid(it.to_string()))?;
        let fields = Fields { tree: &tree };
        if !matches!(tree.node(tree.root()), Node::Map(_)) {
            return Err(invalid("it is no map"));
        }
        fields.check_platform()?;
        let dependencies = fields.dependencies()?;
        let mut require_paths = fields.paths("require_paths")?;
        if require_paths.is_empty() {
            require_paths = fields.paths("require_path")?;
        }
        if require_paths.is_empty() {
            require_paths.push("lib".to_owned());
        }
        let mut licenses = fields.list("licenses");
        if licenses.is_empty() {
            licenses = fields.list("license");
        }
        Ok(Self {
            name: fields.name()?,
            version: fields.version()?,
            summary: fields.text("summary"),
            description: fields.text("description"),
            homepage: fields.text("homepage"),
            licenses,
            authors: fields.either("authors", "author"),
            dependencies,
            required_ruby: fields.requirements("required_ruby_version")?,
            required_rubygems: fields.requirements("required_rubygems_version")?,
            executables: fields.executables()?,
            bindir: fields.bindir()?,
            extensions: fields.paths("extensions")?,
            require_paths,
            extra_documents: fields.list("extra_rdoc_files"),
        })
    }
}

fn invalid(problem: impl Into<String>) -> ReadError {
    ReadError::invalid(PATH, problem)
}

/// The fields of one specification.
struct Fields<'t> {
    tree: &'t Tree,
}

impl Fields<'_> {
    fn get(&self, key: &str) -> Option<Id> {
        self.tree.get(self.tree.root(), key)
    }

    /// A text that is not empty.
    fn text(&self, key: &str) -> Option<String> {
        let text = self.get(key).and_then(|it| self.tree.text(it))?.trim();
        (!text.is_empty()).then(|| text.to_owned())
    }

    /// The texts of a list that are not empty.
    fn list(&self, key: &str) -> Vec<String> {
        let mut list = self
            .get(key)
            .map(|it| self.tree.texts(it, MAX_LIST))
            .unwrap_or_default();
        list.retain(|it| !it.trim().is_empty());
        list
    }

    fn either(&self, key: &str, other: &str) -> Vec<String> {
        let list = self.list(key);
        if list.is_empty() {
            self.list(other)
        } else {
            list
        }
    }

    fn name(&self) -> Result<String, ReadError> {
        let name = self
            .text("name")
            .ok_or_else(|| invalid("there is no name"))?;
        let allowed = |b: u8| b.is_ascii_alphanumeric() || b"._-".contains(&b);
        let starts = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if !name.starts_with(starts) || !name.bytes().all(allowed) {
            let problem = format!("{:?} is not the name of a gem", shortened(&name));
            return Err(invalid(problem));
        }
        Ok(name)
    }

    fn version(&self) -> Result<String, ReadError> {
        let value = self.get("version").and_then(|it| self.version_text(it));
        self.checked_version(value.ok_or_else(|| invalid("there is no version"))?)
    }

    /// The text of a version, which is a map of its own in most gems.
    fn version_text(&self, id: Id) -> Option<&str> {
        let inner = self.tree.get(id, "version").unwrap_or(id);
        self.tree.text(inner)
    }

    fn checked_version(&self, text: &str) -> Result<String, ReadError> {
        match text.parse::<GemVersion>() {
            Ok(version) => Ok(version.to_string()),
            Err(_) => Err(ReadError::Version {
                path: PATH.to_owned(),
                version: shortened(text),
            }),
        }
    }

    /// Only gems that are not tied to a platform have a source to build.
    fn check_platform(&self) -> Result<(), ReadError> {
        let Some(id) = self.get("platform") else {
            return Ok(());
        };
        let refused = |platform: &str| ReadError::Platform {
            platform: shortened(platform),
        };
        match self.tree.node(id) {
            Node::Text(text) if matches!(text.as_str(), "" | "ruby") => Ok(()),
            Node::Text(text) => Err(refused(text)),
            Node::Map(_) => {
                let part = |key| self.tree.get(id, key).and_then(|it| self.tree.text(it));
                let parts: Vec<&str> = ["cpu", "os", "version"]
                    .into_iter()
                    .filter_map(part)
                    .collect();
                Err(refused(&parts.join("-")))
            }
            Node::Null | Node::List(_) => Err(invalid("the platform is no text and no platform")),
        }
    }

    fn dependencies(&self) -> Result<Vec<GemDependency>, ReadError> {
        let Some(id) = self.get("dependencies") else {
            return Ok(Vec::new());
        };
        let Node::List(list) = self.tree.node(id) else {
            return Err(invalid("the dependencies are no list"));
        };
        let mut out = Vec::new();
        for it in list {
            let name = self.tree.get(*it, "name").and_then(|it| self.tree.text(it));
            let name = name.ok_or_else(|| invalid("a dependency has no name"))?;
            let kind = self.tree.get(*it, "type").and_then(|it| self.tree.text(it));
            // Gems that are older than the distinction have no type.
            if !matches!(kind, None | Some(":runtime" | "runtime")) {
                continue;
            }
            let keys = ["requirement", "version_requirements", "version_requirement"];
            let requirement = keys.iter().find_map(|key| self.tree.get(*it, key));
            out.push(GemDependency {
                name: name.to_owned(),
                requirements: requirement.map_or(Ok(Vec::new()), |it| self.requirement(it))?,
            });
        }
        Ok(out)
    }

    fn requirements(&self, key: &str) -> Result<Vec<GemRequirement>, ReadError> {
        self.get(key)
            .map_or(Ok(Vec::new()), |it| self.requirement(it))
    }

    /// A requirement: a map with a list of pairs, or such a list, or one text.
    fn requirement(&self, id: Id) -> Result<Vec<GemRequirement>, ReadError> {
        let list = self.tree.get(id, "requirements").unwrap_or(id);
        match self.tree.node(list) {
            Node::Null | Node::Map(_) => Ok(Vec::new()),
            Node::Text(text) => Ok(vec![self.comparison_of_text(text)?]),
            Node::List(pairs) => pairs.iter().map(|it| self.comparison(*it)).collect(),
        }
    }

    /// One comparison: a pair of an operator and a version, or one text.
    fn comparison(&self, id: Id) -> Result<GemRequirement, ReadError> {
        match self.tree.node(id) {
            Node::Text(text) => self.comparison_of_text(text),
            Node::List(pair) => {
                let &[operator, version] = pair.as_slice() else {
                    return Err(invalid("a requirement is no pair"));
                };
                let operator = match self.tree.node(operator) {
                    Node::Text(text) => text.as_str(),
                    // What a fault of the old YAML writer made of `=`.
                    Node::Map(_) => "=",
                    Node::Null | Node::List(_) => "",
                };
                let version = self.version_text(version);
                self.checked_comparison(operator, version.unwrap_or_default())
            }
            Node::Null | Node::Map(_) => Err(invalid("a requirement is no pair")),
        }
    }

    fn comparison_of_text(&self, text: &str) -> Result<GemRequirement, ReadError> {
        let text = text.trim();
        let at = text.find(|c| !"=!<>~".contains(c)).unwrap_or(text.len());
        let (operator, version) = text.split_at(at);
        self.checked_comparison(if operator.is_empty() { "=" } else { operator }, version)
    }

    fn checked_comparison(
        &self,
        operator: &str,
        version: &str,
    ) -> Result<GemRequirement, ReadError> {
        if !matches!(operator, "=" | "!=" | ">" | "<" | ">=" | "<=" | "~>") {
            let problem = format!("{:?} is no comparison", shortened(operator));
            return Err(invalid(problem));
        }
        Ok(GemRequirement {
            operator: operator.to_owned(),
            version: self.checked_version(version)?,
        })
    }

    fn executables(&self) -> Result<Vec<String>, ReadError> {
        let list = self.list("executables");
        match list.iter().find(|it| !crate::model::is_safe_file_name(it)) {
            None => Ok(list),
            Some(it) => {
                let problem = format!("{:?} is not the name of an executable", shortened(it));
                Err(invalid(problem))
            }
        }
    }

    fn bindir(&self) -> Result<String, ReadError> {
        let bindir = self.text("bindir").unwrap_or_else(|| "bin".to_owned());
        checked_path("bindir", bindir)
    }

    /// Paths that stay within the gem.
    fn paths(&self, key: &str) -> Result<Vec<String>, ReadError> {
        let list = self.list(key).into_iter();
        list.map(|it| checked_path(key, it)).collect()
    }
}

fn checked_path(key: &str, path: String) -> Result<String, ReadError> {
    let leaves = path.starts_with('/') || path.split('/').any(|it| it == "..");
    if leaves || path.chars().any(char::is_control) {
        let problem = format!("{key}: {:?} leaves the gem", shortened(&path));
        return Err(invalid(problem));
    }
    Ok(path)
}

#[cfg(test)]
mod tests;
