//! Plugins that require interfaces of each other.

use crate::variants::Variant;

/// What is provided, what is required of which versions, and the same as the plugin's code names it.
macro_rules! node {
    ($name:literal, $provides:literal, $requires:literal, $given:literal) => {
        Variant {
            name: $name,
            edits: &[],
            plugin_edits: &[
                ("impl Alpha {", concat!("impl ", $provides, " {")),
                ("optional dyn Clock", $requires),
                ("context, Clock)", concat!("context, ", $given, ")")),
            ],
            refusal: &[],
        }
    };
}

/// All of them.
pub(crate) const REQUIRING: &[Variant] = &[
    Variant { name: "base", edits: &[], plugin_edits: &[], refusal: &[] },
    Variant { name: "newer", edits: &[("\"0.1.0\"", "\"0.1.9\"")], plugin_edits: &[], refusal: &[] },
    Variant {
        name: "drifted",
        edits: &[(
            "pub trait Alpha: Send + Sync {",
            "pub trait Alpha: Send + Sync {\n    /// New.\n    fn first(&self) -> u8 { 1 }",
        )],
        plugin_edits: &[],
        refusal: &[],
    },
    // A diamond, with `base` at its foot.
    node!("left", "Beta", "dyn Alpha = \"0.1\"", "Alpha"),
    node!("right", "Gamma", "dyn Alpha", "Alpha"),
    node!("top", "Delta", "dyn Beta, dyn Gamma", "Beta Gamma"),
    node!("clocked", "Epsilon", "dyn Clock = \"^1.2\"", "Clock"),
    node!("decorator", "Theta", "optional dyn Theta", "Theta"),
    // Those that are never loaded.
    node!("picky", "Zeta", "dyn Alpha = \">=0.2\", dyn Nobodys, dyn Clock = \"2\"", "Alpha Nobodys Clock"),
    node!("behind-picky", "Eta", "dyn Zeta", "Zeta"),
    node!("twin-a", "Theta", "dyn Iota", "Iota"),
    node!("twin-b", "Iota", "dyn Theta", "Theta"),
    node!("ring-a", "Beta", "dyn Gamma", "Gamma"),
    node!("ring-b", "Gamma", "dyn Delta", "Delta"),
    node!("ring-c", "Delta", "dyn Beta", "Beta"),
];
