//! The lead: the 96 bytes that open every RPM file.
//!
//! RPM itself has long stopped reading more of it than magic and version, but `file` and others
//! still look at it, so it is written as `rpmbuild` writes it.

/// Bytes of a lead.
pub(super) const LEAD_SIZE: usize = 96;

const MAGIC: [u8; 4] = [0xed, 0xab, 0xee, 0xdb];
const TYPE_SOURCE: u16 = 1;
const OS_LINUX: u16 = 1;
/// A signature header follows; the only kind of signature there is.
const SIGNATURE_HEADER: u16 = 5;
/// Bytes of the name; the last one is always zero.
const NAME_SIZE: usize = 66;

/// What kind of package a lead announces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Source,
    Binary,
}

/// Why a lead was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BadLead {
    /// Not the magic of an RPM file.
    Magic,
    /// A version or signature type that cannot be read.
    Version,
}

/// The lead of a source package, written on a machine of the architecture `arch`.
/// `nevr` is `name-[epoch:]version-release`; it is cut where it is too long.
pub(super) fn source_lead(nevr: &str, arch: &str) -> [u8; LEAD_SIZE] {
    let mut lead = [0; LEAD_SIZE];
    lead[..4].copy_from_slice(&MAGIC);
    lead[4] = 3;
    lead[6..8].copy_from_slice(&TYPE_SOURCE.to_be_bytes());
    lead[8..10].copy_from_slice(&arch_number(arch).to_be_bytes());
    let name = &nevr.as_bytes()[..nevr.len().min(NAME_SIZE - 1)];
    lead[10..10 + name.len()].copy_from_slice(name);
    lead[76..78].copy_from_slice(&OS_LINUX.to_be_bytes());
    lead[78..80].copy_from_slice(&SIGNATURE_HEADER.to_be_bytes());
    lead
}

/// Reads a lead.
pub(super) fn read_lead(lead: &[u8; LEAD_SIZE]) -> Result<Kind, BadLead> {
    let number = |at: usize| u16::from_be_bytes([lead[at], lead[at + 1]]);
    if lead[..4] != MAGIC {
        Err(BadLead::Magic)
    } else if !matches!(lead[4], 3 | 4) || number(78) != SIGNATURE_HEADER {
        Err(BadLead::Version)
    } else if number(6) == TYPE_SOURCE {
        Ok(Kind::Source)
    } else {
        Ok(Kind::Binary)
    }
}

/// The number that RPM's table of architectures gives to a name.
fn arch_number(arch: &str) -> u16 {
    match arch {
        "x86_64" | "amd64" | "i386" | "i486" | "i586" | "i686" | "athlon" => 1,
        "ppc" => 5,
        "ia64" => 9,
        "s390" => 14,
        "s390x" => 15,
        "ppc64" | "ppc64p7" | "ppc64le" => 16,
        "aarch64" => 19,
        "riscv" | "riscv64" => 22,
        "loongarch64" => 23,
        arm if arm.starts_with("arm") => 12,
        _ => 255,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lead_is_read_back() {
        let lead = source_lead("demo-2:1.0-3", "aarch64");
        assert_eq!(read_lead(&lead), Ok(Kind::Source));
        assert_eq!(&lead[..10], b"\xed\xab\xee\xdb\x03\0\0\x01\0\x13");
        assert_eq!(&lead[10..23], b"demo-2:1.0-3\0");
        let mut binary = lead;
        binary[7] = 0;
        assert_eq!(read_lead(&binary), Ok(Kind::Binary));
    }

    #[test]
    fn a_long_name_is_cut_and_stays_terminated() {
        let lead = source_lead(&"n".repeat(200), "noarch");
        assert_eq!((lead[74], lead[75], lead[9]), (b'n', 0, 255));
    }

    #[test]
    fn other_files_are_told_apart() {
        let lead = source_lead("a-1-1", "x86_64");
        for (at, value, why) in [
            (0, b'P', BadLead::Magic),
            (4, 9, BadLead::Version),
            (79, 1, BadLead::Version),
        ] {
            let mut bad = lead;
            bad[at] = value;
            assert_eq!(read_lead(&bad), Err(why));
        }
    }
}
