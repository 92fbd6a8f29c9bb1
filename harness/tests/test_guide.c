// Hints are cut out of a chapter whole, and prose is laid out without losing a word.
#include "harness/guide.h"
#include "harness/tests/prefix.h"

#include <ctype.h>

static const char chapter[] =
    "# The send nobody hears\n\nA story with `code` and **strong** words.\n\n"
    "## Hints\n\n"
    "1. The symptom,\n   over two lines.\n"
    "2. The concept.\n\n"
    "3. Where to look:\n   - here\n   - there\n"
    "4) Ways out.\n"
    "5. One patch:\n\n   ```c\n   chan_make(&reply, 1);\n   #include \"x.h\"\n   ```\n\n"
    "## After the hints\n\n1. Not a hint.\n";

static struct scenario_info s = {.name = (char *)"one"};
static char why[300];

static void start(void) {
    prefix_start();
    s.guide = prefix_write("share/unstuck/guide/one.md", chapter);
}

static void end(void) {
    free(s.guide);
    prefix_end();
}

TestSuite(guide, .init = start, .fini = end);

static void hint_is(int rung, const char *text) {
    char *hint = guide_hint(&s, rung, why);
    cr_assert(hint, "%s", why);
    cr_assert_str_eq(hint, text);
    free(hint);
}

Test(guide, each_rung_is_one_item_without_its_number) {
    hint_is(1, "The symptom,\nover two lines.");
    hint_is(2, "The concept.");
    hint_is(4, "Ways out.");
}

Test(guide, a_rung_keeps_its_list_and_its_code) {
    hint_is(3, "Where to look:\n- here\n- there");
    hint_is(5, "One patch:\n\n```c\nchan_make(&reply, 1);\n#include \"x.h\"\n```");
}

static void no_hint(int rung, const char *said) {
    cr_assert_null(guide_hint(&s, rung, why));
    cr_assert(strstr(why, said), "%s", why);
}

Test(guide, rungs_that_are_not_there_are_said_to_be_missing) {
    no_hint(0, "from 1 to 5");
    no_hint(6, "from 1 to 5");
    free(prefix_write("share/unstuck/guide/one.md", "# No hints\n\n1. none\n"));
    no_hint(1, "no hint 1");
}

Test(guide, a_chapter_that_is_missing_is_said_to_be) {
    struct scenario_info bare = {.name = (char *)"bare"};
    cr_assert_null(guide_text(&bare, why));
    cr_assert(strstr(why, "bare"), "%s", why);
    struct scenario_info gone = {.name = (char *)"gone", .guide = (char *)"/nowhere/gone.md"};
    cr_assert_null(guide_text(&gone, why));
    cr_assert(strstr(why, "/nowhere/gone.md"), "%s", why);
}

// --- rendering ------------------------------------------------------------------------------------

static void renders(const char *markdown, int width, const char *expected) {
    char *text = guide_render(markdown, width, false);
    cr_assert_str_eq(text, expected);
    free(text);
}

Test(guide, paragraphs_are_wrapped_between_words) {
    renders("one two three four\nfive six", 20, "one two three four\nfive six\n");
    renders("a b\n\nc", 20, "a b\n\nc\n");
}

Test(guide, headings_are_underlined_without_colour) {
    renders("# Top\n\ntext\n\n## Sub\nmore", 40, "Top\n===\n\ntext\n\nSub\n---\n\nmore\n");
}

Test(guide, lists_hang_and_nest) {
    renders("1. one two three four five\n2. x\n   - y\n   - z", 20,
            "1. one two three\n   four five\n2. x\n   - y\n   - z\n");
}

Test(guide, code_blocks_are_kept_as_they_are) {
    renders("see:\n\n```c\nif (x)\n    y(a,   b); // a comment longer than the line is\n```\n\nend",
            24,
            "see:\n\n    if (x)\n        y(a,   b); // a comment longer than the line is\n\nend\n");
}

Test(guide, quotes_tables_and_entities_are_shown) {
    renders("> said\n> so", 20, "| said so\n");
    renders("|a|bb|\n|---|---|\n|ccc|d|", 20, "a    bb\n---  --\nccc  d\n");
    renders("a &lt; b &amp; c", 40, "a < b & c\n");
}

Test(guide, links_say_where_they_lead_when_they_lead_away) {
    renders("[the paper](https://x.org/p) and [next](02.md)", 60,
            "the paper (https://x.org/p) and next\n");
}

Test(guide, colour_marks_and_plain_text_has_no_escapes) {
    const char *markdown = "# H\n\n**b** `c` *i*";
    char *coloured = guide_render(markdown, 40, true), *plain = guide_render(markdown, 40, false);
    cr_assert(strstr(coloured, "\033[1m"));
    cr_assert_null(strchr(plain, '\033'));
    cr_assert(strstr(plain, "b `c` i"));
    free(coloured);
    free(plain);
}

// Whether both hold the same characters in the same order, space and the marks of layout aside.
static bool same_words(const char *a, const char *b) {
    const char *skipped = " \n=-|#*`>";
    for (;; a++, b++) {
        a += strspn(a, skipped);
        b += strspn(b, skipped);
        if (*a != *b || !*a)
            return *a == *b;
    }
}

static size_t widest(const char *text) {
    size_t most = 0;
    for (; *text; text += strcspn(text, "\n"), text += *text == '\n') {
        size_t columns = text_columns(text, strcspn(text, "\n"));
        most = columns > most ? columns : most;
    }
    return most;
}

Test(guide, no_width_loses_a_word_or_is_overrun) {
    const char *prose =
        "# A heading of some length\n\nA paragraph that goes on for a while, with "
        "`code` and w\xc3\xb6rter.\n\n1. an item that is long enough to be wrapped\n"
        "   - and one within it that is wrapped as well\n\n> a quote of some words\n";
    for (int width = 20; width <= 120; width++) {
        char *text = guide_render(prose, width, false);
        cr_assert(same_words(text, prose), "width %d:\n%s", width, text);
        cr_assert_leq(widest(text), (size_t)width, "width %d:\n%s", width, text);
        free(text);
    }
}

Test(guide, any_bytes_can_be_rendered) {
    uint64_t state = 11;
    for (int round = 0; round < 2000; round++) {
        static const char alphabet[] = "#>-*`_|[]()1. \n\n\tab&;<\xc3\xb6\xff";
        char markdown[200];
        for (size_t i = 0; i + 1 < sizeof markdown; i++) {
            state = state * 6364136223846793005u + 1442695040888963407u;
            markdown[i] = alphabet[(state >> 33) % (sizeof alphabet - 1)];
        }
        markdown[sizeof markdown - 1] = '\0';
        char *text = guide_render(markdown, 30, round % 2);
        cr_assert(text);
        free(text);
    }
}
