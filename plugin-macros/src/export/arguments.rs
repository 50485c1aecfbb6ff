//! The arguments of `#[export_plugin]`: `tokio`, `requires(…)`.

use proc_macro2::TokenStream;
use syn::{Meta, Token, parse::Parser as _, punctuated::Punctuated};

use super::requires::{self, Requirement};
use crate::errors::Errors;

#[derive(Default)]
pub(super) struct Arguments {
    /// Whether every function of the plugin runs in its tokio runtime.
    pub(super) in_tokio: bool,
    pub(super) requires: Vec<Requirement>,
}

pub(super) fn parse(tokens: TokenStream, has_tokio: bool, errors: &mut Errors) -> Arguments {
    const EXPECTED: &str = "the arguments of `#[export_plugin]` are `tokio` and `requires(dyn Interface = \"1.2\")`: name and version of a plugin are those of the package";
    let mut arguments = Arguments::default();
    let Ok(list) = Punctuated::<Meta, Token![,]>::parse_terminated.parse2(tokens.clone()) else {
        errors.at(tokens, EXPECTED);
        return arguments;
    };
    for argument in list {
        match argument {
            Meta::Path(path) if path.is_ident("tokio") => {
                arguments.in_tokio = true;
                if !has_tokio {
                    errors.at(
                        path,
                        "the plugin's tokio runtime is a feature: write `plugin-core = { …, features = [\"tokio\"] }` in the plugin's Cargo.toml",
                    );
                }
            }
            Meta::List(list) if list.path.is_ident("requires") => {
                requires::parse(list, &mut arguments.requires, errors);
            }
            Meta::Path(path) if path.is_ident("requires") => errors.at(path, requires::EXPECTED),
            other => errors.at(other, EXPECTED),
        }
    }
    arguments
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::{Errors, parse};

    #[test]
    fn tokio_needs_its_feature() {
        let judge = |arguments, has_feature| {
            let mut errors = Errors::default();
            let arguments = parse(arguments, has_feature, &mut errors);
            (arguments.in_tokio, errors.into_tokens().map(|errors| errors.to_string()))
        };
        assert_eq!(judge(quote!(), false), (false, None));
        assert_eq!(judge(quote!(tokio), true), (true, None));
        assert_eq!(judge(quote!(requires(dyn Clock = "1"), tokio), true), (true, None));
        let (_, error) = judge(quote!(tokio), false);
        assert!(error.is_some_and(|error| error.contains("is a feature: write")));
        let (is_on, error) = judge(quote!(name = "a"), true);
        assert!(!is_on && error.is_some_and(|error| error.contains("the arguments of")));
    }
}
