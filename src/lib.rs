//! `celerysalt`: watch, publish and call the events of Celery services.
//!
//! The rooms, from the pure to the worldly; arrows point only down this list:
//!
//! | room | what it is for |
//! |---|---|
//! | `event` | topics, routing patterns, versions |
//! | `wire` | Celery messages: decode, encode, records, result documents |
//! | `schema` | event schemas: documents, what they accept, whether versions can live together |
//! | `shell` | words of a shell, quoted |
//! | `quantity` | numbers with their nouns |
//! | `parallel` | independent pieces of work, done by all processors |
//! | `topology` | exchanges, queues, bindings: who receives a topic and why |
//! | `codegen` | text for other programs and people, made from event schemas |
//! | `broker` | AMQP, result backends, the RabbitMQ management API |
//! | `config` | files, environment and profiles, merged with the origin of each value |
//! | `registry` | where schemas are kept: a directory of JSON files, SQLite |
//! | `extract` | schemas out of a Python code base or a directory |
//! | `sandbox` | a throw-away RabbitMQ and Redis |
//! | `filter` | jq expressions over records |
//! | `ui` | the only room that prints |
//! | `commands` | one file per subcommand |
//! | `app` | arguments to exit code |

pub mod codegen;
pub mod event;
mod parallel;
mod quantity;
pub mod schema;
pub mod secret;
pub mod shell;
pub mod topology;
pub mod wire;

pub mod broker;
pub mod config;
pub mod extract;
pub mod filter;
pub mod registry;
pub mod sandbox;
pub mod ui;

mod app;
pub mod cli;
pub mod commands;

pub use app::run;
