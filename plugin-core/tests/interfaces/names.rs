//! Names that generated code might use itself, raw identifiers, attributes.

use plugin_core::{Instance, plugin_interface};

/// Arguments that are called like locals of generated code.
#[plugin_interface]
#[allow(clippy::too_many_arguments, reason = "names are what is tested")]
pub(crate) trait Arguments {
    fn all(&self, object: u8, entry: u8, table: u8, context: u8, outcome: u8, panic: u8, value: u8) -> u8;
    fn numbered(&self, argument_1: u8, argument_0: u8) -> u8;
    fn ignored(&self, _: u8, _: &str) -> u8;
    fn raw(&self, r#type: u8, r#fn: &mut Vec<u8>) -> u8;
    fn call(&self, call: &str) -> usize;
}

/// Methods that are called like functions of `Instance`, or of tables.
#[plugin_interface]
#[allow(clippy::new_ret_no_self, clippy::wrong_self_convention, reason = "names are what is tested")]
pub(crate) trait Methods {
    fn data(&self) -> u8;
    fn vtable(&self) -> u8;
    fn slot(&self) -> u8;
    fn new(&self) -> u8;
    fn into_raw(&self) -> u8;
    fn as_raw(&mut self) -> u8;
    fn from_raw(&self) -> u8;
    fn object(&self) -> u8;
    fn recover(&self) -> u8;
    fn r#match(&self) -> u8;
    fn r#type(&mut self, r#type: u8) -> u8;
    fn clone(&self) -> u8;
    fn borrow(&self) -> u8;
}

/// A method that is called like the destructor.
#[plugin_interface]
pub(crate) trait Drops {
    fn drop(&self) -> u8;
}

/// A raw name.
#[plugin_interface]
pub(crate) trait r#Dyn {
    fn number(&self) -> u8;
}

struct Object;

impl Arguments for Object {
    fn all(&self, object: u8, entry: u8, table: u8, context: u8, outcome: u8, panic: u8, value: u8) -> u8 {
        object + entry + table + context + outcome + panic + value
    }
    fn numbered(&self, argument_1: u8, argument_0: u8) -> u8 {
        argument_1 - argument_0
    }
    fn ignored(&self, _: u8, _: &str) -> u8 {
        1
    }
    fn raw(&self, r#type: u8, r#fn: &mut Vec<u8>) -> u8 {
        r#fn.push(r#type);
        r#type
    }
    fn call(&self, call: &str) -> usize {
        call.len()
    }
}

impl Methods for Object {
    fn data(&self) -> u8 {
        1
    }
    fn vtable(&self) -> u8 {
        2
    }
    fn slot(&self) -> u8 {
        3
    }
    fn new(&self) -> u8 {
        4
    }
    fn into_raw(&self) -> u8 {
        5
    }
    fn as_raw(&mut self) -> u8 {
        6
    }
    fn from_raw(&self) -> u8 {
        7
    }
    fn object(&self) -> u8 {
        8
    }
    fn recover(&self) -> u8 {
        9
    }
    fn r#match(&self) -> u8 {
        10
    }
    fn r#type(&mut self, r#type: u8) -> u8 {
        r#type
    }
    fn clone(&self) -> u8 {
        12
    }
    fn borrow(&self) -> u8 {
        13
    }
}

impl Drops for Object {
    fn drop(&self) -> u8 {
        14
    }
}

impl r#Dyn for Object {
    fn number(&self) -> u8 {
        15
    }
}

#[test]
fn arguments_and_methods_of_any_name() {
    let object = Instance::<dyn Arguments>::new(Object);
    assert_eq!(object.all(1, 2, 3, 4, 5, 6, 7), 28);
    assert_eq!(object.numbered(3, 1), 2);
    assert_eq!(object.ignored(0, ""), 1);
    let mut bytes = Vec::new();
    assert_eq!(object.raw(1, &mut bytes), 1);
    assert_eq!(bytes, [1]);
    assert_eq!(object.call("abc"), 3);

    let mut object = Instance::<dyn Methods>::new(Object);
    assert_eq!(object.data(), 1);
    assert_eq!(object.vtable(), 2);
    assert_eq!(object.slot(), 3);
    assert_eq!(object.new(), 4);
    assert_eq!(object.into_raw(), 5);
    assert_eq!(object.as_raw(), 6);
    assert_eq!(object.from_raw(), 7);
    assert_eq!(object.object(), 8);
    assert_eq!(object.recover(), 9);
    assert_eq!(object.r#match(), 10);
    assert_eq!(object.r#type(11), 11);
    assert_eq!(object.clone(), 12);
    assert_eq!(object.borrow(), 13);

    assert_eq!(Instance::<dyn Drops>::new(Object).drop(), 14);
    assert_eq!(Instance::<dyn r#Dyn>::new(Object).number(), 15);
}

/// Attributes of all kinds.
#[plugin_interface]
#[must_use]
#[allow(clippy::module_name_repetitions, reason = "attributes are what is tested")]
#[cfg(not(target_os = "none"))]
pub(crate) trait Attributes: Send {
    /// Documented.
    #[must_use]
    fn number(&self) -> u8;
    /** Documented otherwise. */
    #[deprecated = "use `number`"]
    fn old(&self) -> u8 {
        self.number()
    }
    #[allow(clippy::too_many_arguments, reason = "attributes are what is tested")]
    #[inline]
    fn many(&self, a: u8, b: u8, c: u8, d: u8, e: u8, f: u8, g: u8, #[allow(unused)] h: u8) -> u8 {
        a + b + c + d + e + f + g
    }
    #[doc(hidden)]
    fn hidden(&self) {}
    #[cfg_attr(target_os = "none", must_use)]
    fn conditional(&self) {}
}

/// Not there, with all that is generated.
#[plugin_interface]
#[cfg(target_os = "none")]
pub(crate) trait NotThere {
    fn unknown(&self, there_is_no: SuchType);
}

impl Attributes for Object {
    fn number(&self) -> u8 {
        1
    }
}

#[test]
fn attributes_stay_on_the_trait() {
    let object = Instance::<dyn Attributes>::new(Object);
    assert_eq!(object.number(), 1);
    #[allow(deprecated, reason = "tested")]
    let old = object.old();
    assert_eq!(old, 1);
    assert_eq!(object.many(1, 1, 1, 1, 1, 1, 1, 1), 7);
    object.hidden();
    object.conditional();
}

/// Unsafe methods stay unsafe.
#[plugin_interface]
pub(crate) trait Unsafe {
    /// # Safety
    ///
    /// `pointer` is valid.
    unsafe fn read(&self, pointer: *const u8) -> u8;
    /// # Safety
    ///
    /// None.
    #[since("1.1.0")]
    unsafe fn newer(&self, pointer: *const u8) -> u8 {
        // SAFETY: the caller's promise is the same.
        unsafe { self.read(pointer) }
    }
}

impl Unsafe for Object {
    unsafe fn read(&self, pointer: *const u8) -> u8 {
        // SAFETY: the caller says that it is valid.
        unsafe { pointer.read() }
    }
}

#[test]
fn unsafe_methods() {
    let object = Instance::<dyn Unsafe>::new(Object);
    let byte = 3;
    // SAFETY: a valid pointer.
    assert_eq!(unsafe { object.read(&raw const byte) }, 3);
    // SAFETY: as above.
    assert_eq!(unsafe { object.newer(&raw const byte) }, 3);
}

mod inner {
    use plugin_core::{StableLayout, plugin_interface};

    #[derive(StableLayout)]
    #[repr(transparent)]
    pub(super) struct Private(pub(super) u32);

    /// In a nested module, with its own types.
    #[plugin_interface]
    #[allow(unused_qualifications, reason = "paths are what is tested")]
    pub(super) trait Nested {
        fn private(&self, value: Private) -> self::Private;
        fn by_path(&self, value: super::values::Level) -> crate::values::Level;
        fn standard(&self, value: std::string::String) -> core::option::Option<std::vec::Vec<u8>>;
    }
}

impl inner::Nested for Object {
    fn private(&self, value: inner::Private) -> inner::Private {
        value
    }
    fn by_path(&self, value: values::Level) -> values::Level {
        value
    }
    fn standard(&self, value: String) -> Option<Vec<u8>> {
        Some(value.into_bytes())
    }
}

use super::values;

#[test]
fn nested_modules() {
    use inner::Nested as _;
    let object = Instance::<dyn inner::Nested>::new(Object);
    assert_eq!(object.private(inner::Private(3)).0, 3);
    assert_eq!(object.by_path(values::Level::Low), values::Level::Low);
    assert_eq!(object.standard("a".into()), Some(vec![b'a']));
}

#[test]
fn inside_a_function() {
    #[plugin_interface]
    trait Local {
        fn number(&self) -> u8;
    }
    impl Local for Object {
        fn number(&self) -> u8 {
            1
        }
    }
    assert_eq!(Instance::<dyn Local>::new(Object).number(), 1);
}
