//! One function or method for each kind of call.
#![allow(non_camel_case_types, non_local_definitions, reason = "sabi_trait writes such code")]

use abi_stable::{
    StableAbi, declare_root_module_statics,
    library::RootModule,
    package_version_strings, sabi_trait,
    sabi_types::VersionStrings,
    std_types::{RBox, RResult, RSlice, RStr, RString, RVec},
};

#[repr(C)]
#[derive(StableAbi)]
#[sabi(kind(Prefix(prefix_ref = CallsRef, prefix_fields = CallsFields)))]
#[sabi(missing_field(panic))]
pub struct Calls {
    pub add: extern "C" fn(u64, u64) -> u64,
    pub mix: extern "C" fn(u64) -> u64,
    pub text: extern "C" fn(RStr<'_>) -> RString,
    pub bytes: extern "C" fn(RSlice<'_, u8>) -> RVec<u8>,
    pub append: extern "C" fn(&mut RVec<u8>, RSlice<'_, u8>),
    pub checked: extern "C" fn(RSlice<'_, u8>) -> RResult<RVec<u8>, u64>,
    pub allocations: extern "C" fn() -> u64,
    #[sabi(last_prefix_field)]
    pub object: extern "C" fn() -> ObjectBox,
}

impl RootModule for CallsRef {
    declare_root_module_statics! {CallsRef}
    const BASE_NAME: &'static str = "peer";
    const NAME: &'static str = "peer";
    const VERSION_STRINGS: VersionStrings = package_version_strings!();
}

#[sabi_trait]
pub trait Object: Send + Sync {
    fn add(&self, left: u64, right: u64) -> u64;
    fn mix(&self, seed: u64) -> u64;
    fn text(&self, name: RStr<'_>) -> RString;
    fn bytes(&self, input: RSlice<'_, u8>) -> RVec<u8>;
    fn append(&self, output: &mut RVec<u8>, input: RSlice<'_, u8>);
    #[sabi(last_prefix_field)]
    fn checked(&self, input: RSlice<'_, u8>) -> RResult<RVec<u8>, u64>;
}

pub type ObjectBox = Object_TO<'static, RBox<()>>;
