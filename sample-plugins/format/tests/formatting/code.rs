//! Code in Markdown: the host asks a plugin, which asks the host, which asks another plugin.

use std::path::Path;

use crate::{direct, stage};

/// What the plugins make of a text in Markdown.
fn formatted(text: &str) -> Result<Option<String>, String> {
    let (formatters, file) = (stage::formatters(), Path::new("a.md"));
    let formatter = formatters.of_file(file).unwrap();
    formatters.format(formatter, file, text, None).map_err(|error| error.to_string())
}

#[test]
fn code_is_formatted_by_the_plugin_of_its_language() {
    let cases = [
        // JSON and TOML, in a list as well, where lines are shorter.
        ("```json\n{\"a\":1}\n```\n", Some("```json\n{ \"a\": 1 }\n```\n")),
        ("- a\n\n  ```toml\n  a='1'\n  ```\n", Some("- a\n\n  ```toml\n  a = \"1\"\n  ```\n")),
        ("```JSON\n{\"a\":1}\n```\n", Some("```JSON\n{ \"a\": 1 }\n```\n")),
        // Markdown in Markdown, with code of its own.
        ("````md\n* a\n\n```json\n[1,2]\n```\n````\n", Some("````md\n- a\n\n```json\n[1, 2]\n```\n````\n")),
        // By another name of the language, which the library leaves to the host.
        ("````mkd\n* a\n\n```json\n[1,2]\n```\n````\n", Some("````mkd\n- a\n\n```json\n[1, 2]\n```\n````\n")),
        // Formatted already.
        ("```json\n{ \"a\": 1 }\n```\n", None),
        // What nothing formats, and what is broken, stays as it is.
        ("```cobol\n{\"a\":1}\n```\n", None),
        ("```\n{\"a\":1}\n```\n", None),
        ("```json\n{\"a\":\n```\n", None),
        (
            "```json\n{\"a\":\n```\n\n```json\n[1,2]\n```\n",
            Some("```json\n{\"a\":\n```\n\n```json\n[1, 2]\n```\n"),
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(formatted(text), Ok(expected.map(str::to_owned)), "{text}");
        assert_eq!(formatted(text), direct::format(Path::new("a.md"), text, None), "{text}");
    }
}

#[test]
fn code_is_told_the_width_that_is_left_for_it() {
    let expected = "- a\n\n  ```faulty\n  code.faulty Some(78)\n  ```\n";
    assert_eq!(formatted("- a\n\n  ```faulty\n  width\n  ```\n"), Ok(Some(expected.to_owned())));
}

#[test]
fn a_panic_over_code_is_an_error_of_the_file_and_nothing_else() {
    let panicked = "in `faulty` code: the formatter panicked: out of luck with code.faulty";
    for text in ["```faulty\npanic\n```\n", "````mkd\n```faulty\npanic\n```\n````\n"] {
        assert_eq!(formatted(text), Err(panicked.to_owned()), "{text}");
    }
    assert_eq!(formatted("* a\n"), Ok(Some("- a\n".to_owned())));
}

#[test]
fn a_formatter_that_asks_for_itself_comes_to_an_end() {
    let too_deep = "in `faulty` code: code in other code, more than 16 deep";
    assert_eq!(formatted("```faulty\nrecurse\n```\n"), Err(too_deep.to_owned()));
}
