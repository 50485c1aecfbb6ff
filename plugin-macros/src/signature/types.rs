//! Types that cannot cross, recognised by how they are written: each with what to write instead.
//!
//! This is courtesy, not safety: what is not recognised here meets the bounds of the generated code.

mod standard;

use quote::ToTokens;
use syn::{
    BoundLifetimes, GenericArgument, Lifetime, PathArguments, Type, TypeFnPtr, TypePath, TypeReference,
    TypeTraitObject,
    visit::{self, Visit},
};

use self::standard::{cure, lends_iterator, std_name, std_object};
use super::{Parameter, Receiver, lifetimes::Named, objects};
use crate::errors::Errors;

/// Checks the type of an argument.
pub(super) fn check_argument(ty: &Type, errors: &mut Errors) {
    if let Some(object) = lends_iterator(ty) {
        return Check { errors }.lent_iterator(object);
    }
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
    if lends_iterator(ty).is_some() {
        errors.at(
            ty,
            "a lent iterator can be an argument, not a result: return `Box<dyn Iterator<Item = T> + '_>`",
        );
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
        let is_iterator = lends_iterator(ty).is_some();
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
            (None, true, _) | (None, false, true) if is_iterator => errors.at(
                ty,
                format!(
                    "this iterator is lent for the call, so nothing can borrow from it for longer: leave out `{lifetime}`, or take `Box<dyn Iterator<Item = T> + {lifetime}>`"
                ),
            ),
            (None, true, _) | (None, false, true) if is_object => errors.at(
                ty,
                format!(
                    "this object is lent for the call, so nothing can borrow from it for longer: leave out `{lifetime}`, or take an `Arc`"
                ),
            ),
            (Some(_) | None, _, _) => {}
        }
    }
}

/// What can be borrowed where a collection is moved.
pub(super) fn in_place(name: &str) -> &'static str {
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

    /// Checks an iterator that is lent for a call. Its items come to the other side, so they are no loans of this one.
    fn lent_iterator(&mut self, object: &TypeTraitObject) {
        struct Borrows(bool);
        impl<'ast> Visit<'ast> for Borrows {
            fn visit_type_reference(&mut self, reference: &'ast TypeReference) {
                self.0 |= reference.lifetime.as_ref().is_none_or(|lifetime| lifetime.ident != "static");
                visit::visit_type_reference(self, reference);
            }
            fn visit_lifetime(&mut self, lifetime: &'ast Lifetime) {
                self.0 |= lifetime.ident != "static";
            }
        }
        for item in items(object) {
            let mut borrows = Borrows(false);
            borrows.visit_type(item);
            if borrows.0 {
                self.errors.at(
                    item,
                    "the items of a lent iterator borrow nothing: take `Box<dyn Iterator<Item = …> + '_>`, or let it yield owned values",
                );
            } else {
                self.visit_type(item);
            }
        }
    }

    /// Checks what is in a `Box`, an `Arc` or a `Cow`; `false` if it does not cross in one.
    fn pointee(&mut self, pointer: &str, ty: &Type) -> bool {
        match (pointer, ty) {
            (_, Type::Group(group)) => self.pointee(pointer, &group.elem),
            (_, Type::Paren(paren)) => self.pointee(pointer, &paren.elem),
            (_, Type::Path(path)) => path.path.is_ident("str"),
            ("Cow", Type::Slice(slice)) => {
                self.borrowed(&slice.elem, "take `&[T]`, or return a `Vec`");
                true
            }
            (_, Type::Slice(slice)) => {
                self.visit_type(&slice.elem);
                true
            }
            ("Box", Type::TraitObject(object)) => match std_object(object).as_deref() {
                Some("Iterator") => {
                    items(object).for_each(|item| self.visit_type(item));
                    true
                }
                Some("Error") => {
                    for lifetime in object.bounds.iter().filter_map(|bound| match bound {
                        syn::TypeParamBound::Lifetime(lifetime) if lifetime.ident != "static" => {
                            Some(lifetime)
                        }
                        _ => None,
                    }) {
                        self.errors.at(
                            lifetime,
                            "an error that crosses borrows nothing, so that it can be kept and recognised: leave out the lifetime",
                        );
                    }
                    true
                }
                _ => false,
            },
            _ => false,
        }
    }
}

/// The types in `Item = T` of an iterator.
fn items(object: &TypeTraitObject) -> impl Iterator<Item = &Type> {
    let arguments = object.bounds.iter().filter_map(|bound| match bound {
        syn::TypeParamBound::Trait(bound) => match &bound.path.segments.last()?.arguments {
            PathArguments::AngleBracketed(arguments) => Some(&arguments.args),
            _ => None,
        },
        _ => None,
    });
    arguments.flatten().filter_map(|argument| match argument {
        GenericArgument::AssocType(item) => Some(&item.ty),
        _ => None,
    })
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
            "HashMap" => ("`HashMap`", "`plugin_core::abi::RVec` of pairs"),
            "BTreeMap" => ("`BTreeMap`", "`plugin_core::abi::RVec` of pairs"),
            "HashSet" => ("`HashSet`", "`plugin_core::abi::RVec`"),
            "BTreeSet" => ("`BTreeSet`", "`plugin_core::abi::RVec`"),
            "VecDeque" => ("`VecDeque`", "`plugin_core::abi::RVec`"),
            "Cow" => ("`Cow`", "`plugin_core::abi::RString` or `RVec`"),
            "PathBuf" => ("`PathBuf`", "`plugin_core::abi::RVec<u8>`"),
            "OsString" => ("`OsString`", "`plugin_core::abi::RVec<u8>`"),
            "CString" => ("`CString`", "`plugin_core::abi::RVec<u8>`"),
            "SystemTime" => ("`SystemTime`", "`plugin_core::abi::RDuration`, since 1970"),
            "IpAddr" | "Ipv4Addr" | "Ipv6Addr" => ("an address", "an array of its octets"),
            "SocketAddr" | "SocketAddrV4" | "SocketAddrV6" => {
                ("an address", "a struct with `#[derive(StableLayout)]`")
            }
            "Range" | "RangeInclusive" | "RangeFrom" | "RangeTo" | "RangeToInclusive" | "Bound" => {
                ("a range", "a struct with `#[derive(StableLayout)]`")
            }
            "Box" | "Arc" => match argument_of(ty)? {
                Type::Slice(_) => ("a slice that is owned", "`plugin_core::abi::RVec`"),
                Type::Path(path) if path.path.is_ident("str") => {
                    ("text that is owned", "`plugin_core::abi::RString`")
                }
                _ => return None,
            },
            _ => return None,
        },
        _ => return None,
    })
}

/// `T` of `Vec<T>`.
fn argument_of(ty: &Type) -> Option<&Type> {
    match ty {
        Type::Path(path) => arguments_of(path).next(),
        _ => None,
    }
}

/// `K` and `V` of `HashMap<K, V>`.
fn arguments_of(path: &TypePath) -> impl Iterator<Item = &Type> {
    let arguments = path.path.segments.last().and_then(|last| match &last.arguments {
        PathArguments::AngleBracketed(arguments) => Some(&arguments.args),
        _ => None,
    });
    arguments.into_iter().flatten().filter_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    })
}

/// Types of which nothing is known by their tokens: own ones, mostly.
pub(crate) fn is_doubtful(ty: &Type) -> bool {
    const KNOWN: [&str; 33] = [
        "u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32", "i64", "i128", "isize", "f32", "f64",
        "bool", "char", "str", "String", "Vec", "Option", "Result", "Duration", "HashMap", "BTreeMap",
        "HashSet", "BTreeSet", "VecDeque", "Path", "PathBuf", "OsStr", "OsString", "CStr", "CString",
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
        if let Some(object) = objects::target(&reference.elem) {
            if let Some("Iterator" | "Error") = std_object(object).as_deref() {
                return self.errors.at(
                    reference,
                    "inside another type this crosses owned alone: write `Box<dyn Iterator<Item = T> + '_>`, or `Box<dyn Error>`",
                );
            }
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
            (_, Some("Path" | "OsStr" | "CStr")) if !mutable => return,
            (_, Some("PathBuf")) if !mutable => Some("write `&Path`: it crosses without a copy"),
            (_, Some("OsString")) if !mutable => Some("write `&OsStr`: it crosses without a copy"),
            (_, Some("CString")) if !mutable => Some("write `&CStr`: it crosses without a copy"),
            (_, Some("Path")) => {
                Some("`&mut Path` cannot be changed in a useful way: take a `PathBuf` and return it")
            }
            (_, Some("OsStr")) => {
                Some("`&mut OsStr` cannot be changed in a useful way: take an `OsString` and return it")
            }
            (_, Some("CStr")) => {
                Some("`&mut CStr` cannot be changed in a useful way: take a `CString` and return it")
            }
            (_, Some("String" | "Vec")) => return visit::visit_type_reference(self, reference),
            (_, Some("Option")) => Some(
                "a reference to an `Option` cannot cross: write `Option<&T>`, or use `plugin_core::abi::ROption`",
            ),
            _ => None,
        };
        match cure {
            Some(cure) => self.errors.at(reference, cure),
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
        let name = std_name(path);
        if let Some(pointer @ ("Box" | "Arc" | "Cow")) = name.as_deref()
            && arguments_of(path).next().is_some_and(|inner| self.pointee(pointer, inner))
        {
            return;
        }
        if let Some(object) = objects::owned(path) {
            return objects::check_owned(object, self.errors);
        }
        let cure = match path.path.segments.first() {
            Some(first) if path.qself.is_none() && first.ident == "Self" => Some(
                "`Self` is another type for each implementor, and the table serves all: name a concrete type, or add `where Self: Sized` and a default",
            ),
            // Of an own type, the derive makes it cross.
            _ if name.as_deref() == Some("Box") && arguments_of(path).any(is_doubtful) => None,
            _ => name.as_deref().and_then(cure),
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

pub(super) fn lent_collection(ty: &Type) -> Option<String> {
    match ty {
        Type::Reference(reference) if reference.mutability.is_some() => moved_collection(&reference.elem),
        Type::Group(group) => lent_collection(&group.elem),
        Type::Paren(paren) => lent_collection(&paren.elem),
        _ => None,
    }
}

fn moved_collection(ty: &Type) -> Option<String> {
    match ty {
        Type::Path(path) => std_name(path).filter(|name| name == "Vec" || name == "String"),
        _ => None,
    }
}
