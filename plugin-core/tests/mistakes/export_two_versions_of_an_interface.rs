use plugin_core::{export_plugin, plugin_interface};

mod old {
    #[plugin_core::plugin_interface(id = "log::Log", version = "1.0.0")]
    pub trait Log: Send + Sync {
        fn log(&self, text: &str);
    }
}

mod new {
    #[plugin_core::plugin_interface(id = "log::Log", version = "2.0.0")]
    pub trait Log: Send + Sync {
        fn log(&self, level: u8, text: &str);
    }
}

#[plugin_interface]
pub trait Subject: Send + Sync {
    fn both(&self, one: &dyn old::Log, other: &dyn new::Log);
}

#[derive(Default)]
struct Object;

#[export_plugin]
impl Subject for Object {
    fn both(&self, _: &dyn old::Log, _: &dyn new::Log) {}
}

fn main() {}
