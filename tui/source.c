#include "tui/source.h"

#include "harness/text.h"
#include "tui/format.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_BYTES = 1 << 20 };

static void split(struct source_file *f) {
    size_t length = strlen(f->text), room = 1;
    for (size_t i = 0; i < length; i++)
        room += f->text[i] == '\n';
    f->lines = zero_alloc(room, sizeof *f->lines);
    for (char *at = f->text; at < f->text + length;) {
        f->lines[f->count++] = at;
        at += strcspn(at, "\n");
        *at++ = '\0';
    }
}

static void clear(struct source_file *f) {
    free(f->path);
    free(f->text);
    free(f->lines);
}

// The cached file of that path, read when it is new. A full cache forgets its oldest.
static struct source_file *load(struct source_cache *c, const char *path) {
    for (int i = 0; i < c->count; i++)
        if (!strcmp(c->files[i].path, path))
            return &c->files[i];
    if (c->count == SOURCE_FILES) {
        clear(&c->files[0]);
        memmove(c->files, c->files + 1, sizeof c->files - sizeof c->files[0]);
        c->count--;
    }
    struct source_file *f = &c->files[c->count++];
    *f = (struct source_file){.path = text_copy(path), .text = text_file(path, MOST_BYTES)};
    if (f->text)
        split(f);
    return f;
}

const struct source_file *source_find(struct source_cache *c, const struct scenario_info *s,
                                      const struct variant *v, const char *name) {
    const char *base = path_name(name);
    char path[4096];
    if (v->source && (!*base || !strcmp(path_name(v->source), base)))
        snprintf(path, sizeof path, "%s", v->source);
    else if (s->folder)
        snprintf(path, sizeof path, "%s/%s", s->folder, base);
    else
        return NULL;
    const struct source_file *f = load(c, path);
    return f->text ? f : NULL;
}

void source_free(struct source_cache *c) {
    for (int i = 0; i < c->count; i++)
        clear(&c->files[i]);
    *c = (struct source_cache){0};
}

static const struct source_mark *mark_of(const struct source_mark *marks, int count, int line) {
    for (int i = 0; i < count; i++)
        if (marks[i].line == (uint32_t)line)
            return &marks[i];
    return NULL;
}

// Where the comment of a line starts; its length when it has none. Quotes are respected.
static size_t comment_start(const char *line) {
    char quote = 0;
    size_t i = 0;
    for (; line[i]; i++) {
        if (quote && line[i] == '\\' && line[i + 1])
            i++;
        else if (quote)
            quote = line[i] == quote ? 0 : quote;
        else if (line[i] == '"' || line[i] == '\'')
            quote = line[i];
        else if (line[i] == '/' && (line[i + 1] == '/' || line[i + 1] == '*'))
            return i;
    }
    return i;
}

static void draw_code(struct cells *c, struct rect in, int row, int col, const char *line) {
    char code[512];
    size_t length = comment_start(line);
    snprintf(code, sizeof code, "%.*s", (int)length, line);
    int after = cells_put(c, in, row, col, ROLE_TEXT, code);
    cells_put(c, in, row, after, ROLE_DIM, line + length);
}

void source_draw(struct cells *c, struct rect in, const struct source_file *f,
                 const struct source_mark *marks, int count) {
    int focus = count ? (int)marks[0].line : 1;
    int first = focus - in.rows / 2;
    first = first + in.rows > f->count + 1 ? f->count - in.rows + 1 : first;
    first = first < 1 ? 1 : first;
    for (int row = 0; row < in.rows && first + row <= f->count; row++) {
        const struct source_mark *m = mark_of(marks, count, first + row);
        char sign = ' ';
        if (m)
            sign = m->sign;
        cells_printf(c, in, row, 0, m ? m->role : ROLE_DIM, "%c%4d", sign, first + row);
        draw_code(c, in, row, 7, f->lines[first + row - 1]);
        if (m)
            cells_paint(c, rect(in.row, in.col + 1, in.rows, in.cols - 1), row, m->role);
    }
}
