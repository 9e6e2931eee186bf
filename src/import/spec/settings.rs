//! What the operator decides about specs.

use super::error::Error;
use super::parse::ParseSettings;
use crate::config::Identity;
use crate::model::Ecosystem;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, UndefinedBehavior};
use serde::Serialize;

/// How specs are made.
#[derive(Clone, Debug)]
pub struct SpecSettings {
    /// The suffix of the release, such as `.fc43`; with its dot.
    pub dist: String,
    /// The architecture that the header of an archful package names.
    pub arch: String,
    /// Who stands in the changelog.
    pub identity: Identity,
    /// The templates.
    pub templates: Templates,
}

impl SpecSettings {
    /// How the specs made so are to be read back.
    #[must_use]
    pub fn parse_settings(&self) -> ParseSettings {
        ParseSettings {
            dist: self.dist.clone(),
            arch: self.arch.clone(),
            defines: Vec::new(),
        }
    }
}

/// One template an ecosystem, in the language of minijinja.
///
/// Values are safe in tags, descriptions, the changelog and `%files`, as the built-in templates
/// use them. Only names, versions and folders are safe in shell sections and macros.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Templates {
    pypi: String,
    gem: String,
}

impl Default for Templates {
    fn default() -> Self {
        Self {
            pypi: include_str!("templates/pypi.spec").to_owned(),
            gem: include_str!("templates/gem.spec").to_owned(),
        }
    }
}

impl Templates {
    /// Replaces one template.
    ///
    /// # Errors
    /// Says where the template cannot be read.
    pub fn set(&mut self, ecosystem: Ecosystem, text: String) -> Result<(), Error> {
        environment()
            .template_from_str(&text)
            .map_err(|source| Error::Template { ecosystem, source })?;
        match ecosystem {
            Ecosystem::Pypi => self.pypi = text,
            Ecosystem::Gem => self.gem = text,
        }
        Ok(())
    }

    /// Fills in the template of an ecosystem.
    pub(super) fn render(
        &self,
        ecosystem: Ecosystem,
        values: &impl Serialize,
    ) -> Result<String, Error> {
        let text = match ecosystem {
            Ecosystem::Pypi => &self.pypi,
            Ecosystem::Gem => &self.gem,
        };
        environment()
            .render_str(text, Serde(values))
            .map_err(|source| Error::Template { ecosystem, source })
    }
}

fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    // Escaping for HTML would not make anything safe here; see `escape`.
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_syntax(
        SyntaxConfig::builder()
            .trim_blocks(true)
            .lstrip_blocks(true)
            .keep_trailing_newline(true)
            .build()
            .expect("whitespace options never conflict"),
    );
    environment
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_template_is_refused() {
        let mut templates = Templates::default();
        let error = templates
            .set(Ecosystem::Pypi, "Name: {{ name".to_owned())
            .unwrap_err();
        assert_eq!(error.code(), crate::model::Code::SpecInvalid);
        assert_eq!(templates, Templates::default());
    }

    /// RPM expands these a second time, and their values are upstream's.
    #[test]
    fn templates_use_no_macro_that_holds_upstream_text() {
        let templates = Templates::default();
        for text in [&templates.pypi, &templates.gem] {
            for name in ["summary", "url", "license", "description"] {
                for call in [
                    format!("%{{{name}"),
                    format!("%{{?{name}"),
                    format!("%{{!?{name}"),
                ] {
                    assert!(!text.to_lowercase().contains(&call), "{call}");
                }
            }
            assert!(!text.contains("%url") && !text.contains("%summary"));
        }
    }
}
