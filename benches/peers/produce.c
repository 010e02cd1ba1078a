/* Fills the exchange as fast as the broker can take it: N copies of one protocol-2 event as
 * celery-salt sends it, without confirms.
 * usage: produce URL EXCHANGE N */
#include "amqp_peer.h"

static amqp_table_entry_t text(const char *key, const char *value) {
  amqp_table_entry_t entry;
  entry.key = amqp_cstring_bytes(key);
  entry.value.kind = AMQP_FIELD_KIND_UTF8;
  entry.value.value.bytes = amqp_cstring_bytes(value);
  return entry;
}

static amqp_table_entry_t null(const char *key) {
  amqp_table_entry_t entry;
  entry.key = amqp_cstring_bytes(key);
  entry.value.kind = AMQP_FIELD_KIND_VOID;
  return entry;
}

static amqp_table_entry_t integer(const char *key, int value) {
  amqp_table_entry_t entry;
  entry.key = amqp_cstring_bytes(key);
  entry.value.kind = AMQP_FIELD_KIND_I32;
  entry.value.value.i32 = value;
  return entry;
}

int main(int argc, char **argv) {
  check(argc != 4, "usage: produce URL EXCHANGE N; reading the arguments");
  amqp_connection_state_t connection = open_channel(argv[1]);
  long count = atol(argv[3]);
  const char *id = "6834878d-5679-4bc1-8e3d-a467b83fcbcb";
  const char *topic = "user.signup.completed";
  const char *body =
      "[[\"{\\\"user_id\\\": 1, \\\"email\\\": \\\"zo\\\\u00eb@example.com\\\", \\\"company_id\\\": 7, "
      "\\\"signup_source\\\": \\\"web\\\", \\\"_tchu_meta\\\": {\\\"is_rpc\\\": false, "
      "\\\"version\\\": \\\"v1\\\"}}\"], {\"routing_key\": \"user.signup.completed\"}, "
      "{\"callbacks\": null, \"errbacks\": null, \"chain\": null, \"chord\": null}]";
  amqp_table_entry_t entries[] = {
      text("lang", "py"), text("task", "celery_salt.dispatch_event"), text("id", id),
      null("shadow"), null("eta"), null("expires"), null("group"), null("group_index"),
      integer("retries", 0), text("root_id", id), null("parent_id"),
      text("argsrepr", "['{\"user_id\": 1, \"email\": \"zo\\\\u00eb@example.com\", \"company_id\": 7, "
                       "\"signup_source\": \"web\", \"_tchu_meta\": {\"is_rpc\": false, "
                       "\"version\": \"v1\"}}']"),
      text("kwargsrepr", "{'routing_key': 'user.signup.completed'}"),
      text("origin", "gen16440@vm"), null("ignore_result"), integer("replaced_task_nesting", 0),
      null("stamped_headers")};
  amqp_basic_properties_t properties;
  memset(&properties, 0, sizeof properties);
  properties._flags = AMQP_BASIC_CONTENT_TYPE_FLAG | AMQP_BASIC_CONTENT_ENCODING_FLAG |
                      AMQP_BASIC_DELIVERY_MODE_FLAG | AMQP_BASIC_PRIORITY_FLAG |
                      AMQP_BASIC_CORRELATION_ID_FLAG | AMQP_BASIC_HEADERS_FLAG;
  properties.content_type = amqp_cstring_bytes("application/json");
  properties.content_encoding = amqp_cstring_bytes("utf-8");
  properties.delivery_mode = 2;
  properties.priority = 0;
  properties.correlation_id = amqp_cstring_bytes(id);
  properties.headers.num_entries = sizeof entries / sizeof entries[0];
  properties.headers.entries = entries;
  double start = now();
  for (long sent = 0; sent < count; sent++) {
    int status = amqp_basic_publish(connection, 1, amqp_cstring_bytes(argv[2]),
                                    amqp_cstring_bytes(topic), 0, 0, &properties,
                                    amqp_cstring_bytes(body));
    check(status != AMQP_STATUS_OK, "publishing");
  }
  amqp_channel_close(connection, 1, AMQP_REPLY_SUCCESS);
  amqp_connection_close(connection, AMQP_REPLY_SUCCESS);
  printf("%.6f\n", now() - start);
  return 0;
}
