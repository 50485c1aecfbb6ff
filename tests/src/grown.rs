//! Changed copies of an interface with types that grow.

use crate::Variant;

const TAGS: &str = "    #[since(\"1.1.0\")]\n    pub tags: Vec<String>,\n";
const NO_EDITS: &[(&str, &str)] = &[];

/// All of them, as built from `fixtures/growing-api` and opened by a host that has the original.
pub const GROWN: &[Variant] = &[
    Variant { name: "unchanged", edits: NO_EDITS, plugin_edits: NO_EDITS, refusal: &[] },
    Variant {
        name: "field-and-variant-added",
        edits: &[
            (
                "    pub token: Token,\n}",
                "    pub token: Token,\n    /// New.\n    #[since(\"1.2.0\")]\n    pub deep: Option<Retry>,\n}",
            ),
            (
                "        retry: Retry,\n    },\n",
                "        retry: Retry,\n    },\n    /// New.\n    Resumed,\n",
            ),
            ("token: Token { id: 1 },\n", "token: Token { id: 1 },\n        deep: None,\n"),
        ],
        plugin_edits: NO_EDITS,
        refusal: &[],
    },
    Variant {
        name: "field-added-without-since",
        edits: &[
            (
                "    pub token: Token,\n}",
                "    pub token: Token,\n    /// New.\n    #[since(\"1.2.0\")]\n    pub deep: Option<Retry>,\n}",
            ),
            ("    pub times: u32,\n", "    pub times: u32,\n    /// New.\n    pub most: u32,\n"),
            ("Retry { times: 3, pause: 10 }", "Retry { times: 3, most: 4, pause: 10 }"),
            ("token: Token { id: 1 },\n", "token: Token { id: 1 },\n        deep: None,\n"),
        ],
        plugin_edits: NO_EDITS,
        refusal: &[
            "Worker::echo → argument batch → Batch.requests → Vec<Request> → Request.retry → Option<Retry> → Retry.most: expected none, found field `most: u32`",
        ],
    },
    Variant {
        name: "field-without-since-at-the-end",
        edits: &[
            (TAGS, "    pub tags: Vec<String>,\n"),
            (
                "    /// Counted.\n    #[since(\"1.1.0\")]\n    pub token: Token,\n}",
                "    /// Counted.\n    pub token: Token,\n    /// New.\n    pub last: u8,\n}",
            ),
            ("token: Token { id: 1 },\n", "token: Token { id: 1 },\n        last: 0,\n"),
        ],
        plugin_edits: NO_EDITS,
        refusal: &[
            "Worker::echo → argument batch → Batch.requests → Vec<Request> → Request.last: expected none, found field `last: u8`",
        ],
    },
    Variant {
        name: "field-added-in-the-middle",
        edits: &[
            (
                TAGS,
                "    #[since(\"1.1.0\")]\n    pub mark: u8,\n    /// As before.\n    #[since(\"1.1.0\")]\n    pub tags: Vec<String>,\n",
            ),
            ("tags: vec![", "mark: 0,\n        tags: vec!["),
        ],
        plugin_edits: NO_EDITS,
        refusal: &[
            "Worker::echo → argument batch → Batch.requests → Vec<Request> → Request.mark: expected none, found field `mark: u8`",
        ],
    },
    Variant {
        name: "field-retyped",
        edits: &[("    pub times: u32,\n", "    pub times: i32,\n")],
        plugin_edits: NO_EDITS,
        refusal: &[
            "Worker::echo → argument batch → Batch.requests → Vec<Request> → Request.retry → Option<Retry> → Retry.times: expected u32 at offset 8, found i32 at offset 8",
        ],
    },
    Variant {
        name: "variant-added-in-the-middle",
        edits: &[("    /// At the end.\n", "    /// New.\n    Queued,\n    /// At the end.\n")],
        plugin_edits: NO_EDITS,
        refusal: &[
            "Worker::echo → argument batch → Batch.last → Option<Event> → Event::Queued: expected none, found variant `Queued`",
        ],
    },
    Variant {
        name: "no-longer-growing",
        edits: &[
            (
                "/// What to do.\n#[derive(Debug, PartialEq, Crossing)]\n#[crossing(growing)]\n",
                "/// What to do.\n#[derive(Debug, PartialEq, Crossing)]\n",
            ),
            (TAGS, "    pub tags: Vec<String>,\n"),
            (
                "    /// Counted.\n    #[since(\"1.1.0\")]\n    pub token: Token,\n}",
                "    /// Counted.\n    pub token: Token,\n}",
            ),
        ],
        plugin_edits: NO_EDITS,
        refusal: &[
            "Worker::echo → argument batch → Batch.requests → Vec<Request> → Request: expected a type that grows, found a type that does not grow",
        ],
    },
];
