use tokio::task::JoinHandle;

/// A background task that ends with its owner.
#[derive(Debug)]
pub(in crate::broker) struct OwnedTask(JoinHandle<()>);

impl OwnedTask {
    pub(in crate::broker) fn spawn(work: impl Future<Output = ()> + Send + 'static) -> Self {
        Self(tokio::spawn(work))
    }
}

impl Drop for OwnedTask {
    fn drop(&mut self) {
        self.0.abort();
    }
}
