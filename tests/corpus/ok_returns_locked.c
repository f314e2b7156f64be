// A page is reserved and left locked if that succeeds; the caller fills it and another function gives the lock back.
#include <pthread.h>
#include <stdio.h>

struct page {
  pthread_mutex_t mutex;
  int active;
  long used;
};

struct store {
  pthread_mutex_t mutex;
  struct page pages[4];
  struct page *buckets[4];
};

static struct store shop;

static struct page *anotherPage(struct store *store, int bucket) {
  for (int i = 0; i < 4; ++i)
    if (store->pages[i].active) return store->buckets[bucket] = &store->pages[i];
  return NULL;
}

static int reserve(struct store *store, int bucket, int *id) {
  int failed = -1;
  struct page *page;
  pthread_mutex_lock(&store->mutex);
  page = store->buckets[bucket];
  if (!page) page = anotherPage(store, bucket);
  pthread_mutex_unlock(&store->mutex);
  if (!page) return failed;
  pthread_mutex_lock(&page->mutex);
  if (!page->active) {
    pthread_mutex_unlock(&page->mutex);
    return failed;
  }
  if (page->used < 100) {
    *id = (int)(page - store->pages);
    return 0;
  }
  pthread_mutex_unlock(&page->mutex);
  return failed;
}

static void fill(struct store *store, int id) {
  struct page *page = &store->pages[id];
  page->used += 10;
  pthread_mutex_unlock(&page->mutex);
}

static void *writePages(void *unused) {
  (void)unused;
  for (int i = 0; i < 20; ++i) {
    int id;
    if (reserve(&shop, i % 4, &id) == 0) fill(&shop, id);
  }
  return NULL;
}

static void *emptyPages(void *unused) {
  (void)unused;
  for (int i = 0; i < 4; ++i) {
    struct page *page = &shop.pages[i];
    pthread_mutex_lock(&page->mutex);
    page->used -= 10;
    pthread_mutex_unlock(&page->mutex);
  }
  return NULL;
}

int main(void) {
  pthread_t writer, emptier;
  pthread_mutex_init(&shop.mutex, NULL);
  for (int i = 0; i < 4; ++i) {
    pthread_mutex_init(&shop.pages[i].mutex, NULL);
    shop.pages[i].active = 1;
  }
  pthread_create(&writer, NULL, writePages, NULL);
  pthread_create(&emptier, NULL, emptyPages, NULL);
  pthread_join(writer, NULL);
  pthread_join(emptier, NULL);
  printf("%ld\n", shop.pages[0].used);
  return 0;
}
