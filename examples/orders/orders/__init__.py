"""The order service: publishes events, and asks the shipping service for quotes."""
