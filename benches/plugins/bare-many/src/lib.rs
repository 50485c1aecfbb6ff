//! What the large interface is without a framework: 50 exported functions over 30 structs, each in the next.

#[repr(C)]
pub struct S00 {
    pub value: u64,
}

macro_rules! chain {
    ($outermost:ident) => {};
    ($inner:ident $outer:ident $($rest:ident)*) => {
        #[repr(C)]
        pub struct $outer {
            pub inner: $inner,
            pub value: u64,
        }
        chain!($outer $($rest)*);
    };
}

chain! {
    S00 S01 S02 S03 S04 S05 S06 S07 S08 S09 S10 S11 S12 S13 S14
    S15 S16 S17 S18 S19 S20 S21 S22 S23 S24 S25 S26 S27 S28 S29
}

macro_rules! functions {
    ($($method:ident $type:ident),*) => {
        $(
            #[unsafe(no_mangle)]
            pub extern "C" fn $method(value: &$type) -> u64 {
                value.value
            }
        )*
    };
}

functions! {
    m00 S00, m01 S01, m02 S02, m03 S03, m04 S04,
    m05 S05, m06 S06, m07 S07, m08 S08, m09 S09,
    m10 S10, m11 S11, m12 S12, m13 S13, m14 S14,
    m15 S15, m16 S16, m17 S17, m18 S18, m19 S19,
    m20 S20, m21 S21, m22 S22, m23 S23, m24 S24,
    m25 S25, m26 S26, m27 S27, m28 S28, m29 S29,
    m30 S00, m31 S01, m32 S02, m33 S03, m34 S04,
    m35 S05, m36 S06, m37 S07, m38 S08, m39 S09,
    m40 S10, m41 S11, m42 S12, m43 S13, m44 S14,
    m45 S15, m46 S16, m47 S17, m48 S18, m49 S19
}
