//! Changed copies of the interface: what a plugin looks like whose author built against another state of it.

/// A change to an interface of the fixtures, and what a host built from the original says about a plugin built from the
/// copy.
#[derive(Debug)]
pub struct Variant {
    /// Name of the copy.
    pub name: &'static str,
    /// What is replaced in the interface, by what.
    pub edits: &'static [(&'static str, &'static str)],
    /// What is replaced in the plugin, so that it compiles against the copy.
    pub plugin_edits: &'static [(&'static str, &'static str)],
    /// Each mismatch of the refusal, or none if the plugin fits.
    pub refusal: &'static [&'static str],
}

const HEADER: &str = "    /// The header.\n";
const COLUMNS: &str = "    /// Columns.\n    pub width: u32,\n";
const ROWS: &str = "    /// Rows.\n    pub height: u32,\n";

/// All of them.
pub const VARIANTS: &[Variant] = &[
    Variant { name: "original", edits: &[], plugin_edits: &[], refusal: &[] },
    Variant {
        name: "field-first",
        edits: &[(HEADER, "    /// New.\n    pub extra: u32,\n    /// The header.\n")],
        plugin_edits: &[],
        refusal: &["Probe::area → argument frame → Frame.extra: expected none, found u32 at offset 0"],
    },
    Variant {
        name: "field-middle",
        edits: &[(COLUMNS, "    /// New.\n    pub extra: u32,\n    /// Columns.\n    pub width: u32,\n")],
        plugin_edits: &[],
        refusal: &["Probe::area → argument frame → Frame.extra: expected none, found u32 at offset 8"],
    },
    Variant {
        name: "field-last",
        edits: &[(ROWS, "    /// Rows.\n    pub height: u32,\n    /// New.\n    pub extra: u32,\n")],
        plugin_edits: &[],
        refusal: &["Probe::area → argument frame → Frame.extra: expected none, found u32 at offset 16"],
    },
    Variant {
        name: "field-renamed",
        edits: &[("pub height: u32", "pub rows: u32")],
        plugin_edits: &[("frame.height", "frame.rows")],
        refusal: &[
            "Probe::area → argument frame → Frame.height: expected field `height: u32`, found field `rows: u32`",
        ],
    },
    Variant {
        name: "field-retyped",
        edits: &[("pub size: u32", "pub size: u64")],
        plugin_edits: &[],
        refusal: &[
            "Probe::area → argument frame → Frame.header.size: expected u32 at offset 4, found u64 at offset 8",
        ],
    },
    Variant {
        name: "field-retyped-same-size",
        edits: &[("pub width: u32", "pub width: i32")],
        plugin_edits: &[("u64::from(frame.width)", "u64::from(frame.width.unsigned_abs())")],
        refusal: &[
            "Probe::area → argument frame → Frame.width: expected u32 at offset 8, found i32 at offset 8",
        ],
    },
    Variant {
        name: "fields-reordered",
        edits: &[
            (COLUMNS, "    /// Rows.\n    pub height: u32,\n"),
            ("    /// Rows.\n    pub height: u32,\n}", "    /// Columns.\n    pub width: u32,\n}"),
        ],
        plugin_edits: &[],
        refusal: &[
            "Probe::area → argument frame → Frame: expected fields in the order `header, width, height`, found fields in the order `header, height, width`",
        ],
    },
    Variant {
        name: "variant-first",
        edits: &[("    /// Too large.\n", "    /// New.\n    Empty,\n    /// Too large.\n")],
        plugin_edits: &[],
        refusal: &[
            "Probe::within → result → Result<u64, ProbeError> → ProbeError::Empty: expected none, found variant with discriminant 0",
        ],
    },
    Variant {
        name: "signature",
        edits: &[(
            "fn area(&self, frame: &Frame) -> u64;",
            "fn area(&self, frame: &Frame, scale: u32) -> u32;",
        )],
        plugin_edits: &[
            ("fn area(&self, frame: &Frame) -> u64 {", "fn area(&self, frame: &Frame, _: u32) -> u32 {"),
            ("u64::from(frame.width) * u64::from(frame.height)", "frame.width * frame.height"),
            ("let area = self.area(&frame);", "let area = u64::from(self.area(&frame, 1));"),
        ],
        refusal: &[
            "Probe::area: expected arguments (&Frame), found arguments (&Frame, u32)",
            "Probe::area → result: expected u64, found u32",
        ],
    },
    Variant {
        name: "receiver-of-another-interface",
        edits: &[("fn count(&mut self) -> u64;", "fn count(&self) -> u64;")],
        plugin_edits: &[(
            "    fn count(&mut self) -> u64 {\n        self.count += 1;\n        self.count\n",
            "    fn count(&self) -> u64 {\n        self.count\n",
        )],
        refusal: &[],
    },
    Variant {
        name: "method-removed",
        edits: &[("    /// Columns times rows.\n    fn area(&self, frame: &Frame) -> u64;\n", "")],
        plugin_edits: &[
            (
                "    fn area(&self, frame: &Frame) -> u64 {\n        u64::from(frame.width) * u64::from(frame.height)\n    }\n",
                "",
            ),
            ("let area = self.area(&frame);", "let area = u64::from(frame.width);"),
        ],
        refusal: &["Probe::area: expected method `fn(&self, &Frame) -> u64`, found none"],
    },
    Variant {
        name: "supertrait-removed",
        edits: &[("pub trait Probe: Named + Send + Sync {", "pub trait Probe: Send + Sync {")],
        plugin_edits: &[],
        refusal: &["Probe: expected supertraits `Named`, found no supertraits"],
    },
    Variant {
        name: "not-sync",
        edits: &[
            ("pub trait Named: Send + Sync {", "pub trait Named: Send {"),
            ("pub trait Probe: Named + Send + Sync {", "pub trait Probe: Named + Send {"),
        ],
        plugin_edits: &[],
        refusal: &[
            "Probe: expected implementors that are `Sync`, found implementors that need not be `Sync`",
            "Probe → Named: expected implementors that are `Sync`, found implementors that need not be `Sync`",
        ],
    },
    Variant {
        name: "version",
        edits: &[(
            "/// The interface.\n#[plugin_interface]",
            "/// The interface.\n#[plugin_interface(version = \"2.0.0\")]",
        )],
        plugin_edits: &[],
        refusal: &["Probe: expected version 1.1.0 or one compatible with it, found version 2.0.0"],
    },
    Variant {
        name: "older",
        edits: &[
            (
                "    /// Newer than the first version.\n    #[since(\"1.1.0\")]\n    fn level(&self) -> u32 {\n        7\n    }\n",
                "",
            ),
            (
                "/// The interface.\n#[plugin_interface]",
                "/// The interface.\n#[plugin_interface(version = \"1.0.0\")]",
            ),
        ],
        plugin_edits: &[("    fn level(&self) -> u32 {\n        9\n    }\n", "")],
        refusal: &[],
    },
    Variant {
        name: "newer",
        edits: &[
            (
                "        7\n    }\n",
                "        7\n    }\n    /// Newer still.\n    #[since(\"1.2.0\")]\n    fn depth(&self) -> u32 {\n        1\n    }\n",
            ),
            (
                "/// The interface.\n#[plugin_interface]",
                "/// The interface.\n#[plugin_interface(version = \"1.2.0\")]",
            ),
        ],
        plugin_edits: &[],
        refusal: &[],
    },
    Variant {
        name: "moved-and-documented",
        edits: &[
            (
                "/// A picture's frame.\n",
                "/// The types live elsewhere now.\nmod elsewhere {\nuse super::*;\n/// A frame of a picture.\n",
            ),
            (ROWS, "    /// How many rows.\n    pub height: u32,\n"),
            ("/// Why a probe fails.\n", "/// Why a probe did not work.\n"),
            (
                "impl From<PluginPanic> for ProbeError {",
                "}\npub use elsewhere::*;\nimpl From<PluginPanic> for ProbeError {",
            ),
            ("fn within(&self, frame: Frame, limit: u64)", "fn within(&self, picture: Frame, most: u64)"),
        ],
        plugin_edits: &[],
        refusal: &[],
    },
];
