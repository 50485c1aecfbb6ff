//! Around the derive: crates with every lint, names that are in the way, types that are taken for others.

use plugin_core::{Fingerprint, StableLayout, abi::RVec};

use crate::{check, check_enum, check_fields, text};

/// Types whose users allow nothing, in expansions that must not need it.
#[deny(warnings, missing_docs, unused, unused_qualifications, unused_lifetimes, single_use_lifetimes)]
#[deny(elided_lifetimes_in_paths, unreachable_pub, missing_debug_implementations, trivial_casts)]
#[deny(
    clippy::all,
    clippy::pedantic,
    clippy::nursery,
    clippy::undocumented_unsafe_blocks,
    clippy::as_conversions
)]
#[deny(
    clippy::allow_attributes,
    clippy::allow_attributes_without_reason,
    clippy::missing_inline_in_public_items
)]
#[forbid(unsafe_code)]
#[expect(dead_code, reason = "the tests' own")]
mod strict {
    use plugin_core::{
        StableLayout,
        abi::{RBox, ROption, RVec},
    };

    /// Documented.
    #[derive(Debug, StableLayout)]
    #[repr(C)]
    pub(super) struct List<T, const N: usize> {
        pub(super) value: [T; N],
        #[layout(recursive)]
        pub(super) next: ROption<RBox<Self>>,
    }

    #[derive(Debug, Clone, Copy, StableLayout)]
    #[repr(i32)]
    pub(super) enum Choice<'a, T> {
        Nothing = -4,
        One(&'a T),
        #[expect(non_camel_case_types, reason = "tested")]
        two_words {
            first: T,
            second: u8,
        } = (1 << 3),
    }

    #[deprecated]
    #[derive(Debug, StableLayout)]
    #[repr(transparent)]
    pub(super) struct Old(u8);

    #[expect(deprecated, unused_qualifications, reason = "tested")]
    #[derive(Debug, StableLayout)]
    #[repr(C)]
    pub(super) struct Newer {
        pub(super) old: Old,
        pub(super) items: RVec<core::primitive::u8>,
    }

    pub(super) fn used() {
        #[derive(Debug, StableLayout)]
        #[repr(u8)]
        enum Local {
            A(u8),
        }
        let choices = [Choice::Nothing, Choice::One(&1_u8), Choice::two_words { first: 1, second: 2 }];
        assert!(!format!("{choices:?} {:?}", Local::A(3)).is_empty());
        assert_eq!(Local::TYPE_LAYOUT.size, 2);
    }
}

/// Names that a user may give to other things.
#[allow(unused, non_camel_case_types, reason = "only to be in the way")]
mod shadowed {
    use ::plugin_core::StableLayout as Derived;

    pub(super) mod core {}
    pub(super) mod std {}
    pub(super) mod plugin_core {}
    pub(super) struct Option;
    pub(super) struct PhantomData;
    pub(super) struct Field;
    pub(super) struct Variant;
    pub(super) struct TypeLayout;
    pub(super) trait StableLayout {}
    pub(super) trait Sized {}
    pub(super) trait Copy {}
    pub(super) struct u8;
    pub(super) struct u64;
    pub(super) struct i128;
    pub(super) struct usize;
    pub(super) struct bool;
    pub(super) struct str;
    pub(super) fn identity() {}
    pub(super) fn size_of() {}
    macro_rules! assert {
        ($($t:tt)*) => {
            compile_error!("the user's `assert!`")
        };
    }
    macro_rules! offset_of {
        ($($t:tt)*) => {
            compile_error!("the user's `offset_of!`")
        };
    }
    pub(super) use {assert, offset_of};

    #[derive(Derived)]
    #[repr(u8)]
    pub(super) enum Choice<T> {
        A(T) = 1,
        B(u32),
        C,
    }

    #[derive(Derived)]
    #[repr(C)]
    pub(super) struct Link<const N: ::core::primitive::usize> {
        #[layout(recursive)]
        pub(super) next: *const Link<N>,
    }
}

/// Types that other macros write.
macro_rules! written {
    ($name:ident { $($field:ident: $ty:ty = $discriminant:expr),+ }) => {
        #[derive(StableLayout)]
        #[repr(u16)]
        enum $name { $($field(#[layout(recursive)] RVec<$ty>) = $discriminant),+ }
    };
}

written! { Written { First: Written = 2 + 3, Second: Written = 9 } }

#[test]
fn hygiene() {
    strict::used();
    check::<strict::List<u8, 3>>("List", &[("value", 0, "array"), ("next", 8, "Option")]);
    check_enum::<strict::Choice<u8>>("Choice", "i32", &[("Nothing", -4), ("One", -3), ("two_words", 8)]);
    check::<strict::Newer>("Newer", &[("old", 0, "Old"), ("items", 8, "Vec")]);
    let variants = check_enum::<shadowed::Choice<u16>>("Choice", "u8", &[("A", 1), ("B", 2), ("C", 3)]);
    check_fields("A", variants[0].fields, &[("0", 2, "u16")]);
    check_fields("B", variants[1].fields, &[("0", 4, "u32")]);
    check::<shadowed::Link<4>>("Link", &[("next", 0, "pointer")]);
    let variants = check_enum::<Written>("Written", "u16", &[("First", 5), ("Second", 9)]);
    assert_eq!(text(variants[1].fields[0].layout), "Vec<recursive Written>");
    let _ = (Written::First(RVec::new()), Written::Second(RVec::new()));
}

/// Types in others of the same name: a mention says which of the two it means.
mod namesakes {
    use plugin_core::StableLayout;

    pub(super) mod direct {
        use super::StableLayout;

        #[derive(StableLayout)]
        #[repr(C)]
        pub(crate) struct Node<T> {
            value: *const T,
            next: *const T,
        }
    }

    pub(super) mod recursive {
        use super::StableLayout;

        #[derive(StableLayout)]
        #[repr(C)]
        pub(crate) struct Node<T> {
            value: *const T,
            #[layout(recursive)]
            next: *const Node<T>,
        }
    }

    pub(super) mod around_direct {
        use super::{StableLayout, direct};

        #[derive(StableLayout)]
        #[repr(C)]
        pub(crate) struct Node {
            #[layout(recursive)]
            inner: *const direct::Node<Self>,
        }
    }

    pub(super) mod around_recursive {
        use super::{StableLayout, recursive};

        #[derive(StableLayout)]
        #[repr(C)]
        pub(crate) struct Node {
            #[layout(recursive)]
            inner: *const recursive::Node<Self>,
        }
    }
}

#[test]
fn recursion_in_namesakes() {
    let direct = namesakes::around_direct::Node::TYPE_LAYOUT.fingerprint;
    let recursive = namesakes::around_recursive::Node::TYPE_LAYOUT.fingerprint;
    assert_ne!(direct, recursive);
}

/// Declarations that differ in nothing that the bytes show, and are not interchangeable all the same.
mod declarations {
    use plugin_core::{StableLayout, abi::RStr};

    #[derive(StableLayout)]
    #[repr(C)]
    pub(super) struct Borrowed<'a> {
        name: RStr<'a>,
        detail: RStr<'a>,
    }

    pub(super) mod partly_static {
        use super::{RStr, StableLayout};

        #[derive(StableLayout)]
        #[repr(C)]
        pub(crate) struct Borrowed<'a> {
            name: RStr<'static>,
            detail: RStr<'a>,
        }
    }

    pub(super) mod renamed {
        use super::{RStr, StableLayout};

        #[derive(StableLayout)]
        #[repr(C)]
        pub(crate) struct Borrowed<'text> {
            name: RStr<'text>,
            detail: RStr<'text>,
        }
    }

    #[derive(StableLayout)]
    #[repr(C)]
    pub(super) struct Wrapper(f32);

    pub(super) mod transparent {
        use super::StableLayout;

        #[derive(StableLayout)]
        #[repr(transparent)]
        pub(crate) struct Wrapper(f32);
    }

    #[derive(StableLayout)]
    #[repr(C)]
    pub(super) struct Duration {
        secs: u64,
        nanos: u32,
    }
}

#[test]
fn declarations_count() {
    fn of<T: StableLayout>() -> Fingerprint {
        T::TYPE_LAYOUT.fingerprint
    }
    use declarations::{Borrowed, Duration, Wrapper, partly_static, renamed, transparent};
    assert_eq!(Borrowed::TYPE_LAYOUT.declaration.lifetimes, "<'0> '0; '0");
    assert_ne!(of::<Borrowed<'static>>(), of::<partly_static::Borrowed<'static>>());
    assert_eq!(of::<Borrowed<'static>>(), of::<renamed::Borrowed<'static>>());
    assert_ne!(of::<Wrapper>(), of::<transparent::Wrapper>());
    // The one of the standard library has an invariant that a lookalike does not.
    assert_ne!(of::<Duration>(), of::<std::time::Duration>());
    assert_eq!(Wrapper::TYPE_LAYOUT.declaration.origin, "derive");
}
