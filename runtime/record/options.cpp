#include "runtime/record/options.h"

#include <unistd.h>

#include "runtime/platform/environment.h"
#include "runtime/platform/pages.h"
#include "runtime/platform/text.h"
#include "runtime/protocol.h"
#include "runtime/record/recording.h"

extern "C" __attribute__((weak)) const char* __tsan_default_options();

namespace deadheat::rt {

constinit Options options = {};

namespace {

constexpr int kUsageError = 64;
constexpr std::uint64_t kNoNumber = ~std::uint64_t{0};

/// A piece of the text: a name or a value.
struct Piece {
  const char* begin;
  const char* end;
};

struct OptionName {
  const char* name;
  void (*set)(std::uint64_t value);
  const char* const* words = nullptr;  ///< Values that are words rather than numbers; the value is the index.
  void (*setText)(const char* value) = nullptr;
};

constexpr const char* kOnDeadlock[] = {"exit", "report", "abort", nullptr};

constexpr OptionName kNames[] = {
    {"exitcode", [](std::uint64_t value) { options.exitCode = static_cast<int>(value & 0xff); }},
    {"halt_on_error", [](std::uint64_t value) { options.haltOnError = value != 0; }},
    {"count_accesses", [](std::uint64_t value) { options.countAccesses = value != 0; }},
    {"races", [](std::uint64_t value) { options.races = value != 0; }},
    {"report_bugs", [](std::uint64_t value) { options.races = options.locks = options.threadLeaks = value != 0; }},
    {"report_atomic_races", [](std::uint64_t value) { options.atomicRaces = value != 0; }},
    {"locks", [](std::uint64_t value) { options.locks = value != 0; }},
    {"report_mutex_bugs", [](std::uint64_t value) { options.locks = value != 0; }},
    {"detect_deadlocks", [](std::uint64_t value) { options.lockOrder = value != 0; }},
    {"report_destroy_locked", [](std::uint64_t value) { options.destroyLocked = value != 0; }},
    {"report_thread_leaks", [](std::uint64_t value) { options.threadLeaks = value != 0; }},
    {"report_signal_unsafe", [](std::uint64_t value) { options.handlers = value != 0; }},
    {"report_tasks", [](std::uint64_t value) { options.tasks = value != 0; }},
    {"deadlocks", [](std::uint64_t value) { options.deadlocks = value != 0; }},
    {"ignore_noninstrumented_modules", [](std::uint64_t value) { options.ignoreForeignModules = value != 0; }},
    {"print_full_thread_history", [](std::uint64_t value) { options.fullThreadHistory = value != 0; }},
    {"contention", [](std::uint64_t value) { options.contention = value != 0; }},
    {"print_suppressions", [](std::uint64_t value) { options.printSuppressions = value != 0; }},
    {"on_deadlock", [](std::uint64_t value) { options.onDeadlock = static_cast<OnDeadlock>(value); }, kOnDeadlock},
    {"recording_mb", [](std::uint64_t value) { options.recordingMegabytes = value != 0 ? value : 1; }},
    {"stack_trace_format", nullptr, nullptr, [](const char*) { options.addresses = true; }},
    {"suppressions", nullptr, nullptr, [](const char* value) { options.suppressions = value; }},
    {"log_path", nullptr, nullptr, [](const char* value) { options.logPath = value; }},
};

/// What ThreadSanitizer has and this runtime does without: sizes of a history that is not lost here, a symbolizer of its
/// own, the look of its reports, checks of other tools.
constexpr const char* kWithoutEffect[] = {
    "abort_on_error", "adaptive_delay", "allocator_may_return_null", "allocator_release_to_os_interval_ms",
    "allow_addr2line", "allow_user_segv_handler", "atexit_sleep_ms", "can_use_proc_maps_statm", "check_initialization_order",
    "check_printf", "clear_shadow_mmap_threshold", "color", "compress_stack_depot", "coverage", "coverage_dir",
    "cf_diag", "decorate_proc_maps", "dedup_token_length", "detect_leaks", "detect_stack_use_after_return",
    "die_after_fork", "disable_coredump", "dump_instruction_bytes", "dump_registers", "enable_symbolizer_markup",
    "enable_annotations", "exclusive_log", "exitcode_on_deadlock", "external_symbolizer_path", "fast_unwind_on_check",
    "fast_unwind_on_fatal", "fast_unwind_on_malloc", "flush_memory_ms", "flush_symbolizer_ms", "force_background_thread",
    "force_seq_cst_atomics", "full_address_space", "handle_abort", "handle_ioctl", "handle_segv", "handle_sigbus",
    "handle_sigfpe", "handle_sigill", "handle_sigtrap", "hard_rss_limit_mb", "heap_profile", "help", "history_size",
    "html_cov_report", "ignore_interceptors_accesses", "include", "include_if_exists", "intercept_intrin",
    "intercept_memcmp", "intercept_memmem", "intercept_send", "intercept_stat", "intercept_strchr", "intercept_strcmp",
    "intercept_strlen", "intercept_strndup", "intercept_strpbrk", "intercept_strspn", "intercept_strstr",
    "intercept_tls_get_addr", "io_sync", "legacy_pthread_cond", "log_exe_name", "log_fallback_to_stderr",
    "log_suffix", "log_to_syslog", "malloc_context_size", "max_allocation_size_mb", "memory_limit_mb",
    "mmap_limit_mb", "no_huge_pages_for_shadow", "print_benign", "print_cmdline",
    "print_module_map", "print_summary", "profile_memory", "running_on_valgrind", "second_deadlock_stack",
    "shared_ptr_interceptor", "soft_rss_limit_mb", "stop_on_start", "strict_memcmp",
    "strict_string_checks", "strip_env", "strip_path_prefix", "suppress_equal_addresses", "suppress_equal_stacks",
    "symbolize", "symbolize_inline_frames", "symbolize_vs_style", "test_only_emulate_no_memorymap",
    "test_only_replace_dlopen_main_program", "tool_name", "use_madv_dontdump", "use_sigaltstack", "use_madv_nohugepage",
    "use_sigaltstack", "verbosity", "verify_interceptors",
};

bool spells(const char* word, Piece piece) {
  std::size_t length = lengthOf(word);
  if (length != static_cast<std::size_t>(piece.end - piece.begin)) return false;
  for (std::size_t i = 0; i < length; ++i)
    if (word[i] != piece.begin[i]) return false;
  return true;
}

std::uint64_t numberIn(Piece piece) {
  if (spells("true", piece) || spells("yes", piece)) return 1;
  if (spells("false", piece) || spells("no", piece)) return 0;
  std::uint64_t number = 0;
  if (piece.begin == piece.end || piece.end - piece.begin > 9) return kNoNumber;
  for (const char* c = piece.begin; c != piece.end; ++c) {
    if (*c < '0' || *c > '9') return kNoNumber;
    number = number * 10 + static_cast<std::uint64_t>(*c - '0');
  }
  return number;
}

std::uint64_t valueOf(const OptionName& option, Piece value) {
  if (option.words == nullptr) return numberIn(value);
  for (std::uint64_t i = 0; option.words[i] != nullptr; ++i)
    if (spells(option.words[i], value)) return i;
  return kNoNumber;
}

const char* copyOf(Piece piece) {
  auto size = static_cast<std::size_t>(piece.end - piece.begin);
  auto* copy = static_cast<char*>(allocateForever(size + 1));
  for (std::size_t i = 0; i < size; ++i) copy[i] = piece.begin[i];
  return copy;
}

/// False if there is no such option, or it does not take the value.
bool apply(Piece name, Piece value) {
  for (const OptionName& option : kNames) {
    if (!spells(option.name, name)) continue;
    if (option.setText != nullptr) return option.setText(copyOf(value)), true;
    std::uint64_t number = valueOf(option, value);
    if (number != kNoNumber) option.set(number);
    return number != kNoNumber;
  }
  for (const char* known : kWithoutEffect)
    if (spells(known, name)) return true;
  return false;
}

bool separates(char c) { return c == ':' || c == ',' || c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

/// A value may stand in quotes, and then hold separators.
const char* readValue(const char* at, Piece& value) {
  if (*at == '\'' || *at == '"') {
    char quote = *at++;
    value.begin = at;
    while (*at != 0 && *at != quote) ++at;
    value.end = at;
    return *at == 0 ? at : at + 1;
  }
  value.begin = at;
  while (*at != 0 && !separates(*at)) ++at;
  value.end = at;
  return at;
}

void parse(const char* text, const char* source) {
  while (text != nullptr && *text != 0) {
    if (separates(*text)) {
      ++text;
      continue;
    }
    Piece name{text, text};
    while (*name.end != 0 && *name.end != '=' && !separates(*name.end)) ++name.end;
    Piece value{name.end, name.end};
    const char* next = *name.end == '=' ? readValue(name.end + 1, value) : name.end;
    if (*name.end != '=' || !apply(name, value)) {
      Text<512> detail;
      detail << source << ": no such option, or no such value, in " << copyOf({text, next});
      failStart(kUsageError, "", detail.c_str());
    }
    text = next;
  }
}

}  // namespace

void parseOptions() {
  if (__tsan_default_options != nullptr) parse(__tsan_default_options(), "__tsan_default_options()");
  parse(environmentValue(environment(), "TSAN_OPTIONS"), "TSAN_OPTIONS");
  parse(environmentValue(environment(), protocol::kOptionsVariable), protocol::kOptionsVariable);
}

}  // namespace deadheat::rt
