//! Comparisons: a group of bars for each finding, side by side in length.

use std::path::Path;

use plotters::{
    prelude::*,
    style::text_anchor::{HPos, VPos},
};

use super::{GREY, LIGHT, colour, line, ticks, write};
use crate::{Outcome, results::Finding};

const WIDTH: i32 = 800;
/// Where bars begin and where the longest may end; names are to the left, figures to the right.
const LEFT: i32 = 290;
const RIGHT: i32 = WIDTH - 70;
const HEAD: i32 = 44;
const HEADING: i32 = 24;
const BAR: i32 = 20;
const GAP: i32 = 12;
const FOOT: i32 = 50;

pub(super) fn draw(file: &Path, title: &str, axis: &str, unit: &str, findings: &[&Finding]) -> Outcome<()> {
    let groups: Vec<(&str, Vec<_>)> = findings
        .iter()
        .map(|finding| (&*finding.what, finding.parts.iter().filter(|part| part.unit == unit).collect()))
        .collect();
    let bars: usize = groups.iter().map(|(_, parts)| parts.len()).sum();
    let bottom = HEAD + BAR * i32::try_from(bars)? + (HEADING + GAP) * i32::try_from(groups.len())?;
    let size = (WIDTH.unsigned_abs(), (bottom + FOOT).unsigned_abs());
    let area = SVGBackend::new(file, size).into_drawing_area();
    area.fill(&WHITE)?;
    write(&area, title, (WIDTH / 2, HEAD / 2), (HPos::Center, VPos::Center), 17, true)?;

    let most = groups.iter().flat_map(|(_, parts)| parts).map(|part| part.value).fold(0.0, f64::max);
    let ticks = ticks::linear(most.max(f64::MIN_POSITIVE));
    let end = ticks.last().copied().unwrap_or(1.0);
    let across = |value: f64| LEFT + (value / end * f64::from(RIGHT - LEFT)).round() as i32;
    for tick in ticks {
        line(&area, (across(tick), HEAD), (across(tick), bottom), LIGHT)?;
        write(&area, &ticks::label(tick), (across(tick), bottom + 6), (HPos::Center, VPos::Top), 12, false)?;
    }
    write(&area, axis, ((LEFT + RIGHT) / 2, bottom + 28), (HPos::Center, VPos::Top), 13, false)?;

    let mut top = HEAD;
    for (what, parts) in groups {
        write(&area, what, (12, top + HEADING / 2), (HPos::Left, VPos::Center), 13, true)?;
        top += HEADING;
        for (place, part) in parts.into_iter().enumerate() {
            let (middle, end) = (top + BAR / 2, across(part.value));
            write(&area, &part.name, (LEFT - 8, middle), (HPos::Right, VPos::Center), 13, false)?;
            let colour = if place == 0 { colour(0) } else { GREY };
            area.draw(&Rectangle::new([(LEFT, top + 2), (end, top + BAR - 2)], colour.filled()))?;
            let figure = crate::report::figure(part.value, unit);
            write(&area, &figure, (end + 6, middle), (HPos::Left, VPos::Center), 12, false)?;
            top += BAR;
        }
        top += GAP;
    }
    line(&area, (LEFT, HEAD), (LEFT, bottom), BLACK)?;
    Ok(area.present()?)
}
