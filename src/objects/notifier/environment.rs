//! The Kombo environment of this deployment: the first one by whose API key Kombo knew an
//! integration of ours. A key of another one is not to be believed.

use serde::{Deserialize, Serialize};

use crate::contracts::objects::reply::Reply;
use crate::domain::json::Unknown;
use crate::machine::{Change, CorruptRow, Read, Rows, Table};

/// Key of the row.
const ENVIRONMENT: &str = "environment";

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Environment {
    id: String,
    #[serde(flatten)]
    unknown: Unknown,
}

/// The read that fetches the row.
pub(super) fn read() -> Read {
    Read::One(Table::State, ENVIRONMENT.to_owned())
}

/// Whether this is the environment: the first one that is proven is.
pub(super) fn hear(
    rows: &Rows,
    id: &str,
    is_proven: bool,
) -> Result<(Vec<Change>, Reply), CorruptRow> {
    match rows.state::<Environment>(ENVIRONMENT)? {
        Some(known) if known.id == id => Ok((Vec::new(), Reply::Taken)),
        Some(_) => Ok((Vec::new(), Reply::Conflict)),
        None if !is_proven => Ok((Vec::new(), Reply::Unsettled)),
        None => {
            let first = Environment {
                id: id.to_owned(),
                unknown: Unknown::default(),
            };
            let row = Change::state(ENVIRONMENT, &first, None);
            Ok((vec![row], Reply::Taken))
        }
    }
}
