#include "gtest/gtest.h"
#include "tests/support/extracted.h"

namespace deadheat::test {
namespace {

const std::vector<std::string> kC11 = {"-std=gnu11"};
const std::string kHead =
    "#include <pthread.h>\n#include <stdatomic.h>\n#include <stdlib.h>\n#include <threads.h>\nstatic pthread_mutex_t m; "
    "static pthread_cond_t c; int g; void* work(void*);\n";

TEST(C, PthreadMutexAndCondition) {
  EXPECT_EQ(eventsOf(kHead + "void f(void) { pthread_mutex_lock(&m); while (!g) pthread_cond_wait(&c, &m); "
                             "pthread_cond_signal(&c); pthread_mutex_unlock(&m); }", "f", kC11),
            (Lines{"acquire m", "read g", "notify one c", "release m", "awaited g", "wait c releasing m in a loop"}));
}

TEST(C, WaitWithoutALoop) {
  EXPECT_EQ(eventsOf(kHead + "void f(void) { pthread_mutex_lock(&m); if (!g) pthread_cond_wait(&c, &m); "
                             "pthread_mutex_unlock(&m); }", "f", kC11),
            (Lines{"acquire m", "read g", "awaited g", "wait c releasing m", "release m"}));
  EXPECT_EQ(eventsOf(kHead + "void f(void) { for (;;) { pthread_mutex_lock(&m); if (!g) pthread_cond_wait(&c, &m); "
                             "pthread_mutex_unlock(&m); } }", "f", kC11),
            (Lines{"acquire m", "read g", "awaited g", "wait c releasing m", "release m"}));
}

TEST(C, HandlersOfFaultsAreTold) {
  const std::string head = "#include <signal.h>\n#include <string.h>\nvoid h(int); void k(int);\n";
  EXPECT_EQ(eventsOf(head + "void f(void) { signal(SIGSEGV, h); signal(SIGINT, h); }", "f", kC11),
            (Lines{"spawn h() by signal for faults", "spawn h() by signal"}));
  EXPECT_EQ(eventsOf(head + "void f(void) { struct sigaction a = {0}; a.sa_handler = h; sigaction(SIGBUS, &a, 0); "
                            "a.sa_handler = k; sigaction(SIGABRT, &a, 0); sigaction(SIGTERM, &a, 0); }", "f", kC11),
            (Lines{"write $a.__sigaction_handler.sa_handler", "spawn h() by sigaction for faults",
                   "assign $a.__sigaction_handler.sa_handler = function h",
                   "write $a.__sigaction_handler.sa_handler", "spawn k() by sigaction",
                   "assign $a.__sigaction_handler.sa_handler = function k"}));
  EXPECT_EQ(eventsOf(head + "void f(void) { struct sigaction a = {.sa_handler = h}; sigaction(SIGFPE, &a, 0); }", "f", kC11).at(0),
            "spawn h() by sigaction for faults");
}

TEST(C, PthreadCreateAndJoin) {
  EXPECT_EQ(eventsOf(kHead + "struct job { int n; }; void f(void) { pthread_t t[2]; struct job j; "
                             "pthread_create(&t[0], NULL, work, &j); pthread_join(t[0], NULL); }", "f", kC11),
            (Lines{"spawn work(&$j) as $t[0] by pthread_create", "read $t[0]", "join $t[0]"}));
}

TEST(C, ThreadHandlesAreValues) {
  EXPECT_EQ(eventsOf(kHead + "void stop(pthread_t t) { pthread_join(t, NULL); }", "stop", kC11), Lines{"join %t"});
  EXPECT_EQ(eventsOf(kHead + "void stop(pthread_t t); pthread_t k; void f(void) { stop(k); }", "f", kC11),
            (Lines{"read k", "call stop(k)"}));
}

TEST(C, TrylockIsTestedAgainstZero) {
  const std::string expected = R"(f
  block 0 -> 1
  block 1 -> 4 3
  block 2 -> 3
    read-write g
    release m
  block 3 ->
  block 4 -> 2
    acquire m try
)";
  EXPECT_EQ(graphOf(kHead + "void f(void) { if (pthread_mutex_trylock(&m) == 0) { g++; pthread_mutex_unlock(&m); } }",
                    "f", kC11), expected);
  EXPECT_EQ(graphOf(kHead + "void f(void) { if (!pthread_mutex_trylock(&m)) { g++; pthread_mutex_unlock(&m); } }", "f",
                    kC11), expected);
  // The scope of the local adds a block of its own.
  EXPECT_EQ(graphOf(kHead + "void f(void) { int rc; if ((rc = pthread_mutex_trylock(&m)) == 0) { g++; "
                            "pthread_mutex_unlock(&m); } }", "f", kC11), R"(f
  block 0 -> 1
  block 1 -> 5 3
    flag $rc
  block 2 -> 3
    read-write g
    release m
  block 3 -> 4
  block 4 ->
  block 5 -> 2
    acquire m try
)");
}

TEST(C, C11Threads) {
  EXPECT_EQ(eventsOf(kHead + "mtx_t k; int job(void*); void f(void) { thrd_t t; thrd_create(&t, job, &g); mtx_lock(&k); "
                             "mtx_unlock(&k); thrd_join(t, NULL); }", "f", {"-std=c11"}),
            (Lines{"spawn job(&g) as $t by thrd_create", "acquire k", "release k", "read $t", "join $t"}));
}

TEST(C, Atomics) {
  EXPECT_EQ(eventsOf(kHead + "_Atomic int a; void f(void) { a++; atomic_store_explicit(&a, 1, memory_order_release); "
                             "g = atomic_load(&a); __sync_fetch_and_add(&g, 1); __atomic_load_n(&g, __ATOMIC_ACQUIRE); }",
                     "f", kC11),
            (Lines{"read-write a atomic seq_cst", "write a atomic release", "read a atomic seq_cst", "write g",
                   "read-write g atomic seq_cst", "read g atomic acquire"}));
}

TEST(C, TablesOfFunctionsAreInitialised) {
  const Extraction unit = extractText("static void a(void) {} typedef void (*fn)(void); static fn table[] = {a}; "
                                      "struct ops { fn open; } ops = {.open = a}; void f(int i) { table[i](); ops.open(); }",
                                      kC11);
  EXPECT_EQ(eventsOf(unit.facts, "initialisers of global variables"),
            (Lines{"assign table[0] = function test.c:a", "assign ops.open = function test.c:a"}));
  EXPECT_EQ(eventsOf(unit.facts, "f"),
            (Lines{"read table[i]", "call [table[i]]()", "read ops.open", "call [ops.open]()"}));
  EXPECT_TRUE(functionNamed(unit.facts, "a")->addressTaken);
  EXPECT_FALSE(functionNamed(unit.facts, "f")->addressTaken);
}

TEST(C, HeapMemory) {
  EXPECT_EQ(eventsOf(kHead + "struct n { struct n* next; }; void f(void) { struct n* p = malloc(sizeof *p); p->next = 0; free(p); }",
                     "f", kC11),
            (Lines{"allocate new struct n", "assign $p = &new", "write $p*.next", "assign $p*.next = constant", "free $p*"}));
}

TEST(C, StaticsOfTwoFunctionsDiffer) {
  const Extraction unit = extractText("void a(void) { static int n; n++; } void b(void) { static int n; n++; }", kC11);
  ASSERT_EQ(unit.facts.globals.size(), 2U);
  EXPECT_NE(unit.facts.globals[0].name, unit.facts.globals[1].name);
  EXPECT_TRUE(unit.facts.globals[0].isStaticLocal);
}

TEST(C, CleanupAttributeCallsItsFunction) {
  EXPECT_EQ(eventsOf(kHead + "void drop(pthread_mutex_t** p); void f(void) { __attribute__((cleanup(drop))) pthread_mutex_t* l = &m; "
                             "pthread_mutex_lock(l); }", "f", kC11),
            (Lines{"assign $l = &m", "acquire $l*", "call drop(&$l)"}));
}

}  // namespace
}  // namespace deadheat::test
