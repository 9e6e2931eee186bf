//! The templates that `--template` and the configuration file name, read and checked before any job runs.

use crate::config::JobFile;
use crate::import::spec::{TemplateKey, Templates};
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Read as _};

/// Bytes of a template.
const MAX_TEMPLATE: u64 = 1 << 20;

/// Reads the templates of the configuration file and those given as `KIND[:NAME]=FILE`, which go
/// before it; mistakes are added to the list.
pub(super) fn templates(file: &JobFile, texts: &[String], mistakes: &mut Vec<String>) -> Templates {
    let mut templates = Templates::default();
    for (key, path) in &file.templates {
        if let Err(mistake) = take(&mut templates, key, &path.display().to_string()) {
            mistakes.push(format!("[templates] {mistake}"));
        }
    }
    let mut given = BTreeSet::new();
    for text in texts {
        let taken = match text.split_once('=').filter(|it| !it.1.is_empty()) {
            Some((key, file)) => take(&mut templates, key, file).and_then(|it| {
                let is_new = given.insert(it);
                is_new.then_some(()).ok_or(format!("{key} is given twice"))
            }),
            None => Err(format!("{text:?} is not of the form KIND[:NAME]=FILE")),
        };
        if let Err(mistake) = taken {
            mistakes.push(format!("--template {mistake}"));
        }
    }
    templates
}

/// What the template is for.
fn take(templates: &mut Templates, key: &str, file: &str) -> Result<TemplateKey, String> {
    let parsed: TemplateKey = key.parse().map_err(|error| format!("{error}"))?;
    let text = read(file).map_err(|error| format!("{file}: {error}"))?;
    let set = templates.set(parsed.clone(), file, text);
    set.map(|()| parsed).map_err(|error| error.to_string())
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
        let made = templates(&JobFile::default(), &texts, &mut mistakes);
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
