// verdict: confirmed
// shows: rarely
//
// A print spooler with one lock for what comes in and one for what goes out. Both sides keep the depth of the queue,
// each under its own lock: together they hold none.
#include <stdio.h>
#include <threads.h>
#include <time.h>

enum { JOBS = 5 };

struct spooler {
  int depth;  // jobs that wait
  mtx_t in_lock;
  int submitted;  // under in_lock
  mtx_t out_lock;
  int printed;  // under out_lock
};

static void submit(struct spooler* spooler) {
  mtx_lock(&spooler->in_lock);
  spooler->submitted++;
  spooler->depth++;  // expect: data-race spooler::depth
  mtx_unlock(&spooler->in_lock);
}

static void print_next(struct spooler* spooler) {
  mtx_lock(&spooler->out_lock);
  spooler->printed++;
  spooler->depth--;  // expect: data-race spooler::depth
  mtx_unlock(&spooler->out_lock);
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
  if (mtx_init(&spooler.in_lock, mtx_plain) != thrd_success) return 1;
  if (mtx_init(&spooler.out_lock, mtx_plain) != thrd_success) return 1;

  thrd_t office_thread;
  thrd_t printer_thread;
  if (thrd_create(&office_thread, office, &spooler) != thrd_success) return 1;
  if (thrd_create(&printer_thread, printer, &spooler) != thrd_success) return 1;
  thrd_join(office_thread, NULL);
  thrd_join(printer_thread, NULL);

  printf("%d submitted, %d printed, %d waiting\n", spooler.submitted, spooler.printed, spooler.depth);
  mtx_destroy(&spooler.in_lock);
  mtx_destroy(&spooler.out_lock);
  return spooler.depth == 0 ? 0 : 1;
}
