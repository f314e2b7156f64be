// Two objects, or one that is given twice, are locked by address; equality is asked for in either sense.
#include <pthread.h>
#include <stdint.h>

struct socket {
  pthread_mutex_t lock;
  int uses;
};

int join_sockets(struct socket *one, struct socket *other) {
  int result = 0;
  if (((uintptr_t)one < (uintptr_t)other) || (other == one)) {
    pthread_mutex_lock(&one->lock);
    if (other != one) pthread_mutex_lock(&other->lock);
  } else {
    pthread_mutex_lock(&other->lock);
    pthread_mutex_lock(&one->lock);
  }
  if (one->uses < 0 || other->uses < 0) {
    result = -1;
  } else {
    one->uses++;
    if (one != other) other->uses++;
  }
  pthread_mutex_unlock(&one->lock);
  if (other != one) pthread_mutex_unlock(&other->lock);
  return result;
}
