//! Where in a signature or a type a comparison stands.

use core::fmt;

use super::show::{Text, display_type};
use crate::descriptor::Descriptor;

/// One step, linked to those before it: nothing is written until there is something to report.
#[derive(Clone, Copy)]
pub(super) struct Path<'p> {
    before: Option<&'p Path<'p>>,
    step: Step<'p>,
}

#[derive(Clone, Copy)]
pub(super) enum Step<'p> {
    /// A trait, a symbol or whatever the caller compares.
    Root(&'p str),
    /// A supertrait.
    Super(&'p str),
    /// A method of the trait before it.
    Method(&'p str),
    /// A parameter, by name and place.
    Argument(&'p str, usize),
    Result,
    /// A type that holds others without naming them: `Vec<Frame>`.
    Inside(&'p Descriptor<'p>, u32),
    /// A struct or enum as a whole.
    Whole(&'p str),
    /// A field, after the name of its type.
    Field(&'p str, &'p str),
    /// A variant, after the name of its type.
    Variant(&'p str, &'p str),
}

impl<'p> Path<'p> {
    pub(super) const fn new(root: &'p str) -> Self {
        Self { before: None, step: Step::Root(root) }
    }

    pub(super) const fn then(&'p self, step: Step<'p>) -> Self {
        Self { before: Some(self), step }
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut steps = vec![self.step];
        let mut rest = self.before;
        while let Some(path) = rest {
            steps.push(path.step);
            rest = path.before;
        }
        let mut in_place = false;
        let mut is_empty = true;
        for step in steps.into_iter().rev() {
            // What a field holds is named by the field.
            let arrow = if is_empty { "" } else { " → " };
            match step {
                Step::Root(name) => write!(f, "{}", Text(name))?,
                Step::Super(name) => write!(f, "{arrow}{}", Text(name))?,
                Step::Method(name) => write!(f, "::{}", Text(name))?,
                Step::Argument("", place) => write!(f, "{arrow}argument {}", place.saturating_add(1))?,
                Step::Argument(name, _) => write!(f, "{arrow}argument {}", Text(name))?,
                Step::Result => write!(f, "{arrow}result")?,
                Step::Inside(descriptor, index) => write!(f, "{arrow}{}", display_type(descriptor, index))?,
                Step::Whole(_) if in_place => {}
                Step::Whole(name) => write!(f, "{arrow}{}", Text(name))?,
                Step::Field(_, name) if in_place => write!(f, ".{}", Text(name))?,
                Step::Field(of, name) => write!(f, "{arrow}{}.{}", Text(of), Text(name))?,
                Step::Variant(of, name) => write!(f, "{arrow}{}::{}", Text(of), Text(name))?,
            }
            in_place = matches!(step, Step::Field(..) | Step::Variant(..));
            is_empty = is_empty && matches!(step, Step::Root(""));
        }
        Ok(())
    }
}
