//! Descriptions made at run time; what they are made of is leaked, as constants live for ever, too.

use plugin_core::{
    Argument, Field, InterfaceLayout, Method, PointerKind, Receiver, Shape, StableLayout, TypeLayout, Variant,
};

pub(crate) type Layout = &'static TypeLayout;

fn leak<T>(items: Vec<T>) -> &'static [T] {
    items.leak()
}

pub(crate) fn of<T: StableLayout>() -> Layout {
    T::TYPE_LAYOUT
}

pub(crate) fn layout(
    name: &'static str,
    arguments: &[Layout],
    size: usize,
    align: usize,
    shape: Shape,
) -> Layout {
    let arguments = leak(arguments.iter().map(|layout| Argument::Type(layout)).collect());
    Box::leak(Box::new(TypeLayout::new(name, arguments, size, align, shape)))
}

/// A struct laid out as C does.
pub(crate) fn c(name: &'static str, fields: &[(&'static str, Layout)]) -> Layout {
    let (mut end, mut align) = (0_usize, 1);
    let fields = fields.iter().map(|(name, layout)| {
        let offset = end.next_multiple_of(layout.align);
        end = offset + layout.size;
        align = align.max(layout.align);
        (*name, offset, *layout)
    });
    let fields: Vec<_> = fields.collect();
    raw(name, &fields, end.next_multiple_of(align), align)
}

/// A struct with offsets, size and alignment as given.
pub(crate) fn raw(
    name: &'static str,
    fields: &[(&'static str, usize, Layout)],
    size: usize,
    align: usize,
) -> Layout {
    layout(name, &[], size, align, Shape::Struct(self::fields(fields)))
}

pub(crate) fn fields(fields: &[(&'static str, usize, Layout)]) -> &'static [Field] {
    let field = |&(name, offset, layout)| Field { name, offset, layout };
    leak(fields.iter().map(field).collect())
}

pub(crate) type Payload<'f> = &'f [(&'static str, usize, Layout)];

pub(crate) fn tagged(
    repr: Layout,
    variants: &[(&'static str, u64, Payload<'_>)],
    size: usize,
    align: usize,
) -> Layout {
    let variant = |&(name, discriminant, payload): &(&'static str, u64, Payload<'_>)| Variant {
        name,
        discriminant,
        fields: fields(payload),
    };
    let variants = leak(variants.iter().map(variant).collect());
    layout("Error", &[], size, align, Shape::Enum { repr, variants })
}

/// An enum without payloads, numbered as Rust does.
pub(crate) fn plain(variants: &[&'static str]) -> Layout {
    let variants: Vec<_> = variants.iter().zip(0..).map(|(name, value)| (*name, value, &[][..])).collect();
    tagged(of::<u8>(), &variants, 1, 1)
}

pub(crate) fn pointer(kind: PointerKind, to: Layout) -> Layout {
    layout("pointer", &[], 8, 8, Shape::Pointer(kind, to))
}

pub(crate) fn array(element: Layout, length: usize) -> Layout {
    layout("array", &[], element.size * length, element.align, Shape::Array { element, length })
}

pub(crate) fn vec(element: Layout) -> Layout {
    layout("Vec", &[element], 32, 8, Shape::Opaque)
}

pub(crate) fn generic(name: &'static str, arguments: Vec<Argument>) -> Layout {
    Box::leak(Box::new(TypeLayout::new(name, leak(arguments), 8, 8, Shape::Struct(&[]))))
}

pub(crate) fn signature(is_unsafe: bool, parameters: &[(&'static str, Layout)], result: Layout) -> Layout {
    let parameters: Vec<_> = parameters.iter().map(|(name, layout)| (*name, 0, *layout)).collect();
    Box::leak(Box::new(TypeLayout::signature(is_unsafe, fields(&parameters), result)))
}

pub(crate) fn method(name: &'static str, parameters: &[(&'static str, Layout)], result: Layout) -> Method {
    Method::new(name, Receiver::Shared, "", "", signature(false, parameters, result))
}

/// A method without arguments.
pub(crate) fn getter(name: &'static str) -> Method {
    method(name, &[], of::<u8>())
}

/// A method that has a default for plugins older than a version.
pub(crate) fn since(version: &'static str, of: Method) -> Method {
    Method::new(of.name, of.receiver, version, of.lifetimes, of.signature)
}

pub(crate) fn interface(version: &'static str, methods: &[Method]) -> &'static InterfaceLayout {
    full("codec_api::Codec", version, &[], (false, false), methods)
}

pub(crate) fn full(
    id: &'static str,
    version: &'static str,
    supers: &[&'static InterfaceLayout],
    (is_send, is_sync): (bool, bool),
    methods: &[Method],
) -> &'static InterfaceLayout {
    let (supers, methods) = (leak(supers.to_vec()), leak(methods.to_vec()));
    Box::leak(Box::new(InterfaceLayout::new(id, &[], version, supers, is_send, is_sync, methods)))
}

/// An interface whose one method takes a type.
pub(crate) fn taking(layout: Layout) -> &'static InterfaceLayout {
    interface("0.1.0", &[method("compress", &[("input", layout)], of::<()>())])
}
