//! The standard library's types by name: which they may be, and what to write for those that do not cross.

use syn::{Type, TypeParamBound, TypePath, TypeTraitObject};

use crate::signature::objects;

/// What to write for a type of the standard library that does not cross.
pub(super) fn cure(name: &str) -> Option<&'static str> {
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
        "Weak" => {
            "a weak reference counts the owners of one library: keep it behind the interface and offer a method that upgrades it (or write `self::Weak` for an own type)"
        }
        "LinkedList" => "a linked list does not cross the boundary: pass a `VecDeque` or a `Vec`",
        "BinaryHeap" => {
            "a heap does not cross the boundary: pass its values as a `Vec`, and make a heap of them on the other side"
        }
        "Cell" | "RefCell" | "UnsafeCell" | "OnceCell" | "LazyCell" | "Mutex" | "RwLock" | "OnceLock"
        | "LazyLock" | "Condvar" | "Barrier" => {
            "a lock or cell of the standard library has no stable layout: keep it behind the interface and offer methods"
        }
        "MutexGuard" | "RwLockReadGuard" | "RwLockWriteGuard" | "Ref" | "RefMut" => {
            "a guard unlocks in the library that locked: offer a method that does the work under the lock, or returns a copy (or write `self::Ref` for an own type)"
        }
        "JoinHandle" | "ScopedJoinHandle" => {
            "a thread is joined by the library that started it: keep the handle behind the interface and offer a method that waits"
        }
        "Sender" | "SyncSender" => {
            "a channel belongs to one library: offer a method that takes the values (or write `self::Sender` for an own type)"
        }
        "Receiver" => {
            "a channel belongs to one library: pass `Box<dyn Iterator<Item = T> + Send>`, made by `into_iter` (or write `self::Receiver` for an own type)"
        }
        "File" | "TcpStream" | "TcpListener" | "UdpSocket" => {
            "an open file or socket is an object of one library: pass its path or address, or its bytes, or keep it behind the interface (or write `self::File` for an own type)"
        }
        "Pin" => {
            "a pinned pointer is a promise within one library: pass the value itself, or keep it behind the interface"
        }
        "Instant" => {
            "an instant means something in one library only: pass a `Duration` (or write `self::Instant` for an own type)"
        }
        "Path" => {
            "a path crosses behind a reference, or owned: write `&Path` or `PathBuf` (or `self::Path` for an own type)"
        }
        "OsStr" => "this text crosses behind a reference, or owned: write `&OsStr` or `OsString`",
        "CStr" => "this text crosses behind a reference, or owned: write `&CStr` or `CString`",
        "str" => "text crosses behind a reference, or owned: write `&str` or `String`",
        "Cow" => "`Cow<str>` and `Cow<[T]>` cross, others do not: pass the owned value",
        _ => return None,
    })
}

/// The last name of a path, if it may be one of the standard library's: those of its types that have parameters are
/// not written without arguments, so an own type `Arc` is told apart.
pub(super) fn std_name(path: &TypePath) -> Option<String> {
    const WITHOUT_PARAMETERS: [&str; 23] = [
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
        "IpAddr",
        "Ipv4Addr",
        "Ipv6Addr",
        "SocketAddr",
        "SocketAddrV4",
        "SocketAddrV6",
        "File",
        "TcpStream",
        "TcpListener",
        "UdpSocket",
        "Condvar",
        "Barrier",
        "str",
    ];
    let first = path.path.segments.first()?;
    let last = path.path.segments.last()?;
    let is_own = ["crate", "self", "super"].iter().any(|own| first.ident == own);
    let name = last.ident.to_string();
    let fits = last.arguments.is_none() == WITHOUT_PARAMETERS.contains(&name.as_str());
    (path.qself.is_none() && !is_own && fits).then_some(name)
}

/// The name of an object's trait, if it may be one of the standard library's.
pub(super) fn std_object(object: &TypeTraitObject) -> Option<String> {
    object.bounds.iter().find_map(|bound| match bound {
        TypeParamBound::Trait(bound) => {
            let name = bound.path.segments.last()?.ident.to_string();
            ["Iterator", "Error"].contains(&name.as_str()).then_some(name)
        }
        _ => None,
    })
}

/// The iterator of `&mut dyn Iterator<Item = T>`.
pub(super) fn lends_iterator(ty: &Type) -> Option<&TypeTraitObject> {
    match ty {
        Type::Group(group) => lends_iterator(&group.elem),
        Type::Paren(paren) => lends_iterator(&paren.elem),
        Type::Reference(reference) if reference.mutability.is_some() => objects::target(&reference.elem)
            .filter(|object| std_object(object).as_deref() == Some("Iterator")),
        _ => None,
    }
}
