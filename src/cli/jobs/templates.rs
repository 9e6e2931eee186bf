//! The templates that `--template` names, read and checked before any job runs.

use crate::import::spec::{TemplateKey, Templates};
use std::fs::File;
use std::io::{self, Read as _};

/// Bytes of a template.
const MAX_TEMPLATE: u64 = 1 << 20;

/// Reads each template, given as `KIND[:NAME]=FILE`; mistakes are added to the list.
pub(in crate::cli) fn templates(texts: &[String], mistakes: &mut Vec<String>) -> Templates {
    let mut templates = Templates::default();
    for text in texts {
        if let Err(mistake) = take(&mut templates, text) {
            mistakes.push(format!("--template {mistake}"));
        }
    }
    templates
}

fn take(templates: &mut Templates, text: &str) -> Result<(), String> {
    let Some((key, file)) = text.split_once('=').filter(|it| !it.1.is_empty()) else {
        return Err(format!("{text:?} is not of the form KIND[:NAME]=FILE"));
    };
    let parsed: TemplateKey = key.parse().map_err(|error| format!("{error}"))?;
    let text = read(file).map_err(|error| format!("{file}: {error}"))?;
    match templates.set(parsed, file, text) {
        Ok(true) => Ok(()),
        Ok(false) => Err(format!("{key} is given twice")),
        Err(error) => Err(error.to_string()),
    }
}

fn read(path: &str) -> io::Result<String> {
    let mut text = String::new();
    let mut file = File::open(path)?.take(MAX_TEMPLATE + 1);
    file.read_to_string(&mut text)?;
    match text.len() as u64 > MAX_TEMPLATE {
        true => Err(io::Error::other(format!("more than {MAX_TEMPLATE} bytes"))),
        false => Ok(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mistake_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name).display().to_string();
        std::fs::write(path("good"), "Name: {{ name }}\n").unwrap();
        std::fs::write(path("bad"), "\n{% endif %}\n").unwrap();
        std::fs::write(path("latin"), b"\xe9").unwrap();
        std::fs::write(path("long"), vec![b'x'; (1 << 20) + 1]).unwrap();
        let texts = [
            format!("pypi={}", path("good")),
            format!("pypi:Foo.Bar={}", path("good")),
            "pypi".to_owned(),
            "gem=".to_owned(),
            format!("npm={}", path("good")),
            format!("gem={}", path("none")),
            format!("gem={}", path("bad")),
            format!("gem={}", path("latin")),
            format!("gem={}", path("long")),
            format!("pypi:foo-bar={}", path("good")),
        ];
        let mut mistakes = Vec::new();
        let made = templates(&texts, &mut mistakes);
        assert_ne!(made, Templates::default());
        let ends = [
            "\"pypi\" is not of the form KIND[:NAME]=FILE",
            "\"gem=\" is not of the form KIND[:NAME]=FILE",
            "\"npm\" names no template",
            "No such file",
            "bad, line 2: syntax error",
            "latin: ",
            "more than 1048576 bytes",
            "pypi:foo-bar is given twice",
        ];
        assert_eq!(mistakes.len(), ends.len(), "{mistakes:#?}");
        for (mistake, part) in mistakes.iter().zip(ends) {
            assert!(mistake.contains(part), "{part}: {mistake}");
        }
    }
}
