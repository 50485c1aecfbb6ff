//! Types that cannot cross, recognised by how they are written: each with what to write instead.
//!
//! This is courtesy, not safety: what is not recognised here meets the bounds of the generated code.

use quote::ToTokens;
use syn::{
    BoundLifetimes, GenericArgument, Lifetime, PathArguments, Type, TypeFnPtr, TypePath, TypeReference,
    visit::{self, Visit},
};

use super::{Parameter, Receiver, lifetimes::Named, objects};
use crate::errors::Errors;

/// Checks the type of an argument.
pub(super) fn check_argument(ty: &Type, errors: &mut Errors) {
    match objects::lent(ty) {
        Some(object) => objects::check(object, errors),
        None => Check { errors }.visit_type(ty),
    }
}

/// Checks the type of an exported static, which a host reads in place.
pub(crate) fn check_static(ty: &Type, errors: &mut Errors) {
    let cure = match ty {
        Type::FnPtr(pointer) if pointer.abi.is_none() => {
            "a Rust function pointer has no stable calling convention: write `extern \"C\" fn(…)`, or a `pub fn`"
        }
        _ => {
            match converted(ty) {
                Some((name, replacement)) => {
                    return errors.at(
                    ty,
                    format!("{name} has no stable layout, and a host reads a static in place: use {replacement}"),
                );
                }
                None => return,
            }
        }
    };
    errors.at(ty, cure);
}

/// Checks the type of a field of a type that is described.
pub(crate) fn check_field(ty: &Type, errors: &mut Errors) {
    if let Some((name, replacement)) = converted(ty)
        // Some of these do have one: `Duration`, and options of references and the like.
        && !matches!(name, "`Option`" | "`Duration`")
    {
        errors.at(ty, format!("{name} has no stable layout: a field of this type is {replacement}"));
    }
}

/// Checks the type of a field of a type that is converted.
pub(crate) fn check_member(ty: &Type, errors: &mut Errors) {
    if let Type::Reference(reference) = ty
        && reference.mutability.is_some()
        && let Some(name) = moved_collection(&reference.elem)
    {
        errors.at(
            ty,
            format!(
                "`&mut {name}` is a loan for one call, which no value can hold: hold the `{name}` itself"
            ),
        );
        return;
    }
    Check { errors }.visit_type(ty);
}

/// Checks the type of a result.
pub(super) fn check_result(ty: &Type, errors: &mut Errors) {
    if let Type::Reference(reference) = ty
        && reference.mutability.is_some()
        && let Some(name) = moved_collection(&reference.elem)
    {
        errors.at(ty, format!("`&mut {name}` can be an argument, not a result: return the `{name}` itself"));
        return;
    }
    if objects::lent(ty).is_some() {
        errors.at(
            ty,
            "a reference to an object can be an argument, not a result: on the other side nothing owns what it would borrow; return `Arc<dyn Trait>` or `Box<dyn Trait>`",
        );
        return;
    }
    Check { errors }.visit_type(ty);
}

/// A loan of a collection ends with the call: its lifetime is nothing else's.
pub(super) fn check_loans(named: &Named, errors: &mut Errors) {
    let Named { receiver, parameters, result, generics: _, canonical: _ } = named;
    for (place, Parameter { ty, .. }) in parameters.iter().enumerate() {
        let Type::Reference(reference) = ty else { continue };
        let Some(lifetime) = &reference.lifetime else { continue };
        let collection = reference.mutability.as_ref().and_then(|_| moved_collection(&reference.elem));
        let is_object = objects::lent(ty).is_some();
        let mut others = parameters.iter().enumerate().filter(|(other, _)| *other != place);
        let is_in_result = mentions(result, lifetime);
        let is_kept = lifetime.ident == "static"
            || receiver.as_ref().and_then(Receiver::lifetime) == Some(lifetime)
            || others.any(|(_, other)| mentions(&other.ty, lifetime));
        match (collection.as_deref(), is_in_result, is_kept) {
            (Some(name), true, _) => errors.at(
                ty,
                format!(
                    "`&mut {name}` is moved to the other side and back, so the result cannot borrow from it: use `&mut plugin_core::abi::{}`",
                    in_place(name)
                ),
            ),
            (Some(name), false, true) => errors.at(
                ty,
                format!(
                    "`&mut {name}` is moved to the other side and back, so it cannot be kept after the call: leave out `{lifetime}`, or use `&{lifetime} mut plugin_core::abi::{}`",
                    in_place(name)
                ),
            ),
            (None, true, _) | (None, false, true) if is_object => errors.at(
                ty,
                format!(
                    "this object is lent for the call, so nothing can borrow from it for longer: leave out `{lifetime}`, or take an `Arc<dyn Trait>`"
                ),
            ),
            (Some(_) | None, _, _) => {}
        }
    }
}

/// What can be borrowed where a collection is moved.
fn in_place(name: &str) -> &'static str {
    match name {
        "Vec" => "RVec<T>",
        _ => "RString",
    }
}

fn mentions(ty: &Type, lifetime: &Lifetime) -> bool {
    struct Find<'a>(&'a Lifetime, bool);
    impl<'ast> Visit<'ast> for Find<'_> {
        fn visit_lifetime(&mut self, lifetime: &'ast Lifetime) {
            self.1 |= lifetime == self.0;
        }
    }
    let mut find = Find(lifetime, false);
    find.visit_type(ty);
    find.1
}

struct Check<'a> {
    errors: &'a mut Errors,
}

impl Check<'_> {
    /// Checks a type behind a reference, which the other side reads as it is.
    fn borrowed(&mut self, ty: &Type, instead: &str) {
        match converted(ty) {
            Some((name, replacement)) => self.errors.at(
                ty,
                format!("{name} is converted when it crosses, so it cannot be borrowed: {instead}, or use {replacement}"),
            ),
            None => self.visit_type(ty),
        }
    }
}

/// What a type is called that crosses in another form, and what can be borrowed in its place.
fn converted(ty: &Type) -> Option<(&'static str, &'static str)> {
    Some(match ty {
        Type::Group(group) => converted(&group.elem)?,
        Type::Paren(paren) => converted(&paren.elem)?,
        Type::Array(array) => converted(&array.elem)?,
        Type::Tuple(tuple) if !tuple.elems.is_empty() => {
            ("a tuple", "a struct with `#[derive(StableLayout)]`")
        }
        Type::Reference(reference) => match &*reference.elem {
            Type::Slice(_) => ("a slice", "`plugin_core::abi::RSlice`"),
            Type::Path(path) if path.path.is_ident("str") => ("`&str`", "`plugin_core::abi::RStr`"),
            _ => return None,
        },
        Type::Path(path) => match std_name(path)?.as_str() {
            "String" => ("`String`", "`plugin_core::abi::RString`"),
            "Vec" => ("`Vec`", "`plugin_core::abi::RVec`"),
            "Option" => ("`Option`", "`plugin_core::abi::ROption`"),
            "Result" => ("`Result`", "`plugin_core::abi::RResult`"),
            "Duration" => ("`Duration`", "`plugin_core::abi::RDuration`"),
            _ => return None,
        },
        _ => return None,
    })
}

/// `T` of `Vec<T>`.
fn argument_of(ty: &Type) -> Option<&Type> {
    let Type::Path(path) = ty else { return None };
    match &path.path.segments.last()?.arguments {
        PathArguments::AngleBracketed(arguments) => {
            arguments.args.iter().find_map(|argument| match argument {
                GenericArgument::Type(ty) => Some(ty),
                _ => None,
            })
        }
        _ => None,
    }
}

/// Types of which nothing is known by their tokens: own ones, mostly.
pub(crate) fn is_doubtful(ty: &Type) -> bool {
    const KNOWN: [&str; 22] = [
        "u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32", "i64", "i128", "isize", "f32", "f64",
        "bool", "char", "str", "String", "Vec", "Option", "Result", "Duration",
    ];
    struct Find(bool);
    impl<'ast> Visit<'ast> for Find {
        fn visit_type_path(&mut self, path: &'ast TypePath) {
            let last = path.path.segments.last().map(|last| last.ident.to_string());
            let is_known = last.is_some_and(|last| KNOWN.contains(&last.as_str()));
            self.0 |= !is_known || path.path.segments.len() > 1;
            visit::visit_type_path(self, path);
        }
    }
    let mut find = Find(false);
    find.visit_type(ty);
    find.0
}

impl<'ast> Visit<'ast> for Check<'_> {
    fn visit_type(&mut self, ty: &'ast Type) {
        let cure = match ty {
            Type::ImplTrait(_) => Some(
                "`impl Trait` has no single type: name the type, or pass the values as a slice or a `Vec`; a function that makes an object of an interface is marked `#[provides]`",
            ),
            Type::TraitObject(_) => Some(
                "a trait object crosses behind a pointer: write `&dyn Trait`, `Box<dyn Trait>` or `Arc<dyn Trait>`",
            ),
            Type::FnPtr(pointer) if pointer.abi.is_none() => {
                Some("a Rust function pointer has no stable calling convention: write `extern \"C\" fn(…)`")
            }
            Type::Slice(_) => Some("a slice crosses behind a reference: write `&[T]` or `&mut [T]`"),
            Type::Never(_) => Some("a function that never returns cannot cross the boundary: return `()`"),
            Type::Infer(_) => Some("write the type: a table of functions cannot infer it"),
            Type::Tuple(tuple) if tuple.elems.len() == 1 || tuple.elems.len() > 4 => Some(
                "tuples of two to four values cross the boundary: declare a struct with `#[derive(StableLayout)]`",
            ),
            _ => None,
        };
        match cure {
            Some(cure) => self.errors.at(ty, cure),
            None => visit::visit_type(self, ty),
        }
    }

    fn visit_type_reference(&mut self, reference: &'ast TypeReference) {
        if objects::target(&reference.elem).is_some() {
            return self.errors.at(
                reference,
                "a reference to an object is lent for a call, and crosses as an argument of its own: use `Arc<dyn Trait>` or `Box<dyn Trait>` inside another type",
            );
        }
        let mutable = reference.mutability.is_some();
        let name = match &*reference.elem {
            Type::Path(path) => std_name(path),
            _ => None,
        };
        let cure = match (&*reference.elem, name.as_deref()) {
            (Type::Path(path), _) if path.path.is_ident("str") && mutable => {
                Some("`&mut str` cannot be changed in a useful way: write `&mut String`")
            }
            (Type::Path(path), _) if path.path.is_ident("str") => return,
            (Type::Slice(slice), _) => return self.borrowed(&slice.elem, "pass a `Vec` by value"),
            (_, Some("Vec")) if mutable => match argument_of(&reference.elem) {
                Some(element) => return self.borrowed(element, "take the `Vec` by value and return it"),
                None => None,
            },
            (_, Some("String")) if !mutable => Some("write `&str`: it crosses without a copy"),
            (_, Some("Vec")) if !mutable => Some("write `&[T]`: it crosses without a copy"),
            (_, Some("String" | "Vec")) => None,
            (_, Some("Option")) => Some(
                "a reference to an `Option` cannot cross: write `Option<&T>`, or use `plugin_core::abi::ROption`",
            ),
            _ => None,
        };
        match cure {
            Some(cure) => self.errors.at(reference, cure),
            None if name.is_some() => visit::visit_type_reference(self, reference),
            None => self.borrowed(&reference.elem, "pass it by value"),
        }
    }

    fn visit_type_fn_ptr(&mut self, pointer: &'ast TypeFnPtr) {
        let mut borrowed = Borrowed { errors: self.errors, is_found: false };
        visit::visit_type_fn_ptr(&mut borrowed, pointer);
        if !borrowed.is_found {
            visit::visit_type_fn_ptr(self, pointer);
        }
    }

    fn visit_type_path(&mut self, path: &'ast TypePath) {
        if let Some(object) = objects::owned(path) {
            return objects::check_owned(object, self.errors);
        }
        let cure = match path.path.segments.first() {
            Some(first) if path.qself.is_none() && first.ident == "Self" => Some(
                "`Self` is another type for each implementor, and the table serves all: name a concrete type, or add `where Self: Sized` and a default",
            ),
            _ => std_name(path).and_then(|name| cure(&name)),
        };
        match cure {
            Some(cure) => self.errors.at(path, cure),
            None => visit::visit_type_path(self, path),
        }
    }
}

/// Notes what a function pointer borrows for less than `'static`: it would be of a type for every lifetime, or of a
/// lifetime that descriptions do not have.
struct Borrowed<'a> {
    errors: &'a mut Errors,
    is_found: bool,
}

impl Borrowed<'_> {
    fn report(&mut self, tokens: impl ToTokens) {
        self.is_found = true;
        self.errors.at(
            tokens,
            "the signature of a function pointer has no lifetime but `'static`: write `*const T` or `*mut T`, or `&'static T`",
        );
    }
}

impl<'ast> Visit<'ast> for Borrowed<'_> {
    fn visit_type_reference(&mut self, reference: &'ast TypeReference) {
        match &reference.lifetime {
            Some(lifetime) if lifetime.ident == "static" => visit::visit_type(self, &reference.elem),
            _ => self.report(reference),
        }
    }

    fn visit_lifetime(&mut self, lifetime: &'ast Lifetime) {
        if lifetime.ident != "static" {
            self.report(lifetime);
        }
    }

    // What it declares is reported where it is used.
    fn visit_bound_lifetimes(&mut self, _: &'ast BoundLifetimes) {}
}

/// What to write for a type of the standard library that does not cross.
fn cure(name: &str) -> Option<&'static str> {
    Some(match name {
        "Rc" => {
            "`Rc<T>` cannot cross the boundary: it is not `Send` and its layout is not stable; use `plugin_core::abi::RArc<T>`"
        }
        "Arc" => {
            "`Arc<T>` has no stable layout: use `plugin_core::abi::RArc<T>`, or `Arc<dyn Trait>` with an interface"
        }
        "Box" => {
            "`Box<T>` has no stable layout: pass `T` by value, or use `plugin_core::abi::RBox<T>`, or `Box<dyn Trait>` with an interface"
        }
        "HashMap" | "BTreeMap" | "HashSet" | "BTreeSet" | "VecDeque" | "LinkedList" | "BinaryHeap" => {
            "this collection has no stable layout: pass its contents as a `Vec`, of pairs for a map"
        }
        "RefCell" | "Mutex" | "RwLock" | "OnceCell" | "OnceLock" => {
            "a lock or cell of the standard library has no stable layout: keep it behind the interface and offer methods"
        }
        "Path" => {
            "a path has no stable layout: pass `&str`, `String` or `&[u8]` (or write `self::Path` for an own type)"
        }
        "Instant" => {
            "an instant means something in one library only: pass a `Duration` (or write `self::Instant` for an own type)"
        }
        "PathBuf" | "OsStr" | "OsString" | "CStr" | "CString" => {
            "this kind of text has no stable layout: pass `&str`, `String` or `&[u8]`"
        }
        "str" => "text crosses behind a reference, or owned: write `&str` or `String`",
        "Cow" => "`Cow` has no stable layout: take `&str` or `&[T]`, and return `String` or `Vec<T>`",
        "SystemTime" => {
            "this point in time has no stable layout: pass a `Duration` since a moment both sides know"
        }
        _ => return None,
    })
}

fn moved_collection(ty: &Type) -> Option<String> {
    match ty {
        Type::Path(path) => std_name(path).filter(|name| name == "Vec" || name == "String"),
        _ => None,
    }
}

/// The last name of a path, if it may be one of the standard library's: those of its types that have parameters are
/// not written without arguments, so an own type `Arc` is told apart.
fn std_name(path: &TypePath) -> Option<String> {
    const WITHOUT_PARAMETERS: [&str; 11] = [
        "Duration",
        "String",
        "Path",
        "PathBuf",
        "OsStr",
        "OsString",
        "CStr",
        "CString",
        "SystemTime",
        "Instant",
        "str",
    ];
    let first = path.path.segments.first()?;
    let last = path.path.segments.last()?;
    let is_own = ["crate", "self", "super"].iter().any(|own| first.ident == own);
    let name = last.ident.to_string();
    let fits = last.arguments.is_none() == WITHOUT_PARAMETERS.contains(&name.as_str());
    (path.qself.is_none() && !is_own && fits).then_some(name)
}
