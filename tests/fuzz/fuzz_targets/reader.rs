//! Any bytes are a pack whose every asset can be read, or are refused with a reason.
#![no_main]

use libfuzzer_sys::fuzz_target;
use papack_queries::envelope::{OpenError, Reader, check_sidecar};

fuzz_target!(|bytes: &[u8]| {
    match Reader::open(bytes, "x.pa") {
        Ok(reader) => {
            for asset in reader.assets() {
                assert_eq!(reader.read(asset).unwrap().len() as u64, asset.size);
                assert_eq!(reader.asset(asset.asset_id).map(|a| a.asset_id), Some(asset.asset_id));
                assert!(reader.asset_named(&asset.asset_name).is_some());
            }
            // The same bytes as a sidecar: any text is answered.
            check_sidecar(&reader, "x.json", bytes);
        }
        Err(OpenError::Refused(faults)) => assert!(faults.iter().any(|fault| fault.is_error())),
        Err(OpenError::Io(error)) => panic!("memory does not fail: {error}"),
    }
});
