//! A module in which the names of the prelude, of `core` and of primitives mean something else.

use plugin_core::{Instance, StableLayout, plugin_interface};

mod core {}
mod std {}

/// Own types with names of the standard library.
#[derive(Debug, PartialEq, StableLayout)]
#[repr(C)]
struct Vec {
    x: f32,
}

#[derive(Debug, PartialEq, StableLayout)]
#[repr(u8)]
enum Option {
    Set,
}

/// An arc of a circle.
#[derive(Debug, PartialEq, StableLayout)]
#[repr(C)]
struct Arc {
    radius: f32,
}

/// An animal.
#[derive(Debug, PartialEq, StableLayout)]
#[repr(C)]
struct Cow {
    milk: u32,
}

type Result<T> = ::core::result::Result<T, Failure>;
type Text = ::std::string::String;

#[derive(Debug, PartialEq, StableLayout)]
#[repr(u8)]
enum Failure {
    Broken,
}

#[allow(dead_code, reason = "they only have to be in scope")]
mod unused {
    pub(super) struct Some;
    pub(super) struct Ok;
    pub(super) trait Send {}
    pub(super) struct Instance;
    pub(super) fn drop() {}
}
#[allow(unused_imports, reason = "they only have to be in scope")]
use unused::{Ok, Some, drop};

#[plugin_interface]
trait Entry {
    fn vector(&self, vector: &Vec) -> Vec;
    fn option(&self, option: Option) -> Option;
    fn arc(&self, arc: Arc, cow: &Cow) -> Arc;
    fn fallible(&self, fail: bool) -> Result<u8>;
    fn text(&self, text: &mut Text) -> Text;
    #[since("1.1.0")]
    fn newer(&self, fail: bool) -> Result<u8> {
        self.fallible(fail)
    }
}

struct Object;

impl Entry for Object {
    fn vector(&self, vector: &Vec) -> Vec {
        Vec { x: 2.0 * vector.x }
    }
    fn option(&self, option: Option) -> Option {
        option
    }
    fn arc(&self, arc: Arc, _: &Cow) -> Arc {
        arc
    }
    fn fallible(&self, fail: bool) -> Result<u8> {
        if fail { Result::Err(Failure::Broken) } else { Result::Ok(1) }
    }
    fn text(&self, text: &mut Text) -> Text {
        text.push('!');
        text.clone()
    }
}

#[test]
fn own_types_of_well_known_names() {
    let object = Instance::<dyn Entry>::new(Object);
    assert_eq!(object.vector(&Vec { x: 1.0 }), Vec { x: 2.0 });
    assert_eq!(object.option(Option::Set), Option::Set);
    assert_eq!(object.arc(Arc { radius: 1.0 }, &Cow { milk: 1 }), Arc { radius: 1.0 });
    assert_eq!(object.fallible(true), Result::Err(Failure::Broken));
    assert_eq!(object.newer(false), Result::Ok(1));
    let mut text = Text::from("a");
    assert_eq!(object.text(&mut text), "a!");
    assert_eq!(text, "a!");
}
