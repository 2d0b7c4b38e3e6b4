#ifndef MARTLET_BENCH_H
#define MARTLET_BENCH_H

#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/types.h>

/// `epoll_pwait2` with nanoseconds; a negative time-out waits for ever.
int bench_epoll_wait(int poll, struct epoll_event *events, int capacity, int64_t nanoseconds);

/// CPU nanoseconds of all threads of another process, user and system; negative if it is gone.
int64_t bench_cpu_nanoseconds(pid_t process);

/// `memmem`.
const void *bench_find(const void *bytes, size_t count, const void *text, size_t length);

#endif
