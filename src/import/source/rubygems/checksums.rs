//! The check of a gem's members against the `checksums.yaml.gz` that lies beside them.
//!
//! Gems packed before 2013 have none; those before 2018 have SHA-1 and SHA-512. SHA-1 is not
//! looked at.

use super::yaml::{Node, Tree};
use crate::import::description::MemberDigest;
use crate::import::source::read_error::ReadError;
use crate::model::Sha256;

/// What errors call the member.
pub(super) const PATH: &str = "checksums.yaml.gz";

/// Refuses a member that differs from what the checksums say, and checksums that say nothing of
/// the data or cannot be read.
pub(super) fn verify(text: &str, members: &[MemberDigest]) -> Result<(), ReadError> {
    let tree = Tree::parse(text).map_err(|it| ReadError::invalid(PATH, it.to_string()))?;
    let mut verified = false;
    for algorithm in ["SHA256", "SHA512"] {
        let Some(map) = tree.get(tree.root(), algorithm) else {
            continue;
        };
        let Node::Map(pairs) = tree.node(map) else {
            return Err(ReadError::invalid(PATH, format!("{algorithm} is no map")));
        };
        for (name, value) in pairs {
            let (Some(name), Some(told)) = (tree.text(*name), tree.text(*value)) else {
                return Err(ReadError::invalid(
                    PATH,
                    format!("{algorithm} holds no text"),
                ));
            };
            let Some(member) = members.iter().find(|it| it.name == name) else {
                continue;
            };
            let same = match algorithm {
                "SHA256" => Sha256::from_hex(told) == Some(member.sha256),
                _ => told.eq_ignore_ascii_case(&member.sha512),
            };
            if !same {
                return Err(ReadError::Checksum {
                    member: name.to_owned(),
                    algorithm,
                });
            }
            verified |= name == "data.tar.gz";
        }
    }
    if verified {
        Ok(())
    } else {
        Err(ReadError::invalid(
            PATH,
            "there is no checksum of data.tar.gz",
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Code;

    #[test]
    fn members_must_fit() {
        let member = |name: &str| MemberDigest {
            name: name.to_owned(),
            sha256: Sha256([0xab; 32]),
            sha512: "cd".repeat(64),
        };
        let members = [member("metadata.gz"), member("data.tar.gz")];
        let check = |text: &str| verify(text, &members).map_err(|it| it.code());
        let (good256, good512) = ("AB".repeat(32), "cd".repeat(64));
        let both =
            format!("SHA256:\n  data.tar.gz: {good256}\nSHA512:\n  data.tar.gz: {good512}\n");
        assert_eq!(check(&both), Ok(()));
        let old = format!("SHA1:\n  data.tar.gz: 00\nSHA512:\n  data.tar.gz: {good512}\n");
        assert_eq!(check(&old), Ok(()));
        let bad = both.replace("cd", "ce");
        assert_eq!(check(&bad), Err(Code::ChecksumMismatch));
        let metadata = format!("{both}  metadata.gz: 00\n");
        assert_eq!(check(&metadata), Err(Code::ChecksumMismatch));
        for none in [
            "SHA1:\n  data.tar.gz: 00\n",
            "--- {}\n",
            "SHA256: x\n",
            "[",
            "",
        ] {
            assert_eq!(check(none), Err(Code::MetadataInvalid), "{none}");
        }
    }
}
