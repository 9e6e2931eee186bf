//! Where the source packages go, and the macros of a spec that is packed, checked.

use super::arguments::Arguments;
use crate::import::pipeline::Destination;

/// A folder.
pub(super) fn destination(arguments: &Arguments) -> Destination {
    Destination::Folder {
        path: arguments.output.clone(),
        specs: arguments.spec,
    }
}

/// Names and bodies of macros; mistakes are added to the list.
pub(super) fn defines(texts: &[String], mistakes: &mut Vec<String>) -> Vec<(String, String)> {
    let mut out = Vec::new();
    for text in texts {
        let (name, body) = text.trim().split_once([' ', '\t']).unwrap_or((text, ""));
        let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if name.is_empty() || !name.chars().all(word) || name.starts_with(|c: char| c.is_numeric())
        {
            mistakes.push(format!(
                "--define {text:?} is not of the form \"NAME BODY\""
            ));
        } else {
            out.push((name.to_owned(), body.trim().to_owned()));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn macros_are_a_name_and_a_body() {
        let mut mistakes = Vec::new();
        let texts = ["fedora 42", "x", "a  b c ", "1a x", "a-b x", ""];
        let texts = texts.map(str::to_owned);
        let found = defines(&texts, &mut mistakes);
        let pair = |name: &str, body: &str| (name.to_owned(), body.to_owned());
        let expected = [pair("fedora", "42"), pair("x", ""), pair("a", "b c")];
        assert_eq!(found, expected);
        assert_eq!(mistakes.len(), 3, "{mistakes:?}");
    }
}
