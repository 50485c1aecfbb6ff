//! `#[export_plugin] mod`: its public functions and statics, constructors, `#[init]` and `#[shutdown]`.

use quote::ToTokens;
use syn::{
    Attribute, FnArg, GenericArgument, Ident, Item, ItemFn, ItemMod, ItemStatic, PathArguments, ReturnType,
    StaticMutability, Type, TypeParamBound, Visibility,
};

use super::{Constructor, Plugin, Provided, Static, Step};
use crate::{errors::Errors, signature};

/// Reads the module and takes our attributes off its functions.
pub(super) fn parse(module: &mut ItemMod, errors: &mut Errors) -> Option<Plugin> {
    let Some((_, items)) = &mut module.content else {
        errors.at(
            &*module,
            "the macro must see the module's items: write `mod plugin { … }` here, and keep the rest in other files",
        );
        return None;
    };
    let mut plugin = Plugin::default();
    for item in items {
        match item {
            Item::Fn(function) => function_item(function, &mut plugin, errors),
            Item::Static(item) => exported_static(item, &mut plugin, errors),
            _ => {}
        }
    }
    if plugin.provides.is_empty() && plugin.functions.is_empty() && plugin.statics.is_empty() {
        errors.at(
            &module.ident,
            "this plugin exports nothing: add a `pub fn`, a `pub static`, or a constructor with `#[provides]`",
        );
    }
    Some(plugin)
}

fn function_item(function: &mut ItemFn, plugin: &mut Plugin, errors: &mut Errors) {
    let provides = take(&mut function.attrs, "provides");
    let init = take(&mut function.attrs, "init");
    let shutdown = take(&mut function.attrs, "shutdown");
    let roles: Vec<&Attribute> = [&provides, &init, &shutdown].into_iter().flatten().collect();
    if let [_, second, ..] = roles.as_slice() {
        errors.at(
            second,
            "a function has one role: `#[provides]`, `#[init]` or `#[shutdown]`",
        );
        return;
    }
    if let Some(attribute) = provides {
        if let Some(step) = step(function, errors)
            && let Some((interface, is_fallible)) = provided(&attribute, function, errors)
        {
            plugin.provides.push(Provided {
                interface,
                constructor: Constructor::Function { step, is_fallible },
            });
        }
    } else if init.is_some() {
        once(&mut plugin.init, "#[init]", function, errors);
    } else if shutdown.is_some() {
        once(&mut plugin.shutdown, "#[shutdown]", function, errors);
    } else if matches!(function.vis, Visibility::Public(_)) {
        no_cfg(&function.attrs, errors);
        plugin.functions.extend(signature::parse(&function.sig, errors));
    }
}

fn exported_static(item: &ItemStatic, plugin: &mut Plugin, errors: &mut Errors) {
    if let StaticMutability::Mut(token) = &item.mutability {
        errors.at(
            token,
            "a `static mut` has no rule for who may write it: use an atomic, or keep the value behind functions",
        );
    } else if matches!(item.vis, Visibility::Public(_)) {
        no_cfg(&item.attrs, errors);
        plugin.statics.push(Static {
            ident: item.ident.clone(),
            ty: (*item.ty).clone(),
        });
    }
}

fn no_cfg(attributes: &[Attribute], errors: &mut Errors) {
    if let Some(attribute) = attributes
        .iter()
        .find(|attribute| attribute.path().is_ident("cfg"))
    {
        errors.at(
            attribute,
            "what a plugin exports cannot depend on `#[cfg]`: put it in the body, or on the whole module",
        );
    }
}

fn take(attributes: &mut Vec<Attribute>, name: &str) -> Option<Attribute> {
    let position = attributes
        .iter()
        .position(|attribute| attribute.path().is_ident(name))?;
    Some(attributes.remove(position))
}

fn once(place: &mut Option<Step>, name: &str, function: &ItemFn, errors: &mut Errors) {
    if place.is_some() {
        errors.at(
            &function.sig.ident,
            format!("a plugin has one `{name}`: call the one from the other"),
        );
    }
    *place = step(function, errors);
}

fn step(function: &ItemFn, errors: &mut Errors) -> Option<Step> {
    let signature = &function.sig;
    for parameter in &signature.generics.params {
        errors.at(parameter, "a host calls this function: it cannot be generic");
    }
    if let Some(token) = &signature.asyncness {
        errors.at(
            token,
            "a host calls this function and waits for it: remove `async`",
        );
        return None;
    }
    let takes_context = match signature.inputs.iter().collect::<Vec<_>>().as_slice() {
        [] => false,
        [FnArg::Typed(_)] => true,
        [_, second, ..] => {
            errors.at(
                second,
                "this function takes nothing, or `context: &'static plugin_core::Context`",
            );
            return None;
        }
        [receiver] => {
            errors.at(
                receiver,
                "this function takes nothing, or `context: &'static plugin_core::Context`",
            );
            return None;
        }
    };
    Some(Step {
        ident: signature.ident.clone(),
        takes_context,
    })
}

/// The interface that a constructor provides, and whether it may fail.
fn provided(attribute: &Attribute, function: &ItemFn, errors: &mut Errors) -> Option<(syn::Path, bool)> {
    let unclear = "name the interface: return `impl Interface` or `Result<impl Interface, E>`, or write `#[provides(Interface)]`";
    let ReturnType::Type(_, ty) = &function.sig.output else {
        errors.at(&function.sig.ident, unclear);
        return None;
    };
    let ok = result_of(ty);
    let interface = match &attribute.meta {
        syn::Meta::List(_) => errors.take(attribute.parse_args::<syn::Path>()),
        _ => match ok.unwrap_or(ty) {
            Type::ImplTrait(object) => object.bounds.iter().find_map(|bound| match bound {
                TypeParamBound::Trait(bound) if !is_auto_trait(&bound.path) => Some(bound.path.clone()),
                _ => None,
            }),
            _ => None,
        }
        .or_else(|| {
            errors.at(ty, unclear);
            None
        }),
    };
    Some((interface?, ok.is_some()))
}

fn is_auto_trait(path: &syn::Path) -> bool {
    path.segments.last().is_some_and(|last: &syn::PathSegment| {
        let name: &Ident = &last.ident;
        name == "Send" || name == "Sync" || name == "Unpin"
    })
}

/// `T` of `Result<T, …>`, as written.
fn result_of(ty: &Type) -> Option<&Type> {
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last().filter(|last| last.ident == "Result")?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else {
        return None;
    };
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    })
}

impl ToTokens for Step {
    /// The call, with the context if it takes it.
    fn to_tokens(&self, tokens: &mut proc_macro2::TokenStream) {
        let Self { ident, takes_context } = self;
        let context = takes_context.then(|| quote::quote!(context));
        tokens.extend(quote::quote!(#ident(#context)));
    }
}
