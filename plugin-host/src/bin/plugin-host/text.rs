//! The facts for people.

use std::fmt::{self, Write};

use crate::{
    facts::{Facts, InterfaceFacts},
    types::{FieldFacts, TypeFacts},
};

impl fmt::Display for Facts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            name,
            version,
            path,
            size,
            format,
            architecture,
            executable_stack,
            fingerprint,
            toolchain,
            interfaces,
            symbols,
            types,
        } = self;
        writeln!(f, "{name} {version}")?;
        let mut fact = |name: &str, value: &dyn fmt::Display| writeln!(f, "  {name:<17} {value}");
        fact("file", path)?;
        fact("size", &format_args!("{size} bytes"))?;
        fact("object", &format_args!("{format}, {architecture}"))?;
        if *executable_stack {
            fact("stack", &"executable: every host refuses it")?;
        }
        fact("fingerprint", fingerprint)?;
        fact("compiler", &format_args!("rustc {} ({})", toolchain.rustc_release, toolchain.rustc_commit))?;
        fact(
            "target",
            &format_args!(
                "{}, {} bits, {}-endian",
                toolchain.target, toolchain.pointer_width, toolchain.endianness
            ),
        )?;
        fact("target features", &toolchain.target_features.join(", "))?;
        fact("panic strategy", &toolchain.panic)?;
        fact("plugin-core ABI", &format_args!("format {}", toolchain.abi_format))?;
        fact(
            "optimisation",
            &format_args!(
                "level {}, debug assertions {}",
                toolchain.opt_level,
                if toolchain.debug_assertions { "on" } else { "off" }
            ),
        )?;

        for interface in interfaces {
            write_interface(f, interface)?;
        }
        if !symbols.is_empty() {
            writeln!(f, "\nexports")?;
            for symbol in symbols {
                writeln!(f, "  {}", symbol.declaration)?;
            }
        }
        if !types.is_empty() {
            writeln!(f, "\ntypes")?;
            types.iter().try_for_each(|ty| write_type(f, ty))?;
        }
        Ok(())
    }
}

fn write_interface(f: &mut fmt::Formatter<'_>, interface: &InterfaceFacts) -> fmt::Result {
    let InterfaceFacts { id, version, fingerprint: _, provided, send, sync, supertraits, methods } =
        interface;
    let role = if *provided { "provides" } else { "supertrait" };
    let bounds: Vec<&str> = supertraits
        .iter()
        .map(String::as_str)
        .chain(send.then_some("Send"))
        .chain(sync.then_some("Sync"))
        .collect();
    write!(f, "\n{role} {id} {version}")?;
    match bounds.as_slice() {
        [] => writeln!(f)?,
        bounds => writeln!(f, ": {}", bounds.join(" + "))?,
    }
    for method in methods {
        write!(f, "  {}", method.signature)?;
        match &method.since {
            Some(since) => writeln!(f, "  // since {since}")?,
            None => writeln!(f)?,
        }
    }
    Ok(())
}

fn write_type(f: &mut fmt::Formatter<'_>, ty: &TypeFacts) -> fmt::Result {
    let TypeFacts { name, kind, size, align, fingerprint: _, representation, fields, variants } = ty;
    write!(f, "  {kind} {name}")?;
    if let Some(representation) = representation {
        write!(f, ": {representation}")?;
    }
    writeln!(f, "  // size {size}, alignment {align}")?;
    for variant in variants {
        writeln!(f, "    {} = {}", variant.name, variant.discriminant)?;
        write_fields(f, "      ", &variant.fields)?;
    }
    write_fields(f, "    ", fields)
}

fn write_fields(f: &mut fmt::Formatter<'_>, indent: &str, fields: &[FieldFacts]) -> fmt::Result {
    fields.iter().try_for_each(|field| {
        let FieldFacts { name, ty, offset } = field;
        writeln!(f, "{indent}{name}: {ty}  // at {offset}")
    })
}

/// A text without the characters that a terminal would obey: what is in a file of unknown origin is shown, not done.
pub(crate) struct Plain<'t>(pub(crate) &'t str);

impl fmt::Display for Plain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.0.chars() {
            match character {
                ' '..='~' | '\n' => f.write_char(character)?,
                _ => write!(f, "{}", character.escape_debug())?,
            }
        }
        Ok(())
    }
}
