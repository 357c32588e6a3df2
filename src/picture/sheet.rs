//! What of a matrix a picture shows: as much as can be read on a phone. What
//! does not fit is counted and said.

use std::cmp::Reverse;

use crate::matrix::{Cell, Matrix};

/// So many columns fit on a phone with names that can be read.
const COLUMNS: usize = 16;
/// More columns than this are not drawn: 1.4 times the width of a phone.
const MAX_COLUMNS: usize = 24;
/// With fewer columns there is room for controls of a single service.
const MIN_COLUMNS: usize = 8;
/// More rows than this are not drawn: two screens of a phone.
const MAX_ROWS: usize = 60;
/// More controls of a single service than this are not listed.
const MAX_SINGLE: usize = 24;

/// What is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Sheet {
    /// Indices of services.
    pub(super) rows: Vec<usize>,
    /// The first so many controls.
    pub(super) columns: usize,
    /// Controls that only one service has, and which: a column for each would
    /// be empty but for one cell.
    pub(super) single: Vec<Single>,
    /// What is not shown, a sentence for each.
    pub(super) left_out: Vec<String>,
}

/// A control that only one service has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Single {
    pub(super) control: usize,
    pub(super) service: usize,
    pub(super) cell: Cell,
}

impl Sheet {
    pub(super) fn of(matrix: &Matrix) -> Self {
        let held = matrix.held().len();
        let shared = matrix.held().partition_point(|one| one.services > 1);
        let columns = if held <= COLUMNS {
            held
        } else {
            shared.clamp(MIN_COLUMNS, MAX_COLUMNS)
        };
        let mut single: Vec<Single> = (columns.max(shared)..held)
            .filter_map(|control| {
                let (service, cell) = matrix.having(control).next()?;
                Some(Single {
                    control,
                    service,
                    cell,
                })
            })
            .collect();
        // In the order of names, as the rows are.
        single.sort_by_key(|one| (one.service, one.control));
        let in_columns = |service: &usize| {
            (0..columns).any(|control| matrix.cell(*service, control) != Cell::Missing)
        };
        let listed = |service: &usize| single.iter().any(|one| one.service == *service);
        let mut rows: Vec<usize> = (0..matrix.services.len())
            .filter(|service| in_columns(service) || !listed(service))
            .collect();
        let (all_rows, all_single) = (rows.len(), single.len());
        rows.sort_by_key(|service| Reverse(matrix.controls_of(*service)));
        rows.truncate(MAX_ROWS);
        rows.sort_unstable();
        single.truncate(MAX_SINGLE);
        let mut left_out = Vec::new();
        let mut leave_out = |shown: usize, all: usize, what: &str| {
            if shown < all {
                left_out.push(format!("Shown: {shown} of {all} {what}"));
            }
        };
        leave_out(
            rows.len(),
            all_rows,
            "services, those with the most controls",
        );
        leave_out(
            columns + all_single,
            held,
            "controls, those of the most services",
        );
        leave_out(single.len(), all_single, "controls of one service");
        Self {
            rows,
            columns,
            single,
            left_out,
        }
    }
}
