//! Fields as plain data: numbers as they are, texts in one buffer.

use crate::abi::{RSlice, RStr};

/// Fields of a record, in their order.
#[repr(C)]
pub struct Fields<'a> {
    texts: RStr<'a>,
    values: RSlice<'a, FieldValue>,
}

/// One field.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct FieldValue {
    /// `tracing`: which field of the call site.
    pub index: u32,
    /// `log`: the key.
    pub name: Text,
    /// The value.
    pub value: Value,
}

/// The value of a field.
#[repr(u8)]
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "each is the type that it is named after")]
pub enum Value {
    Null,
    Bool(bool),
    I64(i64),
    U64(u64),
    I128(Wide),
    U128(Wide),
    F64(f64),
    /// A text that was given as one.
    Str(Text),
    /// What `Debug` or `Display` wrote.
    Shown(Text),
    /// What an error displays; its sources follow, each as a [`Value::Source`] of the same field.
    Error(Text),
    Source(Text),
}

/// A number of 128 bits, in halves: compilers have not always agreed on how to align one.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Wide {
    low: u64,
    high: u64,
}

impl Wide {
    /// Of a number.
    #[must_use]
    pub const fn new(value: u128) -> Self {
        Self { low: value as u64, high: (value >> 64) as u64 }
    }

    /// The number, if it has no sign.
    #[must_use]
    pub const fn unsigned(self) -> u128 {
        (self.high as u128) << 64 | self.low as u128
    }

    /// The number, if it has one.
    #[must_use]
    pub const fn signed(self) -> i128 {
        self.unsigned().cast_signed()
    }
}

/// A piece of the buffer of texts, in bytes.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct Text {
    start: usize,
    length: usize,
}

impl<'a> Fields<'a> {
    /// The fields.
    #[must_use]
    pub fn values(&self) -> &'a [FieldValue] {
        self.values.as_slice()
    }

    /// A text of these fields.
    #[must_use]
    pub fn text(&self, Text { start, length }: Text) -> &'a str {
        self.texts.as_str().get(start..start.saturating_add(length)).unwrap_or_default()
    }
}

#[cfg(any(feature = "log", feature = "tracing"))]
pub(super) use collect::Collected;

#[cfg(any(feature = "log", feature = "tracing"))]
mod collect {
    #[cfg(feature = "tracing")]
    use core::error::Error;
    use core::fmt::{self, Write};

    use super::{FieldValue, Fields, Text, Value};

    /// Fields while they are collected.
    #[derive(Default)]
    pub(in crate::logs) struct Collected {
        texts: String,
        values: Vec<FieldValue>,
    }

    impl Collected {
        pub(in crate::logs) fn fields(&self) -> Fields<'_> {
            Fields { texts: self.texts.as_str().into(), values: self.values.as_slice().into() }
        }

        pub(in crate::logs) fn push(&mut self, index: usize, name: Text, value: Value) {
            // A call site has as many fields as somebody wrote down.
            self.values.push(FieldValue { index: index as u32, name, value });
        }

        pub(in crate::logs) fn text(&mut self, text: fmt::Arguments<'_>) -> Text {
            let start = self.texts.len();
            // A `Debug` that fails leaves what it has written.
            let _ = self.texts.write_fmt(text);
            Text { start, length: self.texts.len() - start }
        }

        #[cfg(feature = "tracing")]
        pub(in crate::logs) fn error(&mut self, index: usize, name: Text, error: &dyn Error) {
            let text = self.text(format_args!("{error}"));
            self.push(index, name, Value::Error(text));
            let mut source = error.source();
            while let Some(error) = source {
                let text = self.text(format_args!("{error}"));
                self.push(index, name, Value::Source(text));
                source = error.source();
            }
        }
    }
}
