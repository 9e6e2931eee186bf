use super::super::tag;
use super::*;
use proptest::prelude::*;

const MAX: u64 = 1 << 20;

fn sample() -> HeaderBuilder {
    let mut out = HeaderBuilder::default();
    out.u64s(5009, [u64::MAX]);
    out.string(1000, "name");
    out.strings(1117, ["a", "", "ü"]);
    out.i18n(1004, ["text", "Wort"]);
    out.u16s(1030, [1, 2, 3]);
    out.u32s(1003, [7]);
    out.binary(1004 + 5000, &[0, 255]);
    out.strings(1018, []);
    out
}

fn read(bytes: &[u8]) -> Result<Header, HeaderError> {
    Header::read(&mut &*bytes, tag::HEADER_IMMUTABLE, MAX)
}

#[test]
fn a_header_is_read_back() {
    let bytes = sample().finish(tag::HEADER_IMMUTABLE).unwrap();
    let header = read(&bytes).unwrap();
    assert_eq!(header.bytes(), bytes);
    assert_eq!(header.number(5009).unwrap(), Some(u64::MAX));
    assert_eq!(header.string(1000).unwrap(), Some("name"));
    assert_eq!(header.string(1004).unwrap(), Some("text"));
    let names = header.strings(1117).unwrap().unwrap();
    assert_eq!(names, ["a", "", "ü"]);
    assert_eq!(header.numbers(1030).unwrap(), Some(vec![1, 2, 3]));
    assert_eq!(header.binary(6004).unwrap(), Some(&[0, 255][..]));
    assert!(!header.has(1018), "no values make no entry");
    assert!(header.string(1003).is_err(), "a number is no string");
    assert!(header.number(1000).is_err(), "a string is no number");
    assert!(header.binary(1000).is_err(), "a string is no binary value");
}

#[test]
fn entries_are_sorted_and_aligned() {
    let bytes = sample().finish(tag::HEADER_IMMUTABLE).unwrap();
    let mut last = 0;
    let count = u32::from_be_bytes(bytes[8..12].try_into().unwrap());
    for line in bytes[INTRO_SIZE..]
        .chunks_exact(ENTRY_SIZE)
        .take(count as usize)
    {
        let word = |at: usize| u32::from_be_bytes(line[at..at + 4].try_into().unwrap());
        assert!(word(0) > last);
        last = word(0);
        let kind = tag::DataType::from_number(word(4)).unwrap();
        assert_eq!(word(8) as usize % kind.size().unwrap_or(1), 0);
    }
}

#[test]
fn what_no_header_can_hold_is_refused() {
    let mut out = HeaderBuilder::default();
    out.string(1000, "a\0b");
    let error = out.finish(tag::HEADER_IMMUTABLE);
    assert_eq!(error.unwrap_err(), BuildError::ZeroByte(1000));
    let mut out = HeaderBuilder::default();
    for tag in 0..0x1_0000 {
        out.u32s(100 + tag, [0]);
    }
    let error = out.finish(tag::HEADER_IMMUTABLE);
    assert_eq!(error.unwrap_err(), BuildError::TooLarge);
}

#[test]
fn a_header_that_ends_early_is_refused() {
    let bytes = sample().finish(tag::HEADER_IMMUTABLE).unwrap();
    for end in 0..bytes.len() {
        let error = read(&bytes[..end]).err().unwrap();
        assert!(matches!(error, HeaderError::Truncated), "{end}: {error}");
    }
}

/// The sample with four bytes replaced.
fn with_word(at: usize, value: u32) -> Result<Header, HeaderError> {
    let mut bytes = sample().finish(tag::HEADER_IMMUTABLE).unwrap();
    bytes[at..at + 4].copy_from_slice(&value.to_be_bytes());
    // Enough bytes for any size that is let through.
    bytes.resize(2 << 20, 0);
    read(&bytes)
}

#[test]
fn lies_in_the_index_are_refused() {
    let second = INTRO_SIZE + ENTRY_SIZE;
    for (at, value, why) in [
        (0, 0, "magic"),
        (4, 1, "magic"),
        (8, 0, "region"),
        (8, 0x1_0000, "count"),
        (8, u32::MAX, "count"),
        (12, u32::MAX, "size"),
        (12, MAX as u32 + 1, "size"),
        (12, 1, "size"),
        (INTRO_SIZE, 62, "region"),
        (INTRO_SIZE + 4, 6, "region"),
        (INTRO_SIZE + 8, 0, "region"),
        (INTRO_SIZE + 12, 15, "region"),
        (second, 1004, "duplicate"),
        (second + 4, 0, "type"),
        (second + 4, 10, "type"),
        (second + 8, u32::MAX, "offset"),
        (second + 8, 1 << 19, "offset"),
        (second + 12, 0, "count"),
        (second + 12, 2, "count"),
        (second + 12, u32::MAX, "count"),
    ] {
        assert!(with_word(at, value).is_err(), "{why} at {at} passed");
    }
}

#[test]
fn a_store_over_the_limit_is_not_read() {
    let bytes = sample().finish(tag::HEADER_IMMUTABLE).unwrap();
    let error = Header::read(&mut &*bytes, tag::HEADER_IMMUTABLE, 10).err();
    assert!(matches!(error, Some(HeaderError::TooLarge { .. })));
}

#[test]
fn a_region_that_covers_less_is_refused() {
    let mut bytes = sample().finish(tag::HEADER_IMMUTABLE).unwrap();
    // One more entry behind the region, as an attacker would add a second name.
    let count = u32::from_be_bytes(bytes[8..12].try_into().unwrap());
    bytes[8..12].copy_from_slice(&(count + 1).to_be_bytes());
    let extra = [9_000_u32, 7, 0, 1].map(u32::to_be_bytes).concat();
    let end = INTRO_SIZE + count as usize * ENTRY_SIZE;
    bytes.splice(end..end, extra);
    assert!(matches!(read(&bytes).err(), Some(HeaderError::Region)));
}

#[test]
fn strings_that_run_out_of_the_store_are_refused() {
    let mut out = HeaderBuilder::default();
    out.strings(1117, ["a", "b"]);
    let bytes = out.finish(tag::HEADER_IMMUTABLE).unwrap();
    let line = INTRO_SIZE + ENTRY_SIZE;
    for (at, value) in [(line + 12, 20_u32), (line + 8, 19)] {
        let mut bad = bytes.clone();
        bad[at..at + 4].copy_from_slice(&value.to_be_bytes());
        if let Ok(header) = read(&bad) {
            assert!(header.strings(1117).is_err(), "{value} at {at} passed");
        }
    }
    let mut bad = bytes;
    bad[INTRO_SIZE + 2 * ENTRY_SIZE] = 0xff;
    let header = read(&bad).unwrap();
    assert!(header.strings(1117).is_err(), "not UTF-8");
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(at in 0_usize..400, value: u32, more in 0_usize..64) {
        let mut bytes = sample().finish(tag::HEADER_IMMUTABLE).unwrap();
        let at = at.min(bytes.len() - 4);
        bytes[at..at + 4].copy_from_slice(&value.to_be_bytes());
        bytes.resize(bytes.len() + more, 0);
        if let Ok(header) = read(&bytes) {
            for tag in [1000, 1003, 1004, 1030, 1117, 5009, 6004] {
                let _ = (header.strings(tag), header.numbers(tag), header.binary(tag));
            }
        }
    }
}
