//! Default bodies, `#[since]`, and methods outside the table.

use plugin_core::{Instance, Interface, plugin_interface};

/// Most methods have a default.
#[plugin_interface(id = "tests::Defaults", version = "1.4.0")]
pub(crate) trait Defaults {
    fn base(&self) -> u32;
    fn twice(&self) -> u32 {
        2 * self.base()
    }
    fn pattern(&self, mut number: u32) -> u32 {
        number += 1;
        number
    }
    /// Not in the table.
    fn compare(&self, other: &Self) -> bool
    where
        Self: Sized,
    {
        self.base() == other.base()
    }
    /// Neither is this.
    fn describe() -> String
    where
        Self: Sized,
    {
        "described".into()
    }
    /// Nor this.
    fn convert<T: From<u32>>(self) -> T
    where
        Self: Sized,
    {
        self.base().into()
    }
    #[since("1.1.0")]
    fn level(&self) -> u32 {
        self.twice() + 1
    }
    #[since("1.2.0")]
    fn mutable(&self, mut number: u32, r#type: &str, _: u8, unused: &mut Vec<u8>) -> Option<usize> {
        if number == 0 {
            return None;
        }
        number += 1;
        let table = r#type.len();
        unused.push(1);
        Some(table + number as usize)
    }
    #[since("1.2.0")]
    fn question<'a>(&'a self, text: &'a str) -> Result<&'a str, String> {
        let first = text.split(' ').next().ok_or("empty")?;
        Ok(first)
    }
    #[since("1.3.0-alpha.1")]
    fn outer_items(&self) -> u32 {
        outcome() + table()
    }
    #[since("1.4.0")]
    fn calls_a_newer_one(&self) -> u32 {
        self.level() + Self::level(self)
    }
}

fn table() -> u32 {
    1
}

fn outcome() -> u32 {
    2
}

struct Base;

impl Defaults for Base {
    fn base(&self) -> u32 {
        5
    }
}

struct Overrides;

impl Defaults for Overrides {
    fn base(&self) -> u32 {
        5
    }
    fn twice(&self) -> u32 {
        0
    }
    fn level(&self) -> u32 {
        100
    }
}

#[test]
fn defaults_are_the_implementors() {
    let base = Instance::<dyn Defaults>::new(Base);
    assert_eq!(base.twice(), 10);
    assert_eq!(base.level(), 11);
    assert_eq!(base.pattern(1), 2);
    let mut bytes = Vec::new();
    assert_eq!(base.mutable(1, "abc", 0, &mut bytes), Some(5));
    assert_eq!(base.mutable(0, "abc", 0, &mut bytes), None);
    assert_eq!(bytes, [1]);
    assert_eq!(base.question("a b"), Ok("a"));
    assert_eq!(base.outer_items(), 3);
    assert_eq!(base.calls_a_newer_one(), 22);

    let overrides = Instance::<dyn Defaults>::new(Overrides);
    assert_eq!(overrides.twice(), 0);
    assert_eq!(overrides.level(), 100);
    assert!(base.compare(&overrides));
    assert_eq!(Instance::<dyn Defaults>::describe(), "described");
    assert_eq!(base.convert::<u64>(), 5);
}

#[test]
fn what_is_described() {
    let layout = <dyn Defaults>::INTERFACE;
    assert_eq!((layout.id, layout.version), ("tests::Defaults", "1.4.0"));
    let methods = layout.methods.iter().map(|method| (method.name, method.since));
    let expected = [
        ("base", ""),
        ("twice", ""),
        ("pattern", ""),
        ("level", "1.1.0"),
        ("mutable", "1.2.0"),
        ("question", "1.2.0"),
        ("outer_items", "1.3.0-alpha.1"),
        ("calls_a_newer_one", "1.4.0"),
    ];
    assert_eq!(methods.collect::<Vec<_>>(), expected);
}

mod older {
    //! The same interface as it was.

    use plugin_core::plugin_interface;

    #[plugin_interface(id = "tests::Defaults", version = "1.0.0")]
    pub(super) trait Defaults {
        fn base(&self) -> u32;
        fn twice(&self) -> u32;
        fn pattern(&self, number: u32) -> u32;
    }

    pub(super) struct Old;

    impl Defaults for Old {
        fn base(&self) -> u32 {
            7
        }
        fn twice(&self) -> u32 {
            15
        }
        fn pattern(&self, number: u32) -> u32 {
            number
        }
    }
}

#[test]
fn an_older_table_gets_the_callers_defaults() {
    let old = Instance::into_raw(Instance::<dyn older::Defaults>::new(older::Old));
    // SAFETY: the same interface, with fewer methods at the end, each of which has a default.
    let old = unsafe { Instance::<dyn Defaults>::from_raw(old) };
    assert_eq!(old.twice(), 15);
    assert_eq!(old.level(), 16);
    let mut bytes = Vec::new();
    assert_eq!(old.mutable(1, "abc", 0, &mut bytes), Some(5));
    assert_eq!(old.mutable(0, "abc", 0, &mut bytes), None);
    assert_eq!(bytes, [1]);
    assert_eq!(old.question("a b"), Ok("a"));
    assert_eq!(old.outer_items(), 3);
    assert_eq!(old.calls_a_newer_one(), 32);
}

/// A trait that a macro writes, whose names have the hygiene of that macro.
macro_rules! written_by_a_macro {
    ($name:ident, $ty:ty) => {
        #[plugin_interface(id = "tests::Written", version = "1.1.0")]
        pub(crate) trait $name {
            fn base(&self) -> $ty;
            #[since("1.1.0")]
            fn newer(&self, number: $ty) -> $ty {
                self.base() + number
            }
        }
    };
}

written_by_a_macro!(Written, u32);

mod written_before {
    #[plugin_core::plugin_interface(id = "tests::Written", version = "1.0.0")]
    pub(super) trait Written {
        fn base(&self) -> u32;
    }

    impl Written for u32 {
        fn base(&self) -> u32 {
            *self
        }
    }
}

#[test]
fn traits_written_by_macros() {
    let old = Instance::into_raw(Instance::<dyn written_before::Written>::new(3));
    // SAFETY: the same interface, without the newer method, which has a default.
    let old = unsafe { Instance::<dyn Written>::from_raw(old) };
    assert_eq!((old.base(), old.newer(4)), (3, 7));
}
