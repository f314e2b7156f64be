// Each node is locked before the one ahead of it is given back, all along the list.
#include <pthread.h>
#include <stdlib.h>

struct node {
  pthread_mutex_t lock;
  struct node *next;
  int key;
  int uses;
};

static struct node *head;

static struct node *make_node(int key, struct node *next) {
  struct node *made = calloc(1, sizeof *made);
  if (made == 0) exit(1);
  pthread_mutex_init(&made->lock, 0);
  made->key = key;
  made->next = next;
  return made;
}

static void use(int key) {
  struct node *node = head;
  pthread_mutex_lock(&node->lock);
  while (node->next && node->next->key <= key) {
    struct node *next = node->next;
    pthread_mutex_lock(&next->lock);
    pthread_mutex_unlock(&node->lock);
    node = next;
  }
  node->uses++;
  pthread_mutex_unlock(&node->lock);
}

static void *user(void *unused) {
  (void)unused;
  use(2);
  return 0;
}

int main(void) {
  pthread_t one, other;
  head = make_node(1, make_node(2, 0));
  if (pthread_create(&one, 0, user, 0) != 0) return 1;
  if (pthread_create(&other, 0, user, 0) != 0) return 1;
  pthread_join(one, 0);
  pthread_join(other, 0);
  return 0;
}
