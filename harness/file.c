// file: a fresh file, fsync, rename, fsync of the folder.
//
// The fresh file has a name of its own, so that two writers at once never share one; a process that is
// killed leaves it behind, and the next who writes the same file takes it away.
//
// Rejected: O_TMPFILE with linkat, which cannot replace a file that is there.
#include "harness/file.h"

#include "harness/text.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LARGEST = 64 << 20 };

static const char fresh_mark[] = ".unstuck-new-";

static bool fail(char *why, const char *path) {
    snprintf(why, FILE_WHY, "%.200s: %.60s", path, strerror(errno));
    return false;
}

bool file_folders(const char *path, char *why) {
    char *folder = text_copy(path);
    bool good = true;
    for (char *slash = strchr(folder + 1, '/'); slash && good; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        struct stat info;
        int error = mkdir(folder, 0777) == 0 ? 0 : errno;
        good = !error || (stat(folder, &info) == 0 && S_ISDIR(info.st_mode));
        errno = error;
        if (!good)
            fail(why, folder);
        *slash = '/';
    }
    free(folder);
    return good;
}

// The folder of a path, malloc'ed.
static char *folder_of(const char *path) {
    const char *slash = strrchr(path, '/');
    if (!slash)
        return text_copy(".");
    return text_format("%.*s", slash == path ? 1 : (int)(slash - path), path);
}

// What those who were killed had begun: fresh files for the same name, by processes that are gone.
static void tidy(const char *path) {
    const char *slash = strrchr(path, '/');
    char *folder = folder_of(path);
    char *begun = text_format("%s%s", slash ? slash + 1 : path, fresh_mark);
    DIR *entries = opendir(folder);
    for (struct dirent *entry; entries && (entry = readdir(entries));) {
        if (strncmp(entry->d_name, begun, strlen(begun)) != 0)
            continue;
        char *process = text_format("/proc/%s", entry->d_name + strlen(begun));
        char *left = text_format("%s/%s", folder, entry->d_name);
        if (access(process, F_OK) != 0)
            unlink(left);
        free(left);
        free(process);
    }
    if (entries)
        closedir(entries);
    free(begun);
    free(folder);
}

static bool write_all(int fd, const char *bytes, size_t size) {
    while (size) {
        ssize_t done = write(fd, bytes, size);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return false;
        bytes += done;
        size -= (size_t)done;
    }
    return true;
}

// What was written of it, when not all of it could be, goes.
static bool append_all(int fd, const char *bytes, size_t size) {
    struct stat before;
    bool known = fstat(fd, &before) == 0 && S_ISREG(before.st_mode);
    if (write_all(fd, bytes, size))
        return true;
    int error = errno;
    if (known && ftruncate(fd, before.st_size) != 0)
        error = errno;
    errno = error;
    return false;
}

// A new file keeps the mode of the one it replaces.
static mode_t mode_for(const char *path) {
    struct stat info;
    return stat(path, &info) == 0 ? info.st_mode & 0777 : 0666;
}

static bool write_fresh(const char *fresh, const char *path, const char *bytes, size_t size) {
    int fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode_for(path));
    if (fd < 0)
        return false;
    bool good = write_all(fd, bytes, size) && fsync(fd) == 0;
    int error = errno;
    good = close(fd) == 0 && good;
    if (!good && error)
        errno = error;
    return good;
}

// That the name stands for the new file must be on the disk as well. Not every file system can.
static void folder_sync(const char *path) {
    char *folder = folder_of(path);
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        fsync(fd);
        close(fd);
    }
    free(folder);
}

bool file_write(const char *path, const char *bytes, size_t size, char *why) {
    if (!file_folders(path, why))
        return false;
    tidy(path);
    char *fresh = text_format("%s%s%d", path, fresh_mark, (int)getpid());
    bool good = write_fresh(fresh, path, bytes, size) && rename(fresh, path) == 0;
    if (good) {
        folder_sync(path);
    } else {
        fail(why, path);
        unlink(fresh);
    }
    free(fresh);
    return good;
}

bool file_append(const char *path, const char *bytes, size_t size, char *why) {
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    if (fd < 0)
        return fail(why, path);
    bool good = append_all(fd, bytes, size) || fail(why, path);
    if (close(fd) != 0 && good)
        good = fail(why, path);
    return good;
}

bool file_put(const char *path, const char *content, char *why) {
    return file_write(path, content, strlen(content), why);
}

bool file_holds(const char *path, const char *content) {
    char *text = text_file(path, LARGEST);
    bool same = text && strcmp(text, content) == 0;
    free(text);
    return same;
}

int file_lock(const char *path) {
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (fd >= 0 && flock(fd, LOCK_EX) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

void file_unlock(int lock) {
    if (lock >= 0)
        close(lock);
}
