//! The calls of rows 1 to 4, measured by criterion: `cargo bench --package benches`.
//!
//! Comparing ours with the peers'? `cargo xtask bench` takes ratios within interleaved rounds. This compares a call with itself
//! as it was before, and shows how its times are spread.

use std::{hint::black_box, path::Path, time::Instant};

use criterion::{Criterion, criterion_group, criterion_main};

fn calls(criterion: &mut Criterion) {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).with_file_name("");
    // Where `cargo xtask bench` builds them, too.
    let output = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("benches");
    let measured = benches::calls(&repository, &output, |kind, subject, call| {
        let mut group = criterion.benchmark_group(kind);
        group.bench_function(subject, |bencher| {
            bencher.iter_custom(|times| {
                let start = Instant::now();
                call(black_box(times));
                start.elapsed()
            });
        });
        group.finish();
    });
    if let Err(error) = measured {
        panic!("{error}");
    }
}

criterion_group!(all, calls);
criterion_main!(all);
