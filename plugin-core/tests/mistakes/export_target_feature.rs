#[plugin_core::export_plugin]
pub mod plugin {
    #[cfg_attr(target_feature = "avx2", inline)]
    #[cfg_attr(target_arch = "x86_64", inline, target_feature(enable = "avx2"))]
    pub fn double(value: u64) -> u64 {
        value.wrapping_mul(2)
    }

    #[cfg_attr(target_arch = "x86_64", target_feature(enable = "avx2"))]
    fn own() {}

    /// # Safety
    ///
    /// The processor has AVX2.
    #[cfg_attr(target_arch = "x86_64", target_feature(enable = "avx2"))]
    pub unsafe fn triple(value: u64) -> u64 {
        value.wrapping_mul(3)
    }

    #[init]
    #[cfg_attr(target_arch = "x86_64", target_feature(enable = "avx2"))]
    fn start() {}
}

fn main() {}
