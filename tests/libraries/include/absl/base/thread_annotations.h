// Names for Clang's attributes.
#pragma once
#define ABSL_GUARDED_BY(x) __attribute__((guarded_by(x)))
#define ABSL_EXCLUSIVE_LOCKS_REQUIRED(...) __attribute__((exclusive_locks_required(__VA_ARGS__)))
#define ABSL_LOCKS_EXCLUDED(...) __attribute__((locks_excluded(__VA_ARGS__)))
