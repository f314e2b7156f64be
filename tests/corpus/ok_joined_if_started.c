// The object ends with its thread, if it has one: whether it has is kept in it.
#include <pthread.h>
#include <stdlib.h>

struct client {
  pthread_t thread;
  int threaded, sent;
  volatile int stop;
  char* name;
};

static void* loop(void* arg) {
  struct client* client = arg;
  while (!client->stop)
    if (client->name[0]) client->sent++;
  return NULL;
}

struct client* client_new(void) {
  struct client* client = calloc(1, sizeof *client);
  if (client) client->name = calloc(1, 8);
  return client;
}

int client_start(struct client* client) {
  if (client->threaded) return -1;
  if (pthread_create(&client->thread, NULL, loop, client) != 0) return -1;
  client->threaded = 1;
  return 0;
}

void client_free(struct client* client) {
  if (client->threaded) {
    client->stop = 1;
    pthread_join(client->thread, NULL);
    client->threaded = 0;
  }
  free(client->name);
  client->name = NULL;
  client->sent = 0;
  free(client);
}
