//! Plugins by another compiler, under the policy that goes by layouts.

use std::panic::catch_unwind;

use codec_api::{Codec, CodecError};
use integration::{Compiler, Profile, Stage, built, other_compilers, sample, skip};
use plugin_host::{Host, ToolchainPolicy, symbol};
use probe_api::Named;

fn lenient(stage: &Stage) -> Host {
    stage.host().with_toolchain_policy(ToolchainPolicy::StableLayout)
}

#[test]
fn a_codec_by_another_compiler_works_as_one_by_this_one() {
    let here = Stage::with(&sample("codec-lz4", &Compiler::Host));
    let here = here.host().open_root::<dyn Codec>("codec-lz4").unwrap();
    let compilers = other_compilers();
    if compilers.is_empty() {
        skip("no other compiler is installed (rustup's `nightly`, or Debian's `rustc-web`)");
    }
    for compiler in compilers {
        let stage = Stage::with(&sample("codec-lz4", &compiler));
        let there = lenient(&stage).open_root::<dyn Codec>("codec-lz4").unwrap();
        let input: Vec<u8> = (0..100_000_u32).flat_map(|number| (number / 7).to_le_bytes()).collect();
        let packed = there.compress(&input).unwrap();
        assert_eq!(packed, here.compress(&input).unwrap());
        assert_eq!(there.decompress(&packed).unwrap(), input);
        assert!(matches!(there.decompress(b"nothing that was packed"), Err(CodecError::Corrupt { .. })));

        let stage = Stage::with(&built(compiler, Profile::Unwind, "lifecycle"));
        let lifecycle = lenient(&stage).open("lifecycle").unwrap();
        assert_eq!(lifecycle.root::<dyn Named>().unwrap().name(), "alive");
        let explode = symbol!(lifecycle, explode: fn(message: &str) -> u32).unwrap();
        let panic = catch_unwind(|| explode("held")).unwrap_err();
        assert_eq!(*panic.downcast::<String>().unwrap(), "held");
    }
}
