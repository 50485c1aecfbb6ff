//! Panics through methods, loans and destructors.

use std::panic::{AssertUnwindSafe, catch_unwind, panic_any};

use plugin_core::{Instance, PluginPanic, StableLayout, abi::RString, plugin_interface};

#[derive(Debug, PartialEq, StableLayout)]
#[repr(u8)]
enum Taking {
    Other,
    Panicked { message: RString },
}

impl From<PluginPanic> for Taking {
    fn from(panic: PluginPanic) -> Self {
        Self::Panicked { message: panic.message().into() }
    }
}

#[derive(Debug, PartialEq, StableLayout)]
#[repr(u8)]
enum Plain {
    Other,
}

type Alias<T> = Result<T, Taking>;

/// What a panic becomes is a matter of the result.
#[plugin_interface]
trait Panics {
    fn nothing(&self, how: u8);
    fn value(&self, how: u8) -> String;
    fn taking(&self, how: u8) -> Result<u8, Taking>;
    fn alias(&self, how: u8) -> Alias<&str>;
    fn plain(&self, how: u8) -> Result<u8, Plain>;
    fn report(&self, how: u8) -> Result<u8, PluginPanic>;
    fn optional(&self, how: u8) -> Option<u8>;
    fn change(&self, bytes: &mut Vec<u8>, text: &mut String, slice: &mut [u8]);
}

struct Object;

struct Other;

fn fail(how: u8) {
    match how {
        0 => {}
        1 => panic!("borrowed"),
        2 => panic!("formatted {how}"),
        _ => panic_any(Other),
    }
}

impl Panics for Object {
    fn nothing(&self, how: u8) {
        fail(how);
    }
    fn value(&self, how: u8) -> String {
        fail(how);
        "value".into()
    }
    fn taking(&self, how: u8) -> Result<u8, Taking> {
        fail(how);
        Err(Taking::Other)
    }
    fn alias(&self, how: u8) -> Alias<&str> {
        fail(how);
        Ok("alias")
    }
    fn plain(&self, how: u8) -> Result<u8, Plain> {
        fail(how);
        Err(Plain::Other)
    }
    fn report(&self, how: u8) -> Result<u8, PluginPanic> {
        fail(how);
        Ok(1)
    }
    fn optional(&self, how: u8) -> Option<u8> {
        fail(how);
        Some(1)
    }
    fn change(&self, bytes: &mut Vec<u8>, text: &mut String, slice: &mut [u8]) {
        bytes.push(2);
        text.push('b');
        slice[0] = 2;
        panic!("half-way");
    }
}

/// The message of a panic that goes on in the caller.
#[track_caller]
fn caught<T>(call: impl FnOnce() -> T) -> String {
    match catch_unwind(AssertUnwindSafe(call)) {
        Ok(_) => panic!("it did not panic"),
        Err(payload) => *payload.downcast::<String>().unwrap(),
    }
}

#[test]
fn a_panic_goes_on_or_becomes_an_error() {
    let object = Instance::<dyn Panics>::new(Object);
    let cases = [(1, "borrowed"), (2, "formatted 2"), (3, "a panic whose payload is not text")];
    for (how, message) in cases {
        assert_eq!(caught(|| object.nothing(how)), message);
        assert_eq!(caught(|| object.value(how)), message);
        assert_eq!(caught(|| object.plain(how)), message);
        assert_eq!(caught(|| object.optional(how)), message);
        let panicked = || Taking::Panicked { message: message.into() };
        assert_eq!(object.taking(how), Err(panicked()));
        assert_eq!(object.alias(how), Err(panicked()));
        assert_eq!(object.report(how).unwrap_err().message(), message);
    }
    object.nothing(0);
    assert_eq!(object.value(0), "value");
    assert_eq!(object.taking(0), Err(Taking::Other));
    assert_eq!(object.alias(0), Ok("alias"));
    assert_eq!(object.plain(0), Err(Plain::Other));
    assert_eq!(object.report(0), Ok(1));
    assert_eq!(object.optional(0), Some(1));
}

#[test]
fn loans_come_back_from_a_panic() {
    let object = Instance::<dyn Panics>::new(Object);
    let (mut bytes, mut text, mut slice) = (vec![1], "a".to_owned(), [1]);
    assert_eq!(caught(|| object.change(&mut bytes, &mut text, &mut slice)), "half-way");
    assert_eq!((bytes, text, slice), (vec![1, 2], "ab".to_owned(), [2]));
}

struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("dropped");
    }
}

#[plugin_interface]
trait Anything {}

impl Anything for Bomb {}

#[test]
fn a_panic_in_a_destructor() {
    let bomb = Instance::<dyn Anything>::new(Bomb);
    assert_eq!(caught(|| drop(bomb)), "dropped");
    // While the caller unwinds, a second panic would abort: it is swallowed.
    let message = caught(|| {
        let _bomb = Instance::<dyn Anything>::new(Bomb);
        if true {
            std::panic::resume_unwind(Box::new("first".to_owned()));
        }
    });
    assert_eq!(message, "first");
}
