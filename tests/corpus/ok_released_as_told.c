// The helper gives the lock back if it is told that its caller holds it, before it waits for others and destroys it.
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

struct crew {
  pthread_mutex_t lock;
  pthread_cond_t idle;
  int busy;
};

struct inbox {
  pthread_mutex_t lock;
  struct crew* crew;
  int letters;
};

static void crew_dismiss(struct crew* crew) {
  pthread_mutex_lock(&crew->lock);
  while (crew->busy > 0) pthread_cond_wait(&crew->idle, &crew->lock);
  pthread_mutex_unlock(&crew->lock);
}

static void inbox_drop(struct inbox* inbox, bool held) {
  if (inbox->crew) {
    if (held) pthread_mutex_unlock(&inbox->lock);
    crew_dismiss(inbox->crew);
    if (held) pthread_mutex_lock(&inbox->lock);
  }
  if (held) pthread_mutex_unlock(&inbox->lock);
  pthread_mutex_destroy(&inbox->lock);
  free(inbox);
}

void crew_done(struct crew* crew) {
  pthread_mutex_lock(&crew->lock);
  if (--crew->busy == 0) pthread_cond_broadcast(&crew->idle);
  pthread_mutex_unlock(&crew->lock);
}

void inbox_close(struct inbox* inbox) {
  pthread_mutex_lock(&inbox->lock);
  inbox->letters = 0;
  inbox_drop(inbox, true);
}

struct inbox* inbox_open(struct crew* crew) {
  struct inbox* inbox = malloc(sizeof *inbox);
  if (!inbox) return NULL;
  pthread_mutex_init(&inbox->lock, NULL);
  inbox->crew = crew;
  if (crew && crew->busy < 0) {
    inbox_drop(inbox, false);
    return NULL;
  }
  return inbox;
}
