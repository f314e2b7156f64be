// The system calls that programs announce through <sanitizer/linux_syscall_hooks.h>, but for those in
// abi/syscall_hooks.cpp.
#pragma once

#define DEADHEAT_SYSCALLS(each) each(accept) each(accept4) each(access) each(acct) each(add_key) each(adjtimex) \
  each(alarm) each(bdflush) each(bind) each(brk) each(capget) each(capset) each(chdir) each(chmod) each(chown) \
  each(chown16) each(chroot) each(clock_adjtime) each(clock_getres) each(clock_gettime) each(clock_nanosleep) \
  each(clock_settime) each(connect) each(creat) each(delete_module) each(dup) each(dup2) each(dup3) \
  each(epoll_create) each(epoll_create1) each(epoll_ctl) each(epoll_pwait) each(epoll_pwait2) each(epoll_wait) \
  each(eventfd) each(eventfd2) each(exit) each(exit_group) each(faccessat) each(fanotify_init) each(fanotify_mark) \
  each(fchdir) each(fchmod) each(fchmodat) each(fchown) each(fchown16) each(fchownat) each(fcntl) each(fcntl64) \
  each(fdatasync) each(fgetxattr) each(flistxattr) each(flock) each(fremovexattr) each(fsetxattr) \
  each(fstat) each(fstat64) each(fstatat64) each(fstatfs) each(fstatfs64) each(fsync) each(ftruncate) each(futex) \
  each(futimesat) each(get_mempolicy) each(get_robust_list) each(getcpu) each(getcwd) each(getdents) \
  each(getdents64) each(getegid) each(getegid16) each(geteuid) each(geteuid16) each(getgid) each(getgid16) \
  each(getgroups) each(getgroups16) each(gethostname) each(getitimer) each(getpeername) each(getpgid) each(getpgrp) \
  each(getpid) each(getppid) each(getpriority) each(getresgid) each(getresgid16) each(getresuid) each(getresuid16) \
  each(getrlimit) each(getrusage) each(getsid) each(getsockname) each(getsockopt) each(gettid) each(gettimeofday) \
  each(getuid) each(getuid16) each(getxattr) each(init_module) each(inotify_add_watch) each(inotify_init) \
  each(inotify_init1) each(inotify_rm_watch) each(io_cancel) each(io_destroy) each(io_getevents) each(io_setup) \
  each(io_submit) each(ioctl) each(ioperm) each(ioprio_get) each(ioprio_set) each(ipc) each(kexec_load) each(keyctl) \
  each(kill) each(lchown) each(lchown16) each(lgetxattr) each(link) each(linkat) each(listen) each(listxattr) \
  each(llistxattr) each(llseek) each(lookup_dcookie) each(lremovexattr) each(lseek) each(lsetxattr) each(lstat) \
  each(lstat64) each(madvise) each(mbind) each(migrate_pages) each(mincore) each(mkdir) each(mkdirat) each(mknod) \
  each(mknodat) each(mlock) each(mlockall) each(mmap_pgoff) each(mount) each(move_pages) each(mprotect) \
  each(mq_getsetattr) each(mq_notify) each(mq_open) each(mq_timedreceive) each(mq_timedsend) each(mq_unlink) \
  each(mremap) each(msgctl) each(msgget) each(msgrcv) each(msgsnd) each(msync) each(munlock) each(munlockall) \
  each(munmap) each(name_to_handle_at) each(nanosleep) each(newfstat) each(newfstatat) each(newlstat) each(newstat) \
  each(newuname) each(ni_syscall) each(nice) each(old_getrlimit) each(old_mmap) each(old_readdir) each(old_select) \
  each(oldumount) each(olduname) each(open) each(open_by_handle_at) each(openat) each(pause) each(pciconfig_iobase) \
  each(pciconfig_read) each(pciconfig_write) each(perf_event_open) each(personality) \
  each(pivot_root) each(poll) each(ppoll) each(pread64) each(preadv) each(prlimit64) each(process_vm_readv) \
  each(process_vm_writev) each(pselect6) each(ptrace) each(pwrite64) each(pwritev) each(quotactl) \
  each(readlink) each(readlinkat) each(readv) each(reboot) each(recv) each(recvfrom) each(recvmmsg) each(recvmsg) \
  each(remap_file_pages) each(removexattr) each(rename) each(renameat) each(request_key) each(restart_syscall) \
  each(rmdir) each(rt_sigaction) each(rt_sigpending) each(rt_sigprocmask) each(rt_sigqueueinfo) \
  each(rt_sigtimedwait) each(rt_tgsigqueueinfo) each(sched_get_priority_max) each(sched_get_priority_min) \
  each(sched_getaffinity) each(sched_getparam) each(sched_getscheduler) each(sched_rr_get_interval) \
  each(sched_setaffinity) each(sched_setparam) each(sched_setscheduler) each(sched_yield) each(select) each(semctl) \
  each(semget) each(semop) each(semtimedop) each(send) each(sendfile) each(sendfile64) each(sendmmsg) each(sendmsg) \
  each(sendto) each(set_mempolicy) each(set_robust_list) each(set_tid_address) each(setdomainname) each(setfsgid) \
  each(setfsgid16) each(setfsuid) each(setfsuid16) each(setgid) each(setgid16) each(setgroups) each(setgroups16) \
  each(sethostname) each(setitimer) each(setns) each(setpgid) each(setpriority) each(setregid) each(setregid16) \
  each(setresgid) each(setresgid16) each(setresuid) each(setresuid16) each(setreuid) each(setreuid16) \
  each(setrlimit) each(setsid) each(setsockopt) each(settimeofday) each(setuid) each(setuid16) each(setxattr) \
  each(sgetmask) each(shmat) each(shmctl) each(shmdt) each(shmget) each(shutdown) each(sigaction) each(sigaltstack) \
  each(signal) each(signalfd) each(signalfd4) each(sigpending) each(sigprocmask) each(socket) each(socketcall) \
  each(socketpair) each(splice) each(spu_create) each(spu_run) each(ssetmask) each(stat) each(stat64) each(statfs) \
  each(statfs64) each(stime) each(swapoff) each(swapon) each(symlink) each(symlinkat) each(sync) each(syncfs) \
  each(sysctl) each(sysfs) each(sysinfo) each(syslog) each(tee) each(tgkill) each(time) each(timer_create) \
  each(timer_delete) each(timer_getoverrun) each(timer_gettime) each(timer_settime) each(timerfd_create) \
  each(timerfd_gettime) each(timerfd_settime) each(times) each(tkill) each(truncate) each(umask) each(umount) \
  each(uname) each(unlink) each(unlinkat) each(unshare) each(uselib) each(ustat) each(utime) each(utimensat) \
  each(utimes) each(vhangup) each(vmsplice) each(wait4) each(waitid) each(waitpid) \
  each(writev)
