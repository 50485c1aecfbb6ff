//! Boxed errors, within one library: what comes home is what left.

use std::{error::Error, fmt, io};

use plugin_core::{Instance, StableError, StableLayout, plugin_interface};

type Shared = Box<dyn Error + Send + Sync>;

#[plugin_interface]
pub(crate) trait Fails {
    fn plain(&self, error: Box<dyn Error>) -> Box<dyn Error>;
    fn sendable(&self, error: Box<dyn Error + Send>) -> Box<dyn Error + Send>;
    fn shared(&self, error: Box<dyn Error + Send + Sync + 'static>) -> Shared;
    fn parse(&self, text: &str) -> Result<u32, Box<dyn Error>>;
    fn several(&self) -> Vec<Result<u8, Shared>>;
    fn panics(&self) -> Result<u8, Box<dyn Error + Send + Sync>>;
}

#[derive(Debug, PartialEq, StableLayout)]
#[repr(C)]
pub(crate) struct Corrupt {
    offset: u64,
}

impl fmt::Display for Corrupt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "corrupt at byte {}", self.offset)
    }
}

impl Error for Corrupt {}

struct Failing;

impl Fails for Failing {
    fn plain(&self, error: Box<dyn Error>) -> Box<dyn Error> {
        error
    }
    fn sendable(&self, error: Box<dyn Error + Send>) -> Box<dyn Error + Send> {
        error
    }
    fn shared(&self, error: Shared) -> Shared {
        error
    }
    fn parse(&self, text: &str) -> Result<u32, Box<dyn Error>> {
        let number = text.parse()?;
        if number == 0 {
            Err("zero")?;
        }
        Ok(number)
    }
    fn several(&self) -> Vec<Result<u8, Shared>> {
        vec![Ok(1), Err("none".into())]
    }
    fn panics(&self) -> Result<u8, Shared> {
        panic!("no error but a panic")
    }
}

#[test]
fn an_error_that_comes_home_is_the_one_that_left() {
    let failing = Instance::<dyn Fails>::new(Failing);
    let corrupt = || Box::new(Corrupt { offset: 7 });
    assert_eq!(*failing.plain(corrupt()).downcast::<Corrupt>().unwrap(), *corrupt());
    assert_eq!(*failing.sendable(corrupt()).downcast::<Corrupt>().unwrap(), *corrupt());
    assert_eq!(*failing.shared(corrupt()).downcast::<Corrupt>().unwrap(), *corrupt());
}

#[test]
fn the_question_mark_works_on_both_sides() {
    fn double(failing: &impl Fails, text: &str) -> Result<u32, Box<dyn Error>> {
        Ok(2 * failing.parse(text)?)
    }
    let failing = Instance::<dyn Fails>::new(Failing);
    assert_eq!(double(&failing, "4").unwrap(), 8);
    assert_eq!(double(&failing, "0").unwrap_err().to_string(), "zero");
    assert!(double(&failing, "x").unwrap_err().is::<std::num::ParseIntError>());
    assert!(matches!(failing.several().as_slice(), [Ok(1), Err(error)] if error.to_string() == "none"));
}

#[test]
fn a_panic_becomes_the_error() {
    let failing = Instance::<dyn Fails>::new(Failing);
    let error = failing.panics().unwrap_err();
    let panic = error.downcast_ref::<plugin_core::PluginPanic>().unwrap();
    assert_eq!(panic.message(), "no error but a panic");
}

#[test]
fn errors_that_both_sides_know() {
    let marked = StableError::new(Corrupt { offset: 7 });
    assert_eq!(
        (marked.to_string(), format!("{marked:?}")),
        ("corrupt at byte 7".into(), "Corrupt { offset: 7 }".into())
    );
    assert_eq!(StableError::downcast_ref(&marked), Some(&Corrupt { offset: 7 }));
    assert_eq!(StableError::downcast_ref(&Corrupt { offset: 8 }), Some(&Corrupt { offset: 8 }));
    assert_eq!(StableError::downcast_ref::<Corrupt>(&io::Error::other("x")), None);
}
