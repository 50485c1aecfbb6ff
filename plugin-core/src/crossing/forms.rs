//! What the standard library's types are while they cross: what carries their contents, under the type's own name.
//!
//! A map and a vector of pairs are carried alike and mean different things, so each is a type of its own in a
//! description. The name determines what carries it, as for the rest of the vocabulary: another carrier is another ABI
//! format.

use crate::{
    abi::{ROption, RResult, RSlice, RStr, RString, RVec, Tuple2, Tuple4},
    layout::{Argument as GenericArgument, StableLayout, TypeLayout},
};

macro_rules! forms {
    ($($name:expr, $form:ident [$($lifetime:lifetime)?] [$($parameter:ident)*] = $carrier:ty;)+) => {$(
        #[doc = concat!("`", $name, "` as it crosses.")]
        #[repr(transparent)]
        pub struct $form<$($lifetime,)? $($parameter),*>(pub(super) $carrier);

        // SAFETY: transparent over its one field, whose layout is stable and goes with this name alone.
        unsafe impl<$($lifetime,)? $($parameter: StableLayout),*> StableLayout for $form<$($lifetime,)? $($parameter),*> {
            const TYPE_LAYOUT: &'static TypeLayout = &TypeLayout::opaque::<Self>(
                $name,
                &[$(GenericArgument::Type($parameter::TYPE_LAYOUT)),*],
            );
        }
    )+};
}

/// The name of a type whose bytes mean the same to every release of `rustc`: on Unix, where they are documented.
#[cfg(unix)]
macro_rules! platform_text {
    ($name:literal) => {
        $name
    };
}

/// The name of a type whose bytes mean something to one release of `rustc`, so that two releases refuse each other.
#[cfg(not(unix))]
macro_rules! platform_text {
    ($name:literal) => {
        concat!($name, " of rustc ", env!("PLUGIN_CORE_RUSTC_RELEASE"))
    };
}

forms! {
    "HashMap", HashMapForm [] [K V] = RVec<Tuple2<K, V>>;
    "BTreeMap", BTreeMapForm [] [K V] = RVec<Tuple2<K, V>>;
    "HashSet", HashSetForm [] [T] = RVec<T>;
    "BTreeSet", BTreeSetForm [] [T] = RVec<T>;
    "VecDeque", VecDequeForm [] [T] = RVec<T>;
    "Box<[]>", BoxedSlice [] [T] = RVec<T>;
    "Arc<[]>", SharedSlice [] [T] = RVec<T>;
    "Box<str>", BoxedStr [] [] = RString;
    "Arc<str>", SharedStr [] [] = RString;
    "Cow<[]>", CowSlice ['a] [T] = RResult<RVec<T>, RSlice<'a, T>>;
    "Cow<str>", CowStr ['a] [] = RResult<RString, RStr<'a>>;
    platform_text!("PathBuf"), PathBufForm [] [] = RVec<u8>;
    platform_text!("&Path"), PathForm ['a] [] = RSlice<'a, u8>;
    platform_text!("OsString"), OsStringForm [] [] = RVec<u8>;
    platform_text!("&OsStr"), OsStrForm ['a] [] = RSlice<'a, u8>;
    "CString", CStringForm [] [] = RVec<u8>;
    "&CStr", CStrForm ['a] [] = RSlice<'a, u8>;
    "SystemTime", SystemTimeForm [] [] = Tuple2<i64, u32>;
    "Range", RangeForm [] [T] = Tuple2<T, T>;
    "RangeInclusive", RangeInclusiveForm [] [T] = Tuple2<T, T>;
    "RangeFrom", RangeFromForm [] [T] = T;
    "RangeTo", RangeToForm [] [T] = T;
    "RangeToInclusive", RangeToInclusiveForm [] [T] = T;
    "RangeFull", RangeFullForm [] [] = ();
    "Bound", BoundForm [] [T] = ROption<RResult<T, T>>;
    "Ipv4Addr", Ipv4Form [] [] = [u8; 4];
    "Ipv6Addr", Ipv6Form [] [] = [u8; 16];
    "IpAddr", IpForm [] [] = RResult<[u8; 4], [u8; 16]>;
    "SocketAddrV4", SocketV4Form [] [] = Tuple2<[u8; 4], u16>;
    "SocketAddrV6", SocketV6Form [] [] = Tuple4<[u8; 16], u16, u32, u32>;
    "SocketAddr", SocketForm [] [] = RResult<Tuple2<[u8; 4], u16>, Tuple4<[u8; 16], u16, u32, u32>>;
}
