//! Which of many plugins can be loaded, in which order, and why the others cannot: settled before any is mapped.

use std::{
    collections::HashSet,
    path::{Path, PathBuf},
    sync::Arc,
    time::Instant,
};

use plugin_core::{compat::display_interface, descriptor::Descriptor};

use super::{
    super::{
        Host,
        graph::{self, Need},
    },
    DependencyFailed, LoadFailure, LoadReport, RequirementCycle, RequirementStep,
};
use crate::{
    error::OpenError,
    inspect::Inspected,
    requirements::{Match, Provider, Unmet, UnmetRequirements, candidates},
    subject::{Place, Subject},
    verify::Verified,
};

/// Many plugins, verified and in the order in which they can be loaded; nothing of them is mapped yet.
#[derive(Debug)]
#[must_use = "nothing is loaded before `load`"]
pub struct LoadPlan {
    host: Host,
    members: Vec<Member>,
    /// What each member needs, and the interfaces of that.
    needs: Vec<Vec<Need>>,
    interfaces: Vec<Vec<String>>,
    order: Vec<usize>,
    failures: Vec<LoadFailure>,
}

/// A file that could be read as a plugin.
#[derive(Debug)]
struct Member {
    file: Judged,
    /// Why it is not loaded.
    error: Option<Arc<OpenError>>,
}

#[derive(Debug)]
enum Judged {
    Fits(Box<Verified>),
    Refused(Box<Subject>),
}

impl Member {
    fn subject(&self) -> &Subject {
        match &self.file {
            Judged::Fits(verified) => verified.subject(),
            Judged::Refused(subject) => subject,
        }
    }

    fn failure(&self) -> Option<LoadFailure> {
        let subject = self.subject();
        let error = Arc::clone(self.error.as_ref()?);
        Some(LoadFailure { plugin: subject.plugin().to_owned(), path: subject.path().to_owned(), error })
    }
}

impl LoadPlan {
    pub(super) fn new<P: AsRef<Path>>(host: &Host, plugins: impl Iterator<Item = P>) -> Self {
        let start = Instant::now();
        let (members, failures) = judge(host, plugins);
        let mut plan = Self {
            host: host.clone(),
            members,
            needs: Vec::new(),
            interfaces: Vec::new(),
            order: Vec::new(),
            failures,
        };
        plan.settle_requirements();
        plan.fail_dependants();
        plan.order = graph::order(&plan.needs, |place| plan.error(place).is_some());
        plan.fail_cycles();
        plan.fail_dependants();
        plan.record_failures(start);
        let failed: Vec<LoadFailure> = plan.members.iter().filter_map(Member::failure).collect();
        plan.failures.extend(failed);
        plan.failures.sort_by(|one, other| one.path.cmp(&other.path));
        plan
    }

    /// What [`load`](Self::load) loads, in that order.
    pub fn order(&self) -> impl ExactSizeIterator<Item = &Verified> {
        // Places of `order` are those of members that fit: the fallback is never taken.
        self.order.iter().map(|place| match self.members.get(*place).map(|member| &member.file) {
            Some(Judged::Fits(verified)) => &**verified,
            Some(Judged::Refused(_)) | None => unreachable!("only what fits has a place in the order"),
        })
    }

    /// Those that will not be loaded, by path, each with its reason: every refusal, every requirement that is not met, every
    /// cycle, and those that require something of these.
    #[must_use]
    pub fn failures(&self) -> &[LoadFailure] {
        &self.failures
    }

    /// Loads the plugins in their order. One that fails keeps those from being loaded that require something only it would
    /// provide.
    pub fn load(mut self) -> LoadReport {
        let mut opened = Vec::new();
        let mut has_started = vec![false; self.members.len()];
        for place in std::mem::take(&mut self.order) {
            let outcome =
                match self.lost_need(place, |member| has_started.get(member).is_some_and(|done| *done)) {
                    Some(error) => {
                        self.record(place, Instant::now(), &error);
                        Err(error)
                    }
                    None => self.open(place),
                };
            let Some(member) = self.members.get_mut(place) else { continue };
            match outcome {
                Ok(plugin) => {
                    opened.push(plugin);
                    has_started.get_mut(place).into_iter().for_each(|started| *started = true);
                }
                Err(error) => {
                    member.error = Some(Arc::new(error));
                    self.failures.extend(member.failure());
                }
            }
        }
        self.failures.sort_by(|one, other| one.path.cmp(&other.path));
        LoadReport { opened, failures: self.failures }
    }

    /// What was refused for its build was recorded when it was judged.
    fn record_failures(&self, start: Instant) {
        for (place, member) in self.members.iter().enumerate() {
            if let (Judged::Fits(_), Some(error)) = (&member.file, &member.error) {
                self.record(place, start, error);
            }
        }
    }

    fn record(&self, place: usize, start: Instant, error: &OpenError) {
        if let Some(member) = self.members.get(place) {
            self.host.refused(member.subject().path(), start, error);
        }
    }

    fn open(&self, place: usize) -> Result<crate::Plugin, OpenError> {
        match self.members.get(place).map(|member| &member.file) {
            Some(Judged::Fits(verified)) => self.host.load_verified(verified),
            Some(Judged::Refused(_)) | None => unreachable!("only what fits has a place in the order"),
        }
    }

    fn error(&self, place: usize) -> Option<&Arc<OpenError>> {
        self.members.get(place)?.error.as_ref()
    }

    /// Finds out who may give what to whom, and notes what nobody gives.
    fn settle_requirements(&mut self) {
        let places: HashSet<Place> = self.members.iter().map(|member| member.subject().place()).collect();
        let mut available = self.host.available();
        // What is open already and to be loaded counts as the latter.
        available.retain(|one| one.place().is_none_or(|place| !places.contains(&place)));
        let descriptors: Vec<Option<Descriptor<'_>>> =
            self.members.iter().map(|member| member.subject().descriptor().ok()).collect();
        let mut providers: Vec<Provider<'_>> = available.iter().map(|one| one.provider()).collect();
        let ready = providers.len();
        let mut places = Vec::new();
        for (place, (member, descriptor)) in self.members.iter().zip(&descriptors).enumerate() {
            let subject = member.subject();
            if let Some(descriptor) = descriptor {
                places.push(place);
                providers.push(Provider { name: subject.plugin(), path: Some(subject.path()), descriptor });
            }
        }

        let (mut all_needs, mut all_interfaces, mut errors) = (Vec::new(), Vec::new(), Vec::new());
        for (place, descriptor) in descriptors.iter().enumerate() {
            let (mut needs, mut interfaces, mut unmet) = (Vec::new(), Vec::new(), Vec::new());
            for (entry, requirement) in descriptor.iter().flat_map(|descriptor| descriptor.requires()) {
                let Some(descriptor) = descriptor else { continue };
                let (fitting, others) = candidates((descriptor, entry), &providers);
                let member = |found: &Match| places.get(found.provider.checked_sub(ready)?).copied();
                let need = Need {
                    is_optional: requirement.is_optional,
                    is_ready: fitting.iter().any(|found| found.provider < ready),
                    // A plugin gives nothing to itself.
                    members: fitting.iter().filter_map(member).filter(|member| *member != place).collect(),
                };
                if need.members.is_empty() && need.blocks(|_| false) {
                    unmet.push(Unmet::new((descriptor, entry), others));
                }
                interfaces.push(display_interface(descriptor, entry).to_string());
                needs.push(need);
            }
            all_needs.push(needs);
            all_interfaces.push(interfaces);
            errors.push(unmet);
        }
        for (member, unmet) in self.members.iter_mut().zip(errors) {
            if !unmet.is_empty() && member.error.is_none() {
                let subject = member.subject();
                let unmet = UnmetRequirements::new(subject.plugin(), subject.path(), unmet);
                member.error = Some(Arc::new(OpenError::Unmet(Box::new(unmet))));
            }
        }
        (self.needs, self.interfaces) = (all_needs, all_interfaces);
    }

    /// Notes the failure of whoever requires what only failed plugins would provide, and so on.
    fn fail_dependants(&mut self) {
        loop {
            let mut has_failed = false;
            for place in 0..self.members.len() {
                if self.error(place).is_none()
                    && let Some(error) = self.lost_need(place, |member| self.error(member).is_none())
                    && let Some(member) = self.members.get_mut(place)
                {
                    member.error = Some(Arc::new(error));
                    has_failed = true;
                }
            }
            if !has_failed {
                return;
            }
        }
    }

    /// The failure of a plugin of which one need is met by nobody that is `there`.
    fn lost_need(&self, place: usize, is_there: impl Fn(usize) -> bool) -> Option<OpenError> {
        let (needs, interfaces) = (self.needs.get(place)?, self.interfaces.get(place)?);
        let (need, interface) = needs.iter().zip(interfaces).find(|(need, _)| need.blocks(&is_there))?;
        let (provider, cause) =
            need.members.iter().find_map(|member| Some((*member, self.error(*member)?)))?;
        let (plugin, provider) = (self.members.get(place)?.subject(), self.members.get(provider)?.subject());
        Some(OpenError::Dependency(Box::new(DependencyFailed {
            plugin: plugin.plugin().to_owned(),
            path: plugin.path().to_owned(),
            interface: interface.clone(),
            provider: provider.plugin().to_owned(),
            cause: Arc::clone(cause),
        })))
    }

    /// Notes the cycle that each plugin is in that has no place in the order for that reason.
    fn fail_cycles(&mut self) {
        let in_order: HashSet<usize> = self.order.iter().copied().collect();
        let is_left = |place: usize| !in_order.contains(&place) && self.error(place).is_none();
        let waits_for = |place: usize| {
            let needs = self.needs.get(place).into_iter().flatten();
            let blocking =
                needs.enumerate().filter(|(_, need)| need.blocks(|member| in_order.contains(&member)));
            blocking.flat_map(|(at, need)| need.members.iter().map(move |member| (at, *member)))
        };
        let next = |place: usize| -> Vec<usize> {
            waits_for(place).map(|(_, member)| member).filter(|member| is_left(*member)).collect()
        };
        let step = |place: usize, following: usize| {
            let (at, _) = waits_for(place).find(|(_, member)| *member == following)?;
            let subject = self.members.get(place)?.subject();
            Some(RequirementStep {
                plugin: subject.plugin().to_owned(),
                path: subject.path().to_owned(),
                interface: self.interfaces.get(place)?.get(at)?.clone(),
            })
        };
        let mut found = Vec::new();
        for place in (0..self.members.len()).filter(|place| is_left(*place)) {
            if let Some(cycle) = graph::cycle(place, next) {
                let following = cycle.iter().cycle().skip(1);
                let steps =
                    cycle.iter().zip(following).filter_map(|(one, other)| step(*one, *other)).collect();
                found.push((place, RequirementCycle { steps }));
            }
        }
        for (place, cycle) in found {
            if let Some(member) = self.members.get_mut(place) {
                member.error = Some(Arc::new(OpenError::RequirementCycle(Box::new(cycle))));
            }
        }
    }
}

/// Verifies each file once, however it is spelled and how often it is given, and sorts them by name, version and path.
fn judge<P: AsRef<Path>>(host: &Host, plugins: impl Iterator<Item = P>) -> (Vec<Member>, Vec<LoadFailure>) {
    let (mut members, mut failures) = (Vec::new(), Vec::new());
    let (mut seen, mut failed) = (HashSet::<Place>::new(), HashSet::<PathBuf>::new());
    for plugin in plugins {
        let plugin = plugin.as_ref();
        let member = match host.verify(plugin) {
            Ok(verified) => Member { file: Judged::Fits(Box::new(verified)), error: None },
            Err(error) => {
                // What was refused for its build can still be read, so those that require it know what they lack.
                let readable = match &error {
                    OpenError::Refused(refusal) => Inspected::read(&refusal.path).ok(),
                    _ => None,
                };
                let error = Arc::new(error);
                match readable {
                    Some(inspected) => Member {
                        file: Judged::Refused(Box::new(Subject::File(inspected))),
                        error: Some(error),
                    },
                    None => {
                        if failed.insert(plugin.to_owned()) {
                            failures.push(LoadFailure {
                                plugin: String::new(),
                                path: plugin.to_owned(),
                                error,
                            });
                        }
                        continue;
                    }
                }
            }
        };
        if seen.insert(member.subject().place()) {
            members.push(member);
        }
    }
    members.sort_by(|one: &Member, other| {
        let key =
            |member: &Member| (member.subject().plugin().to_owned(), member.subject().path().to_owned());
        key(one).cmp(&key(other))
    });
    (members, failures)
}
