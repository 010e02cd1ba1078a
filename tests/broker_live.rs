//! Runs the broker service tests against a node named by the environment:
//! `CELERYSALT_TEST_BROKER=host:port CELERYSALT_TEST_RABBITMQCTL=path`.
//! `cargo test --test broker_live -- --ignored` is not needed: the file is built only by hand.

#[path = "services/broker_connect.rs"]
mod broker_connect;
#[path = "services/broker_lab.rs"]
mod broker_lab;
#[path = "services/broker_publish.rs"]
mod broker_publish;
