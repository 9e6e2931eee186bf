mod fake;
mod hostile;
mod mutations;
mod round_trip;

use super::*;
use crate::config::Limits;
use std::io::Read;

/// Names and bytes of all files.
fn read_all(package: &[u8], limits: &Limits) -> Result<Vec<(String, Vec<u8>)>, ReadError> {
    let mut out = Vec::new();
    let package = SourcePackage::read(package, limits)?;
    package.for_each_file(|file, bytes| {
        let mut all = Vec::new();
        bytes.read_to_end(&mut all).map_err(ReadError::Io)?;
        assert_eq!(all.len() as u64, file.size);
        out.push((file.name.clone(), all));
        Ok::<(), ReadError>(())
    })?;
    Ok(out)
}
