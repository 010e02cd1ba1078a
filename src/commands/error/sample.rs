use super::{CommandError, ExitKind};
use crate::schema::SampleError;

impl From<SampleError> for CommandError {
    fn from(error: SampleError) -> Self {
        let hint = match &error {
            SampleError::Unusable(_) => "`celerysalt schema show` shows the schema",
            SampleError::Unmet { .. } => {
                "`examples` on that field say what to take; another --seed may find something"
            }
        };
        Self::from_error(ExitKind::No, &error).hint(hint)
    }
}
