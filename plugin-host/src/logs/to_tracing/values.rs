//! Fields of a plugin as values of `tracing`.

use core::{error::Error, fmt};

use plugin_core::logs::{FieldValue, Fields, Value as Sent};
use tracing_core::{
    Metadata,
    field::{DisplayValue, Field, FieldSet, Value, ValueSet, display},
};

pub(super) type Pair<'v> = (&'v Field, Option<&'v dyn Value>);

/// The most values of one event or span; more are left out.
const MOST: usize = 256;

/// Calls `body` with the values of an event or a span of this metadata.
pub(super) fn with<R>(
    metadata: &'static Metadata<'static>,
    fields: &Fields<'_>,
    body: impl FnOnce(&ValueSet<'_>) -> R,
) -> R {
    let names: Vec<Field> = metadata.fields().iter().collect();
    let held = Held::all(fields);
    let pairs: Vec<Pair<'_>> = held
        .iter()
        .filter_map(|(index, value)| Some((names.get(*index as usize)?, Some(value.as_value()))))
        .collect();
    with_pairs(metadata.fields(), &pairs, body)
}

/// Calls `body` with a set of values, which `tracing` makes of arrays only.
pub(super) fn with_pairs<R>(
    fields: &FieldSet,
    pairs: &[Pair<'_>],
    body: impl FnOnce(&ValueSet<'_>) -> R,
) -> R {
    match (pairs, pairs.len()) {
        ([], _) => body(&fields.value_set::<[Pair<'_>; 0]>(&[])),
        ([(first, _), ..], ..=8) => body(&fields.value_set(&filled::<8>(first, pairs))),
        ([(first, _), ..], ..=32) => body(&fields.value_set(&filled::<32>(first, pairs))),
        ([(first, _), ..], _) => body(&fields.value_set(&filled::<MOST>(first, pairs))),
    }
}

fn filled<'v, const N: usize>(any: &'v Field, pairs: &[Pair<'v>]) -> [Pair<'v>; N] {
    let mut array: [Pair<'v>; N] = [(any, None); N];
    for (slot, pair) in array.iter_mut().zip(pairs) {
        *slot = *pair;
    }
    array
}

/// A value, owned as far as `tracing` needs it to be.
enum Held<'a> {
    Bool(bool),
    I64(i64),
    U64(u64),
    I128(i128),
    U128(u128),
    F64(f64),
    Str(&'a str),
    Shown(DisplayValue<&'a str>),
    Error(Box<dyn Error + 'static>),
}

impl<'a> Held<'a> {
    fn all(fields: &Fields<'a>) -> Vec<(u32, Self)> {
        let mut held = Vec::with_capacity(fields.values().len());
        let mut rest = fields.values().iter();
        while let Some(&FieldValue { index, name: _, value }) = rest.next() {
            let value = match value {
                Sent::Null => continue,
                // Taken with the error before it.
                Sent::Source(_) => continue,
                Sent::Bool(value) => Self::Bool(value),
                Sent::I64(value) => Self::I64(value),
                Sent::U64(value) => Self::U64(value),
                Sent::I128(value) => Self::I128(value.signed()),
                Sent::U128(value) => Self::U128(value.unsigned()),
                Sent::F64(value) => Self::F64(value),
                Sent::Str(text) => Self::Str(fields.text(text)),
                Sent::Shown(text) => Self::Shown(display(fields.text(text))),
                Sent::Error(text) => {
                    let sources = rest.as_slice().iter().map_while(|next| match next.value {
                        Sent::Source(text) => Some(fields.text(text)),
                        _ => None,
                    });
                    Self::Error(Box::new(Shown::chain(fields.text(text), sources)))
                }
            };
            held.push((index, value));
        }
        held
    }

    fn as_value(&self) -> &dyn Value {
        match self {
            Self::Bool(value) => value,
            Self::I64(value) => value,
            Self::U64(value) => value,
            Self::I128(value) => value,
            Self::U128(value) => value,
            Self::F64(value) => value,
            Self::Str(value) => value,
            Self::Shown(value) => value,
            Self::Error(value) => value,
        }
    }
}

/// An error of a plugin: what it and its sources display.
struct Shown {
    text: String,
    source: Option<Box<Shown>>,
}

impl Shown {
    fn chain<'t>(text: &'t str, sources: impl Iterator<Item = &'t str>) -> Self {
        let texts: Vec<&str> = sources.collect();
        let source = texts
            .into_iter()
            .rev()
            .fold(None, |source, text| Some(Box::new(Self { text: text.to_owned(), source })));
        Self { text: text.to_owned(), source }
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Error for Shown {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_ref().map(|source| source.as_ref() as &(dyn Error + 'static))
    }
}
