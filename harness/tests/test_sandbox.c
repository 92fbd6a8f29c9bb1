// Each layer of the sandbox holds alone, as root and as another user, against whoever can make any system
// call at all.
#define _GNU_SOURCE

#include "harness/runner/sandbox.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

enum { NOBODY = 65534, UNAVAILABLE = 200 };

static void become_nobody(void) {
    if (setgroups(0, NULL) || setresgid(NOBODY, NOBODY, NOBODY) ||
        setresuid(NOBODY, NOBODY, NOBODY))
        _exit(99);
}

// Runs it in a child, whose exit status is returned; a signal counts as 1000 + its number.
static int in_child(int (*what)(void), bool as_nobody) {
    pid_t pid = fork();
    if (pid == 0) {
        if (as_nobody)
            become_nobody();
        _exit(what());
    }
    int status = -1;
    cr_assert_eq(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

static void both_ways(int (*what)(void)) {
    int status = in_child(what, false);
    if (status == UNAVAILABLE)
        cr_skip_test("unavailable: this kernel or container has no such layer");
    cr_expect_eq(status, 0, "as who runs the tests: %d", status);
    if (geteuid() == 0) {
        status = in_child(what, true);
        if (status == UNAVAILABLE)
            cr_skip_test("unavailable: an ordinary user has no such layer here");
        cr_expect_eq(status, 0, "as nobody: %d", status);
    }
}

// --- system calls -----------------------------------------------------------------------------------

static pid_t parent;
static char here[4096]; // a name, and room for whatever a call would like to write

// A call that must be refused before its arguments are looked at.
static const struct {
    const char *name;
    long number, first, second, third;
} refused[] = {
    {"fork", SYS_fork, 0, 0, 0},
    {"vfork", SYS_vfork, 0, 0, 0},
    {"clone", SYS_clone, SIGCHLD, 0, 0},
    {"clone3", SYS_clone3, 0, 0, 0},
    {"execve", SYS_execve, (long)"/bin/true", 0, 0},
    {"execveat", SYS_execveat, AT_FDCWD, (long)"/bin/true", 0},
    {"socket", SYS_socket, AF_UNIX, SOCK_STREAM, 0},
    {"socketpair", SYS_socketpair, AF_UNIX, SOCK_STREAM, 0},
    {"sendto", SYS_sendto, 1, (long)here, 1},
    {"recvfrom", SYS_recvfrom, 0, (long)here, 1},
    {"connect", SYS_connect, 0, (long)here, 16},
    {"ptrace", SYS_ptrace, 16, 1, 0},
    {"process_vm_readv", SYS_process_vm_readv, 1, 0, 0},
    {"process_vm_writev", SYS_process_vm_writev, 1, 0, 0},
    {"open for writing", SYS_open, (long)"/dev/null", O_WRONLY, 0},
    {"open for both", SYS_open, (long)"/dev/null", O_RDWR, 0},
    {"openat for writing", SYS_openat, AT_FDCWD, (long)"/dev/null", O_WRONLY},
    {"openat to append", SYS_openat, AT_FDCWD, (long)"/dev/null", O_APPEND},
    {"openat2", SYS_openat2, AT_FDCWD, (long)"/dev/null", (long)here},
    {"open_by_handle_at", SYS_open_by_handle_at, AT_FDCWD, (long)here, 0},
    {"creat", SYS_creat, (long)here, 0600, 0},
    {"truncate", SYS_truncate, (long)here, 0, 0},
    {"ftruncate", SYS_ftruncate, 1, 0, 0},
    {"fallocate", SYS_fallocate, 1, 0, 0},
    {"unlink", SYS_unlink, (long)here, 0, 0},
    {"rename", SYS_rename, (long)here, (long)here, 0},
    {"mkdir", SYS_mkdir, (long)here, 0700, 0},
    {"rmdir", SYS_rmdir, (long)here, 0, 0},
    {"link", SYS_link, (long)here, (long)here, 0},
    {"symlink", SYS_symlink, (long)here, (long)here, 0},
    {"mknod", SYS_mknod, (long)here, S_IFIFO | 0600, 0},
    {"chmod", SYS_chmod, (long)here, 0600, 0},
    {"chown", SYS_chown, (long)here, 0, 0},
    {"utimensat", SYS_utimensat, AT_FDCWD, (long)here, 0},
    {"setxattr", SYS_setxattr, (long)here, (long)here, 0},
    {"chdir", SYS_chdir, (long)"/", 0, 0},
    {"chroot", SYS_chroot, (long)"/", 0, 0},
    {"mount", SYS_mount, 0, 0, 0},
    {"unshare", SYS_unshare, 0, 0, 0},
    {"setns", SYS_setns, 0, 0, 0},
    {"getdents64", SYS_getdents64, 0, (long)here, 1},
    {"write elsewhere", SYS_write, 5, (long)here, 0},
    {"writev elsewhere", SYS_writev, 3, (long)here, 0},
    {"pwrite64", SYS_pwrite64, 1, (long)here, 0},
    {"sendfile", SYS_sendfile, 1, 0, 0},
    {"splice", SYS_splice, 0, 0, 1},
    {"copy_file_range", SYS_copy_file_range, 0, 0, 1},
    {"dup", SYS_dup, 1, 0, 0},
    {"dup2", SYS_dup2, 1, 9, 0},
    {"fcntl, another descriptor", SYS_fcntl, 1, F_DUPFD, 9},
    {"fcntl, signals to others", SYS_fcntl, 1, F_SETOWN, 1},
    {"fcntl, flags", SYS_fcntl, 1, F_SETFL, 0},
    {"ioctl", SYS_ioctl, 0, TIOCSTI, (long)here},
    {"pipe2", SYS_pipe2, (long)here, 0, 0},
    {"memfd_create", SYS_memfd_create, (long)"x", 0, 0},
    {"shmget", SYS_shmget, 0, 4096, 0600},
    {"shmat", SYS_shmat, 0, 0, 0},
    {"semget", SYS_semget, 0, 1, 0600},
    {"msgget", SYS_msgget, 0, 0600, 0},
    {"mq_open", SYS_mq_open, (long)"x", O_RDONLY, 0},
    {"inotify_init1", SYS_inotify_init1, 0, 0, 0},
    {"fanotify_init", SYS_fanotify_init, 0, 0, 0},
    {"epoll_create1", SYS_epoll_create1, 0, 0, 0},
    {"eventfd2", SYS_eventfd2, 0, 0, 0},
    {"timerfd_create", SYS_timerfd_create, 0, 0, 0},
    {"signalfd4", SYS_signalfd4, -1, (long)here, 8},
    {"io_uring_setup", SYS_io_uring_setup, 1, (long)here, 0},
    {"io_setup", SYS_io_setup, 1, (long)here, 0},
    {"userfaultfd", SYS_userfaultfd, 0, 0, 0},
    {"bpf", SYS_bpf, 0, (long)here, 0},
    {"perf_event_open", SYS_perf_event_open, (long)here, 0, -1},
    {"keyctl", SYS_keyctl, 0, -3, 1},
    {"add_key", SYS_add_key, (long)"user", (long)"x", (long)here},
    {"personality", SYS_personality, 0, 0, 0},
    {"seccomp", SYS_seccomp, 0, 0, 0},
    {"capset", SYS_capset, (long)here, (long)here, 0},
    {"setuid", SYS_setuid, 0, 0, 0},
    {"setrlimit", SYS_setrlimit, 0, (long)here, 0},
    {"prlimit64, to set", SYS_prlimit64, 0, 0, (long)here},
    {"prlimit64, of others", SYS_prlimit64, 1, 0, 0},
    {"setpriority", SYS_setpriority, 0, 0, 0},
    {"sched_setaffinity", SYS_sched_setaffinity, 0, 8, (long)here},
    {"sched_setscheduler", SYS_sched_setscheduler, 0, 0, (long)here},
    {"setsid", SYS_setsid, 0, 0, 0},
    {"setpgid", SYS_setpgid, 0, 0, 0},
    {"prctl, to outlive", SYS_prctl, PR_SET_PDEATHSIG, 0, 0},
    {"prctl, to be traced", SYS_prctl, PR_SET_PTRACER, -1, 0},
    {"prctl, another filter", SYS_prctl, PR_SET_SECCOMP, 2, 0},
    {"kill all", SYS_kill, -1, 0, 0},
    {"kill the group", SYS_kill, 0, 0, 0},
    {"tkill", SYS_tkill, 1, 0, 0},
    {"pidfd_open", SYS_pidfd_open, 1, 0, 0},
    {"pidfd_send_signal", SYS_pidfd_send_signal, 0, 0, 0},
    {"pidfd_getfd", SYS_pidfd_getfd, 0, 0, 0},
    {"rt_sigqueueinfo", SYS_rt_sigqueueinfo, 1, 0, (long)here},
    {"setitimer", SYS_setitimer, 0, 0, 0},
    {"timer_create", SYS_timer_create, 0, 0, (long)here},
    {"mprotect to execute", SYS_mprotect, 0, 0, PROT_EXEC},
    {"kcmp", SYS_kcmp, 1, 1, 0},
    {"syslog", SYS_syslog, 3, (long)here, 1},
    {"sethostname", SYS_sethostname, (long)here, 0, 0},
    {"a call of tomorrow", 1023, 0, 0, 0},
};

static bool was_refused(long result) {
    return result == -1 && (errno == EPERM || errno == ENOSYS);
}

// Says which on stderr, which stays open.
static int expect_refused(bool good, const char *name) {
    if (!good)
        fprintf(stderr, "not refused: %s\n", name);
    return !good;
}

static int calls_try(void) {
    parent = getppid();
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    int bad = sandbox_close_calls();
    if (bad)
        return bad == EINVAL || bad == ENOSYS || bad == EPERM ? UNAVAILABLE : 100;
    int count = 0;
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        count += expect_refused(was_refused(syscall(refused[i].number, refused[i].first,
                                                    refused[i].second, refused[i].third, 0, 0)),
                                refused[i].name);
    count += expect_refused(was_refused(syscall(SYS_kill, parent, 0)), "kill the parent");
    count += expect_refused(was_refused(syscall(SYS_tgkill, parent, parent, 0)), "tgkill");
    int flags = MAP_PRIVATE | MAP_ANONYMOUS;
    count += expect_refused(mmap(NULL, 4096, PROT_READ | PROT_EXEC, flags, -1, 0) == MAP_FAILED,
                            "memory of its own to execute");
    return count;
}

Test(sandbox, only_calls_of_the_list_can_be_made) {
    both_ways(calls_try);
}

static int calls_needed(void) {
    char byte;
    int fd = open("/dev/zero", O_RDONLY), code = open("/proc/self/exe", O_RDONLY);
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    if (sandbox_close_calls())
        return UNAVAILABLE;
    struct timespec now, little = {.tv_nsec = 1};
    int wrong = fd < 0 || read(fd, &byte, 1) != 1 || byte;
    wrong |= (open("/dev/null", O_RDONLY | O_CLOEXEC) < 0) << 1;
    wrong |= (write(STDERR_FILENO, "", 0) != 0) << 2;
    wrong |= (clock_gettime(CLOCK_MONOTONIC, &now) || nanosleep(&little, NULL)) << 3;
    wrong |= (mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, code, 0) == MAP_FAILED) << 4;
    wrong |= (kill(getpid(), 0) != 0) << 5;
    void *own = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    wrong |= (own == MAP_FAILED || mprotect(own, 4096, PROT_READ | PROT_WRITE)) << 6;
    return wrong;
}

Test(sandbox, what_a_run_needs_can) {
    both_ways(calls_needed);
}

static int crash(void) {
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    if (sandbox_close_calls())
        return UNAVAILABLE;
    signal(SIGABRT, SIG_DFL);
    raise(SIGABRT);
    return 1;
}

Test(sandbox, it_may_still_end_itself) {
    int status = in_child(crash, false);
    if (status == UNAVAILABLE)
        cr_skip_test("unavailable: no seccomp here");
    cr_assert_eq(status, 1000 + SIGABRT);
}

// --- files ------------------------------------------------------------------------------------------

static const char readable[] =
    "/bin/sh"; // by everybody, unlike what is in a folder of the suite's own
static char granted[300], other[300];

static void file_make(char *path, size_t size, const char *name) {
    const char *folder = getenv("TMPDIR");
    snprintf(path, size, "%s/%s", folder ? folder : "/tmp", name);
    FILE *f = fopen(path, "w");
    cr_assert(f && fputs("secret", f) >= 0 && fclose(f) == 0, "%s", path);
    chmod(path, 0666);
}

static bool opens(const char *path, int flags) {
    int fd = open(path, flags | O_CLOEXEC, 0600);
    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

static int files_try(void) {
    char theirs[64], created[320];
    snprintf(theirs, sizeof theirs, "/proc/%d/maps", (int)getppid());
    snprintf(created, sizeof created, "%s.new", other);
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    if (!sandbox_close_files(granted, readable))
        return UNAVAILABLE;
    int count = 0;
    count += expect_refused(!opens(other, O_RDONLY), "reading another file");
    count += expect_refused(!opens("/etc/passwd", O_RDONLY), "reading a file of the system");
    count += expect_refused(!opens(theirs, O_RDONLY), "reading about the parent");
    count += expect_refused(!opens(granted, O_RDWR), "writing what can be read");
    count += expect_refused(!opens(other, O_WRONLY), "writing another file");
    count += expect_refused(!opens(created, O_WRONLY | O_CREAT), "making a file");
    count += expect_refused(!opens("/", O_RDONLY | O_DIRECTORY), "looking through a folder");
    count += expect_refused(!opens("/proc/self/fd", O_RDONLY | O_DIRECTORY), "its descriptors");
    count += expect_refused(!opens("/proc/self/mem", O_RDWR), "writing its memory as a file");
    count += expect_refused(!opens("/proc/self/root/etc/passwd", O_RDONLY), "going round by root");
    count += expect_refused(unlink(other) != 0, "removing a file");
    count += expect_refused(mkdir(created, 0700) != 0, "making a folder");
    count += expect_refused(truncate(granted, 0) != 0, "emptying a file");
    count += expect_refused(opens(readable, O_RDONLY), "(reading what was granted, which may be)");
    count += expect_refused(opens("/proc/self/maps", O_RDONLY), "(its own maps, which may be)");
    count += expect_refused(opens("/proc/self/exe", O_RDONLY), "(its own program, which may be)");
    return count;
}

Test(sandbox, files_are_read_one_by_one_and_never_written) {
    file_make(granted, sizeof granted, "granted");
    file_make(other, sizeof other, "other");
    both_ways(files_try);
    cr_expect_eq(access(other, F_OK), 0);
    unlink(granted);
    unlink(other);
}

// --- namespaces -------------------------------------------------------------------------------------

static int port;

static bool connects(void) {
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool connected = fd >= 0 && connect(fd, (struct sockaddr *)&to, sizeof to) == 0;
    if (fd >= 0)
        close(fd);
    return connected;
}

static int network_try(void) {
    if (!connects())
        return 50; // there is nothing to be kept from
    unsigned got = sandbox_unshare();
    sandbox_unprivileged();
    if (!(got & UNSHARED_NETWORK))
        return UNAVAILABLE;
    int death = 0;
    prctl(PR_GET_PDEATHSIG, &death);
    return connects() + 2 * (death != SIGKILL);
}

Test(sandbox, there_is_no_network) {
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof at;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    cr_assert(fd >= 0 && bind(fd, (struct sockaddr *)&at, size) == 0 && listen(fd, 8) == 0);
    cr_assert_eq(getsockname(fd, (struct sockaddr *)&at, &size), 0);
    port = ntohs(at.sin_port);
    both_ways(network_try);
    close(fd);
}

static int privileges_try(void) {
    sandbox_unprivileged();
    int count = expect_refused(setuid(1) != 0 && errno == EPERM, "another user");
    count += expect_refused(chown(other, 1, 1) != 0, "giving a file away");
    count += expect_refused(opens(other, O_WRONLY) == false, "writing what belongs to others");
    return count;
}

Test(sandbox, a_root_has_no_power_in_it) {
    if (geteuid() != 0)
        cr_skip_test("unavailable: the tests do not run as root");
    file_make(other, sizeof other, "other");
    cr_assert_eq(chown(other, NOBODY, NOBODY), 0);
    cr_assert_eq(chmod(other, 0600), 0);
    cr_expect_eq(in_child(privileges_try, false), 0);
    unlink(other);
}

// --- all of it --------------------------------------------------------------------------------------

static int enter(void) {
    char said[80];
    sandbox_enter(NULL, NULL, said, sizeof said);
    if (!strncmp(said, "none", 4))
        return strlen(said) > strlen("none: ") ? UNAVAILABLE : 1;
    return !strstr(said, SANDBOX_CALLS) && !strstr(said, SANDBOX_FILES);
}

Test(sandbox, what_is_in_force_is_said) {
    both_ways(enter);
}
