//! Pages of a list: `page` from 1, `per_page` 50 by default and 200 at most.

use super::Problem;

/// Which page is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageRequest {
    page: u32,
    per_page: u32,
}

/// What the answer says of the page it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageInfo {
    /// Number of this page, from 1.
    pub page: u32,
    /// Rows a page.
    pub per_page: u32,
    /// Rows in all.
    pub total: u64,
    /// Pages in all.
    pub pages: u64,
}

impl PageRequest {
    /// Reads the two query parameters.
    ///
    /// Errors: 422 when a page is 0 or too far, or more than 200 rows are wanted.
    pub fn parse(page: Option<u32>, per_page: Option<u32>) -> Result<Self, Problem> {
        let (page, per_page) = (page.unwrap_or(1), per_page.unwrap_or(50));
        if page == 0 {
            return Err(Problem::field("invalid_page", "page", "counts from 1"));
        }
        if per_page == 0 || per_page > 200 {
            return Err(Problem::field(
                "invalid_page",
                "per_page",
                "must be from 1 to 200",
            ));
        }
        Ok(Self { page, per_page })
    }

    /// Rows to take.
    pub fn limit(self) -> i64 {
        i64::from(self.per_page)
    }

    /// Rows to pass over.
    pub fn offset(self) -> i64 {
        (i64::from(self.page) - 1) * i64::from(self.per_page)
    }

    /// The description of this page in a list of `total` rows.
    pub fn info(self, total: i64) -> PageInfo {
        let total = u64::try_from(total).unwrap_or(0);
        PageInfo {
            page: self.page,
            per_page: self.per_page,
            total,
            pages: total.div_ceil(u64::from(self.per_page)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_count_from_one_and_hold_fifty_unless_told() {
        let page = PageRequest::parse(None, None).unwrap();
        assert_eq!((page.limit(), page.offset()), (50, 0));
        let page = PageRequest::parse(Some(3), Some(20)).unwrap();
        assert_eq!(
            (page.limit(), page.offset(), page.info(41).pages),
            (20, 40, 3)
        );
    }

    #[test]
    fn page_zero_and_more_than_200_rows_are_refused() {
        assert!(PageRequest::parse(Some(0), None).is_err());
        assert!(PageRequest::parse(None, Some(201)).is_err());
        assert!(PageRequest::parse(Some(u32::MAX), Some(200)).is_ok());
    }
}
