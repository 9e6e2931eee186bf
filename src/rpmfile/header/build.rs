//! Puts a header together: entries in the order of their tags, values aligned, region around.

use super::super::tag::DataType;
use super::{ENTRY_SIZE, INTRO_SIZE, MAGIC, MAX_ENTRIES, MAX_STORE};

/// Why a header cannot be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BuildError {
    /// Strings end at a zero byte, so none can hold one.
    #[error("the value of tag {0} holds a zero byte")]
    ZeroByte(u32),
    /// More than RPM reads.
    #[error("the header is larger than RPM allows")]
    TooLarge,
}

struct Entry {
    tag: u32,
    kind: DataType,
    count: usize,
    data: Vec<u8>,
}

/// Collects the entries of one header.
#[derive(Default)]
pub(in crate::rpmfile) struct HeaderBuilder {
    entries: Vec<Entry>,
    zero_byte: Option<u32>,
}

impl HeaderBuilder {
    fn put(&mut self, tag: u32, kind: DataType, count: usize, data: Vec<u8>) {
        if count > 0 {
            self.entries.push(Entry {
                tag,
                kind,
                count,
                data,
            });
        }
    }

    fn put_strings<'a>(
        &mut self,
        tag: u32,
        kind: DataType,
        values: impl IntoIterator<Item = &'a str>,
    ) {
        let mut data = Vec::new();
        let mut count = 0;
        for value in values {
            if value.as_bytes().contains(&0) {
                self.zero_byte.get_or_insert(tag);
            }
            data.extend_from_slice(value.as_bytes());
            data.push(0);
            count += 1;
        }
        self.put(tag, kind, count, data);
    }

    /// One string.
    pub(in crate::rpmfile) fn string(&mut self, tag: u32, value: &str) {
        self.put_strings(tag, DataType::String, [value]);
    }

    /// One string, or no entry.
    pub(in crate::rpmfile) fn optional(&mut self, tag: u32, value: Option<&str>) {
        if let Some(value) = value {
            self.string(tag, value);
        }
    }

    /// One string for each locale of the table, the first one for `C`.
    pub(in crate::rpmfile) fn i18n<'a>(
        &mut self,
        tag: u32,
        values: impl IntoIterator<Item = &'a str>,
    ) {
        self.put_strings(tag, DataType::I18nString, values);
    }

    /// Strings; no entry where there are none.
    pub(in crate::rpmfile) fn strings<'a>(
        &mut self,
        tag: u32,
        values: impl IntoIterator<Item = &'a str>,
    ) {
        self.put_strings(tag, DataType::StringArray, values);
    }

    /// 16-bit numbers; no entry where there are none.
    pub(in crate::rpmfile) fn u16s(&mut self, tag: u32, values: impl IntoIterator<Item = u16>) {
        let data: Vec<u8> = values.into_iter().flat_map(u16::to_be_bytes).collect();
        self.put(tag, DataType::Int16, data.len() / 2, data);
    }

    /// 32-bit numbers; no entry where there are none.
    pub(in crate::rpmfile) fn u32s(&mut self, tag: u32, values: impl IntoIterator<Item = u32>) {
        let data: Vec<u8> = values.into_iter().flat_map(u32::to_be_bytes).collect();
        self.put(tag, DataType::Int32, data.len() / 4, data);
    }

    /// 64-bit numbers; no entry where there are none.
    pub(in crate::rpmfile) fn u64s(&mut self, tag: u32, values: impl IntoIterator<Item = u64>) {
        let data: Vec<u8> = values.into_iter().flat_map(u64::to_be_bytes).collect();
        self.put(tag, DataType::Int64, data.len() / 8, data);
    }

    /// Bytes.
    pub(in crate::rpmfile) fn binary(&mut self, tag: u32, value: &[u8]) {
        self.put(tag, DataType::Binary, value.len(), value.to_vec());
    }

    /// The whole header, all of it within the region `region`.
    pub(in crate::rpmfile) fn finish(mut self, region: u32) -> Result<Vec<u8>, BuildError> {
        if let Some(tag) = self.zero_byte {
            return Err(BuildError::ZeroByte(tag));
        }
        self.entries.sort_by_key(|it| it.tag);
        let entries = self.entries.len() + 1;
        let index_size = entries * ENTRY_SIZE;
        let data: usize = self.entries.iter().map(|it| it.data.len() + 7).sum();
        if entries > MAX_ENTRIES || data + ENTRY_SIZE > MAX_STORE {
            return Err(BuildError::TooLarge);
        }

        let mut index = Vec::with_capacity(INTRO_SIZE + index_size + data + ENTRY_SIZE);
        let mut store = Vec::with_capacity(data + ENTRY_SIZE);
        let mut lines = Vec::with_capacity(index_size);
        for entry in &self.entries {
            let alignment = entry.kind.size().unwrap_or(1);
            store.resize(store.len().next_multiple_of(alignment), 0);
            push_entry(&mut lines, entry.tag, entry.kind, store.len(), entry.count);
            store.extend_from_slice(&entry.data);
        }
        let trailer = store.len();
        // The trailer's offset is negative: back from the store to the first entry.
        let back = 0u32.wrapping_sub(number(index_size));
        for word in [region, DataType::Binary as u32, back, number(ENTRY_SIZE)] {
            store.extend_from_slice(&word.to_be_bytes());
        }

        index.extend_from_slice(&MAGIC);
        index.extend_from_slice(&number(entries).to_be_bytes());
        index.extend_from_slice(&number(store.len()).to_be_bytes());
        push_entry(&mut index, region, DataType::Binary, trailer, ENTRY_SIZE);
        index.extend_from_slice(&lines);
        index.extend_from_slice(&store);
        Ok(index)
    }
}

fn push_entry(out: &mut Vec<u8>, tag: u32, kind: DataType, offset: usize, count: usize) {
    for word in [tag, kind as u32, number(offset), number(count)] {
        out.extend_from_slice(&word.to_be_bytes());
    }
}

fn number(value: usize) -> u32 {
    u32::try_from(value).expect("headers are bounded far below 4 GiB")
}
