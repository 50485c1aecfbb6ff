//! The pictures of the report.

use std::path::Path;

use plotters::prelude::*;

use crate::{
    Outcome,
    results::{Finding, Row},
};

const SIZE: (u32, u32) = (900, 320);

/// Draws what the results have, and returns a caption and the name of the file of each picture.
pub(crate) fn draw(rows: &[Row], directory: &Path) -> Outcome<Vec<(&'static str, String)>> {
    let mut drawn = Vec::new();
    for (number, unit, caption, file) in [
        (1, "ns", "Nanoseconds of a call with numbers", "calls.svg"),
        (2, "ns", "Nanoseconds of a call with text and buffers", "data.svg"),
        (5, "µs", "Microseconds of a further open", "opens.svg"),
    ] {
        if let Some(row) = rows.iter().find(|row| row.number == number) {
            let findings =
                row.findings.iter().filter(|finding| finding.parts.iter().any(|part| part.unit == unit));
            bars(&directory.join(file), caption, &findings.collect::<Vec<_>>())?;
            drawn.push((caption, file.to_owned()));
        }
    }
    for row in rows.iter().filter(|row| !row.curves.is_empty()) {
        let file = format!("growth-{}.svg", row.number);
        curves(&directory.join(&file), row)?;
        drawn.push(("How it grows", file));
    }
    Ok(drawn)
}

/// A group of bars for each finding, one for each of its parts.
fn bars(file: &Path, caption: &str, findings: &[&Finding]) -> Outcome<()> {
    let area = SVGBackend::new(file, SIZE).into_drawing_area();
    area.fill(&WHITE)?;
    let groups = findings.len().max(1);
    for (panel, finding) in area.split_evenly((1, groups)).iter().zip(findings) {
        let most = finding.parts.iter().map(|part| part.value).fold(0.0, f64::max);
        let mut chart = ChartBuilder::on(panel)
            .caption(&finding.what, ("sans-serif", 14))
            .margin(8)
            .x_label_area_size(20)
            .y_label_area_size(48)
            .build_cartesian_2d(0.0..finding.parts.len() as f64, 0.0..most * 1.15)?;
        chart.configure_mesh().disable_x_mesh().x_labels(0).y_desc(caption).draw()?;
        for (place, part) in finding.parts.iter().enumerate() {
            let (left, colour) = (place as f64, Palette99::pick(place).filled());
            chart.draw_series([Rectangle::new([(left + 0.1, 0.0), (left + 0.9, part.value)], colour)])?;
            let name = part.name.split(',').next().unwrap_or_default();
            let label = format!("{name}: {:.1}", part.value);
            let style = ("sans-serif", 11).into_font().transform(FontTransform::Rotate270).color(&BLACK);
            chart.draw_series([Text::new(label, (left + 0.4, most * 0.02), style)])?;
        }
    }
    Ok(area.present()?)
}

/// The curves of a row in one picture: both axes logarithmic, so that what is linear is straight.
fn curves(file: &Path, row: &Row) -> Outcome<()> {
    let area = SVGBackend::new(file, SIZE).into_drawing_area();
    area.fill(&WHITE)?;
    let points = || row.curves.iter().flat_map(|curve| &curve.points);
    let range = |values: Vec<f64>, low: f64| {
        let least = values.iter().copied().fold(f64::MAX, f64::min).max(low);
        let most = values.iter().copied().fold(least * 1.5, f64::max);
        (least..most * 1.1).log_scale()
    };
    let (across, up) = (points().map(|point| point.0).collect(), points().map(|point| point.1).collect());
    let first = row.curves.first();
    let mut chart = ChartBuilder::on(&area)
        .caption(&row.title, ("sans-serif", 15))
        .margin(8)
        .x_label_area_size(32)
        .y_label_area_size(56)
        .build_cartesian_2d(range(across, 1.0), range(up, 0.001))?;
    chart
        .configure_mesh()
        .x_desc(first.map_or("", |curve| &curve.of))
        .y_desc(first.map_or("", |curve| &curve.unit))
        .draw()?;
    for (place, curve) in row.curves.iter().enumerate() {
        let colour = Palette99::pick(place);
        let points = curve.points.iter().map(|(x, y)| (x.max(1.0), *y));
        chart.draw_series(LineSeries::new(points, colour.stroke_width(2)))?.label(&curve.name).legend(
            move |(x, y)| PathElement::new([(x, y), (x + 16, y)], Palette99::pick(place).stroke_width(2)),
        );
    }
    chart.configure_series_labels().background_style(WHITE).border_style(BLACK).draw()?;
    Ok(area.present()?)
}
