//! `#[plugin_interface]`.

mod asynchronous;
mod description;
mod erased;
mod lent;
mod parse;
mod proxy;
mod shape;
mod stand_in;
mod table;

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Attribute, ItemTrait};

use crate::{
    attributes::{conditions, lint_levels},
    errors::Errors,
    signature::Callable,
};

/// A trait that has been parsed and checked.
struct Interface {
    id: TokenStream,
    version: TokenStream,
    /// The trait as the user gets it: without our helper attributes.
    item: ItemTrait,
    supers: Vec<syn::Path>,
    is_send: bool,
    is_sync: bool,
    methods: Vec<Method>,
}

struct Method {
    callable: Callable,
    /// `#[cfg(…)]` on the method: all that is made of it has the same.
    conditions: Vec<Attribute>,
    /// The version that added it, with the default for older plugins.
    since: Option<(String, syn::Block)>,
    /// `#[allow(…)]` on the method, for the default.
    lint_levels: Vec<Attribute>,
}

pub(crate) fn expand(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let parsed = parse::interface(arguments, item.clone(), &mut errors);
    match (errors.into_tokens(), parsed) {
        (None, Some(interface)) => complete(&interface),
        (Some(errors), Some(interface)) => {
            let item = &interface.item;
            let stand_in = stand_in::interface(&interface);
            quote!(#item #errors #stand_in)
        }
        (errors, None) => quote!(#item #errors),
    }
}

/// The trait, and everything that is made of it.
fn complete(interface: &Interface) -> TokenStream {
    let mut item = interface.item.clone();
    item.items.push(proxy::question());
    let (boxed, boxing) = asynchronous::boxed(interface, &mut item);
    let conditions = conditions(&item.attrs);
    let lint_levels = lint_levels(&item.attrs);
    let description = description::expand(interface);
    let table = table::expand(interface);
    let proxy = proxy::expand(interface);
    let erased = erased::expand(interface);
    let lent = lent::expand(interface);
    quote! {
        #item
        #boxed

        #(#conditions)*
        #(#lint_levels)*
        #[doc(hidden)]
        #[allow(
            clippy::all, clippy::pedantic, clippy::nursery, clippy::restriction, deprecated, improper_ctypes_definitions,
            long_running_const_eval, single_use_lifetimes, unreachable_code, unused_mut, unused_qualifications,
            unused_variables,
        )]
        const _: () = {
            #description
            #table
            #proxy
            #erased
            #lent
            #boxing
        };
    }
}

#[cfg(test)]
mod tests {
    use syn::{ImplItemFn, visit::Visit};

    use super::*;

    /// The methods that look at the length of a table.
    #[derive(Default)]
    struct Checked(Vec<String>);

    impl<'ast> Visit<'ast> for Checked {
        fn visit_impl_item_fn(&mut self, function: &'ast ImplItemFn) {
            let body = &function.block;
            if quote!(#body).to_string().contains("length") {
                self.0.push(function.sig.ident.to_string());
            }
        }
    }

    #[test]
    fn only_methods_that_may_be_missing_check_the_length_of_a_table() {
        let expanded = expand(
            TokenStream::new(),
            quote! {
                pub trait Store: Send + Sync {
                    fn get(&self, place: u32) -> u32;
                    fn set(&mut self, place: u32) -> Result<(), String> { Ok(()) }
                    #[since("1.1.0")]
                    fn sum(&self) -> u32 { self.get(0) }
                    #[since("1.2.0")]
                    unsafe fn name(&self) -> &str { "" }
                }
            },
        );
        let mut checked = Checked::default();
        for item in &syn::parse2::<syn::File>(expanded).unwrap().items {
            let syn::Item::Const(hidden) = item else { continue };
            checked.visit_expr(&hidden.expr);
        }
        checked.0.sort();
        checked.0.dedup();
        assert_eq!(checked.0, ["name", "sum"]);
    }
}
