use super::*;
use crate::codegen::corpus;

fn options() -> Options {
    Options::new("celerysalt generate docs")
}
#[test]
fn the_order_of_the_documents_does_not_matter() {
    let mut documents = corpus::events();
    let forward = files(&documents, &options());
    documents.reverse();
    assert_eq!(files(&documents, &options()), forward);
}
