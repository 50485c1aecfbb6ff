//! A library that really panics: the one for JSON, on arrays that are 500 deep.

use std::{panic, path::Path, thread};

use crate::{direct, stage};

fn formatted(file: &str, text: &str) -> Result<Option<String>, String> {
    let (formatters, file) = (stage::formatters(), Path::new(file));
    let formatter = formatters.of_file(file).unwrap();
    formatters.format(formatter, file, text, None).map_err(|error| error.to_string())
}

#[test]
fn its_panic_is_the_error_of_one_file_and_it_works_on() {
    // What is that deep needs a stack like those that the program gives its threads.
    let thread = thread::Builder::new().stack_size(16 << 20).spawn(ask).unwrap();
    thread.join().unwrap();
}

fn ask() {
    let deep = format!("{}{}", "[".repeat(500), "]".repeat(500));
    let panic = panic::catch_unwind(|| direct::format(Path::new("a.json"), &deep, None)).unwrap_err();
    let message = panic.downcast_ref::<String>().unwrap();
    let in_markdown = format!("```json\n{deep}\n```\n");
    let texts = [
        ("a.json", deep.as_str(), format!("the formatter panicked: {message}")),
        // Called directly, the libraries would unwind one through the other here.
        ("a.md", &in_markdown, format!("in `json` code: the formatter panicked: {message}")),
    ];
    for (file, text, error) in texts {
        assert_eq!(formatted(file, text), Err(error));
        // On the same thread, whose state the panic left as it was.
        for (file, text) in [("a.json", "[1,2]"), ("a.md", "* a\n\n```json\n[1,2]\n```\n")] {
            assert_eq!(formatted(file, text), direct::format(Path::new(file), text, None));
        }
    }
}
