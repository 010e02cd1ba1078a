//! Deliveries taken off the wire before lapin sees them.
//!
//! lapin turns each delivery into some sixty allocations and two wake-ups, and it reads on however
//! far its consumer is behind, so a consumer without acknowledgements has no bound. The tap stands
//! between the socket and lapin: the frames of the messages delivered on one channel go to a bounded
//! queue of our own, in bulk and without copying their parts; everything else reaches lapin
//! untouched, which keeps running the connection (handshake, declarations, heartbeats, close).
//! While the queue is full the tap stops reading, TCP pushes back, and the broker keeps the messages
//! in the queue it made for us, under the limits of that queue.
//!
//! [`Guard`] stands at the same place for whoever reads a queue message by message, and keeps from
//! lapin only what it would fail on.

mod frames;
mod guard;
mod intake;
mod reactor;
mod stream;

pub(super) use guard::Guard;
pub(super) use intake::Intake;
pub(super) use reactor::{Kit, runtime};
pub(super) use stream::{Listener, Socket, TapStream};
