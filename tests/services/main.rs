//! Against real servers: RabbitMQ, Redis and Python workers of both libraries.
//!
//! One sandbox is started for all tests and dies with this process, however it ends. Each test has
//! a [`harness::Space`] of its own: a virtual host with the exchange, and a Redis database. A
//! missing server or Python environment is a failure that says `make setup`.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod harness;

mod audit;
mod bindings;
mod broker_connect;
mod broker_lab;
mod broker_management;
mod broker_publish;
mod broker_tail;
mod call;
mod dead_letters;
mod doctor;
mod follow;
mod held_messages;
mod limited_users;
mod publish;
mod readme;
mod replay;
mod replay_queue;
mod sandbox;
mod tail;
mod top;
mod two_services;
mod validation;
mod workers;
