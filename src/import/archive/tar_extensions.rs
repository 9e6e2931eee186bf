//! Records that stand before a tar entry and change its header: GNU long names and pax.
//!
//! Follows POSIX.1-2001 (`pax`, "pax Extended Header") and the GNU tar manual ("Basic Tar
//! Format"). Both are read into memory, so both are bounded.

use super::error::ArchiveError;
use super::stream::Stream;
use std::io::Read;

/// Bytes of a GNU long name or link target.
const MAX_NAME: u64 = 64 << 10;
/// Bytes of a pax header, which may also hold extended attributes.
const MAX_PAX: u64 = 1 << 20;

/// What the records before one entry said.
#[derive(Default)]
pub(super) struct Extensions {
    /// The entry's whole name.
    pub(super) name: Option<Vec<u8>>,
    /// The whole target of a link.
    pub(super) link: Option<Vec<u8>>,
    /// Bytes that the entry takes in the archive.
    pub(super) size: Option<u64>,
    /// Seconds since 1970.
    pub(super) mtime: Option<i64>,
    /// Whether the content is stored without its holes.
    pub(super) sparse: bool,
    /// The size with the holes.
    pub(super) real_size: Option<u64>,
    /// Whether a pax header gave the name, which goes before a GNU long name.
    pax_name: bool,
    /// Whether it is the true name of a sparse file, which goes before all others.
    sparse_name: bool,
}

impl Extensions {
    /// Reads a GNU long name (`L`) or link target (`K`).
    pub(super) fn read_gnu<R: Read>(
        &mut self,
        stream: &mut Stream<'_, R>,
        size: u64,
        link: bool,
    ) -> Result<(), ArchiveError> {
        let mut text = read_record(stream, size, MAX_NAME)?;
        // The text ends with a NUL that is not part of it.
        if text.last() == Some(&0) {
            text.pop();
        }
        if link {
            self.link.get_or_insert(text);
        } else if !self.pax_name {
            self.name = Some(text);
        }
        Ok(())
    }

    /// Reads a pax header of one entry (`x`), or one of the whole archive (`g`), of which nothing
    /// is kept and where nothing may stand that changes names or sizes.
    pub(super) fn read_pax<R: Read>(
        &mut self,
        stream: &mut Stream<'_, R>,
        size: u64,
        global: bool,
    ) -> Result<(), ArchiveError> {
        let budget = stream.budget();
        let data = read_record(stream, size, MAX_PAX)?;
        let mut rest = data.as_slice();
        while !rest.is_empty() {
            let (key, value, next) =
                split_record(rest).ok_or_else(|| budget.malformed("a pax header is malformed"))?;
            rest = next;
            if global {
                if matches!(key, b"path" | b"linkpath" | b"size") || key.starts_with(b"GNU.sparse.")
                {
                    return Err(budget.malformed("a global pax header names a path or size"));
                }
                continue;
            }
            self.take(key, value)
                .map_err(|()| budget.malformed("a pax header holds a number that is none"))?;
        }
        Ok(())
    }

    fn take(&mut self, key: &[u8], value: &[u8]) -> Result<(), ()> {
        match key {
            b"path" if self.sparse_name => {}
            b"path" => self.set_name(value),
            b"GNU.sparse.name" => {
                (self.sparse, self.sparse_name) = (true, true);
                self.set_name(value);
            }
            b"linkpath" => self.link = Some(value.to_vec()),
            b"size" => self.size = Some(number(value).ok_or(())?),
            b"GNU.sparse.realsize" | b"GNU.sparse.size" => {
                self.sparse = true;
                self.real_size = Some(number(value).ok_or(())?);
            }
            b"mtime" => self.mtime = seconds(value),
            _ if key.starts_with(b"GNU.sparse.") => self.sparse = true,
            _ => {}
        }
        Ok(())
    }

    fn set_name(&mut self, value: &[u8]) {
        self.name = Some(value.to_vec());
        self.pax_name = true;
    }
}

/// Reads the content of a record and its padding.
fn read_record<R: Read>(
    stream: &mut Stream<'_, R>,
    size: u64,
    limit: u64,
) -> Result<Vec<u8>, ArchiveError> {
    let budget = stream.budget();
    if size > limit {
        return Err(budget.too_large("bytes in a long name or pax header", limit));
    }
    let ends = || budget.malformed("the archive ends within a long name or pax header");
    let mut data = vec![0; usize::try_from(size).map_err(|_| ends())?];
    if stream.read_up_to(&mut data)? < data.len() {
        return Err(ends());
    }
    stream.skip(super::tar_header::padding(size))?;
    Ok(data)
}

/// Splits `LENGTH KEY=VALUE\n` off: key, value, and what follows. The length counts it all.
fn split_record(data: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let space = data.iter().take(21).position(|b| *b == b' ')?;
    let length = usize::try_from(number(&data[..space])?).ok()?;
    if length > data.len() || length < space + 3 {
        return None;
    }
    let (record, rest) = data.split_at(length);
    let body = record[space + 1..].strip_suffix(b"\n")?;
    let equals = body.iter().position(|b| *b == b'=')?;
    Some((&body[..equals], &body[equals + 1..], rest))
}

fn number(text: &[u8]) -> Option<u64> {
    if !text.first()?.is_ascii_digit() {
        return None;
    }
    std::str::from_utf8(text).ok()?.parse().ok()
}

/// The whole seconds of a decimal number, rounded down.
fn seconds(text: &[u8]) -> Option<i64> {
    let text = std::str::from_utf8(text).ok()?;
    text.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_split_by_their_length() {
        let data = b"13 path=a\nb=\n9 a=\nxyz\n";
        let (key, value, rest) = split_record(data).unwrap();
        assert_eq!((key, value), (&b"path"[..], &b"a\nb="[..]));
        assert_eq!(
            split_record(rest).unwrap(),
            (&b"a"[..], &b"\nxyz"[..], &b""[..])
        );
    }

    #[test]
    fn broken_records_are_refused() {
        for data in [
            &b"path=a\n"[..],
            b"99 path=a\n",
            b"3 \n",
            b"0 a=b\n",
            b"6 a=bc",
            b"+6 a=b\n",
            b"18446744073709551616 a=b\n",
            b"6 abc\n",
        ] {
            assert!(split_record(data).is_none(), "{}", data.escape_ascii());
        }
    }

    #[test]
    fn times_lose_their_fraction() {
        assert_eq!(seconds(b"1700000000.75"), Some(1_700_000_000));
        assert_eq!(seconds(b"-5"), Some(-5));
        assert_eq!(seconds(b"x"), None);
    }
}
