//! Methods and functions as Rust declares them.

use plugin_core::{
    compat::{display_text, display_type, future_output},
    descriptor::{Descriptor, TypeShape},
};

use crate::budget::{Budget, Excess};

/// `fn compress(&self, input: &[u8]) -> Result<Vec<u8>, CodecError>`
pub(crate) fn declaration(
    descriptor: &Descriptor<'_>,
    name: &str,
    receiver: Option<&str>,
    signature: u32,
    budget: &mut Budget,
) -> Result<String, Excess> {
    let name = display_text(name);
    let function = descriptor.type_at(signature);
    let keyword = match function.shape {
        TypeShape::Function { is_unsafe: true } => "unsafe fn",
        TypeShape::Function { is_unsafe: false } => "fn",
        // Not written by the macros; what is there is shown as it is.
        TypeShape::Opaque
        | TypeShape::Struct
        | TypeShape::Enum
        | TypeShape::Pointer(_)
        | TypeShape::Array { .. }
        | TypeShape::Recursive
        | TypeShape::Interface => {
            return budget.text(&format!("{name}: {}", display_type(descriptor, signature)));
        }
    };
    let mut parameters: Vec<String> = receiver.map(str::to_owned).into_iter().collect();
    for parameter in descriptor.members(function) {
        let ty = display_type(descriptor, parameter.layout());
        let text = match parameter.name {
            "" => ty.to_string(),
            name => format!("{}: {ty}", display_text(name)),
        };
        parameters.push(budget.text(&text)?);
    }
    let output = future_output(descriptor, function.target);
    let asynchronous = if output.is_some() { "async " } else { "" };
    let output = output.unwrap_or(function.target);
    let result = descriptor.type_at(output);
    let result = if result.name == "()" && result.shape == TypeShape::Opaque {
        String::new()
    } else {
        format!(" -> {}", display_type(descriptor, output))
    };
    budget.text(&format!("{asynchronous}{keyword} {name}({}){result}", parameters.join(", ")))
}
