//! Types as people write them, and names that are safe to print.

use core::fmt::{self, Write};

use crate::{
    descriptor::{ArgumentEntry, Descriptor, InterfaceEntry, Member, MethodEntry, TypeEntry, TypeShape},
    interface::Receiver,
    layout::PointerKind,
};

/// Types of a descriptor may contain themselves, and each may contain the last twice: both bounds are needed.
const MAX_DEPTH: usize = 12;
const MAX_CHARACTERS: usize = 240;

/// A type of a descriptor as Rust would write it: `&[u8]`, `Result<Vec<Frame<u8, 4>>, Error>`, `unsafe fn(u8) -> u16`.
///
/// What is too deep or too long is cut off with `…`.
pub fn display_type(descriptor: &Descriptor<'_>, index: u32) -> impl fmt::Display {
    Shown(move |out: &mut Limited<'_, '_>| write_type(out, descriptor, index, 0))
}

/// A method's signature with its receiver: `fn(&self, &[u8]) -> Vec<u8>`.
pub fn display_method(descriptor: &Descriptor<'_>, method: &MethodEntry<'_>) -> impl fmt::Display {
    let MethodEntry { name: _, since: _, lifetimes: _, fingerprint: _, signature, receiver } = *method;
    Shown(move |out: &mut Limited<'_, '_>| {
        let entry = descriptor.type_at(signature);
        let TypeShape::Function { is_unsafe } = entry.shape else {
            return write_type(out, descriptor, signature, 0);
        };
        write_function(out, descriptor, entry, is_unsafe, Some(self::receiver(receiver)), 0)
    })
}

/// A text of a descriptor, fit to be shown: whoever wrote the file chose the text, and it may be long, or hold characters
/// that a terminal obeys. They are escaped, and what is too long is cut off with `…`.
///
/// ```
/// use plugin_core::compat::display_text;
///
/// assert_eq!(display_text("codec-lz4").to_string(), "codec-lz4");
/// assert_eq!(display_text("\x1b[2Jlz4\n").to_string(), r"\u{1b}[2Jlz4\n");
/// ```
pub fn display_text(text: &str) -> impl fmt::Display {
    Text(text)
}

/// The interfaces that a plugin provides, with their versions: `codec_api::Codec 0.1.0, codec_api::Levels 0.2.0`, or
/// `none`.
///
/// What is too long is cut off with `…`.
pub fn display_provided(plugin: &Descriptor<'_>) -> impl fmt::Display {
    Shown(move |out: &mut Limited<'_, '_>| {
        let mut provided = plugin.provides().peekable();
        if provided.peek().is_none() {
            return out.write_str("none");
        }
        for (count, interface) in provided.enumerate() {
            let comma = if count == 0 { "" } else { ", " };
            out.write_str(comma)?;
            write_interface(out, plugin, interface)?;
            write!(out, " {}", Text(interface.version))?;
        }
        Ok(())
    })
}

/// An interface by its id and generic arguments: `shop::Store<String, u64>`.
pub fn display_interface(descriptor: &Descriptor<'_>, interface: &InterfaceEntry<'_>) -> impl fmt::Display {
    Shown(move |out: &mut Limited<'_, '_>| write_interface(out, descriptor, interface))
}

fn write_interface(
    out: &mut Limited<'_, '_>,
    descriptor: &Descriptor<'_>,
    interface: &InterfaceEntry<'_>,
) -> fmt::Result {
    write!(out, "{}", Text(interface.id))?;
    match descriptor.interface_arguments(interface) {
        [] => Ok(()),
        arguments => {
            out.write_char('<')?;
            write_arguments(out, descriptor, arguments, 1)?;
            out.write_char('>')
        }
    }
}

pub(super) const fn receiver(receiver: Receiver) -> &'static str {
    match receiver {
        Receiver::Shared => "&self",
        Receiver::Mutable => "&mut self",
        Receiver::Owned => "self",
    }
}

/// The name of a trait in its id.
pub(super) fn trait_name(id: &str) -> &str {
    id.rsplit_once("::").map_or(id, |(_, name)| name)
}

/// A text from a descriptor: clipped, and without characters that a terminal would obey.
#[derive(PartialEq)]
pub(super) struct Text<'t>(pub(super) &'t str);

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const MAX: usize = 120;
        if self.0.len() <= MAX && self.0.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
            return f.write_str(self.0);
        }
        for (count, character) in self.0.chars().enumerate() {
            if count == MAX {
                return f.write_char('…');
            }
            match character {
                ' '..='~' => f.write_char(character)?,
                _ => write!(f, "{}", character.escape_debug())?,
            }
        }
        Ok(())
    }
}

/// Names in a row: `` `size, flags` ``; bounded as types are.
pub(super) fn list<'n>(names: impl Iterator<Item = &'n str> + Clone) -> String {
    let shown = Shown(move |out: &mut Limited<'_, '_>| {
        for (count, name) in names.clone().enumerate() {
            let comma = if count == 0 { "" } else { ", " };
            write!(out, "{comma}{}", Text(name))?;
        }
        Ok(())
    });
    format!("`{shown}`")
}

struct Shown<W>(W);

impl<W: Fn(&mut Limited<'_, '_>) -> fmt::Result> fmt::Display for Shown<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = Limited { out: f, left: MAX_CHARACTERS, is_cut: false };
        match (self.0)(&mut out) {
            Err(fmt::Error) if !out.is_cut => Err(fmt::Error),
            _ => Ok(()),
        }
    }
}

/// Writes so many characters, then `…`; then fails, which ends the writing.
struct Limited<'o, 'f> {
    out: &'o mut fmt::Formatter<'f>,
    left: usize,
    is_cut: bool,
}

impl Write for Limited<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        match text.char_indices().nth(self.left) {
            None => {
                self.left = self.left.saturating_sub(text.chars().count());
                self.out.write_str(text)
            }
            Some((end, _)) => {
                self.out.write_str(text.get(..end).unwrap_or_default())?;
                self.out.write_char('…')?;
                self.is_cut = true;
                Err(fmt::Error)
            }
        }
    }
}

fn write_type(
    out: &mut Limited<'_, '_>,
    descriptor: &Descriptor<'_>,
    index: u32,
    depth: usize,
) -> fmt::Result {
    if depth > MAX_DEPTH {
        return out.write_char('…');
    }
    let entry = descriptor.type_at(index);
    let inner = depth + 1;
    match entry.shape {
        TypeShape::Pointer(kind) => {
            let (open, close) = match kind {
                PointerKind::Shared => ("&", ""),
                PointerKind::Mutable => ("&mut ", ""),
                PointerKind::Const => ("*const ", ""),
                PointerKind::Mut => ("*mut ", ""),
                PointerKind::NonNull => ("NonNull<", ">"),
            };
            out.write_str(open)?;
            write_type(out, descriptor, entry.target, inner)?;
            out.write_str(close)
        }
        TypeShape::Array { length } => {
            out.write_char('[')?;
            write_type(out, descriptor, entry.target, inner)?;
            write!(out, "; {length}]")
        }
        TypeShape::Function { is_unsafe } => write_function(out, descriptor, entry, is_unsafe, None, depth),
        TypeShape::Opaque
        | TypeShape::Struct
        | TypeShape::Enum
        | TypeShape::Recursive
        | TypeShape::Interface => {
            let arguments = descriptor.arguments(entry);
            let name = match entry.shape {
                TypeShape::Interface => {
                    out.write_str("dyn ")?;
                    trait_name(entry.name)
                }
                _ => entry.name,
            };
            if let (Some((start, end)), [ArgumentEntry::Type(signature)]) = (closure(name), arguments) {
                write!(out, "{}(", Text(start))?;
                write_signature(out, descriptor, descriptor.type_at(*signature), inner)?;
                return write!(out, "{}", Text(end));
            }
            let (open, close) = match (name, arguments) {
                ("&dyn", [_]) => ("&", ""),
                ("&mut dyn", [_]) => ("&mut ", ""),
                ("&[]", [_]) => ("&[", "]"),
                ("&mut []", [_]) => ("&mut [", "]"),
                ("lent", [_]) => ("lent ", ""),
                ("Box<[]>", [_]) => ("Box<[", "]>"),
                ("Arc<[]>", [_]) => ("Arc<[", "]>"),
                ("Cow<[]>", [_]) => ("Cow<[", "]>"),
                ("&mut dyn Iterator", [_]) => ("&mut dyn Iterator<Item = ", ">"),
                ("Box<dyn Iterator>", [_]) => ("Box<dyn Iterator<Item = ", ">>"),
                ("Box<dyn Iterator + Send>", [_]) => ("Box<dyn Iterator<Item = ", "> + Send>"),
                ("Box<dyn Iterator + Send + Sync>", [_]) => ("Box<dyn Iterator<Item = ", "> + Send + Sync>"),
                ("Future", [_]) => ("impl Future<Output = ", ">"),
                ("Future + Send", [_]) => ("impl Future<Output = ", "> + Send"),
                ("tuple", [_]) => ("(", ",)"),
                ("tuple", _) => ("(", ")"),
                ("", []) => return out.write_char('?'),
                (name, []) => return write!(out, "{}", Text(name)),
                (name, _) => {
                    write!(out, "{}", Text(name))?;
                    ("<", ">")
                }
            };
            out.write_str(open)?;
            write_arguments(out, descriptor, arguments, inner)?;
            out.write_str(close)
        }
    }
}

fn write_arguments(
    out: &mut Limited<'_, '_>,
    descriptor: &Descriptor<'_>,
    arguments: &[ArgumentEntry],
    depth: usize,
) -> fmt::Result {
    for (count, argument) in arguments.iter().enumerate() {
        if count > 0 {
            out.write_str(", ")?;
        }
        match argument {
            ArgumentEntry::Type(index) => write_type(out, descriptor, *index, depth)?,
            ArgumentEntry::Const(value) => write!(out, "{value}")?,
        }
    }
    Ok(())
}

fn write_function(
    out: &mut Limited<'_, '_>,
    descriptor: &Descriptor<'_>,
    function: &TypeEntry<'_>,
    is_unsafe: bool,
    receiver: Option<&str>,
    depth: usize,
) -> fmt::Result {
    if future_output(descriptor, function.target).is_some() {
        out.write_str("async ")?;
    }
    out.write_str(if is_unsafe { "unsafe fn(" } else { "fn(" })?;
    out.write_str(receiver.unwrap_or_default())?;
    if receiver.is_some() && !descriptor.members(function).is_empty() {
        out.write_str(", ")?;
    }
    write_signature(out, descriptor, function, depth)
}

/// Parameters, the closing parenthesis, and the result.
fn write_signature(
    out: &mut Limited<'_, '_>,
    descriptor: &Descriptor<'_>,
    function: &TypeEntry<'_>,
    depth: usize,
) -> fmt::Result {
    write_parameters(out, descriptor, function, depth)?;
    out.write_char(')')?;
    let result = future_output(descriptor, function.target).unwrap_or(function.target);
    let entry = descriptor.type_at(result);
    if entry.name == "()" && entry.shape == TypeShape::Opaque {
        return Ok(());
    }
    out.write_str(" -> ")?;
    write_type(out, descriptor, result, depth + 1)
}

/// What an `async fn` returns, if the result of a function is its future: that is how descriptors record it.
#[must_use]
pub fn future_output(descriptor: &Descriptor<'_>, result: u32) -> Option<u32> {
    let entry = descriptor.type_at(result);
    match (entry.shape, entry.name, descriptor.arguments(entry)) {
        (TypeShape::Opaque, "Future" | "Future + Send", [ArgumentEntry::Type(output)]) => Some(*output),
        _ => None,
    }
}

/// The name of a closure's type, around its signature: `Box<dyn FnOnce` and ` + Send>`.
fn closure(name: &str) -> Option<(&str, &str)> {
    let (_, rest) = name.split_once("dyn Fn")?;
    let length = rest.find([' ', '>']).unwrap_or(rest.len());
    name.split_at_checked(name.len() - rest.len() + length)
}

fn write_parameters(
    out: &mut Limited<'_, '_>,
    descriptor: &Descriptor<'_>,
    function: &TypeEntry<'_>,
    depth: usize,
) -> fmt::Result {
    for (count, parameter) in descriptor.members(function).iter().enumerate() {
        if count > 0 {
            out.write_str(", ")?;
        }
        write_type(out, descriptor, parameter.layout(), depth + 1)?;
    }
    Ok(())
}

/// The types of a function's parameters: `u8, &[u8]`.
pub(super) fn display_parameters(descriptor: &Descriptor<'_>, function: &TypeEntry<'_>) -> impl fmt::Display {
    Shown(move |out: &mut Limited<'_, '_>| write_parameters(out, descriptor, function, 0))
}

/// A field as its type and place: `u32 at offset 8`.
pub(super) fn field(descriptor: &Descriptor<'_>, field: &Member<'_>) -> String {
    format!("{} at offset {}", display_type(descriptor, field.layout()), field.value)
}
