# The commands of a working day. `make demo` and `make test` need a Rust toolchain, Python 3 and
# apt (root or sudo), and install the rest.

.PHONY: build setup demo test bench clean
.DEFAULT_GOAL := build

build:
	cargo build --release --locked

setup:
	.ci/setup

# Starts RabbitMQ, Redis and a Python service of its own, and walks the main job.
demo: setup build
	PATH="$(CURDIR)/target/release:$$PATH" celerysalt sandbox -- examples/demo.sh

test: setup
	cargo fmt --check
	cargo clippy --all-targets --locked -- -D warnings
	cargo test --locked

# Prints a table; the numbers mean something only on a quiet machine.
bench: setup build
	benches/run

clean:
	cargo clean
