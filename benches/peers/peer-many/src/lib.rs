//! The large interface through `abi_stable`'s root module.

use abi_stable::{export_root_module, prefix_type::PrefixTypeTrait, sabi_extern_fn};
use peer_api::{each_function, many::*};

macro_rules! functions {
    ($($method:ident $type:ident),*) => {
        $(
            #[sabi_extern_fn]
            fn $method(value: &$type) -> u64 {
                value.value
            }
        )*

        #[export_root_module]
        pub fn root() -> ManyRef {
            Many { $($method,)* last: 0 }.leak_into_prefix()
        }
    };
}

each_function!(functions);
