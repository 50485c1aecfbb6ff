//! `#[export_plugin] impl Interface for Type`.

use syn::ItemImpl;

use super::{Constructor, Plugin, Provided};
use crate::errors::Errors;

pub(super) fn parse(block: &ItemImpl, errors: &mut Errors) -> Option<Plugin> {
    for parameter in &block.generics.params {
        errors.at(parameter, "a plugin provides objects of one concrete type: name it");
    }
    let Some((interface, _)) = &block.trait_ else {
        errors.at(
            &block.self_ty,
            "a plugin provides an interface: write `impl Interface for Type`, or export functions from a `mod`",
        );
        return None;
    };
    let constructor = Constructor::Default(block.self_ty.clone());
    let provides = vec![Provided { interface: interface.clone(), constructor }];
    Some(Plugin { provides, ..Plugin::default() })
}
