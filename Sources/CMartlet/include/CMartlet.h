// System calls and CPU instructions that Swift's Glibc module does not give.
#ifndef CMARTLET_H
#define CMARTLET_H

#include <stddef.h>
#include <stdint.h>

/// CRC-32C (Castagnoli, RFC 3720 appendix B.4) of `count` bytes, continued from `crc` (0 to start).
uint32_t martlet_crc32c(uint32_t crc, const void *bytes, size_t count);

/// fallocate(2) without changing what is readable below the old size. 0 or -errno.
int martlet_allocate(int descriptor, int64_t size);

/// posix_fadvise(POSIX_FADV_DONTNEED) over the whole file. 0 or -errno.
int martlet_drop_page_cache(int descriptor);

/// An open-file-description write lock on the whole file (fcntl F_OFD_SETLK). 0 or -errno.
int martlet_lock_file(int descriptor);

/// Names the calling thread (at most 15 bytes are kept).
void martlet_name_thread(const char *name);

/// Lowers the calling thread's CPU priority by `niceness`. 0 or -errno.
int martlet_nice_thread(int niceness);

/// Asks for slices of the processor of so many nanoseconds for the calling thread (sched_setattr(2);
/// `sched_runtime` of a thread that is not real-time, since Linux 6.12). Returns 0 or -errno.
int martlet_set_slice(uint64_t nanoseconds);

/// Has the pages of a writable region made now (MADV_POPULATE_WRITE, since Linux 5.14), zeroed where
/// they are new; what is in those that are there stays. `start` is a multiple of 4096. 0 or -errno.
int martlet_make_pages(void *start, size_t count);

/// Fills `buffer` with the kernel's random bytes (getrandom). 0 or -errno.
int martlet_random(void *buffer, size_t count);

#endif
