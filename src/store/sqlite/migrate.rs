//! Files are brought to the present schema, step by step.

use rusqlite::{Connection, Result, TransactionBehavior};

/// Takes the steps that a file has not taken yet; their number is its `user_version`. The answer
/// is the version that was found if it is newer than all steps: then nothing is done.
pub(super) fn migrate(connection: &mut Connection, steps: &[&str]) -> Result<Option<u32>> {
    let version = |connection: &Connection| {
        connection.pragma_query_value(None, "user_version", |row| row.get::<_, u32>(0))
    };
    let known = u32::try_from(steps.len()).expect("there are few steps");
    let found = version(connection)?;
    if found > known {
        return Ok(Some(found));
    }
    if found == known {
        return Ok(None);
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Another process may have been quicker.
    let found = version(&transaction)?;
    for step in steps.iter().skip(found as usize) {
        transaction.execute_batch(step)?;
    }
    transaction.pragma_update(None, "user_version", known.max(found))?;
    transaction.commit()?;
    Ok(None)
}
