// verdict: suspected
// A thermostat: the sensor thread changes the temperature under the lock of the readings, the heater waits for it with
// the lock of its own settings.
#include <pthread.h>
#include <stdio.h>

static pthread_mutex_t readings_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t settings_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t colder = PTHREAD_COND_INITIALIZER;

static int temperature = 24;  // under readings_lock
static int wanted = 20;       // under settings_lock

static void *sense(void *unused) {
  (void)unused;
  for (int minute = 0; minute < 8; ++minute) {
    pthread_mutex_lock(&readings_lock);
    --temperature;  // allow: wait-wrong-mutex colder
    pthread_cond_signal(&colder);
    pthread_mutex_unlock(&readings_lock);
  }
  return NULL;
}

static void *heat(void *unused) {
  (void)unused;
  pthread_mutex_lock(&settings_lock);
  while (temperature > wanted)                   // allow: wait-wrong-mutex colder
    pthread_cond_wait(&colder, &settings_lock);  // expect: wait-wrong-mutex colder
  pthread_mutex_unlock(&settings_lock);
  return NULL;
}

int main(void) {
  pthread_t sensor, heater;
  pthread_create(&heater, NULL, heat, NULL);
  pthread_create(&sensor, NULL, sense, NULL);
  pthread_join(sensor, NULL);
  pthread_join(heater, NULL);
  printf("heating on at %d degrees\n", wanted);
  return 0;
}
