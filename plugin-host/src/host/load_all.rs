//! Many plugins at once: judged together, ordered by what they require of each other, and loaded in that order.

mod plan;
mod report;

use std::path::Path;

pub use plan::LoadPlan;
pub use report::{DependencyFailed, LoadFailure, LoadReport, RequirementCycle, RequirementStep};

use super::Host;

impl Host {
    /// Opens many plugins, each after those whose interfaces it requires: names or paths as for [`open`](Self::open), in any
    /// order.
    ///
    /// All are verified, and what they require of each other is settled, before the first is mapped. A plugin that is
    /// refused, whose requirements are not met, or that does not start keeps those from starting that require something only
    /// it would provide; all others go on. The order is that of [`plan_all`](Self::plan_all).
    ///
    /// ```no_run
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # // SAFETY: an example that is not run.
    /// # let host = unsafe { plugin_host::Host::trusting_dir("plugins") }?;
    /// let report = host.load_all(host.discover()?);
    /// for failure in &report.failures {
    ///     eprintln!("{failure}");
    /// }
    /// println!("{} plugins are open", report.opened.len());
    /// # Ok(())
    /// # }
    /// ```
    pub fn load_all<P: AsRef<Path>>(&self, plugins: impl IntoIterator<Item = P>) -> LoadReport {
        self.plan_all(plugins).load()
    }

    /// The first half of [`load_all`](Self::load_all): verifies all and settles the order. Nothing is mapped; look at what
    /// failed, and [`load`](LoadPlan::load) the rest, or nothing.
    ///
    /// The order is a property of the plugins, not of the order in which they are given: whoever may give a plugin something
    /// that it requires, also as `optional`, comes before it, and of those that are ready the one whose name, version and
    /// path come first. Where that leaves a circle, a plugin goes on for which there is at least one provider of each of its
    /// requirements, and the others come behind it. What still waits for itself then is a
    /// [`RequirementCycle`].
    ///
    /// ```no_run
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # // SAFETY: an example that is not run.
    /// # let host = unsafe { plugin_host::Host::trusting_dir("plugins") }?;
    /// let plan = host.plan_all(["lz4", "cache", "server"]);
    /// if plan.failures().is_empty() {
    ///     plan.load();
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn plan_all<P: AsRef<Path>>(&self, plugins: impl IntoIterator<Item = P>) -> LoadPlan {
        LoadPlan::new(self, plugins.into_iter())
    }
}
