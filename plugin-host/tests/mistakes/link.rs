fn main() {
    let _ = plugin_host::link!(tempfile, no_such_crate);
    let _ = plugin_host::link!(tempfile, insta, tempfile, r#insta);
    let _ = plugin_host::link!(tempfile as other);
    let _ = plugin_host::link!("tempfile");
}
