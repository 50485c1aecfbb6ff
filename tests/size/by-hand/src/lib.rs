//! What `size-text` does, as bare functions over `abi_stable`'s types: its share of what a plugin with text has more.

use abi_stable::std_types::{RStr, RString, RVec};

/// Joins words.
#[unsafe(no_mangle)]
pub extern "C" fn join(words: RVec<RString>, separator: RStr<'_>) -> RString {
    let words: Vec<String> = words.into_iter().map(RString::into_string).collect();
    words.join(separator.as_str()).into()
}

/// The bytes of a text.
#[unsafe(no_mangle)]
pub extern "C" fn bytes(text: RStr<'_>) -> RVec<u8> {
    text.as_str().as_bytes().to_vec().into()
}
