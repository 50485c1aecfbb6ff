//! The structs and enums that cross the boundary, with their layouts.

use std::collections::BTreeSet;

use plugin_core::{
    compat::display_type,
    descriptor::{ArgumentEntry, Descriptor, Member, TypeEntry, TypeShape},
};
use serde::Serialize;

use crate::budget::{Budget, Excess};

#[derive(Serialize)]
pub(crate) struct TypeFacts {
    pub(crate) name: String,
    pub(crate) kind: &'static str,
    pub(crate) size: u64,
    pub(crate) align: u32,
    pub(crate) fingerprint: String,
    /// The integer that tells an enum's variants apart.
    pub(crate) representation: Option<String>,
    pub(crate) fields: Vec<FieldFacts>,
    pub(crate) variants: Vec<VariantFacts>,
}

#[derive(Serialize)]
pub(crate) struct FieldFacts {
    pub(crate) name: String,
    #[serde(rename = "type")]
    pub(crate) ty: String,
    pub(crate) offset: u64,
}

#[derive(Serialize)]
pub(crate) struct VariantFacts {
    pub(crate) name: String,
    pub(crate) discriminant: i128,
    pub(crate) fields: Vec<FieldFacts>,
}

/// Every struct and enum that a method, an exported symbol or the state mentions.
pub(crate) fn collect(descriptor: &Descriptor<'_>, budget: &mut Budget) -> Result<Vec<TypeFacts>, Excess> {
    mentioned(descriptor, budget)?
        .into_iter()
        .filter_map(|index| describe(descriptor, index, budget).transpose())
        .collect()
}

fn mentioned(descriptor: &Descriptor<'_>, budget: &mut Budget) -> Result<BTreeSet<u32>, Excess> {
    let mut open: Vec<u32> = descriptor.symbols().iter().map(|symbol| symbol.layout).collect();
    open.extend(descriptor.state().iter().map(|state| state.layout));
    for interface in descriptor.interfaces() {
        for method in descriptor.methods(interface) {
            budget.spend(1)?;
            open.push(method.signature);
        }
    }
    let mut known = BTreeSet::new();
    while let Some(index) = open.pop() {
        if !known.insert(index) {
            continue;
        }
        let entry = descriptor.type_at(index);
        let before = open.len();
        open.extend(descriptor.arguments(entry).iter().filter_map(|argument| match argument {
            ArgumentEntry::Type(index) => Some(*index),
            ArgumentEntry::Const(_) => None,
        }));
        match entry.shape {
            TypeShape::Opaque | TypeShape::Recursive | TypeShape::Interface => {}
            TypeShape::Struct => open.extend(descriptor.members(entry).iter().map(Member::layout)),
            TypeShape::Pointer(_) | TypeShape::Array { .. } => open.push(entry.target),
            TypeShape::Enum => {
                for variant in descriptor.members(entry) {
                    let fields = descriptor.variant_fields(variant);
                    budget.spend(1 + fields.len())?;
                    open.extend(fields.iter().map(Member::layout));
                }
            }
            TypeShape::Function { .. } => {
                open.push(entry.target);
                open.extend(descriptor.members(entry).iter().map(Member::layout));
            }
        }
        budget.spend(open.len().saturating_sub(before))?;
    }
    Ok(known)
}

fn describe(
    descriptor: &Descriptor<'_>,
    index: u32,
    budget: &mut Budget,
) -> Result<Option<TypeFacts>, Excess> {
    let entry = descriptor.type_at(index);
    let mut facts = TypeFacts {
        name: budget.text(&display_type(descriptor, index).to_string())?,
        kind: "struct",
        size: entry.size,
        align: entry.align,
        fingerprint: entry.fingerprint.to_string(),
        representation: None,
        fields: Vec::new(),
        variants: Vec::new(),
    };
    match entry.shape {
        TypeShape::Struct => facts.fields = fields(descriptor, descriptor.members(entry), budget)?,
        TypeShape::Enum => {
            facts.kind = "enum";
            let representation = descriptor.type_at(entry.target);
            facts.representation = Some(budget.text(representation.name)?);
            for variant in descriptor.members(entry) {
                facts.variants.push(VariantFacts {
                    name: budget.text(variant.name)?,
                    discriminant: discriminant(variant, representation),
                    fields: fields(descriptor, descriptor.variant_fields(variant), budget)?,
                });
            }
        }
        TypeShape::Opaque
        | TypeShape::Pointer(_)
        | TypeShape::Array { .. }
        | TypeShape::Function { .. }
        | TypeShape::Recursive
        | TypeShape::Interface => return Ok(None),
    }
    Ok(Some(facts))
}

fn fields(
    descriptor: &Descriptor<'_>,
    fields: &[Member<'_>],
    budget: &mut Budget,
) -> Result<Vec<FieldFacts>, Excess> {
    fields
        .iter()
        .map(|field| {
            Ok(FieldFacts {
                name: budget.text(field.name)?,
                ty: budget.text(&display_type(descriptor, field.layout()).to_string())?,
                offset: field.value,
            })
        })
        .collect()
}

/// Discriminants are recorded as the bits of a 64-bit integer, those of signed representations sign-extended.
fn discriminant(variant: &Member<'_>, representation: &TypeEntry<'_>) -> i128 {
    if representation.name.starts_with('i') {
        variant.value.cast_signed().into()
    } else {
        variant.value.into()
    }
}
