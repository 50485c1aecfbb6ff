//! `#[save]` and `#[restore]`: the plugin's state, on its way from one generation to the next.

use syn::{Attribute, FnArg, ItemFn, LitInt, Meta, ReturnType, Type};

use super::{
    Plugin, Restore, Save, Step,
    module::{is_plain, result, result_of},
};
use crate::errors::Errors;

/// The version of a state whose attribute names none.
const FIRST: u32 = 1;

pub(super) fn save(attribute: &Attribute, function: &ItemFn, plugin: &mut Plugin, errors: &mut Errors) {
    is_plain(function, errors);
    let signature = &function.sig;
    if let Some(argument) = signature.inputs.first() {
        errors.at(argument, "`#[save]` takes nothing: the state is what the plugin keeps in its statics");
    }
    let version = version(attribute, errors);
    if plugin.save.is_some() {
        errors.at(attribute, "a plugin has one `#[save]`: put all that is to be kept into one type");
    }
    let ReturnType::Type(_, ty) = &signature.output else {
        errors.at(&signature.ident, "`#[save]` returns the state, or a `Result` of it");
        return;
    };
    let fallible = result_of(ty);
    let state = fallible.unwrap_or(ty).clone();
    by_value(&state, errors);
    let step = Step { ident: signature.ident.clone(), context: None, result: (**ty).clone() };
    plugin.save = Some(Save { step, state, is_fallible: fallible.is_some(), version });
}

pub(super) fn restore(attribute: &Attribute, function: &ItemFn, plugin: &mut Plugin, errors: &mut Errors) {
    is_plain(function, errors);
    let signature = &function.sig;
    let version = version(attribute, errors);
    if plugin.restores.iter().any(|other| other.version == version) {
        errors.at(
            attribute,
            format!(
                "there is a `#[restore]` of version {version} already: what an older build saved as another type has another version, `#[restore(version = …)]`"
            ),
        );
    }
    let mut inputs = signature.inputs.iter();
    let state = match (inputs.next(), inputs.next()) {
        (Some(FnArg::Typed(argument)), None) => (*argument.ty).clone(),
        _ => {
            errors.at(&signature.ident, "`#[restore]` takes one argument, the state that `#[save]` returns");
            return;
        }
    };
    by_value(&state, errors);
    let ident = signature.ident.clone();
    plugin.restores.push(Restore { ident, state, result: result(signature), version });
}

/// Both, or neither; and the next build of the same source must be able to take what this one saves.
pub(super) fn check(plugin: &Plugin, errors: &mut Errors) {
    match (&plugin.save, plugin.restores.first()) {
        (Some(save), _) if plugin.restores.iter().all(|restore| restore.version != save.version) => {
            let argument =
                if save.version == FIRST { String::new() } else { format!("(version = {})", save.version) };
            errors.at(
                &save.step.ident,
                format!("what this saves, the next build of the plugin must restore: add a function with `#[restore{argument}]`"),
            );
        }
        (None, Some(restore)) => {
            errors.at(
                &restore.ident,
                "what this restores, a build must have saved: add a function with `#[save]`",
            );
        }
        (Some(_), _) | (None, None) => {}
    }
}

fn version(attribute: &Attribute, errors: &mut Errors) -> u32 {
    let mut version = None;
    let expected = "the one argument is the version of the state: `version = 2`";
    let parsed = match &attribute.meta {
        Meta::Path(_) => Ok(()),
        Meta::NameValue(_) => Err(syn::Error::new_spanned(attribute, expected)),
        Meta::List(_) => attribute.parse_nested_meta(|meta| {
            if !meta.path.is_ident("version") {
                return Err(meta.error(expected));
            }
            version = Some(meta.value()?.parse::<LitInt>()?.base10_parse::<u32>()?);
            Ok(())
        }),
    };
    if let Err(error) = parsed {
        errors.push(error);
    }
    version.unwrap_or(FIRST)
}

/// What is lent cannot outlive the call that saves it.
fn by_value(ty: &Type, errors: &mut Errors) {
    if let Type::Reference(_) = ty {
        errors.at(ty, "a state crosses by value: use `String`, `Vec<T>`, or a type with `#[derive(plugin_core::Crossing)]`");
    }
}
