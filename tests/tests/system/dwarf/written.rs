//! Types as the compiler wrote them, in the DWARF of a library.

use std::{borrow::Cow, collections::HashMap, fs, path::Path};

use gimli::{
    AttributeValue, DW_AT_alignment, DW_AT_artificial, DW_AT_byte_size, DW_AT_const_value, DW_AT_count,
    DW_AT_data_member_location, DW_AT_declaration, DW_AT_discr_value, DW_AT_name, DW_AT_type,
    DW_TAG_array_type, DW_TAG_enumeration_type, DW_TAG_enumerator, DW_TAG_member, DW_TAG_namespace,
    DW_TAG_pointer_type, DW_TAG_structure_type, DW_TAG_subrange_type, DW_TAG_variant, DW_TAG_variant_part,
    DwAt, EndianSlice, NativeEndian, UnitOffset,
};
use object::{Object, ObjectSection};

use super::{Field, Type, Variant};

type Slice<'a> = EndianSlice<'a, NativeEndian>;
type Entry<'a> = gimli::DebuggingInformationEntry<Slice<'a>>;

/// The crates whose types are compared.
const CRATES: [&str; 2] = ["shapes", "core"];

/// What the standard library calls otherwise inside, in some release or another.
const IN_OTHER_WORDS: [(&str, &str); 3] =
    [("Nanoseconds", "u32"), ("Atomic<u32>", "AtomicU32"), ("Atomic<bool>", "AtomicBool")];

/// The structs and enums of these crates in a library, by crate and name, with every copy.
pub(super) fn types(library: &Path) -> HashMap<(String, String), Vec<Type>> {
    let bytes = fs::read(library).unwrap();
    let file = object::File::parse(&*bytes).unwrap();
    let sections = gimli::DwarfSections::load(|id| {
        let section = file.section_by_name(id.name());
        section.map_or(Ok(Cow::default()), |section| section.uncompressed_data())
    });
    let sections: gimli::DwarfSections<Cow<'_, [u8]>> = sections.unwrap();
    let dwarf = sections.borrow(|section| EndianSlice::new(section, NativeEndian));

    let mut types = HashMap::new();
    let mut units = dwarf.units();
    while let Some(header) = units.next().unwrap() {
        let unit = Unit { unit: dwarf.unit(header).unwrap(), dwarf: &dwarf };
        for krate in unit.children(None) {
            let name = unit.name(&krate);
            if krate.tag() == DW_TAG_namespace && CRATES.contains(&&*name) {
                unit.collect(&name, &krate, &mut types);
            }
        }
    }
    types
}

struct Unit<'a> {
    unit: gimli::Unit<Slice<'a>>,
    dwarf: &'a gimli::Dwarf<Slice<'a>>,
}

impl<'a> Unit<'a> {
    /// The types in a namespace of a crate.
    fn collect(&self, krate: &str, namespace: &Entry<'a>, types: &mut HashMap<(String, String), Vec<Type>>) {
        for entry in self.children(Some(namespace.offset())) {
            let is_type = [DW_TAG_structure_type, DW_TAG_enumeration_type].contains(&entry.tag());
            if entry.tag() == DW_TAG_namespace {
                self.collect(krate, &entry, types);
            } else if is_type && entry.attr(DW_AT_declaration).is_none() {
                let key = (krate.to_owned(), without_paths(&self.name(&entry)));
                types.entry(key).or_default().push(self.ty(&entry));
            }
        }
    }

    fn ty(&self, entry: &Entry<'a>) -> Type {
        let children = self.children(Some(entry.offset()));
        let part = children.iter().find(|child| child.tag() == DW_TAG_variant_part);
        let (tag, variants) = match part {
            Some(part) => self.tagged(part),
            None if entry.tag() == DW_TAG_enumeration_type => {
                let tag = self.described(target(entry)).0;
                let enumerators = children.iter().filter(|child| child.tag() == DW_TAG_enumerator);
                let variant = |entry: &Entry<'a>| Variant {
                    name: self.name(entry),
                    discriminant: discriminant(entry, DW_AT_const_value, &tag),
                    fields: Vec::new(),
                };
                let variants = enumerators.map(variant).collect();
                (Some(tag), variants)
            }
            None => (None, Vec::new()),
        };
        Type {
            size: number(entry, DW_AT_byte_size),
            align: number(entry, DW_AT_alignment),
            fields: self.fields(entry),
            tag,
            variants,
        }
    }

    /// The tag and the variants of an enum with payload. Niches, as in `Option`, have no value for one variant.
    fn tagged(&self, part: &Entry<'a>) -> (Option<String>, Vec<Variant>) {
        let children = self.children(Some(part.offset()));
        let tag = children.iter().find(|child| child.attr(DW_AT_artificial).is_some());
        let Some(tag) = tag.filter(|tag| number(tag, DW_AT_data_member_location) == 0) else {
            return (None, Vec::new());
        };
        let tag = self.described(target(tag)).0;
        let variants = children.iter().filter(|child| child.tag() == DW_TAG_variant);
        let variants = variants.filter(|variant| variant.attr(DW_AT_discr_value).is_some()).map(|variant| {
            let payload = self.children(Some(variant.offset()));
            let [payload] = payload.as_slice() else { panic!("a variant has one member") };
            assert_eq!(number(payload, DW_AT_data_member_location), 0, "offsets are from the enum's start");
            Variant {
                name: self.name(payload),
                discriminant: discriminant(variant, DW_AT_discr_value, &tag),
                fields: self.fields(&self.unit.entry(target(payload)).unwrap()),
            }
        });
        let variants = variants.collect();
        (Some(tag), variants)
    }

    fn fields(&self, of: &Entry<'a>) -> Vec<Field> {
        let members = self.children(Some(of.offset())).into_iter();
        let members = members.filter(|child| child.tag() == DW_TAG_member);
        let field = |member: Entry<'a>| {
            let name = self.name(&member);
            let (ty, size) = self.described(target(&member));
            Field {
                name: name.strip_prefix("__").unwrap_or(&name).to_owned(),
                offset: number(&member, DW_AT_data_member_location),
                size,
                align: number(&member, DW_AT_alignment),
                ty,
            }
        };
        members.map(field).collect()
    }

    /// Name and size of a type.
    fn described(&self, offset: UnitOffset) -> (String, u64) {
        let entry = self.unit.entry(offset).unwrap();
        if entry.tag() == DW_TAG_array_type {
            let (element, size) = self.described(target(&entry));
            let children = self.children(Some(offset));
            let range = children.iter().find(|child| child.tag() == DW_TAG_subrange_type).unwrap();
            let length = number(range, DW_AT_count);
            return (format!("[{element}; {length}]"), size * length);
        }
        let size = match entry.tag() == DW_TAG_pointer_type {
            true => self.unit.header.address_size().into(),
            false => number(&entry, DW_AT_byte_size),
        };
        let name = without_paths(&self.name(&entry));
        let name = IN_OTHER_WORDS
            .iter()
            .find(|(written, _)| *written == name)
            .map_or(name, |(_, recorded)| (*recorded).to_owned());
        (name, size)
    }

    /// The entries in an entry, or in the unit.
    fn children(&self, of: Option<UnitOffset>) -> Vec<Entry<'a>> {
        let mut tree = self.unit.entries_tree(of).unwrap();
        let mut nodes = tree.root().unwrap().children();
        let mut children = Vec::new();
        while let Some(node) = nodes.next().unwrap() {
            children.push(node.entry().clone());
        }
        children
    }

    /// The name of an entry; empty if it has none.
    fn name(&self, entry: &Entry<'a>) -> String {
        let name = entry.attr_value(DW_AT_name);
        name.map_or_else(String::new, |name| {
            self.dwarf.attr_string(&self.unit, name).unwrap().to_string_lossy().into_owned()
        })
    }
}

fn target(entry: &Entry<'_>) -> UnitOffset {
    match entry.attr_value(DW_AT_type) {
        Some(AttributeValue::UnitRef(offset)) => offset,
        other => panic!("expected a type of the same unit, found {other:?}"),
    }
}

fn number(entry: &Entry<'_>, attribute: DwAt) -> u64 {
    let value = entry.attr_value(attribute).and_then(|value| value.udata_value());
    value.unwrap_or_else(|| panic!("{} without {attribute}", entry.tag()))
}

/// The bits of a discriminant; how many are written depends on the value, not on the tag.
fn discriminant(entry: &Entry<'_>, attribute: DwAt, tag: &str) -> u64 {
    if tag.starts_with('i') {
        entry.attr_value(attribute).unwrap().sdata_value().unwrap().cast_unsigned()
    } else {
        number(entry, attribute)
    }
}

/// `shapes::Pair<core::time::Duration, u8>` as `Pair<Duration, u8>`.
fn without_paths(name: &str) -> String {
    let mut short = String::new();
    for piece in name.split_inclusive(|c: char| !c.is_alphanumeric() && !['_', ':'].contains(&c)) {
        short.push_str(piece.rsplit("::").next().unwrap_or_default());
    }
    short
}
