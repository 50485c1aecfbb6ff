//! Hosts of plugins that are linked into this program.
#![forbid(unsafe_code)]

use super::Host;
use crate::{linked::Linked, verify::Policy};

impl Host {
    /// A host of plugins that are linked into this program, and of nothing else. They are the program's own code, so there
    /// is nothing to trust.
    ///
    /// ```ignore
    /// let host = Host::linked(plugin_host::link!(greeter, codec_lz4));
    /// let codec = host.open_root::<dyn Codec>("codec-lz4")?;
    /// ```
    ///
    /// They are opened, judged, started, called and shut down as plugins from files are. In what they differ is in
    /// `docs/guide/linking.md`.
    #[must_use]
    pub fn linked(plugins: Linked) -> Self {
        Self::new(Policy { linked: vec![plugins], ..Policy::default() })
    }

    /// This host with plugins that are linked into this program as well. A name means a linked plugin before it means a file
    /// in a trusted directory, whatever is there; a path always means the file. Of two linked plugins of one name the one
    /// that was named first is meant.
    #[must_use]
    pub fn linking(self, plugins: Linked) -> Self {
        let mut policy = Policy::clone(&self.policy);
        policy.linked.push(plugins);
        Self::new(policy)
    }
}
