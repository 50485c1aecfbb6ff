//! `#[export_plugin]`: on an `impl` or on a `mod`, both become one [`Plugin`].

mod block;
mod expand;
mod module;
mod state;

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Ident, Item, Type};

use crate::{attributes::conditions, errors::Errors, signature::Callable, spans::keyword};

/// What a plugin's root module is made of.
#[derive(Default)]
struct Plugin {
    provides: Vec<Provided>,
    functions: Vec<Callable>,
    statics: Vec<Static>,
    init: Option<Step>,
    shutdown: Option<Step>,
    save: Option<Save>,
    restores: Vec<Restore>,
    /// Whether every function of the plugin runs in its tokio runtime.
    in_tokio: bool,
}

/// An interface and how its object is made.
struct Provided {
    interface: syn::Path,
    constructor: Constructor,
}

enum Constructor {
    /// `<T as Default>::default()`
    Default(Box<Type>),
    /// A function; its result is the object, or a `Result` of it.
    Function { step: Box<Step>, is_fallible: bool },
}

/// A function that a host runs.
struct Step {
    ident: Ident,
    /// The type of its argument, if it takes the context.
    context: Option<Type>,
    result: Type,
}

/// What hands the plugin's state to a newer build of it.
struct Save {
    step: Step,
    /// The type of the state.
    state: Type,
    is_fallible: bool,
    version: u32,
}

/// What takes the state of an older build.
struct Restore {
    ident: Ident,
    /// The type of the state.
    state: Type,
    result: Type,
    version: u32,
}

struct Static {
    ident: Ident,
    ty: Type,
}

pub(crate) fn expand(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let in_tokio = in_tokio(arguments, cfg!(feature = "tokio"), &mut errors);
    let tokens = match errors.take(syn::parse2::<Item>(item.clone())) {
        Some(Item::Impl(block)) => {
            let plugin = block::parse(&block, &mut errors);
            let root = plugin.map(|plugin| expand::root(&Plugin { in_tokio, ..plugin }));
            let conditions = conditions(&block.attrs);
            quote!(#block #(#conditions)* #root)
        }
        Some(Item::Mod(mut module)) => {
            let plugin = module::parse(&mut module, &mut errors);
            if let (Some(plugin), Some((_, items))) = (plugin, &mut module.content) {
                items.push(Item::Verbatim(expand::root(&Plugin { in_tokio, ..plugin })));
            }
            quote!(#module)
        }
        None => item.clone(),
        Some(_) => {
            errors.at(
                keyword(item.clone()),
                "`#[export_plugin]` belongs on an `impl Interface for Type` or on a `mod` with the plugin's items",
            );
            item.clone()
        }
    };
    match errors.into_tokens() {
        // Without the root module: its errors would only repeat these.
        Some(errors) => {
            let item = without_root(item);
            quote!(#item #errors)
        }
        None => tokens,
    }
}

/// Whether the argument is `tokio`, which needs plugin-core's feature of that name.
fn in_tokio(arguments: TokenStream, has_feature: bool, errors: &mut Errors) -> bool {
    let is_tokio = syn::parse2::<Ident>(arguments.clone()).is_ok_and(|argument| argument == "tokio");
    if is_tokio && !has_feature {
        errors.at(
            arguments,
            "the plugin's tokio runtime is a feature: write `plugin-core = { …, features = [\"tokio\"] }` in the plugin's Cargo.toml",
        );
    } else if !is_tokio && !arguments.is_empty() {
        errors.at(
            arguments,
            "the one argument of `#[export_plugin]` is `tokio`: name and version of a plugin are those of the package",
        );
    }
    is_tokio
}

/// The item as the user wrote it, without the attributes that only this macro knows.
fn without_root(item: TokenStream) -> TokenStream {
    match syn::parse2::<Item>(item.clone()) {
        Ok(Item::Mod(mut module)) => {
            module::parse(&mut module, &mut Errors::default());
            quote!(#module)
        }
        _ => item,
    }
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::{Errors, in_tokio};

    #[test]
    fn the_one_argument_needs_its_feature() {
        let judge = |arguments, has_feature| {
            let mut errors = Errors::default();
            let is_on = in_tokio(arguments, has_feature, &mut errors);
            (is_on, errors.into_tokens().map(|errors| errors.to_string()))
        };
        assert_eq!(judge(quote!(), false), (false, None));
        assert_eq!(judge(quote!(tokio), true), (true, None));
        let (_, error) = judge(quote!(tokio), false);
        assert!(error.is_some_and(|error| error.contains("is a feature: write")));
        let (is_on, error) = judge(quote!(name = "a"), true);
        assert!(!is_on && error.is_some_and(|error| error.contains("the one argument")));
    }
}
