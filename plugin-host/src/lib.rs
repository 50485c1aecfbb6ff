//! x

mod file;
mod library;
mod object_file;
mod trust;

pub use file::{FileError, FileIdentity, IrregularKind};
pub use library::LoadError;
pub use object_file::{ObjectError, ObjectFormat, UnsupportedKind};
pub use trust::TrustError;
