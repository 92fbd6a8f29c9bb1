// submission: see submission.h.
#include "harness/grade/submission.h"

#include "harness/judge.h"
#include "harness/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// --- the folder -----------------------------------------------------------------------------------

static bool is_link(int folder, const char *name) {
    struct stat info;
    return fstatat(folder, name, &info, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(info.st_mode);
}

void submission_open(struct submission *s, const char *folder) {
    *s = (struct submission){.folder = -1};
    int top = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (top >= 0)
        s->folder = openat(top, "exercises", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    int error = errno;
    if (s->folder < 0 && top >= 0 && is_link(top, "exercises")) {
        s->verdict = VERDICT_TAMPERED;
        snprintf(s->why, sizeof s->why,
                 "exercises is a symbolic link. Hand in the folder itself, with the files in it.");
    } else if (s->folder < 0) {
        s->verdict = error == ENOENT || error == ENOTDIR ? VERDICT_BUILD : VERDICT_ENVIRONMENT;
        snprintf(s->why, sizeof s->why,
                 "there is no folder exercises to be read: %s. It is where the files to be judged "
                 "belong.",
                 strerror(error));
    }
    if (top >= 0)
        close(top);
}

void submission_close(struct submission *s) {
    if (s->folder >= 0)
        close(s->folder);
    s->folder = -1;
}

// --- one file ---------------------------------------------------------------------------------------

__attribute__((format(printf, 3, 4))) static void refuse(struct submitted *out, unsigned verdict,
                                                         const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(out->why, sizeof out->why, format, arguments);
    va_end(arguments);
    out->verdict = verdict;
    free(out->text);
    out->text = NULL;
}

static void refuse_missing(struct submitted *out, int folder, const char *file, int error) {
    if (is_link(folder, file))
        refuse(out, VERDICT_TAMPERED,
               "exercises/%.80s is a symbolic link. Hand in the file itself.", file);
    else if (error == ENOENT)
        refuse(out, VERDICT_BUILD, "exercises/%.80s is missing. Hand it in, even if unchanged.",
               file);
    else
        refuse(out, VERDICT_ENVIRONMENT, "exercises/%.80s cannot be read: %s.", file,
               strerror(error));
}

// The whole file, which may have been shortened meanwhile.
static bool read_whole(int fd, struct submitted *out) {
    char *end = out->text + SUBMISSION_MOST + 1, *at = out->text;
    ssize_t got = 0;
    while (at < end && (got = read(fd, at, (size_t)(end - at))) != 0) {
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return false;
        at += got;
    }
    out->size = (size_t)(at - out->text);
    return true;
}

static void read_file(int fd, const char *file, struct submitted *out) {
    struct stat info;
    if (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) {
        refuse(out, VERDICT_TAMPERED, "exercises/%.80s is no regular file. Hand in a source file.",
               file);
        return;
    }
    out->text = zero_alloc(SUBMISSION_MOST + 2, 1);
    if (!read_whole(fd, out))
        refuse(out, VERDICT_ENVIRONMENT, "exercises/%.80s cannot be read: %s.", file,
               strerror(errno));
    else if (out->size > SUBMISSION_MOST)
        refuse(out, VERDICT_BUILD, "exercises/%.80s is larger than %d KB: that is no exercise.",
               file, SUBMISSION_MOST >> 10);
    else if (memchr(out->text, '\0', out->size))
        refuse(out, VERDICT_BUILD,
               "exercises/%.80s holds NUL bytes: it is no C source. Save it "
               "as UTF-8.",
               file);
}

void submission_read(const struct submission *s, const char *name, struct submitted *out) {
    *out = (struct submitted){0};
    if (s->folder < 0) {
        refuse(out, s->verdict, "%s", s->why);
        return;
    }
    char *file = text_format("%s.c", name);
    int fd = openat(s->folder, file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0)
        refuse_missing(out, s->folder, file, errno);
    else
        read_file(fd, file, out);
    if (fd >= 0)
        close(fd);
    free(file);
}
