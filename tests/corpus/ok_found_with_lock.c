// What a search finds it returns locked; its caller keeps that in a variable that other ways set as well.
#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>

struct peer {
  pthread_mutex_t lock;
  int id, load;
  struct peer* next;
};

struct ring {
  struct peer* first;
  pthread_mutex_t lock;
};

static struct peer* find_locked(struct ring* ring, int id) {
  for (struct peer* p = ring->first; p; p = p->next) {
    if (p->id != id) continue;
    pthread_mutex_lock(&p->lock);
    return p;
  }
  return NULL;
}

static void rest(struct ring* ring) {
  pthread_mutex_lock(&ring->lock);
  ring->first->id = 0;
  pthread_mutex_unlock(&ring->lock);
}

int choose(struct ring* ring, int id, int tries) {
  struct peer* peer = find_locked(ring, id);
  if (peer) goto found;
  for (;;) {
    peer = ring->first;
    if (--tries < 0) {
      rest(ring);
      return -1;
    }
    pthread_mutex_lock(&peer->lock);
    if (peer->load > 10) {
      pthread_mutex_unlock(&peer->lock);
      continue;
    }
    break;
  }
found:
  peer->load++;
  pthread_mutex_unlock(&peer->lock);
  return 0;
}

int under_ring(struct ring* ring) {
  pthread_mutex_lock(&ring->lock);
  struct peer* peer = find_locked(ring, 1);
  if (peer) pthread_mutex_unlock(&peer->lock);
  pthread_mutex_unlock(&ring->lock);
  return peer != NULL;
}
