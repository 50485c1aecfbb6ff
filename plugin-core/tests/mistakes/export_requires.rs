use plugin_core::{export_plugin, plugin_interface};

#[plugin_interface]
pub trait Clock: Send + Sync {
    fn now(&self) -> u64;
}

#[export_plugin(requires(dyn Clock = "1.x.y", dyn Clock))]
pub mod versions {
    pub fn f() {}
}

#[export_plugin(requires(Clock))]
pub mod without_dyn {
    pub fn f() {}
}

#[export_plugin(requires(dyn Clock = 1))]
pub mod without_quotes {
    pub fn f() {}
}

#[export_plugin(requires(dyn Clock + Send))]
pub mod with_bounds {
    pub fn f() {}
}

#[export_plugin(requires)]
pub mod nothing {
    pub fn f() {}
}

#[export_plugin(requires())]
pub mod empty {
    pub fn f() {}
}

fn main() {}
