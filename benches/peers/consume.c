/* The bare consumer that `tail` is measured against: receives N messages of the exchange on a
 * queue of its own, decodes nothing, prints nothing but "ready" and the seconds from the first
 * message to the last.
 * usage: consume URL EXCHANGE N */
#include "amqp_peer.h"

int main(int argc, char **argv) {
  check(argc != 4, "usage: consume URL EXCHANGE N; reading the arguments");
  amqp_connection_state_t connection = open_channel(argv[1]);
  long wanted = atol(argv[3]);
  amqp_queue_declare_ok_t *queue =
      amqp_queue_declare(connection, 1, amqp_empty_bytes, 0, 0, 1, 1, amqp_empty_table);
  check(queue == NULL, "declaring a queue");
  amqp_bytes_t name = amqp_bytes_malloc_dup(queue->queue);
  amqp_queue_bind(connection, 1, name, amqp_cstring_bytes(argv[2]), amqp_cstring_bytes("#"),
                  amqp_empty_table);
  check(amqp_get_rpc_reply(connection).reply_type != AMQP_RESPONSE_NORMAL, "binding");
  amqp_basic_consume(connection, 1, name, amqp_empty_bytes, 0, 1, 1, amqp_empty_table);
  check(amqp_get_rpc_reply(connection).reply_type != AMQP_RESPONSE_NORMAL, "consuming");
  printf("ready\n");
  fflush(stdout);
  double first = 0;
  for (long received = 0; received < wanted; received++) {
    amqp_envelope_t envelope;
    amqp_maybe_release_buffers(connection);
    amqp_rpc_reply_t reply = amqp_consume_message(connection, &envelope, NULL, 0);
    check(reply.reply_type != AMQP_RESPONSE_NORMAL, "receiving");
    if (received == 0) first = now();
    amqp_destroy_envelope(&envelope);
  }
  printf("%.6f\n", now() - first);
  return 0;
}
