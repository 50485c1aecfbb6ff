//! Which lifetimes a type's fields have: two declarations that differ in nothing else are not interchangeable.

use std::collections::HashMap;

use syn::{
    Generics, Lifetime, Type,
    visit::{self, Visit},
};

/// The declared lifetimes with their bounds, then those of each field, numbered in the order of declaration:
/// `<'0, '1: '0> '0; 'static`. Empty for a type without any.
pub(crate) fn of<'a>(generics: &Generics, fields: impl Iterator<Item = &'a Type>) -> String {
    let mut numbers = Numbers::default();
    let declared: Vec<String> = generics
        .lifetimes()
        .map(|parameter| {
            let lifetime = numbers.name(&parameter.lifetime);
            let bounds: Vec<_> = parameter.bounds.iter().map(|bound| numbers.name(bound)).collect();
            if bounds.is_empty() { lifetime } else { format!("{lifetime}: {}", bounds.join(" + ")) }
        })
        .collect();
    let fields: Vec<String> = fields
        .map(|ty| {
            numbers.met.clear();
            numbers.visit_type(ty);
            numbers.met.join(" ")
        })
        .collect();
    if declared.is_empty() && fields.iter().all(String::is_empty) {
        return String::new();
    }
    format!("<{}> {}", declared.join(", "), fields.join("; "))
}

#[derive(Default)]
struct Numbers {
    known: HashMap<String, usize>,
    met: Vec<String>,
}

impl Numbers {
    fn name(&mut self, lifetime: &Lifetime) -> String {
        let name = lifetime.ident.to_string();
        if name == "static" {
            return "'static".to_owned();
        }
        let next = self.known.len();
        format!("'{}", self.known.entry(name).or_insert(next))
    }
}

impl<'ast> Visit<'ast> for Numbers {
    fn visit_lifetime(&mut self, lifetime: &'ast Lifetime) {
        let name = self.name(lifetime);
        self.met.push(name);
        visit::visit_lifetime(self, lifetime);
    }
}
