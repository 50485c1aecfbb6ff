//! Types that cannot cross, recognised by how they are written: each with what to write instead.
//!
//! This is courtesy, not safety: what is not recognised here meets the bounds of the generated code.

use syn::{
    Type, TypePath, TypeReference,
    visit::{self, Visit},
};

use super::Parameter;
use crate::errors::Errors;

/// Checks the type of an argument.
pub(super) fn check_argument(ty: &Type, errors: &mut Errors) {
    Check { errors }.visit_type(ty);
}

/// Checks the type of a result.
pub(super) fn check_result(ty: &Type, errors: &mut Errors) {
    if let Type::Reference(reference) = ty
        && reference.mutability.is_some()
        && let Some(name) = moved_collection(&reference.elem)
    {
        errors.at(
            ty,
            format!("`&mut {name}` can be an argument, not a result: return the `{name}` itself"),
        );
        return;
    }
    Check { errors }.visit_type(ty);
}

/// A loan of a collection ends with the call: nothing may be borrowed from it any longer.
pub(super) fn check_loans(parameters: &[Parameter], result: &Type, errors: &mut Errors) {
    for parameter in parameters {
        if let Type::Reference(reference) = &parameter.ty
            && reference.mutability.is_some()
            && let Some(name) = moved_collection(&reference.elem)
            && let Some(lifetime) = &reference.lifetime
            && mentions(result, lifetime)
        {
            errors.at(
                &parameter.ty,
                format!(
                    "`&mut {name}` is moved to the other side and back, so the result cannot borrow from it: use `&mut plugin_core::abi::R{name}`"
                ),
            );
        }
    }
}

fn mentions(ty: &Type, lifetime: &syn::Lifetime) -> bool {
    struct Find<'a>(&'a syn::Lifetime, bool);
    impl<'ast> Visit<'ast> for Find<'_> {
        fn visit_lifetime(&mut self, lifetime: &'ast syn::Lifetime) {
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

impl<'ast> Visit<'ast> for Check<'_> {
    fn visit_type(&mut self, ty: &'ast Type) {
        let cure = match ty {
            Type::ImplTrait(_) => Some(
                "`impl Trait` has no single type: name the type, or take the values as a slice or a `Vec`",
            ),
            Type::TraitObject(_) => {
                Some("a trait object does not cross the boundary: pass the values it works on")
            }
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
        let mutable = reference.mutability.is_some();
        let cure = match (&*reference.elem, last_name(&reference.elem).as_deref()) {
            (Type::Path(path), _) if path.path.is_ident("str") && mutable => {
                Some("`&mut str` cannot be changed in a useful way: write `&mut String`")
            }
            (Type::Path(path), _) if path.path.is_ident("str") => return,
            (Type::Slice(slice), _) => return self.visit_type(&slice.elem),
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
            None => visit::visit_type_reference(self, reference),
        }
    }

    fn visit_type_path(&mut self, path: &'ast TypePath) {
        let cure = path
            .path
            .segments
            .last()
            .and_then(|segment| cure(&segment.ident.to_string()));
        match cure {
            Some(cure) => self.errors.at(path, cure),
            None => visit::visit_type_path(self, path),
        }
    }
}

/// What to write for a type of the standard library that does not cross.
fn cure(name: &str) -> Option<&'static str> {
    Some(match name {
        "Rc" => {
            "`Rc<T>` cannot cross the boundary: it is not `Send` and its layout is not stable; use `plugin_core::abi::RArc<T>`"
        }
        "Arc" => "`Arc<T>` has no stable layout: use `plugin_core::abi::RArc<T>`",
        "Box" => "`Box<T>` has no stable layout: pass `T` by value, or use `plugin_core::abi::RBox<T>`",
        "HashMap" | "BTreeMap" | "HashSet" | "BTreeSet" | "VecDeque" | "LinkedList" | "BinaryHeap" => {
            "this collection has no stable layout: pass its contents as a `Vec`, of pairs for a map"
        }
        "RefCell" | "Mutex" | "RwLock" | "OnceCell" | "OnceLock" => {
            "a lock or cell of the standard library has no stable layout: keep it behind the interface and offer methods"
        }
        "PathBuf" | "OsStr" | "OsString" | "CStr" | "CString" => {
            "this kind of text has no stable layout: pass `&str`, `String` or `&[u8]`"
        }
        "Cow" => "`Cow` has no stable layout: take `&str` or `&[T]`, and return `String` or `Vec<T>`",
        "SystemTime" => {
            "this point in time has no stable layout: pass a `Duration` since a moment both sides know"
        }
        _ => return None,
    })
}

fn moved_collection(ty: &Type) -> Option<String> {
    last_name(ty).filter(|name| name == "Vec" || name == "String")
}

fn last_name(ty: &Type) -> Option<String> {
    match ty {
        Type::Path(path) => path.path.segments.last().map(|segment| segment.ident.to_string()),
        _ => None,
    }
}
