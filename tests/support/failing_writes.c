/* Loaded before the C library: each NTH write into a file below FOLDER fails, as on a bad disk. Logs
 * are left alone: nothing comes of a line that is missing there. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static long calls;

static int fails(int fd)
{
    const char *folder = getenv("DISTMILL_TEST_FOLDER"), *nth = getenv("DISTMILL_TEST_NTH");
    char link[40], path[4096];
    ssize_t length;
    if (!folder || !nth)
        return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    length = readlink(link, path, sizeof path - 1);
    if (length < 0)
        return 0;
    path[length] = 0;
    if (strncmp(path, folder, strlen(folder)) || strstr(path, "/logs/"))
        return 0;
    if (__atomic_add_fetch(&calls, 1, __ATOMIC_SEQ_CST) % atol(nth))
        return 0;
    errno = EIO;
    return 1;
}

ssize_t write(int fd, const void *bytes, size_t count)
{
    return fails(fd) ? -1 : syscall(SYS_write, fd, bytes, count);
}

ssize_t pwrite64(int fd, const void *bytes, size_t count, off_t at)
{
    return fails(fd) ? -1 : syscall(SYS_pwrite64, fd, bytes, count, at);
}

ssize_t pwrite(int fd, const void *bytes, size_t count, off_t at)
{
    return pwrite64(fd, bytes, count, at);
}
