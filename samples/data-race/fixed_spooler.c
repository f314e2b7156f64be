// A print spooler with one lock for all it counts.
#include <stdio.h>
#include <threads.h>
#include <time.h>

enum { JOBS = 5 };

struct spooler {
  mtx_t lock;
  int submitted;
  int printed;
  int depth;
};

static void submit(struct spooler* spooler) {
  mtx_lock(&spooler->lock);
  spooler->submitted++;
  spooler->depth++;
  mtx_unlock(&spooler->lock);
}

static void print_next(struct spooler* spooler) {
  mtx_lock(&spooler->lock);
  spooler->printed++;
  spooler->depth--;
  mtx_unlock(&spooler->lock);
}

static int office(void* argument) {
  for (int job = 0; job < JOBS; ++job) submit(argument);
  return 0;
}

// The printer has to warm up.
static int printer(void* argument) {
  thrd_sleep(&(struct timespec){.tv_nsec = 120 * 1000000L}, NULL);
  for (int job = 0; job < JOBS; ++job) print_next(argument);
  return 0;
}

int main(void) {
  struct spooler spooler = {.submitted = 0, .printed = 0, .depth = 0};
  if (mtx_init(&spooler.lock, mtx_plain) != thrd_success) return 1;

  thrd_t office_thread;
  thrd_t printer_thread;
  if (thrd_create(&office_thread, office, &spooler) != thrd_success) return 1;
  if (thrd_create(&printer_thread, printer, &spooler) != thrd_success) return 1;
  thrd_join(office_thread, NULL);
  thrd_join(printer_thread, NULL);

  printf("%d submitted, %d printed, %d waiting\n", spooler.submitted, spooler.printed, spooler.depth);
  mtx_destroy(&spooler.lock);
  return spooler.depth == 0 ? 0 : 1;
}
