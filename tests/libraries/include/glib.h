/* Shape of GLib's threads. */
#pragma once
typedef struct _GMutex { void* p; } GMutex;
typedef struct _GCond { void* p; } GCond;
typedef struct _GThread GThread;
typedef void* (*GThreadFunc)(void*);
void g_mutex_lock(GMutex*); void g_mutex_unlock(GMutex*);
void g_cond_wait(GCond*, GMutex*); void g_cond_signal(GCond*);
GThread* g_thread_new(const char*, GThreadFunc, void*); void* g_thread_join(GThread*);
