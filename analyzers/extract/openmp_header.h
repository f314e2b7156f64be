// The omp.h that is used where the machine has none for Clang: a program built by another compiler, whose own header
// Clang does not look for, can be analysed without Clang's OpenMP library.
#pragma once

namespace deadheat {

/// A folder that exists only in memory, searched after all others.
inline constexpr const char* kOpenMpFolder = "/deadheat/openmp";
inline constexpr const char* kOpenMpHeader = "/deadheat/openmp/omp.h";

/// The declarations of OpenMP's run-time functions, as its specification lists them.
inline constexpr const char* kOpenMpText = R"(#pragma once
#ifdef __cplusplus
extern "C" {
#endif
typedef struct omp_lock_t { void *lock; } omp_lock_t;
typedef struct omp_nest_lock_t { void *lock; } omp_nest_lock_t;
typedef int omp_sync_hint_t;
typedef int omp_lock_hint_t;
typedef enum omp_sched_t { omp_sched_static = 1, omp_sched_dynamic, omp_sched_guided, omp_sched_auto } omp_sched_t;
typedef enum omp_proc_bind_t {
  omp_proc_bind_false, omp_proc_bind_true, omp_proc_bind_master, omp_proc_bind_close, omp_proc_bind_spread
} omp_proc_bind_t;
void omp_set_num_threads(int), omp_set_dynamic(int), omp_set_nested(int), omp_set_max_active_levels(int);
void omp_set_schedule(omp_sched_t, int), omp_get_schedule(omp_sched_t *, int *);
void omp_set_default_device(int), omp_set_num_teams(int), omp_set_teams_thread_limit(int);
int omp_get_num_threads(void), omp_get_max_threads(void), omp_get_thread_num(void), omp_get_num_procs(void);
int omp_in_parallel(void), omp_get_dynamic(void), omp_get_nested(void), omp_get_cancellation(void);
int omp_get_thread_limit(void), omp_get_max_active_levels(void), omp_get_level(void), omp_get_active_level(void);
int omp_get_ancestor_thread_num(int), omp_get_team_size(int), omp_in_final(void), omp_get_num_places(void);
int omp_get_place_num(void), omp_get_default_device(void), omp_get_num_devices(void), omp_get_initial_device(void);
int omp_get_device_num(void), omp_get_num_teams(void), omp_get_team_num(void), omp_is_initial_device(void);
int omp_get_max_teams(void), omp_get_max_task_priority(void), omp_get_supported_active_levels(void);
omp_proc_bind_t omp_get_proc_bind(void);
double omp_get_wtime(void), omp_get_wtick(void);
void omp_init_lock(omp_lock_t *), omp_destroy_lock(omp_lock_t *), omp_set_lock(omp_lock_t *);
void omp_unset_lock(omp_lock_t *), omp_init_lock_with_hint(omp_lock_t *, omp_sync_hint_t);
int omp_test_lock(omp_lock_t *);
void omp_init_nest_lock(omp_nest_lock_t *), omp_destroy_nest_lock(omp_nest_lock_t *);
void omp_set_nest_lock(omp_nest_lock_t *), omp_unset_nest_lock(omp_nest_lock_t *);
void omp_init_nest_lock_with_hint(omp_nest_lock_t *, omp_sync_hint_t);
int omp_test_nest_lock(omp_nest_lock_t *);
void *omp_target_alloc(__SIZE_TYPE__, int);
void omp_target_free(void *, int);
int omp_target_memcpy(void *, const void *, __SIZE_TYPE__, __SIZE_TYPE__, __SIZE_TYPE__, int, int);
int omp_target_is_present(const void *, int);
#ifdef __cplusplus
}
#endif
)";

}  // namespace deadheat
