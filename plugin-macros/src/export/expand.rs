//! Emits the description of the plugin, the entries, and the root module under its one exported symbol.

use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::spanned::Spanned as _;

use super::{Constructor, Plugin, Provided, Static, Step};
use crate::signature::Callable;

pub(super) fn root(plugin: &Plugin) -> TokenStream {
    let Plugin {
        provides,
        functions,
        statics,
        init,
        shutdown,
    } = plugin;
    let package = std::env::var("CARGO_PKG_NAME").unwrap_or_else(|_| "unnamed".to_owned());
    let root_symbol = format!("plugin_root_{}", package.replace('-', "_"));

    let interfaces = provides.iter().map(
        |Provided {
             interface,
             constructor: _,
         }| {
            quote_spanned!(interface.span()=> <dyn #interface as ::plugin_core::Interface>::INTERFACE)
        },
    );
    let constructors = provides.iter().enumerate().map(constructor);
    let constructor_names = (0..provides.len()).map(constructor_name);
    let symbols = functions
        .iter()
        .map(function_layout)
        .chain(statics.iter().map(static_layout));
    let entries = functions.iter().map(entry);
    let addresses = functions
        .iter()
        .map(|Callable { ident, .. }| quote!(__Entries::#ident as *const ()))
        .chain(
            statics
                .iter()
                .map(|Static { ident, ty: _ }| quote!(&raw const #ident)),
        );
    let (init_item, init) = lifecycle("init", init.as_ref());
    let (shutdown_item, shutdown) = lifecycle("shutdown", shutdown.as_ref());

    quote! {
        #[doc(hidden)]
        #[allow(clippy::all, clippy::pedantic, clippy::nursery, clippy::undocumented_unsafe_blocks, unused_qualifications, deprecated, improper_ctypes_definitions)]
        const _: () = {
            const PLUGIN: &::plugin_core::descriptor::PluginLayout = &::plugin_core::descriptor::PluginLayout {
                name: ::core::env!("CARGO_PKG_NAME"),
                version: ::core::env!("CARGO_PKG_VERSION"),
                root_symbol: #root_symbol,
                toolchain: ::plugin_core::Toolchain::CURRENT,
                provides: &[#(#interfaces),*],
                symbols: &[#(#symbols),*],
            };
            ::plugin_core::embed_descriptor!(PLUGIN);

            struct __Entries;
            impl __Entries {
                #(#entries)*
                #(#constructors)*
                #init_item
                #shutdown_item
            }

            #[unsafe(export_name = #root_symbol)]
            static ROOT: ::plugin_core::RootModule = ::plugin_core::RootModule::new(
                DESCRIPTOR.content(),
                &[#(__Entries::#constructor_names),*],
                &[#(::plugin_core::__private::Address::new(#addresses)),*],
                #init,
                #shutdown,
            );
        };
    }
}

fn constructor_name(index: usize) -> syn::Ident {
    format_ident!("__construct_{index}")
}

fn constructor(
    (
        index,
        Provided {
            interface,
            constructor,
        },
    ): (usize, &Provided),
) -> TokenStream {
    let name = constructor_name(index);
    let object = match constructor {
        Constructor::Default(ty) => {
            let default = quote_spanned!(ty.span()=> <#ty as ::core::default::Default>::default());
            quote!(::core::result::Result::Ok(#default))
        }
        Constructor::Function {
            step,
            is_fallible: false,
        } => quote!(::core::result::Result::Ok(#step)),
        Constructor::Function {
            step,
            is_fallible: true,
        } => {
            quote!(::plugin_core::__private::Completion::complete(#step))
        }
    };
    quote! {
        unsafe extern "C" fn #name(
            context: &'static ::plugin_core::Context,
        ) -> ::plugin_core::__private::Fallible<::plugin_core::RawObject> {
            let _ = context;
            ::plugin_core::__private::fallible(|| {
                let object = #object;
                object.map(|object| ::plugin_core::Instance::<dyn #interface>::new(object).into_raw())
            })
        }
    }
}

fn lifecycle(name: &str, step: Option<&Step>) -> (TokenStream, TokenStream) {
    let Some(step) = step else {
        return (TokenStream::new(), quote!(::core::option::Option::None));
    };
    let name = format_ident!("__{name}");
    let item = quote! {
        unsafe extern "C" fn #name(
            context: &'static ::plugin_core::Context,
        ) -> ::plugin_core::__private::Fallible<()> {
            let _ = context;
            ::plugin_core::__private::fallible(|| ::plugin_core::__private::Completion::<()>::complete(#step))
        }
    };
    (item, quote!(::core::option::Option::Some(__Entries::#name)))
}

fn function_layout(callable: &Callable) -> TokenStream {
    symbol(
        &callable.name(),
        &quote!(Function),
        &callable.lifetimes,
        callable.layout(),
    )
}

fn static_layout(Static { ident, ty }: &Static) -> TokenStream {
    let name = syn::ext::IdentExt::unraw(ident).to_string();
    let layout = quote_spanned!(ty.span()=> <#ty as ::plugin_core::StableLayout>::TYPE_LAYOUT);
    symbol(&name, &quote!(Static), "", layout)
}

fn symbol(name: &str, kind: &TokenStream, lifetimes: &str, layout: impl ToTokens) -> TokenStream {
    quote! {
        ::plugin_core::descriptor::SymbolLayout {
            name: #name,
            kind: ::plugin_core::descriptor::SymbolKind::#kind,
            lifetimes: #lifetimes,
            layout: #layout,
        }
    }
}

/// The function that a host calls in place of an exported one.
fn entry(callable: &Callable) -> TokenStream {
    let Callable {
        core: _,
        ident,
        is_unsafe: _,
        receiver: _,
        parameters: _,
        result: _,
        generics: _,
        lifetimes: _,
    } = callable;
    let (generics, bounds) = callable.lifetime_generics();
    let types = callable.abi_types();
    let arguments: Vec<_> = callable.argument_idents().collect();
    let outcome = callable.outcome();
    let call = callable.receive(quote!(#ident(#(#arguments),*)));
    quote! {
        unsafe extern "C" fn #ident #generics (#(#arguments: #types),*) -> #outcome #bounds {
            ::plugin_core::__private::Outcome::crossing(|| {
                // SAFETY: a host types this entry by its description, so it sends what is received here, for the call.
                #[allow(unused_unsafe)]
                unsafe { #call }
            })
        }
    }
}
