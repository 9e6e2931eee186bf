//! Small sdists that differ from each other.

use super::pack::Tar;

/// An sdist with a file of its own; its name in the registry is `NAME-VERSION.tar.gz`.
pub fn sdist(name: &str, version: &str) -> Vec<u8> {
    let info = format!(
        "Metadata-Version: 2.1\nName: {name}\nVersion: {version}\nSummary: s\n\
         License-Expression: MIT\n"
    );
    let folder = format!("{name}-{version}");
    Tar::default()
        .file(format!("{folder}/PKG-INFO").as_bytes(), info.as_bytes())
        .file(format!("{folder}/{name}.py").as_bytes(), b"x = 1\n")
        .gz()
}
