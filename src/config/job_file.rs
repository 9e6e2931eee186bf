//! What a file may say about making packages, for the commands that make them.
//!
//! ```toml
//! contact = "ops@example.org"
//!
//! [registries]
//! pypi = "https://mirror.example.org/"
//!
//! [templates]
//! gem = "gem.spec"
//! "pypi:numpy" = "numpy.spec"
//! ```

use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Settings of a file; what it does not say is none. Keys have dashes, and unknown ones are
/// refused.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct JobFile {
    /// Address of the operator, for the User-Agent.
    pub contact: Option<String>,
    /// Addresses of registries by their ecosystem.
    pub registries: BTreeMap<String, String>,
    /// Files of templates by `KIND` or `KIND:NAME`.
    pub templates: BTreeMap<String, PathBuf>,
}

impl JobFile {
    /// Reads the text of a file that lies in `folder`, which relative paths begin at.
    ///
    /// # Errors
    /// Names the line and the mistake.
    pub fn from_toml(text: &str, folder: &Path) -> Result<Self, toml::de::Error> {
        let mut file: Self = toml::from_str(text)?;
        for path in file.templates.values_mut() {
            *path = folder.join(&*path);
        }
        Ok(file)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_begin_at_the_file_and_unknown_keys_are_refused() {
        let text = "contact = 'a'\n[templates]\ngem = 'g.spec'\n'pypi:x' = '/x.spec'\n";
        let file = JobFile::from_toml(text, Path::new("/etc/distmill")).unwrap();
        assert_eq!(file.templates["gem"], Path::new("/etc/distmill/g.spec"));
        assert_eq!(file.templates["pypi:x"], Path::new("/x.spec"));
        let error = JobFile::from_toml("template = 1", Path::new("/")).unwrap_err();
        assert!(error.to_string().contains("template"), "{error}");
    }
}
