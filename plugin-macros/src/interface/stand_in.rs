//! Stands in for what a trait with mistakes does not get, so that its uses are not reported as mistakes, too.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{
    GenericParam, ItemTrait, TraitItem, TraitItemFn, TypeImplTrait, TypeParamBound, TypePath, visit::Visit,
};

use super::{
    Interface, asynchronous,
    parse::{is_no_interface, only_for_sized},
};

/// Implementations that never run; nothing for a trait without a trait object type.
pub(super) fn interface(interface: &Interface) -> Option<TokenStream> {
    let Interface { id, version, item, supers: _, is_send, is_sync, methods: _ } = interface;
    if !has_object_type(item) {
        return None;
    }
    let name = &item.ident;
    let methods = functions(item).map(|TraitItemFn { sig, .. }| {
        let body = asynchronous::unreachable(&sig.output);
        quote!(#sig { #body })
    });
    let methods: Vec<_> = methods.collect();
    let lent = super::lent::expand(interface);
    Some(quote! {
        #[allow(unused, deprecated, clippy::all, clippy::pedantic)]
        const _: () = {
            // SAFETY: never used: it stands beside a `compile_error!`.
            unsafe impl ::plugin_core::Interface for dyn #name {
                const INTERFACE: &'static ::plugin_core::InterfaceLayout =
                    &::plugin_core::InterfaceLayout::new(#id, &[], #version, &[], #is_send, #is_sync, &[]);
                const LEAF: &'static ::plugin_core::TypeLayout =
                    // SAFETY: a constant.
                    &::plugin_core::TypeLayout::interface(#id, &[], unsafe { ::plugin_core::InterfaceRef::new(Self::INTERFACE, #version) });
                const ERASED: ::plugin_core::__private::Vtable = ::plugin_core::__private::Vtable::STAND_IN;
                const COUNTER: ::plugin_core::__private::CounterRef = ::plugin_core::__private::CounterRef::STAND_IN;
                fn proxy(_: *mut ::plugin_core::Instance<Self>) -> *mut Self { ::core::unreachable!() }
                fn foreign(&self) -> ::core::option::Option<::plugin_core::__private::Foreign<'_>> { ::core::unreachable!() }
            }
            // SAFETY: as above.
            unsafe impl<__Implementor: #name + 'static> ::plugin_core::Implemented<__Implementor> for dyn #name {
                const VTABLE: ::plugin_core::__private::Vtable = ::plugin_core::__private::Vtable::STAND_IN;
            }
            impl<__Foreign> #name for ::plugin_core::Instance<__Foreign>
            where
                __Foreign: ?Sized + ::plugin_core::Interface + #name,
            {
                #(#methods)*
            }
            impl<__Held: ?Sized + #name> #name for ::plugin_core::__private::Erased<__Held> {
                #(#methods)*
            }
            #lent
        };
    })
}

fn functions(item: &ItemTrait) -> impl Iterator<Item = &TraitItemFn> {
    item.items.iter().filter_map(|member| match member {
        TraitItem::Fn(function) => Some(function),
        _ => None,
    })
}

/// Whether `dyn Trait` is a type, as far as the trait's own tokens say.
fn has_object_type(item: &ItemTrait) -> bool {
    let only_functions = functions(item).count() == item.items.len();
    let is_lost = item.supertraits.iter().any(|bound| match bound {
        TypeParamBound::Trait(bound) => {
            let last = bound.path.segments.last();
            last.is_some_and(|last| last.ident == "Sized" || is_no_interface(last))
        }
        _ => false,
    });
    let is_plain = item.generics.params.is_empty() && item.unsafety.is_none();
    is_plain && only_functions && !is_lost && functions(item).all(can_be_called)
}

/// Whether the language allows calls through a trait object.
fn can_be_called(function: &TraitItemFn) -> bool {
    let signature = &function.sig;
    let is_generic =
        signature.generics.params.iter().any(|parameter| !matches!(parameter, GenericParam::Lifetime(_)));
    let mut depends = DependsOnImplementor(false);
    for input in &signature.inputs {
        if let syn::FnArg::Typed(argument) = input {
            depends.visit_type(&argument.ty);
        }
    }
    depends.visit_return_type(&signature.output);
    let is_callable =
        signature.receiver().is_some() && signature.asyncness.is_none() && !is_generic && !depends.0;
    is_callable || only_for_sized(function)
}

/// Finds `Self` and `impl Trait`.
struct DependsOnImplementor(bool);

impl<'ast> Visit<'ast> for DependsOnImplementor {
    fn visit_type_path(&mut self, path: &'ast TypePath) {
        self.0 |= path.path.segments.first().is_some_and(|first| first.ident == "Self");
        syn::visit::visit_type_path(self, path);
    }

    fn visit_type_impl_trait(&mut self, _: &'ast TypeImplTrait) {
        self.0 = true;
    }
}
