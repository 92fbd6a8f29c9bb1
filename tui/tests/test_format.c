// What a compiler says, as the screens tell it.
#include "tui/format.h"

#include <criterion/criterion.h>
#include <stdlib.h>

static void reads(const char *said, const char *expected) {
    char *words = format_compiler(said);
    cr_assert_str_eq(words, expected);
    free(words);
}

Test(format, files_are_named_without_their_folders) {
    reads("/a/long way/b/exercise.c:1:2: error: no\n", "exercise.c:1:2: error: no\n");
    reads("/no colon/here\n", "/no colon/here\n");
    reads("/a/b/exercise.c:1:2: error: see /x/y.h\n", "exercise.c:1:2: error: see /x/y.h\n");
    reads("/a/b/exercise.c: In function ‘f’:\n", "exercise.c: In function ‘f’:\n");
    reads("exercise.c:1:2: error: no\n", "exercise.c:1:2: error: no\n");
}

Test(format, chains_of_includes_are_left_out) {
    reads("In file included from /c/core.h:6,\n"
          "                 from /s/exercise.c:7:\n"
          "/s/exercise.c:18:2: error: no\n"
          "   18 |  from here\n",
          "exercise.c:18:2: error: no\n"
          "   18 |  from here\n");
}

Test(format, what_no_compiler_says_stays_as_it_is) {
    reads("", "");
    reads("one\n\ntwo", "one\n\ntwo\n");
    reads("\033[1mbold\033[0m\n", "bold\n");
}
