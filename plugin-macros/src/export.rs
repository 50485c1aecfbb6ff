//! `#[export_plugin]`: on an `impl` or on a `mod`, both become one [`Plugin`].

mod arguments;
mod block;
mod expand;
mod module;
mod requires;
mod state;

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Ident, Item, Type};

use self::arguments::Arguments;
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
    arguments: Arguments,
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
    let arguments = arguments::parse(arguments, cfg!(feature = "tokio"), &mut errors);
    let tokens = match errors.take(syn::parse2::<Item>(item.clone())) {
        Some(Item::Impl(block)) => {
            let plugin = block::parse(&block, &mut errors);
            let conditions: Vec<_> = conditions(&block.attrs).collect();
            let root = plugin.map(|plugin| expand::root(&Plugin { arguments, ..plugin }, &conditions));
            quote!(#block #root)
        }
        Some(Item::Mod(mut module)) => {
            let plugin = module::parse(&mut module, &mut errors);
            if let (Some(plugin), Some((_, items))) = (plugin, &mut module.content) {
                items.push(Item::Verbatim(expand::root(&Plugin { arguments, ..plugin }, &[])));
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
