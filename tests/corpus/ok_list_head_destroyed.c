// Each turn takes the head off the list and destroys the condition in it: the next head is another one.
#include <pthread.h>
#include <stdlib.h>

struct node {
  struct list* list;
  struct node* next;
  void* owner;
};

struct list {
  struct node* head;
};

struct slot {
  struct node node;
  pthread_cond_t ready;
};

static struct node* list_head(struct list* list) { return list->head; }
static void* node_owner(struct node* node) { return node->owner; }
static void node_remove(struct node* node) {
  node->list->head = node->next;
  node->next = NULL;
}

static void slot_drop(struct slot* slot) {
  pthread_cond_destroy(&slot->ready);
  free(slot);
}

void drop_all(struct list* list) {
  for (struct node* n = list_head(list); n; n = list_head(list)) {
    struct slot* slot = node_owner(n);
    node_remove(&slot->node);
    slot_drop(slot);
  }
}
