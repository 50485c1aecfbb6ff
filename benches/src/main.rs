//! `cargo xtask bench`.

fn main() -> std::process::ExitCode {
    benches::main()
}
