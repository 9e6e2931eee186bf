//! A compressed cpio archive, of any bytes.

#![no_main]

use distmill::rpmfile::probe;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| probe::payload(bytes));
