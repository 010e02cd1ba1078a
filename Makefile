# The commands of a working day. `make demo` and `make test` need a Rust toolchain, Python 3 and
# apt (root or sudo), and install the rest.

.PHONY: build setup demo test soak bench generate clean
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

# Random schema pairs against the compatibility engine, far more of them than `make test` tries.
soak:
	CELERYSALT_SOAK=$(or $(PAIRS),200000) cargo test --release --locked --test compat_random

# Writes the completions and man pages anew, from the command line's own definition, and the
# generated code of the example.
generate:
	CELERYSALT_UPDATE=1 cargo test --locked --test generated
	cd examples/shipping && ../../target/debug/celerysalt generate stubs \
		'order.*' 'rpc.shipping.*' --out shipping/events

# Prints a table; the numbers mean something only on a quiet machine.
bench: build
	.ci/setup bench
	target/release/celerysalt sandbox -- python3 benches/run.py
	target/release/celerysalt sandbox --no-redis -- python3 benches/bindings.py
	cargo bench --locked --bench route
	python3 benches/generate.py

clean:
	cargo clean
