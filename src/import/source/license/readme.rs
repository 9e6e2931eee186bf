//! The part of a README that is about its license.
//!
//! A heading is told by markup (`#`, `=`, bold, a line of dashes below) or by standing alone. The
//! part ends where the next heading of the same or a higher rank begins.

/// Words that a heading on licenses is made of.
const WORDS: &[&str] = &[
    "license",
    "licence",
    "licenses",
    "licensing",
    "copying",
    "copyright",
    "legal",
];
/// Words that may stand beside them.
const BESIDE: &[&str] = &[
    "and",
    "the",
    "mit",
    "bsd",
    "isc",
    "apache",
    "terms",
    "information",
];

/// A heading and where its text begins.
struct Heading {
    /// The lower the higher.
    rank: usize,
    is_license: bool,
    line: usize,
    body: usize,
}

/// The text below the heading on the license, where there is one.
pub(super) fn license_section(text: &str) -> Option<String> {
    let lines: Vec<&str> = text.lines().collect();
    let headings: Vec<Heading> = (0..lines.len())
        .filter_map(|at| heading(&lines, at))
        .collect();
    let number = headings.iter().position(|it| it.is_license)?;
    let own = &headings[number];
    let later = headings[number + 1..].iter();
    let end = later
        .filter(|it| it.rank <= own.rank)
        .map(|it| it.line)
        .next()
        .unwrap_or(lines.len());
    Some(lines[own.body..end.max(own.body)].join("\n"))
}

fn heading(lines: &[&str], at: usize) -> Option<Heading> {
    let line = lines[at].trim_end();
    let below = lines.get(at + 1).map_or("", |it| it.trim());
    let marks = |mark: char| line.chars().take_while(|it| *it == mark).count();
    let underlined = |mark: &str| below.len() >= 3 && below.chars().all(|it| mark.contains(it));
    let is_text = line.contains(char::is_alphanumeric);
    let (rank, title, lines_taken) = if !is_text || line.len() > 200 {
        return None;
    } else if let n @ 1..=6 = marks('#') {
        (n, &line[n..], 1)
    } else if let n @ 1..=6 = marks('=') {
        (n, &line[n..], 1)
    } else if underlined("=") {
        (1, line, 2)
    } else if underlined("-~^*\"+") {
        (2, line, 2)
    } else {
        let bold = line.starts_with("**") && line.ends_with("**");
        let alone = at == 0 || lines[at - 1].trim().is_empty();
        let plain = alone && below.is_empty() && is_license_title(line);
        if !(bold || plain) {
            return None;
        }
        (6, line, 1)
    };
    Some(Heading {
        rank,
        is_license: is_license_title(title),
        line: at,
        body: at + lines_taken,
    })
}

/// Whether a heading is about the license and nothing else.
fn is_license_title(title: &str) -> bool {
    let lower = title.to_lowercase();
    let words = lower.split(|c: char| !c.is_alphanumeric());
    let words: Vec<&str> = words.filter(|it| !it.is_empty()).collect();
    let known = |it: &&str| WORDS.contains(it) || BESIDE.contains(it);
    words.iter().all(known) && words.iter().any(|it| WORDS.contains(it))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_style_of_heading_is_found() {
        for text in [
            "# Name\nx\n## License\n\nthe text\n### Its end\nmore\n## Next\ny",
            "Name\n====\n\nLicense\n-------\n\nthe text\n\n### Its end\nmore\n\nNext\n----\ny",
            "= Name\n\n== LICENSE:\n\nthe text\n=== Its end\nmore\n== Next\ny",
            "hello\n\nThe MIT License\n\nthe text\n**Its end**",
        ] {
            let found = license_section(text).unwrap();
            assert!(found.contains("the text"), "{text}");
            assert!(!found.contains('y') && !found.contains("hello"), "{found}");
        }
        let long = license_section("# A\n## License\nthe text\n### Its end\nmore\n").unwrap();
        assert!(long.ends_with("more"));
    }

    #[test]
    fn other_readmes_have_none() {
        for text in [
            "",
            "# Name\nThe license is MIT.",
            "## License checker\nx",
            "a license\nb",
        ] {
            assert_eq!(license_section(text), None, "{text}");
        }
    }
}
