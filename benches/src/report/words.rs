//! What the report says besides figures.

/// Before the table of all bars.
pub(super) const BEGINNING: &str = "# Performance

What the framework costs, measured beside what one would use instead of it: functions called by hand across `dlopen`, trait
objects within one program, and `abi_stable`. Written by `cargo xtask bench`, which measures what is compared in the same run.

Each row of the table has a bar: the most that something may cost, in most cases as a ratio to a peer. The sections below say
what is measured, with every figure that went into it, and, where a bar is missed, why.

## All bars

";

/// After that table, before the machine.
pub(super) const HOW: &str = "
## How to read this

Compare ratios within a row, not times across machines. Subject and peers are measured in turn, in rounds of some 100 µs; a
ratio is taken within a round, and the median of all rounds is reported. Times are medians, too. Instructions are counted by
callgrind. [Decision 19](decisions/0019-ratios-of-interleaved-rounds.md) says why.

- **this** is the framework: a method called on a `Root<dyn Trait>`, a plugin opened by a `Host`.
- **raw** is an `extern \"C\"` function that was found by `dlsym` and is called through its pointer: nothing is checked, and a
  panic ends the process. It takes the object that it is called on, as `&self` does.
- **dyn** is a method of a `dyn Trait` within the program: no library and no boundary.
- **abi_stable module** and **sabi_trait** are a function of a root module, and a method of a trait object, by `abi_stable` 0.11.
- **bare** is `dlopen`, and a `dlsym` where a symbol is named, by `libloading`.

Distinct plugins are copies of one, in files of their own, with a name of its own in the descriptor of each. Where an open or a
refusal is compared with a bare open, both are of the same files. Opens beside bare ones, many files (row 11) and builds are
measured by the wall's clock; everything else by the CPU time of the thread that does it. To repeat one row:
`cargo xtask bench --only 5`; this page is written once every row has been measured.

Measured on:

";
