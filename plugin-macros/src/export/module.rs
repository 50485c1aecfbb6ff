//! `#[export_plugin] mod`: its public functions and statics, constructors, `#[init]`, `#[shutdown]`, `#[save]` and
//! `#[restore]`.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::{
    Attribute, FnArg, GenericArgument, GenericParam, Ident, Item, ItemConst, ItemEnum, ItemFn, ItemImpl,
    ItemMod, ItemStatic, ItemStruct, Meta, PathArguments, ReturnType, Safety, Signature, StaticMutability,
    Type, TypeParamBound, Visibility,
};

use super::{Constructor, Plugin, Provided, Static, Step, state};
use crate::{
    attributes::{conditions, take},
    errors::Errors,
    signature::{self, Around},
};

/// Reads the module and takes our attributes off its functions.
pub(super) fn parse(module: &mut ItemMod, errors: &mut Errors) -> Option<Plugin> {
    let Some((_, items)) = &mut module.content else {
        errors.at(
            &module.ident,
            "the macro must see the module's items: write `mod plugin { … }` here, and keep the rest in other files",
        );
        return None;
    };
    let mut plugin = Plugin::default();
    for item in items {
        match item {
            Item::Fn(function) => function_item(function, &mut plugin, errors),
            Item::Static(item) => {
                no_role(&mut item.attrs, errors);
                exported_static(item, &mut plugin, errors);
            }
            Item::Const(ItemConst { attrs, .. })
            | Item::Struct(ItemStruct { attrs, .. })
            | Item::Enum(ItemEnum { attrs, .. })
            | Item::Impl(ItemImpl { attrs, .. })
            | Item::Mod(ItemMod { attrs, .. }) => no_role(attrs, errors),
            _ => {}
        }
    }
    state::check(&plugin, errors);
    if errors.is_empty()
        && plugin.provides.is_empty()
        && plugin.functions.is_empty()
        && plugin.statics.is_empty()
    {
        errors.at(
            &module.ident,
            "this plugin exports nothing: add a `pub fn`, a `pub static`, or a constructor with `#[provides]`",
        );
    }
    Some(plugin)
}

fn function_item(function: &mut ItemFn, plugin: &mut Plugin, errors: &mut Errors) {
    let mut roles = roles(&mut function.attrs).into_iter();
    if matches!(function.vis, Visibility::Public(_)) || roles.len() > 0 {
        no_target_feature(function, errors);
    }
    let Some((role, attribute)) = roles.next() else {
        if matches!(function.vis, Visibility::Public(_)) {
            no_cfg(&function.attrs, errors);
            plugin.functions.extend(signature::parse(&Around::nothing(), &function.sig, errors));
        }
        return;
    };
    no_cfg(&function.attrs, errors);
    for (_, second) in roles {
        errors.at(
            second,
            "a function has one role: `#[provides]`, `#[init]`, `#[shutdown]`, `#[save]` or `#[restore]`",
        );
    }
    match role {
        Role::Save => return state::save(&attribute, function, plugin, errors),
        Role::Restore => return state::restore(&attribute, function, plugin, errors),
        Role::Provides | Role::Init | Role::Shutdown => {}
    }
    let step = step(function, errors);
    match role {
        Role::Save | Role::Restore => {}
        Role::Provides => {
            let provided = provided(&attribute, function, errors);
            if let (Some(step), Some((interface, is_fallible))) = (step, provided) {
                not_again(&interface, plugin, errors);
                plugin.provides.push(Provided {
                    interface,
                    constructor: Constructor::Function { step: Box::new(step), is_fallible },
                });
            }
        }
        Role::Init => once(&mut plugin.init, "#[init]", &attribute, step, errors),
        Role::Shutdown => once(&mut plugin.shutdown, "#[shutdown]", &attribute, step, errors),
    }
}

#[derive(Clone, Copy)]
enum Role {
    Provides,
    Init,
    Shutdown,
    Save,
    Restore,
}

/// Takes the attributes that give a function its role off it.
fn roles(attributes: &mut Vec<Attribute>) -> Vec<(Role, Attribute)> {
    let names = [
        ("provides", Role::Provides),
        ("init", Role::Init),
        ("shutdown", Role::Shutdown),
        ("save", Role::Save),
        ("restore", Role::Restore),
    ];
    let all = names
        .into_iter()
        .flat_map(|(name, role)| take(attributes, name).into_iter().map(move |attribute| (role, attribute)));
    all.collect()
}

fn no_role(attributes: &mut Vec<Attribute>, errors: &mut Errors) {
    for (_, attribute) in roles(attributes) {
        errors.at(
            attribute,
            "this attribute belongs on a function, which the host calls: `#[provides]`, `#[init]`, `#[shutdown]`, `#[save]`, `#[restore]`",
        );
    }
}

fn not_again(interface: &syn::Path, plugin: &Plugin, errors: &mut Errors) {
    let name = |path: &syn::Path| path.to_token_stream().to_string().replace(' ', "");
    let mut known = plugin.provides.iter();
    if known.any(|provided| name(&provided.interface) == name(interface)) {
        let name = name(interface);
        errors.at(
            interface,
            format!(
                "this plugin already provides `{name}`: a host asks for an interface and gets one object"
            ),
        );
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
        signature::check_static(&item.ty, errors);
        plugin.statics.push(Static { ident: item.ident.clone(), ty: (*item.ty).clone() });
    }
}

fn no_cfg(attributes: &[Attribute], errors: &mut Errors) {
    for attribute in conditions(attributes) {
        errors.at(
            attribute,
            "what a plugin exports cannot depend on `#[cfg]`: put it in the body, or on the whole module",
        );
    }
}

/// Entries are unsafe functions, so the compiler would not notice that they call this one on any processor.
fn no_target_feature(function: &ItemFn, errors: &mut Errors) {
    if matches!(function.sig.safety, Safety::Unsafe(_)) {
        return;
    }
    for attribute in function.attrs.iter().filter(|attribute| has_target_feature(attribute.to_token_stream()))
    {
        errors.at(
            attribute,
            "a host calls this function on any processor: call such a function from this one, after `is_x86_feature_detected!` or its like",
        );
    }
}

/// Whether there is a `target_feature(…)`, also inside a `cfg_attr`; `target_feature = "…"` is but a condition.
fn has_target_feature(tokens: TokenStream) -> bool {
    let mut tokens = tokens.into_iter().peekable();
    while let Some(tree) = tokens.next() {
        let is_found = match tree {
            TokenTree::Ident(name) => {
                name == "target_feature" && matches!(tokens.peek(), Some(TokenTree::Group(_)))
            }
            TokenTree::Group(group) => has_target_feature(group.stream()),
            TokenTree::Punct(_) | TokenTree::Literal(_) => false,
        };
        if is_found {
            return true;
        }
    }
    false
}

fn once(
    place: &mut Option<Step>,
    name: &str,
    attribute: &Attribute,
    step: Option<Step>,
    errors: &mut Errors,
) {
    if !matches!(attribute.meta, Meta::Path(_)) {
        errors.at(attribute, format!("`{name}` takes no arguments"));
    }
    if place.is_some() {
        errors.at(attribute, format!("a plugin has one `{name}`: call the one function from the other"));
    }
    *place = step.or(place.take());
}

/// A function that a host calls: neither generic, nor `async`, nor `unsafe`.
pub(super) fn is_plain(function: &ItemFn, errors: &mut Errors) {
    let signature = &function.sig;
    for parameter in &signature.generics.params {
        match parameter {
            GenericParam::Lifetime(_) => errors.at(
                parameter,
                "a host calls this function with what lives for ever: write `&'static Context`",
            ),
            _ => errors.at(parameter, "a host calls this function: it cannot be generic"),
        }
    }
    if let Some(token) = &signature.asyncness {
        errors.at(token, "a host calls this function and waits for it: remove `async`");
    }
    if let Safety::Unsafe(token) = &signature.safety {
        errors.at(token, "a host calls this function and promises nothing: remove `unsafe`");
    }
}

fn step(function: &ItemFn, errors: &mut Errors) -> Option<Step> {
    is_plain(function, errors);
    let signature = &function.sig;
    let expected = "this function takes nothing, or `context: &'static plugin_core::Context`";
    let mut inputs = signature.inputs.iter();
    let context = match inputs.next() {
        None => None,
        Some(FnArg::Typed(argument)) if is_context(&argument.ty) => Some((*argument.ty).clone()),
        Some(FnArg::Typed(argument)) => {
            errors.at(&argument.ty, expected);
            None
        }
        Some(receiver) => {
            errors.at(receiver, expected);
            None
        }
    };
    for other in inputs {
        errors.at(other, expected);
    }
    Some(Step { ident: signature.ident.clone(), context, result: result(signature) })
}

/// The type that a function returns.
pub(super) fn result(signature: &Signature) -> Type {
    match &signature.output {
        ReturnType::Default => {
            let span = signature.ident.span();
            syn::parse_quote_spanned!(span=> ())
        }
        ReturnType::Type(_, ty) => (**ty).clone(),
    }
}

/// Whether it may be `&'static Context`, or an alias of it.
fn is_context(ty: &Type) -> bool {
    match ty {
        Type::Reference(reference) => {
            reference.mutability.is_none()
                && matches!(&*reference.elem, Type::Path(path) if !path.path.is_ident("str"))
        }
        _ => false,
    }
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
        Meta::List(_) | Meta::NameValue(_) => {
            errors.take(attribute.parse_args::<syn::Path>().map_err(|_| {
                syn::Error::new_spanned(attribute, "name the interface: `#[provides(Interface)]`")
            }))
        }
        Meta::Path(_) => match ok.unwrap_or(ty) {
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
pub(super) fn result_of(ty: &Type) -> Option<&Type> {
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
