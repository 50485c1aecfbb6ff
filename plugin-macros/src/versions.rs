//! Versions in attributes: `#[since("1.1.0")]`.

use syn::LitStr;

use crate::errors::Errors;

/// Notes a text that is no version.
pub(crate) fn check(literal: &LitStr, errors: &mut Errors) {
    if !is_version(&literal.value()) {
        errors.at(literal, "write a semantic version: `#[since(\"1.1.0\")]`");
    }
}

/// Three numbers, and perhaps a pre-release or build part, which hosts judge.
pub(crate) fn is_version(text: &str) -> bool {
    numbers(text).is_some()
}

pub(crate) fn numbers(text: &str) -> Option<[u64; 3]> {
    let core = text.split(['-', '+']).next()?;
    let numbers = core.split('.').map(|number| number.parse().ok());
    numbers.collect::<Option<Vec<_>>>()?.try_into().ok()
}
