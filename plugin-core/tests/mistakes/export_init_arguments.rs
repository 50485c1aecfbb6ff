use plugin_core::export_plugin;

#[export_plugin]
pub mod plugin {
    use plugin_core::Context;

    #[init]
    fn wrong(count: u32) {
        let _ = count;
    }

    #[shutdown]
    fn too_many(context: &'static Context, other: u32) {
        let _ = (context, other);
    }

    #[provides]
    fn mutable(context: &mut Context) -> u32 {
        let _ = context;
        1
    }

    pub fn f() {}
}

fn main() {}
