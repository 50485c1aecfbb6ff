//! What a plugin says about itself, as plain data: the JSON is these structs, the text is written from them.

use std::collections::BTreeSet;

use plugin_core::{
    Allocator, Endianness, ForwardedLogs, PanicStrategy, Receiver, Toolchain,
    compat::{self, display_text, display_type},
    descriptor::{Descriptor, Requirement, StateEntry, StateRole, SymbolEntry},
};
use plugin_host::{Hazard, Inspected, SymbolKind};
use serde::Serialize;

use crate::{
    budget::{Budget, Excess},
    error::CliError,
    signature::declaration,
    types::{self, TypeFacts},
};

#[derive(Serialize)]
pub(crate) struct Facts {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) path: String,
    pub(crate) size: u64,
    pub(crate) format: String,
    pub(crate) architecture: String,
    pub(crate) executable_stack: bool,
    pub(crate) hazards: Vec<String>,
    pub(crate) needed: Vec<String>,
    pub(crate) fingerprint: String,
    pub(crate) toolchain: ToolchainFacts,
    pub(crate) interfaces: Vec<InterfaceFacts>,
    pub(crate) symbols: Vec<SymbolFacts>,
    pub(crate) state: Vec<StateFacts>,
    pub(crate) types: Vec<TypeFacts>,
}

#[derive(Serialize)]
pub(crate) struct ToolchainFacts {
    pub(crate) rustc_release: String,
    pub(crate) rustc_commit: String,
    pub(crate) target: String,
    pub(crate) target_features: Vec<String>,
    pub(crate) pointer_width: u8,
    pub(crate) endianness: &'static str,
    pub(crate) panic: &'static str,
    pub(crate) abi_format: u32,
    pub(crate) allocator: &'static str,
    pub(crate) opt_level: String,
    pub(crate) debug_assertions: bool,
    pub(crate) logs: Vec<&'static str>,
}

#[derive(Serialize)]
pub(crate) struct InterfaceFacts {
    pub(crate) id: String,
    pub(crate) version: String,
    pub(crate) fingerprint: String,
    /// `provided`; `required`; `supertrait` of another one; or `mentioned` in a signature.
    pub(crate) role: &'static str,
    pub(crate) provided: bool,
    pub(crate) required: Option<RequirementFacts>,
    pub(crate) send: bool,
    pub(crate) sync: bool,
    pub(crate) supertraits: Vec<String>,
    pub(crate) methods: Vec<MethodFacts>,
}

#[derive(Serialize)]
pub(crate) struct RequirementFacts {
    /// The versions that will do; empty for every compatible one.
    pub(crate) versions: String,
    pub(crate) optional: bool,
}

#[derive(Serialize)]
pub(crate) struct MethodFacts {
    pub(crate) name: String,
    pub(crate) since: Option<String>,
    pub(crate) signature: String,
}

#[derive(Serialize)]
pub(crate) struct SymbolFacts {
    pub(crate) name: String,
    pub(crate) kind: &'static str,
    #[serde(rename = "type")]
    pub(crate) ty: String,
    pub(crate) declaration: String,
}

/// What a reload hands over.
#[derive(Serialize)]
pub(crate) struct StateFacts {
    /// `save` or `restore`.
    pub(crate) role: &'static str,
    pub(crate) version: u32,
    #[serde(rename = "type")]
    pub(crate) ty: String,
}

impl Facts {
    pub(crate) fn of(plugin: &Inspected) -> Result<Self, CliError> {
        let path = plugin.path();
        let descriptor =
            plugin.descriptor().map_err(|source| CliError::Descriptor { path: path.to_owned(), source })?;
        Self::collect(plugin, &descriptor, &mut Budget::new())
            .map_err(|Excess| CliError::Excessive { path: path.to_owned(), limit: Budget::CHARACTERS })
    }

    fn collect(plugin: &Inspected, descriptor: &Descriptor<'_>, budget: &mut Budget) -> Result<Self, Excess> {
        Ok(Self {
            name: budget.text(descriptor.name)?,
            version: budget.text(descriptor.version)?,
            path: plugin.path().display().to_string(),
            size: plugin.size(),
            format: plugin.format().to_string(),
            architecture: plugin.architecture().to_owned(),
            executable_stack: plugin.hazards().contains(&Hazard::ExecutableStack),
            hazards: plugin.hazards().iter().map(Hazard::to_string).collect(),
            needed: plugin.needed().to_vec(),
            fingerprint: plugin.fingerprint().to_string(),
            toolchain: toolchain(&descriptor.toolchain, budget)?,
            interfaces: interfaces(descriptor, budget)?,
            symbols: descriptor
                .symbols()
                .iter()
                .map(|symbol| self::symbol(descriptor, symbol, budget))
                .collect::<Result<_, _>>()?,
            state: descriptor
                .state()
                .iter()
                .map(|state| self::state(descriptor, state, budget))
                .collect::<Result<_, _>>()?,
            types: types::collect(descriptor, budget)?,
        })
    }
}

fn toolchain(toolchain: &Toolchain<'_>, budget: &mut Budget) -> Result<ToolchainFacts, Excess> {
    let Toolchain {
        rustc_release,
        rustc_commit,
        target,
        pointer_width,
        endianness,
        panic,
        abi_format,
        allocator,
        target_features,
        opt_level,
        debug_assertions,
        logs: ForwardedLogs { log, tracing },
    } = *toolchain;
    Ok(ToolchainFacts {
        rustc_release: budget.text(rustc_release)?,
        rustc_commit: budget.text(rustc_commit)?,
        target: budget.text(target)?,
        target_features: target_features
            .split(',')
            .filter(|feature| !feature.is_empty())
            .map(|feature| budget.text(feature))
            .collect::<Result<_, _>>()?,
        pointer_width,
        endianness: match endianness {
            Endianness::Little => "little",
            Endianness::Big => "big",
        },
        panic: match panic {
            PanicStrategy::Unwind => "unwind",
            PanicStrategy::Abort => "abort",
        },
        abi_format,
        allocator: match allocator {
            Allocator::Own => "own",
            Allocator::System => "system",
        },
        opt_level: budget.text(opt_level)?,
        debug_assertions,
        logs: tracing.then_some("tracing").into_iter().chain(log.then_some("log")).collect(),
    })
}

fn interfaces(descriptor: &Descriptor<'_>, budget: &mut Budget) -> Result<Vec<InterfaceFacts>, Excess> {
    let mut supertraits = BTreeSet::new();
    for entry in descriptor.interfaces() {
        budget.spend(1)?;
        supertraits.extend(descriptor.supers(entry).map(std::ptr::from_ref));
    }
    descriptor
        .interfaces()
        .iter()
        .map(|entry| {
            let id = compat::display_interface(descriptor, entry).to_string();
            Ok(InterfaceFacts {
                id: budget.text(&id)?,
                role: match (entry.provided, entry.required) {
                    (true, _) => "provided",
                    (false, Some(_)) => "required",
                    (false, None) if supertraits.contains(&std::ptr::from_ref(entry)) => "supertrait",
                    (false, None) => "mentioned",
                },
                version: budget.text(entry.version)?,
                fingerprint: entry.fingerprint.to_string(),
                provided: entry.provided,
                required: match entry.required {
                    Some(Requirement { versions, is_optional }) => {
                        Some(RequirementFacts { versions: budget.text(versions)?, optional: is_optional })
                    }
                    None => None,
                },
                send: entry.is_send,
                sync: entry.is_sync,
                supertraits: descriptor
                    .supers(entry)
                    .map(|parent| budget.text(parent.id))
                    .collect::<Result<_, _>>()?,
                methods: descriptor
                    .methods(entry)
                    .iter()
                    .map(|method| {
                        let receiver = match method.receiver {
                            Receiver::Shared => "&self",
                            Receiver::Mutable => "&mut self",
                            Receiver::Owned => "self",
                        };
                        let since = Some(method.since).filter(|since| !since.is_empty());
                        Ok(MethodFacts {
                            name: budget.text(method.name)?,
                            since: since.map(|since| budget.text(since)).transpose()?,
                            signature: declaration(
                                descriptor,
                                method.name,
                                Some(receiver),
                                method.signature,
                                budget,
                            )?,
                        })
                    })
                    .collect::<Result<_, _>>()?,
            })
        })
        .collect()
}

fn state(descriptor: &Descriptor<'_>, state: &StateEntry, budget: &mut Budget) -> Result<StateFacts, Excess> {
    let StateEntry { role, version, fingerprint: _, layout } = *state;
    let role = match role {
        StateRole::Save => "save",
        StateRole::Restore => "restore",
    };
    Ok(StateFacts { role, version, ty: budget.text(&display_type(descriptor, layout).to_string())? })
}

fn symbol(
    descriptor: &Descriptor<'_>,
    symbol: &SymbolEntry<'_>,
    budget: &mut Budget,
) -> Result<SymbolFacts, Excess> {
    let ty = display_type(descriptor, symbol.layout).to_string();
    let (kind, declaration) = match symbol.kind {
        SymbolKind::Function => {
            ("function", declaration(descriptor, symbol.name, None, symbol.layout, budget)?)
        }
        SymbolKind::Static => {
            ("static", budget.text(&format!("static {}: {ty}", display_text(symbol.name)))?)
        }
    };
    Ok(SymbolFacts { name: budget.text(symbol.name)?, kind, ty: budget.text(&ty)?, declaration })
}
