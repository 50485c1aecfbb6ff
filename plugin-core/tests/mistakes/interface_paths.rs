use plugin_core::plugin_interface;
use std::ffi::{CStr, CString, OsStr, OsString};
use std::path::{Path, PathBuf};

#[plugin_interface]
pub trait Subject {
    fn by_reference(&self, path: &PathBuf, text: &OsString, c: &CString);
    fn bare(&self, path: Path) -> Option<OsStr>;
    fn changed(&self, path: &mut Path, text: &mut PathBuf, c: &mut CStr);
    fn several(&self, paths: &[PathBuf], borrowed: Vec<&Path>);
}

fn main() {}
