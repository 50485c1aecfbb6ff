//! The pictures of the report: black and coloured on white, which a dark page shows as a card.

mod bars;
mod curves;
mod ticks;

use std::{fs, path::Path};

use plotters::{
    prelude::*,
    style::text_anchor::{HPos, Pos, VPos},
};

use crate::{Outcome, results::Row};

/// A picture, and where it belongs.
pub(super) struct Picture {
    pub(super) row: u8,
    /// Its name in the directory.
    pub(super) file: String,
    pub(super) title: String,
    pub(super) caption: String,
}

/// Comparisons of the findings of a row that have figures of a unit.
struct Bars {
    row: u8,
    unit: &'static str,
    file: &'static str,
    title: &'static str,
    axis: &'static str,
    caption: &'static str,
}

const BARS: [Bars; 3] = [
    Bars {
        row: 1,
        unit: "ns",
        file: "calls",
        title: "A call with numbers",
        axis: "nanoseconds per call, the loop included (median)",
        caption: "A call with numbers, through this framework (blue) and through its peers (grey); shorter is faster.",
    },
    Bars {
        row: 2,
        unit: "ns",
        file: "data",
        title: "A call with text or bytes",
        axis: "nanoseconds per call, the loop included (median)",
        caption: "Calls with text and buffers, through this framework (blue) and through its peers (grey); shorter is faster.",
    },
    Bars {
        row: 5,
        unit: "µs",
        file: "opens",
        title: "One more open",
        axis: "microseconds per open (median)",
        caption: "A further open of a distinct plugin, through this framework (blue), by `dlopen` alone, which checks nothing, and by `abi_stable` (grey); shorter is faster.",
    },
];

/// Draws what the results have, and removes the pictures of others.
pub(super) fn draw(rows: &[Row], directory: &Path) -> Outcome<Vec<Picture>> {
    let mut drawn = Vec::new();
    for row in rows {
        for Bars { row: _, unit, file, title, axis, caption } in
            BARS.iter().filter(|bars| bars.row == row.number)
        {
            let findings =
                row.findings.iter().filter(|finding| finding.parts.iter().any(|part| part.unit == *unit));
            let findings: Vec<_> = findings.collect();
            if findings.is_empty() {
                continue;
            }
            let file = format!("{file}.svg");
            bars::draw(&directory.join(&file), title, axis, unit, &findings)?;
            let (title, caption) = ((*title).to_owned(), (*caption).to_owned());
            drawn.push(Picture { row: row.number, file, title, caption });
        }
        for plot in &row.plots {
            let file = format!("{}.svg", plot.file);
            curves::draw(&directory.join(&file), plot)?;
            let (title, caption) = (plot.title.clone(), plot.caption.clone());
            drawn.push(Picture { row: row.number, file, title, caption });
        }
    }
    for entry in fs::read_dir(directory)? {
        let file = entry?.path();
        let name = file.file_name().unwrap_or_default();
        let is_picture = file.extension().is_some_and(|extension| extension == "svg");
        if is_picture && !drawn.iter().any(|picture| *picture.file == *name) {
            fs::remove_file(file)?;
        }
    }
    Ok(drawn)
}

type Area<'a> = DrawingArea<SVGBackend<'a>, plotters::coord::Shift>;

const GREY: RGBColor = RGBColor(140, 140, 140);
const LIGHT: RGBColor = RGBColor(225, 225, 225);

/// Colours that stay apart for those who see fewer of them (Okabe and Ito); the first is this framework's.
const COLOURS: [RGBColor; 6] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(174, 75, 137),
    RGBColor(230, 159, 0),
    RGBColor(90, 90, 90),
];

fn colour(place: usize) -> RGBColor {
    COLOURS.get(place % COLOURS.len()).copied().unwrap_or(BLACK)
}

/// Draws words, as text and not as Markdown.
fn write(
    area: &Area<'_>,
    words: &str,
    at: (i32, i32),
    anchor: (HPos, VPos),
    size: i32,
    bold: bool,
) -> Outcome<()> {
    let style = if bold { FontStyle::Bold } else { FontStyle::Normal };
    let font = ("sans-serif", size).into_font().style(style);
    let style = TextStyle::from(font).color(&BLACK).pos(Pos::new(anchor.0, anchor.1));
    Ok(area.draw(&Text::new(words.replace('`', ""), at, style))?)
}

/// Draws words that read upwards, around a place.
fn write_upwards(area: &Area<'_>, words: &str, at: (i32, i32), size: i32) -> Outcome<()> {
    let font = ("sans-serif", size).into_font().transform(FontTransform::Rotate270);
    let style = TextStyle::from(font).color(&BLACK).pos(Pos::new(HPos::Center, VPos::Center));
    Ok(area.draw(&Text::new(words.replace('`', ""), at, style))?)
}

fn line(area: &Area<'_>, from: (i32, i32), to: (i32, i32), colour: RGBColor) -> Outcome<()> {
    Ok(area.draw(&PathElement::new([from, to], colour.stroke_width(1)))?)
}
