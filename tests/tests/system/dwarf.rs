//! Layouts as a descriptor records them, against those that the compiler wrote into the debug information: the derive
//! cannot agree with itself and be wrong.
//!
//! Both sources are read into one [`Type`], by code that shares nothing else.

mod recorded;
mod written;

use std::path::Path;

use plugin_host::Inspected;

use crate::fixture;

/// A struct or an enum.
#[derive(Debug, PartialEq)]
struct Type {
    size: u64,
    align: u64,
    /// In order of declaration; none in an enum.
    fields: Vec<Field>,
    /// The type of an enum's tag.
    tag: Option<String>,
    variants: Vec<Variant>,
}

/// A field of a struct or of a variant.
#[derive(Debug, PartialEq)]
struct Field {
    name: String,
    offset: u64,
    size: u64,
    align: u64,
    /// As it is written in Rust, without paths and lifetimes.
    ty: String,
}

#[derive(Debug, PartialEq)]
struct Variant {
    name: String,
    /// The bits, sign-extended.
    discriminant: u64,
    fields: Vec<Field>,
}

#[test]
fn descriptors_record_what_the_compiler_wrote() {
    compare(&fixture("shapes"));
}

/// Compares the types of a build of the fixture `shapes`.
pub(super) fn compare(library: &Path) {
    let inspected = Inspected::read(library).unwrap();
    let recorded = recorded::types(&inspected.descriptor().unwrap());
    let written = written::types(library);

    let mut differences = Vec::new();
    for (key, recorded) in &recorded {
        let (origin, name) = key;
        match written.get(key) {
            None => differences.push(format!("{name}: not in the debug information of {origin}")),
            // One for each codegen unit that uses the type.
            Some(copies) => {
                let other = copies.iter().find(|written| *written != recorded);
                differences.extend(other.map(|written| difference(name, recorded, written)));
            }
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));

    let count = |of: fn(&Type) -> usize| -> usize { recorded.iter().map(|(_, ty)| of(ty)).sum() };
    let fields =
        |ty: &Type| ty.fields.len() + ty.variants.iter().map(|variant| variant.fields.len()).sum::<usize>();
    let compared =
        [recorded.len(), count(|ty| ty.tag.is_some().into()), count(fields), count(|ty| ty.variants.len())];
    // What the fixture has; fewer would mean that some were not looked at.
    assert_eq!(compared, [36, 12, 125, 32], "types, enums among them, fields, variants");
}

/// The offsets of the fields of `Shuffled` in a build of the fixture `shapes`.
pub(super) fn shuffled(library: &Path) -> Vec<u64> {
    let types = written::types(library);
    let copies = &types[&("shapes".to_owned(), "Shuffled".to_owned())];
    copies[0].fields.iter().map(|field| field.offset).collect()
}

/// What differs, as lines.
fn difference(name: &str, recorded: &Type, written: &Type) -> String {
    let lines = |ty: &Type| -> Vec<String> {
        let Type { size, align, fields, tag, variants } = ty;
        let of_variants = variants.iter().flat_map(|Variant { name, discriminant, fields }| {
            let fields = fields.iter().map(move |field| format!("{name}: {field:?}"));
            std::iter::once(format!("{name} = {discriminant:#x}")).chain(fields)
        });
        let head = format!("size {size}, align {align}, tag {tag:?}");
        let fields = fields.iter().map(|field| format!("{field:?}"));
        std::iter::once(head).chain(fields).chain(of_variants).collect()
    };
    let (recorded, written) = (lines(recorded), lines(written));
    let only = |what: &str, these: &[String], others: &[String]| -> String {
        let only = these.iter().filter(|line| !others.contains(line));
        only.map(|line| format!("\n    {what}: {line}")).collect()
    };
    format!("{name}:{}{}", only("recorded", &recorded, &written), only("written ", &written, &recorded))
}
