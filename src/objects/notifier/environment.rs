//! The Kombo environment of this deployment: the first one in which Kombo knew one of our
//! integrations. What Kombo says to a key of another one does not count.

use serde::{Deserialize, Serialize};

use crate::contracts::objects::reply::Reply;
use crate::domain::json::Unknown;
use crate::machine::{Change, Rows, StepError};

/// Key of the row.
const ENVIRONMENT: &str = "environment";

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Environment {
    id: String,
    #[serde(flatten)]
    unknown: Unknown,
}

/// Whether this is the environment: the first one that is proven is.
pub(super) fn handle(
    rows: Rows<'_>,
    id: &str,
    is_proven: bool,
) -> Result<(Vec<Change>, Reply), StepError> {
    Ok(match rows.state::<Environment>(ENVIRONMENT)? {
        Some(known) if known.id == id => (Vec::new(), Reply::Acknowledged),
        Some(_) => (Vec::new(), Reply::Conflict),
        None if !is_proven => (Vec::new(), Reply::Unsettled),
        None => {
            let first = Environment {
                id: id.to_owned(),
                unknown: Unknown::default(),
            };
            let row = Change::state(ENVIRONMENT, &first, None);
            (vec![row], Reply::Acknowledged)
        }
    })
}
