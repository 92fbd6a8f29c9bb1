// refused: a table of what may not be called, one of what may, and the reading of symbols.
//
// Invariants: both tables are of names as libc's headers have them; what a compiler or a header makes of
// a name (__isoc99_sscanf, __memcpy_chk) is led back to it first. A name is in one of them at most, and
// in the first of the rows that fit it.
//
// Rejected: a list of what may not be called alone, which is never complete; the linker's warnings, which
// not every linker has; headers that poison names, which would bring names of their own into a source
// and miss whoever declares a function for himself.
#include "harness/refused.h"

#include "harness/object.h"

#include <stdint.h>
#include <string.h>

// --- the tables -------------------------------------------------------------------------------------

// A name that ends in * stands for all that begin so.
static const struct {
    const char *names;
    const char *instead;
} refusals[] = {
    {"sleep usleep nanosleep clock_nanosleep thrd_sleep",
     "Use task_sleep(ns), which takes virtual time and only parks its own task."},
    {"alarm ualarm setitimer getitimer timer_create timer_settime timer_gettime timer_delete timerfd_*",
     "Use after_func(ns, task), a timer or ticker of the core, or AFTER(ns) in a select."},
    {"time clock clock_gettime clock_getres clock_settime gettimeofday settimeofday timespec_get "
     "timespec_getres ftime times getrusage localtime localtime_r gmtime gmtime_r ctime ctime_r mktime "
     "timegm tzset strftime asctime asctime_r",
     "Use time_now(), the time of the run in nanoseconds."},
    {"rand srand random srandom random_r srandom_r initstate setstate drand48 erand48 lrand48 nrand48 "
     "mrand48 jrand48 srand48 seed48 lcong48 getrandom getentropy arc4random*",
     "Use choose(n): each of its n answers is tried; or rand_r() with a seed of your own."},
    {"pthread_mutex_* mtx_* pthread_spin_*", "Use a mutex of the core: mutex_lock(&mu)."},
    {"pthread_rwlock_*", "Use an rwmutex of the core: rwmutex_rlock(&mu), rwmutex_lock(&mu)."},
    {"pthread_cond_* cnd_*", "Use a cond of the core: cond_wait(&changed, &mu)."},
    {"pthread_once call_once", "Use a once of the core: once_do(&o, function, argument)."},
    {"pthread_barrier_*", "Use a waitgroup of the core: waitgroup_wait(&all)."},
    {"pthread_key_* pthread_getspecific pthread_setspecific tss_*",
     "Hand the value on as an argument of the task, or with ctx_with_value."},
    {"sem_*", "Use a sema of the core: sema_acquire(&permits, ctx, 1)."},
    {"sched_yield pthread_yield thrd_yield", "Use task_yield()."},
    {"pthread_* thrd_*", "Use go(task, ...): the tasks of the core are the threads of a run."},
    {"fork vfork clone _Fork execv execve execvp execvpe execl execle execlp fexecve posix_spawn "
     "posix_spawnp system popen pclose wait waitpid wait3 wait4 waitid daemon",
     "Use go(task, ...): a run is one process."},
    {"makecontext swapcontext getcontext setcontext sigaltstack",
     "Use go(task, ...): the core switches between tasks."},
    {"poll ppoll select pselect epoll_* eventfd eventfd_*",
     "Use chan_select(...) or chan_poll(...) over channels."},
    {"socket socketpair connect bind listen accept accept4 send sendto sendmsg recv recvfrom recvmsg "
     "shutdown setsockopt getsockopt getaddrinfo gethostbyname pipe pipe2",
     "Use net_dial, net_listen or the http_client of the core, which have a network of their own."},
    {"write pwrite writev sendfile dprintf vdprintf syslog openlog",
     "Use printf(...), which shows in its place among the events."},
    {"fopen fopen64 freopen fdopen fclose fread fgets fgetc getc getc_unlocked getchar gets ungetc "
     "fscanf scanf vscanf vfscanf getline getdelim fseek fseeko ftell ftello rewind feof ferror setvbuf "
     "setbuf tmpfile tmpnam mkstemp mkdtemp open open64 openat creat close read pread readv lseek stat "
     "fstat lstat fstatat statx access faccessat fcntl ioctl dup dup2 dup3 truncate ftruncate fsync "
     "unlink unlinkat remove rename renameat mkdir rmdir opendir fdopendir readdir closedir scandir "
     "glob ftw nftw chdir chmod link symlink readlink inotify_* aio_* mq_* shm_open shm_unlink flock "
     "lockf",
     "Take what it needs as an argument, or from a function of exercise.h: a run has no files."},
    {"getenv secure_getenv setenv putenv unsetenv clearenv environ __environ getpid getppid gettid "
     "getuid geteuid getgid getegid gethostname uname sysconf getpagesize get_nprocs getcwd "
     "get_current_dir_name isatty ttyname getlogin getpwnam getpwuid sched_getcpu sched_getaffinity "
     "getauxval getloadavg sysinfo",
     "Take it as an argument: a run does not depend on where it runs. A task's number is task_id()."},
    {"setlocale newlocale uselocale localeconv nl_langinfo",
     "Do without: every run has the C locale."},
    {"strtok", "Use strtok_r(), which keeps its place in a variable of the caller's."},
    {"strerror strsignal", "Use err_text(e) for the errors of the core, or strerror_r()."},
    {"asprintf vasprintf open_memstream fmemopen realpath aligned_alloc posix_memalign memalign valloc "
     "pvalloc reallocarray malloc_usable_size mallinfo mallopt mmap mmap64 munmap mprotect mremap "
     "madvise brk sbrk",
     "Use malloc(), calloc() or realloc(), whose memory belongs to the run, and snprintf()."},
    {"_Exit quick_exit raise kill killpg tgkill sigqueue",
     "Use panic(\"...\"), or return: a run ends when its tasks do."},
    {"atexit at_quick_exit on_exit __cxa_atexit",
     "Use defer(...) in the function that is to clean up."},
    {"signal sigaction sigprocmask sigsuspend sigwait sigwaitinfo sigtimedwait signalfd pause",
     "Use a channel that is closed: there are no signals in a run."},
    {"dlopen dlmopen dlsym dlvsym dlclose",
     "Call the function by its name, as core.h declares it."},
    {"syscall", "Use the core: the kernel's answers are not the same in every run."},
};

// Those of libc that only compute, and what compilers and their run-time libraries bring along.
static const char harmless[] =
    " memchr memcmp memcpy memmem memmove memset mempcpy memccpy memrchr rawmemchr bcmp bcopy bzero "
    "explicit_bzero ffs ffsl ffsll index rindex stpcpy stpncpy strcasecmp strcasestr strcat strchr "
    "strchrnul strcmp strcoll strcpy strcspn strlcat strlcpy strlen strncasecmp strncat strncmp strncpy "
    "strnlen strpbrk strrchr strsep strspn strstr strtok_r __strtok_r strverscmp strxfrm strerror_r "
    "__xpg_strerror_r snprintf sprintf vsnprintf vsprintf sscanf vsscanf abs labs llabs div ldiv lldiv "
    "imaxabs imaxdiv atof atoi atol atoll strtod strtof strtold strtol strtoll strtoul strtoull "
    "strtoimax strtoumax bsearch qsort qsort_r lfind lsearch rand_r "
    "__ctype_b_loc __ctype_tolower_loc __ctype_toupper_loc isalnum isalpha isascii isblank iscntrl "
    "isdigit isgraph islower isprint ispunct isspace isupper isxdigit tolower toupper toascii "
    "acos acosf asin asinf atan atanf atan2 atan2f cbrt cbrtf ceil ceilf copysign cos cosf cosh erf "
    "erfc exp exp2 expf expm1 fabs fabsf fdim floor floorf fma fmax fmaxf fmin fminf fmod fmodf frexp "
    "hypot hypotf ldexp llrint llround log log10 log10f log1p log2 log2f logf lrint lround modf "
    "nearbyint nextafter pow powf remainder rint round roundf scalbn sin sinf sincos sincosf sinh sqrt "
    "sqrtf tan tanf tanh tgamma trunc truncf "
    "setjmp _setjmp __sigsetjmp sigsetjmp longjmp _longjmp siglongjmp __longjmp_chk "
    "__errno_location __assert_fail __assert __stack_chk_fail __cxa_finalize __gmon_start__ "
    "_ITM_registerTMCloneTable _ITM_deregisterTMCloneTable _GLOBAL_OFFSET_TABLE_ stdout stderr ";

static const char thread_variables[] =
    "Variables of a thread's own (_Thread_local) are shared by all tasks of a run: hand the value on as "
    "an argument of the task, or with ctx_with_value.";

static const char unknown[] =
    "Of libc only what does nothing but compute may be called; use the core, or a function of exercise.h.";

// --- names ------------------------------------------------------------------------------------------

// Whether one of the words, parted by spaces, is that name, or ends in * and begins it.
static bool names_have(const char *words, const char *name) {
    size_t length = strlen(name);
    for (words += strspn(words, " "); *words; words += strspn(words, " ")) {
        size_t word = strcspn(words, " ");
        bool all = words[word - 1] == '*';
        if (all ? !strncmp(name, words, word - 1) : word == length && !strncmp(name, words, word))
            return true;
        words += word;
    }
    return false;
}

// The name as the headers have it. Returns out.
static const char *plain_name(const char *symbol, char out[REFUSED_SYMBOL]) {
    size_t length = strcspn(symbol, "@");
    if (!strncmp(symbol, "__isoc", 6) && length > 9 && symbol[8] == '_') {
        symbol += 9;
        length -= 9;
    } else if (length > 6 && !strncmp(symbol, "__", 2) &&
               !strncmp(symbol + length - 4, "_chk", 4) && !names_have(harmless, symbol)) {
        symbol += 2;
        length -= 6;
    }
    if (length >= REFUSED_SYMBOL)
        length = REFUSED_SYMBOL - 1;
    memcpy(out, symbol, length);
    out[length] = 0;
    return out;
}

const char *refused_instead(const char *symbol) {
    char name[REFUSED_SYMBOL];
    plain_name(symbol, name);
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++)
        if (names_have(refusals[i].names, name))
            return refusals[i].instead;
    return NULL;
}

bool refused_never(const char *symbol) {
    char name[REFUSED_SYMBOL];
    return names_have(harmless, plain_name(symbol, name)) ||
           names_have("__tsan_* __asan_* __ubsan_* __sanitizer_* __lsan_*", symbol);
}

// --- the symbols of an object -----------------------------------------------------------------------

static const char *instead_of(const char *symbol, bool (*offered)(const char *symbol),
                              bool (*elsewhere)(const char *symbol)) {
    if (refused_never(symbol))
        return NULL;
    const char *instead = refused_instead(symbol);
    if (instead || !offered || offered(symbol))
        return instead;
    return elsewhere(symbol) ? unknown : NULL;
}

static bool symbols_look(const struct object *o, const struct object *driver,
                         bool (*offered)(const char *symbol), bool (*elsewhere)(const char *symbol),
                         struct refused *out) {
    for (size_t i = 0; i < o->dynamic.count; i++) {
        const Elf64_Sym *s = &o->dynamic.list[i];
        const char *name = s->st_shndx == SHN_UNDEF ? object_name(&o->dynamic, s) : NULL;
        const char *instead = name ? instead_of(name, offered, elsewhere) : NULL;
        if (!instead || object_defines(driver, name))
            continue;
        plain_name(name, out->symbol);
        out->instead = instead;
        return true;
    }
    return false;
}

bool refused_find(const char *object, const char *driver, bool (*offered)(const char *symbol),
                  bool (*elsewhere)(const char *symbol), struct refused *out) {
    struct object o, d;
    *out = (struct refused){.instead = thread_variables};
    object_open(&o, object);
    object_open(&d, driver);
    bool found = symbols_look(&o, &d, offered, elsewhere, out) || o.thread_variables;
    object_close(&d);
    object_close(&o);
    return found;
}

// --- the source -------------------------------------------------------------------------------------

// Past a comment or a string that begins here; else just here.
static const char *skip(const char *p) {
    if (!strncmp(p, "//", 2))
        return p + strcspn(p, "\n");
    if (!strncmp(p, "/*", 2)) {
        const char *end = strstr(p + 2, "*/");
        return end ? end + 2 : p + strlen(p);
    }
    if (*p != '"' && *p != '\'')
        return p;
    char quote = *p++;
    while (*p && *p != quote && *p != '\n')
        p += *p == '\\' && p[1] ? 2 : 1;
    return *p == quote ? p + 1 : p;
}

static size_t word_length(const char *p) {
    return strspn(p, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789");
}

static int lines_between(const char *from, const char *to) {
    int lines = 0;
    for (; from < to; from++)
        lines += *from == '\n';
    return lines;
}

int refused_line(const char *source, const char *symbol) {
    size_t length = strlen(symbol);
    for (const char *p = source; *p;) {
        const char *next = skip(p);
        size_t word = next == p ? word_length(p) : 0;
        if (length && word == length && !strncmp(p, symbol, length) &&
            p[word + strspn(p + word, " \t")] == '(')
            return 1 + lines_between(source, p);
        p = word ? p + word : next == p ? p + 1 : next;
    }
    return 0;
}
