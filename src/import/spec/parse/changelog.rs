//! `%changelog`.

use crate::rpmfile::ChangelogEntry;
use jiff::civil::date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Zoned};

/// The entries of a changelog, newest first. As RPM does, it stops at the first entry that is out
/// of form or newer than the one before, and keeps what stands above.
pub(super) fn entries(text: &str) -> Vec<ChangelogEntry> {
    let mut out: Vec<ChangelogEntry> = Vec::new();
    let mut rest = text.trim_ascii_start();
    while let Some((entry, tail)) = entry(rest) {
        if out.last().is_some_and(|it| it.time < entry.time) {
            break;
        }
        out.push(entry);
        rest = tail;
    }
    out
}

/// The first entry of a text, and what follows it.
fn entry(text: &str) -> Option<(ChangelogEntry, &str)> {
    let (head, body) = text.strip_prefix('*')?.split_once('\n')?;
    let (time, author) = head_line(head)?;
    let body = body.trim_ascii_start();
    let end = body.find("\n*").map_or(body.len(), |it| it + 1);
    let entry = ChangelogEntry {
        time,
        author: author.to_owned(),
        text: body[..end].trim_ascii_end().to_owned(),
    };
    (!body.is_empty()).then_some((entry, &body[end..]))
}

/// The time of an entry, and the rest of its line. `Mon Jan 15 2024` is noon of that day, in the
/// longer form of `Mon Jan 15 10:22:30 UTC 2024` the zone is taken for UTC, as RPM does with any
/// abbreviation that is not a file of the zone database.
fn head_line(line: &str) -> Option<(u32, &str)> {
    let mut rest = line;
    let mut word = || {
        rest = rest.trim_ascii_start();
        let end = rest
            .find(|c: char| c.is_ascii_whitespace())
            .unwrap_or(rest.len());
        let (word, tail) = rest.split_at(end);
        rest = tail;
        word
    };
    let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
    if !days.contains(&word()) {
        return None;
    }
    let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let month = word();
    let month = i8::try_from(months.iter().position(|it| *it == month)? + 1).ok()?;
    let day: i64 = word().parse().ok()?;
    let mut year = word();
    let mut second = 12 * 3600;
    if year.contains(':') {
        second = clock(year)?;
        word();
        year = word();
    }
    let year: i16 = year.parse().ok().filter(|it| (1990..3000).contains(it))?;
    let longest = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    if !(0..=longest[usize::try_from(month - 1).ok()?]).contains(&day) {
        return None;
    }
    let first: Zoned = date(year, month, 1).to_zoned(TimeZone::UTC).ok()?;
    // A 30 February is the 1 or 2 March, as it is for the C library.
    let time = first
        .checked_add(SignedDuration::from_secs((day - 1) * 86_400 + second))
        .ok()?;
    // RPM keeps blanks at the end of the line.
    let author = rest.trim_ascii_start();
    let time = u32::try_from(time.timestamp().as_second()).ok()?;
    (!author.is_empty()).then_some((time, author))
}

fn clock(text: &str) -> Option<i64> {
    let parts: Vec<i64> = text
        .split(':')
        .map(|it| it.parse().ok())
        .collect::<Option<_>>()?;
    match parts[..] {
        [h @ 0..24, m @ 0..60, s @ 0..60] => Some(h * 3600 + m * 60 + s),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_read() {
        let text =
            "\n* Mon Jan 15 2024 A B <a@b> - 1-1 \n- one\n  two * \n\n* Thu Feb 29 2001 C\n- x";
        let got = entries(text);
        assert_eq!(got.len(), 2);
        assert_eq!(got[0].time, 1_705_320_000);
        assert_eq!(got[0].author, "A B <a@b> - 1-1 ");
        assert_eq!(got[0].text, "- one\n  two *");
        assert_eq!(got[1].time, 983_448_000, "29 February 2001 is 1 March");
        let long = entries("* Mon Jan 15 10:22:30 UTC 2024 A\n- x\n");
        assert_eq!(
            (long[0].time, long[0].author.as_str()),
            (1_705_314_150, "A")
        );
        assert_eq!(entries(" \n"), []);
    }

    #[test]
    fn reading_stops_at_a_broken_entry() {
        let good = "* Mon Jan 15 2024 A\n- x\n";
        for broken in [
            "x",
            "* Mon Jan 15 2024 A",
            "* Mon Jan 15 2024\n- x\n",
            "* Mon Foo 15 2024 A\n- x\n",
            "* Mon Jan 32 2024 A\n- x\n",
            "* Mon Jan 15 3024 A\n- x\n",
            "* Mon Jan 15 2024 A\n",
        ] {
            assert_eq!(entries(broken), [], "{broken:?}");
        }
        let newer = "* Tue Jan 16 2024 A\n- x\n";
        assert_eq!(entries(&format!("{good}{newer}{good}")).len(), 1);
    }
}
