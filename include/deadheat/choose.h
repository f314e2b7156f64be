/* deadheat_choose(n): which of n equally good things a program does next, for executors of one's own.
 *
 *   task = ready[deadheat_choose(ready.size())];
 *
 * 0, and one comparison, outside a controlled run (`deadheat explore`, `hunt`, `confirm`, `replay`), and where deadheat is not linked in.
 * In a controlled run each answer is tried, recorded, and given again in a replay. C and C++; copy it where it may not be
 * installed. */
#ifndef DEADHEAT_CHOOSE_H
#define DEADHEAT_CHOOSE_H

#ifdef __cplusplus
extern "C" {
#endif

/* The runtime's; null where there is none. */
unsigned __deadheat_choose(unsigned count) __attribute__((weak));

/* A number below `count`; 0 when count is 0. */
static inline unsigned deadheat_choose(unsigned count) {
  return __deadheat_choose != 0 && count > 1 ? __deadheat_choose(count) : 0;
}

#ifdef __cplusplus
}
#endif

#endif
