//! Numbers of the RPM format: tags, data types and the flag bits that source packages use.
//!
//! Named as in RPM's own list of tags, without their prefix.

/// Region tag that opens a signature header.
pub(super) const HEADER_SIGNATURES: u32 = 62;
/// Region tag that opens a main header.
pub(super) const HEADER_IMMUTABLE: u32 = 63;
pub(super) const HEADER_I18N_TABLE: u32 = 100;

// Signature header.
pub(super) const SIG_SHA1: u32 = 269;
pub(super) const SIG_LONG_SIZE: u32 = 270;
pub(super) const SIG_LONG_ARCHIVE_SIZE: u32 = 271;
pub(super) const SIG_SHA256: u32 = 273;
pub(super) const SIG_SHA3_256: u32 = 279;
pub(super) const SIG_SIZE: u32 = 1000;
pub(super) const SIG_MD5: u32 = 1004;
pub(super) const SIG_PAYLOAD_SIZE: u32 = 1007;
pub(super) const SIG_RESERVED_SPACE: u32 = 1008;

// Main header.
pub(super) const NAME: u32 = 1000;
pub(super) const VERSION: u32 = 1001;
pub(super) const RELEASE: u32 = 1002;
pub(super) const EPOCH: u32 = 1003;
pub(super) const SUMMARY: u32 = 1004;
pub(super) const DESCRIPTION: u32 = 1005;
pub(super) const BUILD_TIME: u32 = 1006;
pub(super) const BUILD_HOST: u32 = 1007;
pub(super) const SIZE: u32 = 1009;
pub(super) const DISTRIBUTION: u32 = 1010;
pub(super) const VENDOR: u32 = 1011;
pub(super) const LICENSE: u32 = 1014;
pub(super) const PACKAGER: u32 = 1015;
pub(super) const GROUP: u32 = 1016;
pub(super) const SOURCE: u32 = 1018;
pub(super) const PATCH: u32 = 1019;
pub(super) const URL: u32 = 1020;
pub(super) const OS: u32 = 1021;
pub(super) const ARCH: u32 = 1022;
pub(super) const FILE_SIZES: u32 = 1028;
pub(super) const FILE_MODES: u32 = 1030;
pub(super) const FILE_RDEVS: u32 = 1033;
pub(super) const FILE_MTIMES: u32 = 1034;
pub(super) const FILE_DIGESTS: u32 = 1035;
pub(super) const FILE_LINK_TOS: u32 = 1036;
pub(super) const FILE_FLAGS: u32 = 1037;
pub(super) const FILE_USER_NAME: u32 = 1039;
pub(super) const FILE_GROUP_NAME: u32 = 1040;
pub(super) const SOURCE_RPM: u32 = 1044;
pub(super) const FILE_VERIFY_FLAGS: u32 = 1045;
pub(super) const PROVIDE_NAME: u32 = 1047;
pub(super) const REQUIRE_FLAGS: u32 = 1048;
pub(super) const REQUIRE_NAME: u32 = 1049;
pub(super) const REQUIRE_VERSION: u32 = 1050;
pub(super) const NO_SOURCE: u32 = 1051;
pub(super) const NO_PATCH: u32 = 1052;
pub(super) const CONFLICT_FLAGS: u32 = 1053;
pub(super) const CONFLICT_NAME: u32 = 1054;
pub(super) const CONFLICT_VERSION: u32 = 1055;
pub(super) const EXCLUDE_ARCH: u32 = 1059;
pub(super) const EXCLUDE_OS: u32 = 1060;
pub(super) const EXCLUSIVE_ARCH: u32 = 1061;
pub(super) const EXCLUSIVE_OS: u32 = 1062;
pub(super) const RPM_VERSION: u32 = 1064;
pub(super) const CHANGELOG_TIME: u32 = 1080;
pub(super) const CHANGELOG_NAME: u32 = 1081;
pub(super) const CHANGELOG_TEXT: u32 = 1082;
pub(super) const BUILD_ARCHS: u32 = 1089;
pub(super) const COOKIE: u32 = 1094;
pub(super) const FILE_DEVICES: u32 = 1095;
pub(super) const FILE_INODES: u32 = 1096;
pub(super) const FILE_LANGS: u32 = 1097;
pub(super) const SOURCE_PACKAGE: u32 = 1106;
pub(super) const PROVIDE_FLAGS: u32 = 1112;
pub(super) const PROVIDE_VERSION: u32 = 1113;
pub(super) const DIR_INDEXES: u32 = 1116;
pub(super) const BASE_NAMES: u32 = 1117;
pub(super) const DIR_NAMES: u32 = 1118;
pub(super) const PAYLOAD_FORMAT: u32 = 1124;
pub(super) const PAYLOAD_COMPRESSOR: u32 = 1125;
pub(super) const PAYLOAD_FLAGS: u32 = 1126;
pub(super) const DIST_TAG: u32 = 1155;
pub(super) const LONG_FILE_SIZES: u32 = 5008;
pub(super) const LONG_SIZE: u32 = 5009;
pub(super) const FILE_DIGEST_ALGO: u32 = 5011;
pub(super) const BUG_URL: u32 = 5012;
pub(super) const VCS: u32 = 5034;
pub(super) const ENCODING: u32 = 5062;
pub(super) const PAYLOAD_DIGEST: u32 = 5092;
pub(super) const PAYLOAD_DIGEST_ALGO: u32 = 5093;
pub(super) const MODULARITY_LABEL: u32 = 5096;
pub(super) const PAYLOAD_DIGEST_ALT: u32 = 5097;
pub(super) const SPEC: u32 = 5099;
pub(super) const TRANSLATION_URL: u32 = 5100;
pub(super) const UPSTREAM_RELEASES: u32 = 5101;
/// Compressed size of the payload, in headers of version 6.
pub(super) const PAYLOAD_SIZE: u32 = 5112;
/// Uncompressed size of the payload, in headers of version 6.
pub(super) const PAYLOAD_SIZE_ALT: u32 = 5113;
/// SHA-512 of the payload, in headers of version 6.
pub(super) const PAYLOAD_SHA512: u32 = 5121;
/// SHA3-256 of the payload, in headers of version 6.
pub(super) const PAYLOAD_SHA3_256: u32 = 5123;

/// Bit of FILEFLAGS: the spec file.
pub(super) const FILE_SPEC: u32 = 1 << 5;
/// Bit of FILEFLAGS: listed, but not in the payload.
pub(super) const FILE_GHOST: u32 = 1 << 6;

/// Bit of the sense flags: needed of RPM itself.
pub(super) const SENSE_RPMLIB: u32 = 1 << 24;

/// FILEDIGESTALGO and PAYLOADDIGESTALGO of SHA-256.
pub(super) const ALGO_SHA256: u32 = 8;

/// Type of a file in FILEMODES and in cpio.
pub(super) const MODE_TYPE: u32 = 0o170_000;
/// A regular file.
pub(super) const MODE_REGULAR: u32 = 0o100_000;
/// A directory.
pub(super) const MODE_DIRECTORY: u32 = 0o040_000;

/// The type of an entry's data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub(super) enum DataType {
    Char = 1,
    Int8 = 2,
    Int16 = 3,
    Int32 = 4,
    Int64 = 5,
    String = 6,
    Binary = 7,
    StringArray = 8,
    I18nString = 9,
}

impl DataType {
    /// The type with this number.
    pub(super) fn from_number(number: u32) -> Option<Self> {
        Some(match number {
            1 => Self::Char,
            2 => Self::Int8,
            3 => Self::Int16,
            4 => Self::Int32,
            5 => Self::Int64,
            6 => Self::String,
            7 => Self::Binary,
            8 => Self::StringArray,
            9 => Self::I18nString,
            _ => return None,
        })
    }

    /// Bytes of one value, where all values have the same size; also the alignment.
    pub(super) const fn size(self) -> Option<usize> {
        match self {
            Self::Char | Self::Int8 | Self::Binary => Some(1),
            Self::Int16 => Some(2),
            Self::Int32 => Some(4),
            Self::Int64 => Some(8),
            Self::String | Self::StringArray | Self::I18nString => None,
        }
    }
}
