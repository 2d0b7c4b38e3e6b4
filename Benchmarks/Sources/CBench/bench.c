#define _GNU_SOURCE
#include "bench.h"

#include <string.h>
#include <time.h>

int bench_epoll_wait(int poll, struct epoll_event *events, int capacity, int64_t nanoseconds) {
    struct timespec limit = {nanoseconds / 1000000000, nanoseconds % 1000000000};
    return epoll_pwait2(poll, events, capacity, nanoseconds < 0 ? 0 : &limit, 0);
}

int64_t bench_cpu_nanoseconds(pid_t process) {
    clockid_t clock;
    struct timespec time;
    if (clock_getcpuclockid(process, &clock) != 0 || clock_gettime(clock, &time) != 0) return -1;
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

const void *bench_find(const void *bytes, size_t count, const void *text, size_t length) {
    return memmem(bytes, count, text, length);
}
