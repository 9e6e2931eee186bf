//! The lines of git's protocol (gitprotocol-common): four hexadecimal digits of length, then the
//! bytes; `0000` ends a list.

/// The most bytes of one line beside its length.
pub(super) const MAX_LINE: usize = 65516;

/// What a request's body is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Packet<'a> {
    /// A line without the line break at its end.
    Line(&'a str),
    /// The end of a list.
    Flush,
}

/// Appends one line of at most [`MAX_LINE`] bytes.
pub(super) fn line(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend_from_slice(format!("{:04x}", bytes.len() + 4).as_bytes());
    out.extend_from_slice(bytes);
}

/// Appends the end of a list.
pub(super) fn flush(out: &mut Vec<u8>) {
    out.extend_from_slice(b"0000");
}

/// Takes the lines of a body apart. Nothing where it is malformed.
pub(super) fn read(mut bytes: &[u8]) -> Option<Vec<Packet<'_>>> {
    let mut out = Vec::new();
    while !bytes.is_empty() {
        let (digits, rest) = bytes.split_at_checked(4)?;
        let digits = str::from_utf8(digits).ok()?;
        let length = usize::from_str_radix(digits, 16).ok()?;
        if length == 0 {
            out.push(Packet::Flush);
            bytes = rest;
            continue;
        }
        let (content, rest) = rest.split_at_checked(length.checked_sub(4)?)?;
        let text = str::from_utf8(content).ok()?;
        out.push(Packet::Line(text.strip_suffix('\n').unwrap_or(text)));
        bytes = rest;
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_back() {
        let mut bytes = Vec::new();
        line(&mut bytes, b"want x\n");
        flush(&mut bytes);
        line(&mut bytes, b"done");
        assert_eq!(bytes, b"000bwant x\n00000008done");
        let packets = [Packet::Line("want x"), Packet::Flush, Packet::Line("done")];
        assert_eq!(read(&bytes).unwrap(), packets);
        assert_eq!(read(b""), Some(Vec::new()));
        for bad in [&b"000"[..], b"0003", b"0009want", b"xxxx", b"0006\xff\xff"] {
            assert_eq!(read(bad), None, "{bad:?}");
        }
    }
}
