//! Whether two builds may meet.

use core::fmt::Display;

use super::{Mismatch, show::Text};
use crate::allocation::Allocator;
use crate::toolchain::{Endianness, PanicStrategy, Toolchain};

/// Which builds of plugins a host accepts.
///
/// Whatever the policy, ABI format, target, width of pointers and byte order must be equal, and the plugin must unwind;
/// and every interface and every type is compared in any case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum ToolchainPolicy {
    /// Only builds by the very `rustc` that built the host: same release, same commit.
    #[default]
    Strict,
    /// Builds by any `rustc`, since nothing crosses the boundary but types whose layouts are declared (`repr(C)` and the
    /// like) and compared.
    StableLayout,
}

/// Everything in which a plugin's build does not fit its host's under a policy.
///
/// Target features, optimisation level, debug assertions and forwarded logs are for information and are never compared:
/// they change no layout.
#[must_use]
pub fn toolchain(host: &Toolchain<'_>, plugin: &Toolchain<'_>, policy: ToolchainPolicy) -> Vec<Mismatch> {
    let mut mismatches = Vec::new();
    compare(host, plugin, policy, &mut |mismatch| mismatches.push(mismatch()));
    mismatches
}

/// Whether [`toolchain`] finds nothing; without the words for what it would find.
#[must_use]
pub fn toolchain_fits(host: &Toolchain<'_>, plugin: &Toolchain<'_>, policy: ToolchainPolicy) -> bool {
    let mut fits = true;
    compare(host, plugin, policy, &mut |_| fits = false);
    fits
}

/// What is told of a difference, and asked for its words only if somebody wants them.
type Report<'r> = dyn FnMut(&dyn Fn() -> Mismatch) + 'r;

fn compare(host: &Toolchain<'_>, plugin: &Toolchain<'_>, policy: ToolchainPolicy, report: &mut Report<'_>) {
    let Toolchain {
        rustc_release: _,
        rustc_commit: _,
        target,
        pointer_width,
        endianness,
        // The host's own is its own business: a plugin's panic is caught in the plugin.
        panic: _,
        abi_format,
        allocator,
        target_features: _,
        opt_level: _,
        debug_assertions: _,
        logs: _,
    } = *host;
    fact(report, "ABI format of plugin-core", &abi_format, &plugin.abi_format, || {
        "build the plugin and the host with the same version of plugin-core".to_owned()
    });
    fact(report, "target", &Text(target), &Text(plugin.target), || {
        format!("build the plugin with `--target {}`", Text(target))
    });
    fact(report, "pointer width", &pointer_width, &plugin.pointer_width, || {
        "build the plugin for the host's target".to_owned()
    });
    fact(report, "byte order", byte_order(endianness), byte_order(plugin.endianness), || {
        "build the plugin for the host's target".to_owned()
    });
    fact(report, "panic strategy", strategy(PanicStrategy::Unwind), strategy(plugin.panic), || {
        "remove `panic = \"abort\"` from the profile that the plugin is built with".to_owned()
    });
    fact(
        report,
        "allocator",
        show_allocator(allocator),
        show_allocator(plugin.allocator),
        || match allocator {
            Allocator::Own => {
                "build the plugin without `plugin-core`'s feature `system-allocator`, or the host with it"
                    .to_owned()
            }
            Allocator::System => {
                "build the plugin with `plugin-core`'s feature `system-allocator`, as the host is".to_owned()
            }
        },
    );
    let needs_same_rustc = match (policy, allocator) {
        (ToolchainPolicy::Strict, _) => true,
        (ToolchainPolicy::StableLayout, Allocator::Own) => false,
        // Two releases of the standard library need not use the system's allocator in the same way.
        (ToolchainPolicy::StableLayout, Allocator::System) => true,
    };
    if needs_same_rustc && !is_one_rustc(host, plugin) {
        report(&|| {
            let (expected, found) = rustcs(host, plugin);
            Mismatch {
                path: "compiler".to_owned(),
                expected,
                found,
                advice: format!(
                    "rebuild the plugin with the host's rustc ({}), or {}",
                    Text(host.rustc_release),
                    match allocator {
                        Allocator::Own =>
                            "open it with `ToolchainPolicy::StableLayout`, which accepts any rustc whose layouts all match",
                        Allocator::System => "build both without `plugin-core`'s feature `system-allocator`",
                    }
                ),
            }
        });
    }
}

/// One fact that must be equal.
fn fact<T: Display + PartialEq + ?Sized>(
    report: &mut Report<'_>,
    path: &str,
    host: &T,
    plugin: &T,
    advice: impl Fn() -> String,
) {
    if host != plugin {
        report(&|| Mismatch {
            path: path.to_owned(),
            expected: host.to_string(),
            found: plugin.to_string(),
            advice: advice(),
        });
    }
}

fn is_one_rustc(host: &Toolchain<'_>, plugin: &Toolchain<'_>) -> bool {
    (host.rustc_release, host.rustc_commit) == (plugin.rustc_release, plugin.rustc_commit)
}

/// Two compilers as text: `rustc 1.95.0 (59807616e)`.
fn rustcs(host: &Toolchain<'_>, plugin: &Toolchain<'_>) -> (String, String) {
    let brief = |commit| str::get(commit, ..9).unwrap_or(commit);
    let show = |release, commit| format!("rustc {} ({})", Text(release), Text(commit));
    let texts = (
        show(host.rustc_release, brief(host.rustc_commit)),
        show(plugin.rustc_release, brief(plugin.rustc_commit)),
    );
    if texts.0 != texts.1 {
        return texts;
    }
    (show(host.rustc_release, host.rustc_commit), show(plugin.rustc_release, plugin.rustc_commit))
}

const fn show_allocator(allocator: Allocator) -> &'static str {
    match allocator {
        Allocator::Own => "each library's own",
        Allocator::System => "the system's, shared",
    }
}

const fn byte_order(endianness: Endianness) -> &'static str {
    match endianness {
        Endianness::Little => "little-endian",
        Endianness::Big => "big-endian",
    }
}

const fn strategy(panic: PanicStrategy) -> &'static str {
    match panic {
        PanicStrategy::Unwind => "unwind",
        PanicStrategy::Abort => "abort",
    }
}
