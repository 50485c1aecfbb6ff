//! Emits the description of the plugin, the entries, and the root module under its one exported symbol.

use proc_macro2::{Delimiter, Group, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::{Attribute, Ident, Type};

use super::{Constructor, Plugin, Provided, Restore, Save, Static, Step, arguments::Arguments};
use crate::{
    signature::Callable,
    spans::{ends, item_of, object_type},
};

/// `conditions` are those under which the plugin is in the build.
pub(super) fn root(plugin: &Plugin, conditions: &[&Attribute]) -> TokenStream {
    let Plugin { provides, functions, statics, init, shutdown, save, restores, arguments } = plugin;
    let Arguments { in_tokio, requires } = arguments;
    let in_tokio = in_tokio.then(|| quote!(.in_tokio()));
    let root_symbol = root_symbol();

    let interfaces = provides.iter().map(|Provided { interface, constructor: _ }| {
        item_of(&object_type(interface), interface, "Interface", "INTERFACE")
    });
    let constructors = provides.iter().enumerate().map(constructor);
    let constructor_names = (0..provides.len()).map(constructor_name);
    let symbols = functions.iter().map(function_layout).chain(statics.iter().map(static_layout));
    let entries = functions.iter().map(entry);
    let lifetimes = functions.iter().map(Callable::shown_lifetimes);
    let closures = functions.iter().map(Callable::closures);
    let addresses = functions
        .iter()
        .map(|callable| {
            let (start, end) = callable.doubtful();
            let mut name = callable.ident.clone();
            name.set_span(end);
            quote_spanned!(start=> __Entries::#name as *const ())
        })
        .chain(statics.iter().map(|Static { ident, ty: _ }| quote!(&raw const #ident)))
        .chain(save.iter().map(|_| quote!(__Entries::__save as *const ())))
        .chain((0..restores.len()).map(|index| {
            let name = restore_name(index);
            quote!(__Entries::#name as *const ())
        }));
    let state = save.iter().map(save_layout).chain(restores.iter().map(restore_layout));
    let same = save.iter().flat_map(|save| restores.iter().filter_map(|restore| same_state(save, restore)));
    let save_entry = save.iter().map(save_entry);
    let restore_entries = restores.iter().enumerate().map(restore_entry);
    let (init_item, init) = lifecycle("init", init.as_ref());
    let (shutdown_item, shutdown) = lifecycle("shutdown", shutdown.as_ref());

    quote! {
        // At the root of the crate wherever this stands, so that `link!` finds it by the name of the crate alone. It
        // calls the macro that it is given with the name of the symbol.
        #(#conditions)*
        #[doc(hidden)]
        #[allow(non_local_definitions)]
        #[macro_export]
        macro_rules! __marked_with_export_plugin {
            ($($link:tt)*) => { $($link)*! { #root_symbol } };
        }

        #(#conditions)*
        #[doc(hidden)]
        #[allow(
            clippy::all, clippy::pedantic, clippy::nursery, clippy::restriction, deprecated, improper_ctypes_definitions,
            single_use_lifetimes, unreachable_code, unused_qualifications,
        )]
        const _: () = {
            const PLUGIN: &::plugin_core::descriptor::PluginLayout = &::plugin_core::descriptor::PluginLayout {
                name: ::core::env!("CARGO_PKG_NAME"),
                version: ::core::env!("CARGO_PKG_VERSION"),
                root_symbol: #root_symbol,
                toolchain: ::plugin_core::Toolchain::CURRENT,
                provides: &[#(#interfaces),*],
                requires: &[#(#requires),*],
                symbols: &[#(#symbols),*],
                state: &[#(#state),*],
            };
            ::plugin_core::embed_descriptor!(PLUGIN);

            #(#closures)*
            #(#same)*

            struct __Entries;
            impl __Entries {
                #(#entries)*
                #(#lifetimes)*
                #(#constructors)*
                #init_item
                #shutdown_item
                #(#save_entry)*
                #(#restore_entries)*
            }

            // SAFETY: nothing else has this name: the package's is in it, with its version, and a package is one plugin. The
            // compiler and the linker refuse a second symbol of one name.
            #[unsafe(export_name = #root_symbol)]
            static ROOT: ::plugin_core::RootModule = ::plugin_core::RootModule::new(
                DESCRIPTOR.content(),
                &[#(__Entries::#constructor_names),*],
                &[#(::plugin_core::__private::Address::new(#addresses)),*],
                #init,
                #shutdown,
            )#in_tokio;
        };
    }
}

/// The symbol of the root module. Two versions of a package may be linked into one program, so both are in it.
fn root_symbol() -> String {
    let of_package = |variable| std::env::var(variable).unwrap_or_else(|_| "unnamed".to_owned());
    let (name, version) = (of_package("CARGO_PKG_NAME"), of_package("CARGO_PKG_VERSION"));
    let plain = |text: String| text.replace(|letter: char| !letter.is_ascii_alphanumeric(), "_");
    format!("plugin_root_{}_{}", plain(name), plain(version))
}

fn constructor_name(index: usize) -> Ident {
    format_ident!("__construct_{index}")
}

fn constructor((index, Provided { interface, constructor }): (usize, &Provided)) -> TokenStream {
    let name = constructor_name(index);
    let context = context();
    let (made, ty) = match constructor {
        Constructor::Default(ty) => {
            let (start, end) = ends(ty);
            let default = Ident::new("default", end);
            let default = quote_spanned!(start=> <#ty as ::core::default::Default>::#default());
            (quote!(::core::result::Result::Ok(#default)), &**ty)
        }
        Constructor::Function { step, is_fallible: false } => {
            (quote!(::core::result::Result::Ok(#step)), &step.result)
        }
        Constructor::Function { step, is_fallible: true } => (complete(step, &quote!(_)), &step.result),
    };
    // What does not implement the interface is reported at its type, and what is none, at its name.
    let (start, end) = ends(ty);
    let dyn_interface = object_type(interface);
    let construct = Ident::new("construct", end);
    let object = arguments(quote!(object), end);
    let construct =
        quote_spanned!(start=> <#dyn_interface as ::plugin_core::__private::Construct>::#construct #object);
    quote! {
        unsafe extern "C" fn #name(
            #context: &'static ::plugin_core::Context,
        ) -> ::plugin_core::__private::Fallible<::plugin_core::RawObject> {
            let _ = #context;
            ::plugin_core::__private::fallible(|| {
                let object = #made;
                object.map(|object| #construct)
            })
        }
    }
}

/// The arguments of a call that ends at `end`.
fn arguments(arguments: TokenStream, end: Span) -> Group {
    let mut group = Group::new(Delimiter::Parenthesis, arguments);
    group.set_span(end);
    group
}

/// The argument of a step, which no other code can mean.
fn context() -> Ident {
    Ident::new("context", Span::mixed_site())
}

impl ToTokens for Step {
    /// The call, with the context if it takes it; a wrong type is reported where it is written.
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let Self { ident, context: argument, result } = self;
        let argument = argument.as_ref().map(|ty| {
            let (start, _) = ends(ty);
            let context = context();
            quote_spanned!(start=> ::core::convert::identity::<#ty>(#context))
        });
        // All of it where the result is: that is what the compiler may find wrong.
        let (start, end) = ends(result);
        let mut ident = ident.clone();
        ident.set_span(start);
        let arguments = arguments(argument.unwrap_or_default(), end);
        tokens.extend(quote!(#ident #arguments));
    }
}

/// The call of a step that may fail.
fn complete(step: &Step, value: &TokenStream) -> TokenStream {
    let (start, end) = ends(&step.result);
    let complete = Ident::new("complete", end);
    quote_spanned!(start=> ::plugin_core::__private::Completion::<#value>::#complete(#step))
}

fn lifecycle(name: &str, step: Option<&Step>) -> (TokenStream, TokenStream) {
    let Some(step) = step else {
        return (TokenStream::new(), quote!(::core::option::Option::None));
    };
    let name = format_ident!("__{name}");
    let context = context();
    let call = complete(step, &quote!(()));
    let item = quote! {
        unsafe extern "C" fn #name(
            #context: &'static ::plugin_core::Context,
        ) -> ::plugin_core::__private::Fallible<()> {
            let _ = #context;
            ::plugin_core::__private::fallible(|| #call)
        }
    };
    (item, quote!(::core::option::Option::Some(__Entries::#name)))
}

fn function_layout(callable: &Callable) -> TokenStream {
    symbol(&callable.name(), &quote!(Function), &callable.lifetimes, callable.layout())
}

fn static_layout(Static { ident, ty }: &Static) -> TokenStream {
    let name = syn::ext::IdentExt::unraw(ident).to_string();
    let layout = item_of(ty, ty, "StableLayout", "TYPE_LAYOUT");
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

fn save_layout(save: &Save) -> TokenStream {
    state_layout(&quote!(Save), save.version, &save.state)
}

fn restore_layout(restore: &Restore) -> TokenStream {
    state_layout(&quote!(Restore), restore.version, &restore.state)
}

fn state_layout(role: &TokenStream, version: u32, state: &Type) -> TokenStream {
    let layout = layout_of_state(state);
    quote! {
        ::plugin_core::descriptor::StateLayout {
            role: ::plugin_core::descriptor::StateRole::#role,
            version: #version,
            layout: #layout,
        }
    }
}

/// The description of a state; a type that does not cross is reported where it is written.
fn layout_of_state(state: &Type) -> TokenStream {
    let (start, end) = ends(state);
    let mut call = Group::new(Delimiter::Parenthesis, TokenStream::new());
    call.set_span(end);
    quote_spanned!(start=> ::plugin_core::__private::state_layout::<#state> #call)
}

/// Holds that what a build saves is what it restores.
fn same_state(save: &Save, restore: &Restore) -> Option<TokenStream> {
    let [saved, restored] = [&save.state, &restore.state].map(layout_of_state);
    let (start, _) = ends(&restore.state);
    (save.version == restore.version).then(
        || quote_spanned!(start=> const _: () = ::plugin_core::__private::same_state(#saved, #restored);),
    )
}

fn save_entry(Save { step, state, is_fallible, version: _ }: &Save) -> TokenStream {
    let made = match is_fallible {
        true => complete(step, &quote!(#state)),
        false => quote!(::core::result::Result::Ok(#step)),
    };
    quote! {
        extern "C" fn __save() -> ::plugin_core::__private::Fallible<::plugin_core::__private::RawState> {
            ::plugin_core::__private::save::<#state>(|| #made)
        }
    }
}

fn restore_name(index: usize) -> Ident {
    format_ident!("__restore_{index}")
}

fn restore_entry((index, Restore { ident, state, result, version: _ }): (usize, &Restore)) -> TokenStream {
    let name = restore_name(index);
    // Which no other code can mean.
    let arrived = Ident::new("state", Span::mixed_site());
    let (start, end) = ends(result);
    let complete = Ident::new("complete", end);
    let restored =
        quote_spanned!(start=> ::plugin_core::__private::Completion::<()>::#complete(#ident(#arrived)));
    quote! {
        unsafe extern "C" fn #name(
            #arrived: ::core::ptr::NonNull<::core::ffi::c_void>,
        ) -> ::plugin_core::__private::Fallible<()> {
            // SAFETY: a host calls this only with a state whose description fits that of this type, and leaves it to this.
            let #arrived = unsafe { ::plugin_core::__private::arrived::<#state>(#arrived) };
            ::plugin_core::__private::restore(#arrived, |#arrived| #restored)
        }
    }
}

/// The function that a host calls in place of an exported one.
fn entry(callable: &Callable) -> TokenStream {
    let ident = &callable.ident;
    let arguments = callable.arrived();
    callable.entry(None, quote!(#ident(#(#arguments),*)))
}
