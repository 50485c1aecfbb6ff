//! The facts for people.

use std::fmt::{self, Write};

use plugin_core::compat::display_text;

use crate::{
    facts::{Facts, InterfaceFacts, RequirementFacts, StateFacts},
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
            executable_stack: _,
            hazards,
            needed,
            fingerprint,
            toolchain,
            interfaces,
            symbols,
            state,
            types,
        } = self;
        writeln!(f, "{} {}", display_text(name), display_text(version))?;
        let mut fact = |name: &str, value: &dyn fmt::Display| writeln!(f, "  {name:<17} {value}");
        fact("file", path)?;
        fact("size", &format_args!("{size} bytes"))?;
        fact("object", &format_args!("{format}, {architecture}"))?;
        for hazard in hazards {
            fact("refused", &format_args!("by every host, because it {}", display_text(hazard)))?;
        }
        if !needed.is_empty() {
            fact("needs", &display_text(&needed.join(", ")))?;
        }
        fact("fingerprint", fingerprint)?;
        let (release, commit) =
            (display_text(&toolchain.rustc_release), display_text(&toolchain.rustc_commit));
        fact("compiler", &format_args!("rustc {release} ({commit})"))?;
        fact(
            "target",
            &format_args!(
                "{}, {} bits, {}-endian",
                display_text(&toolchain.target),
                toolchain.pointer_width,
                toolchain.endianness
            ),
        )?;
        fact("target features", &texts(&toolchain.target_features).join(", "))?;
        fact("panic strategy", &toolchain.panic)?;
        fact("plugin-core ABI", &format_args!("format {}", toolchain.abi_format))?;
        if toolchain.allocator == "system" {
            fact("allocator", &"the system's, shared")?;
        }
        fact(
            "optimisation",
            &format_args!(
                "level {}, debug assertions {}",
                display_text(&toolchain.opt_level),
                if toolchain.debug_assertions { "on" } else { "off" }
            ),
        )?;
        let logs = if toolchain.logs.is_empty() { "not forwarded" } else { &toolchain.logs.join(", ") };
        fact("logs", &logs)?;

        for interface in interfaces {
            write_interface(f, interface)?;
        }
        if !symbols.is_empty() {
            writeln!(f, "\nexports")?;
            for symbol in symbols {
                writeln!(f, "  {}", symbol.declaration)?;
            }
        }
        if !state.is_empty() {
            writeln!(f, "\nstate")?;
            for StateFacts { role, version, ty } in state {
                writeln!(f, "  {role} {ty}  // version {version}")?;
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
    let InterfaceFacts {
        id,
        version,
        fingerprint: _,
        role,
        provided: _,
        required,
        send,
        sync,
        supertraits,
        methods,
    } = interface;
    let role = match *role {
        "provided" => "provides",
        "required" => "requires",
        other => other,
    };
    let auto_traits = send.then_some("Send").into_iter().chain(sync.then_some("Sync"));
    let mut bounds = texts(supertraits);
    bounds.extend(auto_traits.map(str::to_owned));
    write!(f, "\n{role} {} {}", display_text(id), display_text(version))?;
    match bounds.as_slice() {
        [] => writeln!(f)?,
        bounds => writeln!(f, ": {}", bounds.join(" + "))?,
    }
    if let Some(RequirementFacts { versions, optional }) = required {
        let versions = match versions.as_str() {
            "" => "any compatible version".to_owned(),
            versions => format!("versions {}", display_text(versions)),
        };
        writeln!(f, "  // required: {versions}{}", if *optional { ", optional" } else { "" })?;
    }
    for method in methods {
        write!(f, "  {}", method.signature)?;
        match &method.since {
            Some(since) => writeln!(f, "  // since {}", display_text(since))?,
            None => writeln!(f)?,
        }
    }
    Ok(())
}

fn write_type(f: &mut fmt::Formatter<'_>, ty: &TypeFacts) -> fmt::Result {
    let TypeFacts { name, kind, size, align, fingerprint: _, representation, fields, variants } = ty;
    write!(f, "  {kind} {name}")?;
    if let Some(representation) = representation {
        write!(f, ": {}", display_text(representation))?;
    }
    writeln!(f, "  // size {size}, alignment {align}")?;
    for variant in variants {
        writeln!(f, "    {} = {}", display_text(&variant.name), variant.discriminant)?;
        write_fields(f, "      ", &variant.fields)?;
    }
    write_fields(f, "    ", fields)
}

fn write_fields(f: &mut fmt::Formatter<'_>, indent: &str, fields: &[FieldFacts]) -> fmt::Result {
    fields.iter().try_for_each(|field| {
        let FieldFacts { name, ty, offset } = field;
        writeln!(f, "{indent}{}: {ty}  // at {offset}", display_text(name))
    })
}

fn texts(texts: &[String]) -> Vec<String> {
    texts.iter().map(|text| display_text(text).to_string()).collect()
}

/// A whole report without the characters that a terminal would obey. Its lines are its own: what comes from a
/// descriptor was made fit to be shown in one before.
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
