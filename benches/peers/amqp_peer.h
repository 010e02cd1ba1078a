/* What both C peers share: one connection, one channel, errors that end the process. */
#include <amqp.h>
#include <amqp_tcp_socket.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void check(int failed, const char *what) {
  if (failed) {
    fprintf(stderr, "%s failed\n", what);
    exit(4);
  }
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static amqp_connection_state_t open_channel(char *url) {
  struct amqp_connection_info info;
  check(amqp_parse_url(url, &info) != AMQP_STATUS_OK, "parsing the URL");
  amqp_connection_state_t connection = amqp_new_connection();
  amqp_socket_t *socket = amqp_tcp_socket_new(connection);
  check(amqp_socket_open(socket, info.host, info.port) != AMQP_STATUS_OK, "connecting");
  amqp_rpc_reply_t reply = amqp_login(connection, info.vhost, 0, 131072, 0, AMQP_SASL_METHOD_PLAIN,
                                      info.user, info.password);
  check(reply.reply_type != AMQP_RESPONSE_NORMAL, "login");
  amqp_channel_open(connection, 1);
  check(amqp_get_rpc_reply(connection).reply_type != AMQP_RESPONSE_NORMAL, "opening a channel");
  return connection;
}
