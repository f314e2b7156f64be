// The pointer goes on to the next element before main writes again: each thread has one to itself.
#include <pthread.h>
#include <stdlib.h>

struct job {
  pthread_t thread;
  int number, result;
};

static void* run(void* arg) {
  struct job* job = arg;
  job->result = job->number * 2;
  return NULL;
}

int main(int argc, char** argv) {
  (void)argv;
  struct job* jobs = calloc(argc, sizeof *jobs);
  struct job* p;
  for (p = jobs; p != jobs + argc; p++) {
    p->number = (int)(p - jobs);
    pthread_create(&p->thread, NULL, run, p);
  }
  int sum = 0;
  for (int i = 0; i < argc; i++) {
    pthread_join(jobs[i].thread, NULL);
    sum += jobs[i].result;
  }
  free(jobs);
  return sum == argc * (argc - 1) ? 0 : 1;
}
