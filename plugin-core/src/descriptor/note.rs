//! Where a descriptor lives in each object format, and the note around it.
//!
//! In ELF it is a note in a `PT_NOTE` segment, which survives even a stripped section table; elsewhere the same bytes
//! stand in a section of their own. A note is: length of the owner's name, length of the content, type (each `u32` of
//! the target's byte order), the name with its terminating zero, the content; name and content are padded to four
//! bytes. Source: System V ABI, "Note Section".

/// Owner of the note, terminating zero included.
pub const NOTE_OWNER: [u8; 12] = *b"plugin-core\0";

/// Type of the note.
pub const NOTE_TYPE: u32 = 1;

/// Name of the section in a PE file: eight characters at most.
pub const PE_SECTION: &str = ".plugin";

/// Segment and section in a Mach-O file.
pub const MACHO_SEGMENT: &str = "__TEXT";
/// Section in [`MACHO_SEGMENT`]: sixteen characters at most.
pub const MACHO_SECTION: &str = "__plugin";

/// A descriptor of `N` bytes (a multiple of four) with the note's header before it.
#[repr(C, align(4))]
pub struct Note<const N: usize> {
    owner_length: u32,
    content_length: u32,
    kind: u32,
    owner: [u8; 12],
    content: [u8; N],
}

impl<const N: usize> Note<N> {
    /// Wraps a descriptor.
    #[must_use]
    pub const fn new(content: [u8; N]) -> Self {
        assert!(N.is_multiple_of(4), "the content of a note is padded to four bytes");
        Self {
            owner_length: NOTE_OWNER.len() as u32,
            content_length: N as u32,
            kind: NOTE_TYPE,
            owner: NOTE_OWNER,
            content,
        }
    }

    /// The descriptor.
    #[must_use]
    pub const fn content(&'static self) -> &'static [u8] {
        &self.content
    }
}

/// Declares the static that carries the descriptor of `$plugin`, a constant [`PluginLayout`](super::PluginLayout), as
/// `DESCRIPTOR`. For generated code: the names of the sections above stand here once more, because an attribute takes
/// only literals.
#[doc(hidden)]
#[macro_export]
macro_rules! embed_descriptor {
    ($plugin:expr) => {
        const PLAN: &$crate::descriptor::Plan = &$crate::descriptor::Plan::of_plugin($plugin);
        const LENGTH: usize = $crate::descriptor::encoded_length($plugin, PLAN);

        #[used]
        #[cfg_attr(not(any(windows, target_vendor = "apple")), unsafe(link_section = ".note.plugin-core"))]
        #[cfg_attr(windows, unsafe(link_section = ".plugin"))]
        #[cfg_attr(target_vendor = "apple", unsafe(link_section = "__TEXT,__plugin"))]
        #[allow(long_running_const_eval)]
        static DESCRIPTOR: $crate::descriptor::Note<LENGTH> =
            $crate::descriptor::Note::new($crate::descriptor::encode($plugin, PLAN));
    };
}
