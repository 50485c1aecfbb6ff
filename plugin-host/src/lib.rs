//! x

mod file;
mod library;
mod object_file;
mod trust;
