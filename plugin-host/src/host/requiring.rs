//! What a plugin requires, from what the host provides and what it has open.

use plugin_core::{RawObject, Required, descriptor::Descriptor};

use super::Host;
use crate::{
    error::OpenError,
    plugin::Plugin,
    requirements::{Provider, Unmet, UnmetRequirements, candidates},
    subject::Place,
    uses::Use,
    verify::Verified,
};

/// How the host is named beside plugins.
pub(super) const THE_HOST: &str = "the host";

impl Host {
    /// The objects of the interfaces that a plugin requires, for its context. A plugin gives nothing to itself: not what it is to
    /// take the place of.
    pub(super) fn required_by(
        &self,
        verified: &Verified,
        replaces: Option<&Plugin>,
    ) -> Result<Gathered, OpenError> {
        if verified.head().requires().next().is_none() {
            return Ok(Gathered::default());
        }
        let requirer = &verified.descriptor()?;
        let mut available = self.available();
        available.retain(|one| !replaces.is_some_and(|old| one.is(old)));
        let providers: Vec<Provider<'_>> = available.iter().map(Available::provider).collect();
        let (mut gathered, mut unmet) = (Gathered::default(), Vec::new());
        for (entry, requirement) in requirer.requires() {
            let (fitting, others) = candidates((requirer, entry), &providers);
            let before = gathered.objects.len();
            for found in fitting {
                let object = available.get(found.provider).and_then(|one| one.object(found.interface));
                // An interface that the requirer describes as not shared is one that no macro wrote.
                if let (Some((object, used)), Some(provider), true) =
                    (object, providers.get(found.provider), entry.is_send && entry.is_sync)
                {
                    // SAFETY: `candidates` found that the provided interface fits this description, which has `Send` and
                    // `Sync`; shared objects of plugins and objects of hosts are never dropped.
                    gathered.objects.push(unsafe { Required::new(entry.fingerprint, object, provider.name) });
                    gathered.uses.extend(used);
                }
            }
            if gathered.objects.len() == before && !requirement.is_optional {
                unmet.push(Unmet::new((requirer, entry), others));
            }
        }
        if unmet.is_empty() {
            return Ok(gathered);
        }
        let subject = verified.subject();
        Err(OpenError::Unmet(Box::new(UnmetRequirements::new(subject.plugin(), subject.path(), unmet))))
    }

    /// Everybody who can provide something now.
    pub(super) fn available(&self) -> Vec<Available<'_>> {
        // What the host encoded itself can be decoded.
        let own = self.policy.provided.iter().filter_map(|provided| {
            provided
                .descriptor()
                .ok()
                .map(|descriptor| Available::Host(Box::new(descriptor), provided.object()))
        });
        let plugins = self.opened.in_order().into_iter().filter(|plugin| !plugin.is_shut_down());
        // Nobody can tell what the interfaces of one are whose types cannot be read.
        let plugins = plugins.filter_map(|plugin| {
            let descriptor = plugin.loaded().descriptor().ok()?;
            Some(Available::Plugin(plugin.to_string(), plugin, descriptor))
        });
        own.chain(plugins).collect()
    }
}

/// What a plugin gets of others.
#[derive(Default)]
pub(crate) struct Gathered {
    pub(crate) objects: Vec<Required>,
    /// As long as it has not ended.
    pub(crate) uses: Vec<Use>,
}

/// Somebody who can provide something now.
pub(super) enum Available<'h> {
    Host(Box<Descriptor<'h>>, RawObject),
    /// Its name and version, itself, and its description.
    Plugin(String, Plugin, &'static Descriptor<'static>),
}

impl Available<'_> {
    pub(super) fn provider(&self) -> Provider<'_> {
        match self {
            Self::Host(descriptor, _) => Provider { name: THE_HOST, path: None, descriptor },
            Self::Plugin(name, plugin, descriptor) => {
                Provider { name, path: Some(plugin.path()), descriptor }
            }
        }
    }

    /// What tells it from other plugins; `None` for the host.
    pub(super) fn place(&self) -> Option<Place> {
        match self {
            Self::Host(..) => None,
            Self::Plugin(_, plugin, _) => Some(plugin.loaded().place),
        }
    }

    fn is(&self, plugin: &Plugin) -> bool {
        matches!(self, Self::Plugin(_, own, _) if own.is_same_handle(plugin))
    }

    /// Its object of an interface, by its place among those that it provides.
    fn object(&self, interface: usize) -> Option<(RawObject, Option<Use>)> {
        match self {
            Self::Host(_, object) => Some((*object, None)),
            Self::Plugin(_, plugin, _) => {
                Use::of(plugin, interface).map(|(object, used)| (object, Some(used)))
            }
        }
    }
}
