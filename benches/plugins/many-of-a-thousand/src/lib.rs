//! A plugin with the large interface. Copies get names of their own, which must not be longer than this one's.

use many_api::*;
use plugin_core::export_plugin;

#[derive(Default)]
struct Plugin;

macro_rules! implement {
    ($($method:ident $type:ident),*) => {
        #[export_plugin]
        impl Many for Plugin {
            $(
                fn $method(&self, value: &$type) -> u64 {
                    u64::from(value.value)
                }
            )*
        }
    };
}

each_method!(implement);
