//! One function.

use abi_stable::{
    StableAbi, declare_root_module_statics, library::RootModule, package_version_strings,
    sabi_types::VersionStrings,
};

#[repr(C)]
#[derive(StableAbi)]
#[sabi(kind(Prefix(prefix_ref = OneRef, prefix_fields = OneFields)))]
#[sabi(missing_field(panic))]
pub struct One {
    #[sabi(last_prefix_field)]
    pub double: extern "C" fn(u64) -> u64,
}

impl RootModule for OneRef {
    declare_root_module_statics! {OneRef}
    const BASE_NAME: &'static str = "peer_one";
    const NAME: &'static str = "peer_one";
    const VERSION_STRINGS: VersionStrings = package_version_strings!();
}
