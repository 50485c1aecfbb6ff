//! Types as a descriptor records them.

use std::collections::BTreeSet;

use plugin_core::{
    PointerKind,
    descriptor::{ArgumentEntry, Descriptor, Member, TypeEntry, TypeShape},
};

use super::{Field, Type, Variant};

/// The structs and enums that the exported symbols lead to, by crate and name.
pub(super) fn types(descriptor: &Descriptor<'_>) -> Vec<((String, String), Type)> {
    let mut seen = BTreeSet::new();
    let mut open: Vec<u32> = descriptor.symbols().iter().map(|symbol| symbol.layout).collect();
    let mut types = Vec::new();
    while let Some(index) = open.pop() {
        if !seen.insert(index) {
            continue;
        }
        let entry = descriptor.type_at(index);
        open.extend(mentions(descriptor, entry));
        if let TypeShape::Struct | TypeShape::Enum = entry.shape {
            // Of the structs without a crate there is one, `Duration`.
            let origin = if entry.origin.is_empty() { "core" } else { entry.origin };
            types.push(((origin.to_owned(), name(descriptor, index)), ty(descriptor, entry)));
        }
    }
    types
}

fn mentions(descriptor: &Descriptor<'_>, entry: &TypeEntry<'_>) -> Vec<u32> {
    let arguments = descriptor.arguments(entry).iter().filter_map(|argument| match argument {
        ArgumentEntry::Type(index) => Some(*index),
        ArgumentEntry::Const(_) => None,
    });
    let members = descriptor.members(entry);
    let contents: Vec<u32> = match entry.shape {
        TypeShape::Opaque | TypeShape::Recursive | TypeShape::Interface => Vec::new(),
        TypeShape::Struct => members.iter().map(Member::layout).collect(),
        TypeShape::Enum => {
            let fields = members.iter().flat_map(|variant| descriptor.variant_fields(variant));
            fields.map(Member::layout).collect()
        }
        TypeShape::Pointer(_) | TypeShape::Array { .. } => vec![entry.target],
        TypeShape::Function { .. } => members.iter().map(Member::layout).chain([entry.target]).collect(),
    };
    arguments.chain(contents).collect()
}

fn ty(descriptor: &Descriptor<'_>, entry: &TypeEntry<'_>) -> Type {
    let members = descriptor.members(entry);
    let is_enum = entry.shape == TypeShape::Enum;
    let variant = |variant: &Member<'_>| Variant {
        name: variant.name.to_owned(),
        discriminant: variant.value,
        fields: fields(descriptor, descriptor.variant_fields(variant)),
    };
    Type {
        size: entry.size,
        align: entry.align.into(),
        fields: if is_enum { Vec::new() } else { fields(descriptor, members) },
        tag: is_enum.then(|| name(descriptor, entry.target)),
        variants: if is_enum { members.iter().map(variant).collect() } else { Vec::new() },
    }
}

fn fields(descriptor: &Descriptor<'_>, members: &[Member<'_>]) -> Vec<Field> {
    let field = |member: &Member<'_>| {
        let entry = descriptor.type_at(member.layout());
        Field {
            name: member.name.to_owned(),
            offset: member.value,
            size: entry.size,
            align: entry.align.into(),
            ty: name(descriptor, member.layout()),
        }
    };
    members.iter().map(field).collect()
}

/// A type as it is written in Rust.
fn name(descriptor: &Descriptor<'_>, index: u32) -> String {
    let entry = descriptor.type_at(index);
    let target = || name(descriptor, entry.target);
    match entry.shape {
        TypeShape::Opaque
        | TypeShape::Struct
        | TypeShape::Enum
        | TypeShape::Recursive
        | TypeShape::Interface => {
            let arguments = descriptor.arguments(entry).iter().map(|argument| match argument {
                ArgumentEntry::Type(index) => name(descriptor, *index),
                ArgumentEntry::Const(value) => value.to_string(),
            });
            let arguments: Vec<String> = arguments.collect();
            let name = in_rust(entry, arguments.len());
            if arguments.is_empty() { name } else { format!("{name}<{}>", arguments.join(", ")) }
        }
        TypeShape::Pointer(PointerKind::Shared) => format!("&{}", target()),
        TypeShape::Pointer(PointerKind::Mutable) => format!("&mut {}", target()),
        TypeShape::Pointer(PointerKind::Const) => format!("*const {}", target()),
        TypeShape::Pointer(PointerKind::Mut) => format!("*mut {}", target()),
        TypeShape::Pointer(PointerKind::NonNull) => format!("NonNull<{}>", target()),
        TypeShape::Array { length } => format!("[{}; {length}]", target()),
        TypeShape::Function { is_unsafe } => {
            let parameters = descriptor.members(entry).iter();
            let parameters: Vec<String> =
                parameters.map(|parameter| name(descriptor, parameter.layout())).collect();
            let keyword = if is_unsafe { "unsafe " } else { "" };
            format!("{keyword}extern \"C\" fn({}) -> {}", parameters.join(", "), target())
        }
    }
}

/// The vocabulary is recorded under the names that people write in interfaces.
fn in_rust(entry: &TypeEntry<'_>, arguments: usize) -> String {
    match (entry.shape, entry.name) {
        (TypeShape::Opaque, "core::Option") => "Option".to_owned(),
        (TypeShape::Opaque, "&str") => "RStr".to_owned(),
        (TypeShape::Opaque, "tuple") => format!("Tuple{arguments}"),
        (TypeShape::Opaque, name) if name.starts_with("NonZero") => {
            format!("NonZero<{}>", name.trim_start_matches("NonZero").to_lowercase())
        }
        (TypeShape::Opaque, "String" | "Vec" | "Box" | "Arc" | "Option" | "Result") => {
            format!("R{}", entry.name)
        }
        (_, name) => name.to_owned(),
    }
}
