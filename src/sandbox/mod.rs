//! A throw-away RabbitMQ node and Redis server for local development and tests.
