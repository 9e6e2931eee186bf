//! Shell patterns as git matches them, on the bytes of one name without a slash.
//!
//! `*` is any bytes, `?` one byte, `[…]` one of a set (`!` or `^` before it turn it around; ranges,
//! POSIX classes and backslashes within), a backslash takes away what the next byte means. A set
//! that is never closed matches nothing.

/// Whether the whole of `name` fits `pattern`.
pub(super) fn matches(pattern: &[u8], name: &[u8]) -> bool {
    let (mut p, mut n) = (0, 0);
    // Where to go on when what follows the last star does not fit.
    let mut retry: Option<(usize, usize)> = None;
    while n < name.len() || p < pattern.len() {
        if pattern.get(p) == Some(&b'*') {
            retry = Some((p, n + 1));
            p += 1;
        } else if let Some(used) = name.get(n).and_then(|it| one(&pattern[p..], *it)) {
            p += used;
            n += 1;
        } else {
            match retry {
                Some((star, next)) if next <= name.len() => {
                    (p, n) = (star, next);
                }
                _ => return false,
            }
        }
    }
    true
}

/// How many bytes of the pattern stand for `byte`; nothing where they do not.
fn one(pattern: &[u8], byte: u8) -> Option<usize> {
    match pattern {
        [b'?', ..] => Some(1),
        [b'[', ..] => set(pattern, byte),
        [b'\\', literal, ..] => (*literal == byte).then_some(2),
        [literal, ..] => (*literal == byte).then_some(1),
        [] => None,
    }
}

/// The same for a set in brackets.
fn set(pattern: &[u8], byte: u8) -> Option<usize> {
    let turned = matches!(pattern.get(1), Some(b'!' | b'^'));
    let start = if turned { 2 } else { 1 };
    let (mut at, mut found) = (start, false);
    loop {
        match pattern.get(at..)? {
            // First in the set, a bracket is a member.
            [b']', ..] if at > start => break,
            [b'[', b':', rest @ ..] => {
                let end = rest.windows(2).position(|it| it == b":]")?;
                found |= class(&rest[..end], byte)?;
                at += end + 4;
            }
            [] => return None,
            _ => {
                let (first, used) = member(pattern.get(at..)?)?;
                at += used;
                let last = match pattern.get(at..)? {
                    [b'-', next, ..] if *next != b']' => {
                        let (last, used) = member(&pattern[at + 1..])?;
                        at += used + 1;
                        last
                    }
                    _ => first,
                };
                found |= (first..=last).contains(&byte);
            }
        }
    }
    (found != turned).then_some(at + 1)
}

/// A member of a set, and how many bytes it is written with.
fn member(pattern: &[u8]) -> Option<(u8, usize)> {
    match pattern {
        [b'\\', literal, ..] => Some((*literal, 2)),
        [b'\\'] | [] => None,
        [literal, ..] => Some((*literal, 1)),
    }
}

/// Whether a byte is of a POSIX class; nothing for a class that is not known.
fn class(name: &[u8], byte: u8) -> Option<bool> {
    Some(match name {
        b"alnum" => byte.is_ascii_alphanumeric(),
        b"alpha" => byte.is_ascii_alphabetic(),
        b"blank" => matches!(byte, b' ' | b'\t'),
        b"cntrl" => byte.is_ascii_control(),
        b"digit" => byte.is_ascii_digit(),
        b"graph" => byte.is_ascii_graphic(),
        b"lower" => byte.is_ascii_lowercase(),
        b"print" => byte.is_ascii_graphic() || byte == b' ',
        b"punct" => byte.is_ascii_punctuation(),
        b"space" => byte.is_ascii_whitespace() || byte == 0x0b,
        b"upper" => byte.is_ascii_uppercase(),
        b"xdigit" => byte.is_ascii_hexdigit(),
        _ => return None,
    })
}
