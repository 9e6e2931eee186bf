//! From SOURCE arguments to a list of sources: lists are opened, every line is read.
//!
//! A mistake in an argument is wrong usage and stops everything; a mistake in a list costs only
//! its own line, as lists are long and made by programs.

use crate::import::job::{Source, SourceError};
use std::fs;
use std::io::{self, Read as _};

/// One entry: what was written, and what it means or why it means nothing.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::cli) struct Entry {
    pub(in crate::cli) text: String,
    pub(in crate::cli) source: Result<Source, SourceError>,
}

/// Opens the arguments, in their order.
///
/// # Errors
/// Every mistake in the arguments themselves, and every list that cannot be read.
pub(in crate::cli) fn expand(arguments: &[String]) -> Result<Vec<Entry>, Vec<String>> {
    let mut entries = Vec::new();
    let mut mistakes = Vec::new();
    for argument in arguments {
        let list = match argument.strip_prefix('@') {
            Some(path) => Some((path, fs::read(path))),
            None if argument == "-" => Some(("stdin", read_stdin())),
            None => None,
        };
        match list {
            Some((_, Ok(bytes))) => {
                entries.extend(parse_list(&String::from_utf8_lossy(&bytes)));
            }
            Some((name, Err(error))) => {
                mistakes.push(format!("cannot read the list {name}: {error}"));
            }
            None => match argument.parse() {
                Ok(source) => entries.push(Entry {
                    text: argument.clone(),
                    source: Ok(source),
                }),
                Err(error) => mistakes.push(mistake(argument, &error)),
            },
        }
    }
    match mistakes.is_empty() {
        true => Ok(entries),
        false => Err(mistakes),
    }
}

fn read_stdin() -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    io::stdin().lock().read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// One source a line; empty lines and `#` comments are passed over.
fn parse_list(text: &str) -> impl Iterator<Item = Entry> {
    text.lines()
        .map(|line| match line.find(" #") {
            Some(comment) => line[..comment].trim(),
            None => line.trim(),
        })
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| {
            let source = line.parse();
            let text = source
                .as_ref()
                .map_or_else(SourceError::text, |_: &Source| line);
            Entry {
                text: text.to_owned(),
                source,
            }
        })
}

fn mistake(argument: &str, error: &SourceError) -> String {
    let plain = argument
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || b"._-=".contains(&b));
    match error {
        SourceError::Form(_) if plain && !argument.is_empty() => {
            format!("{error}; did you mean pypi:{argument} or gem:{argument}?")
        }
        SourceError::Secret { .. } => error.to_string(),
        _ => format!("{error}\n       hint: {}", error.code().hint()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_opened_and_comments_passed_over() {
        let list = tempfile::NamedTempFile::new().unwrap();
        fs::write(
            list.path(),
            "# all\n\n pypi:six # the first\ngem:rake==1\nnonsense\n",
        )
        .unwrap();
        let arguments = ["a.gem".to_owned(), format!("@{}", list.path().display())];
        let entries = expand(&arguments).unwrap();
        let texts: Vec<&str> = entries.iter().map(|it| it.text.as_str()).collect();
        assert_eq!(texts, ["a.gem", "pypi:six", "gem:rake==1", "nonsense"]);
        assert!(entries[3].source.is_err());
    }

    #[test]
    fn all_mistakes_are_listed() {
        let arguments = ["six".to_owned(), "@/nowhere".to_owned(), "a/b".to_owned()];
        let mistakes = expand(&arguments).unwrap_err();
        assert_eq!(mistakes.len(), 3);
        assert!(
            mistakes[0].contains("did you mean pypi:six"),
            "{mistakes:?}"
        );
    }
}
