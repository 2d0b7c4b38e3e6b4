#define _GNU_SOURCE
#include "CMartlet.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

int martlet_allocate(int descriptor, int64_t size) {
    return fallocate(descriptor, 0, 0, size) == 0 ? 0 : -errno;
}

int martlet_drop_page_cache(int descriptor) {
    return -posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED);
}

int martlet_lock_file(int descriptor) {
    struct flock lock;
    memset(&lock, 0, sizeof lock);
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    return fcntl(descriptor, F_OFD_SETLK, &lock) == 0 ? 0 : -errno;
}

void martlet_name_thread(const char *name) {
    char kept[16];
    strncpy(kept, name, sizeof kept - 1);
    kept[sizeof kept - 1] = 0;
    pthread_setname_np(pthread_self(), kept);
}

int martlet_nice_thread(int niceness) {
    id_t self = (id_t)syscall(SYS_gettid);
    return setpriority(PRIO_PROCESS, self, niceness) == 0 ? 0 : -errno;
}

/// As the kernel has it; glibc got a declaration in 2.41 only.
struct scheduling {
    uint32_t size;
    uint32_t policy;
    uint64_t flags;
    int32_t nice;
    uint32_t priority;
    uint64_t runtime;
    uint64_t deadline;
    uint64_t period;
};

int martlet_set_slice(uint64_t nanoseconds) {
    struct scheduling scheduling;
    memset(&scheduling, 0, sizeof scheduling);
    // What is not the slice stays as it is.
    if (syscall(SYS_sched_getattr, 0, &scheduling, sizeof scheduling, 0) != 0) return -errno;
    scheduling.size = sizeof scheduling;
    scheduling.runtime = nanoseconds;
    return syscall(SYS_sched_setattr, 0, &scheduling, 0) == 0 ? 0 : -errno;
}

int martlet_make_pages(void *start, size_t count) {
    // By its number, for headers that are older than the kernel.
    const int populate_write = 23;
    return madvise(start, count, populate_write) == 0 ? 0 : -errno;
}

int martlet_random(void *buffer, size_t count) {
    uint8_t *next = buffer;
    while (count > 0) {
        ssize_t got = getrandom(next, count, 0);
        if (got < 0 && errno != EINTR) return -errno;
        if (got < 0) continue;
        next += got;
        count -= (size_t)got;
    }
    return 0;
}
