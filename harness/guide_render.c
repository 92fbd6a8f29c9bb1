// guide_render: Markdown as plain text. Parsing is md4c's; this lays out its stream of blocks and
// spans.
//
// One paragraph at a time is held in `line`, where a space is a place to break and a newline a
// break that must stay. Everything around it (quotes, lists) is a row of indents.
#include "harness/guide.h"

#include "harness/text.h"

#include <md4c.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DEPTH = 16 };

struct indent {
    char first[12]; // before the first line of the block; used once
    char rest[12];  // before every further line
    bool used;      // `first` was printed
};

struct list {
    bool ordered, tight;
    unsigned number; // of the next item
};

struct render {
    struct text out;
    struct text line; // the paragraph under construction
    size_t width;
    bool colour;
    bool code;        // in a code block: lines stay as they are
    bool blank;       // a blank line is due before the next block
    unsigned heading; // in a heading of that level, 0: none
    struct indent indents[DEPTH];
    size_t depth;
    struct list lists[DEPTH];
    size_t list_depth;
    size_t link;        // where the text of the link under way starts in `line`
    struct text *cells; // a table: its cells, row by row
    size_t cell_count, table_columns;
};

static size_t indent_columns(const struct render *r) {
    size_t columns = 0;
    for (size_t i = 0; i < r->depth; i++)
        columns += text_columns(r->indents[i].rest, strlen(r->indents[i].rest));
    return columns;
}

static void put_indents(struct render *r) {
    for (size_t i = 0; i < r->depth; i++) {
        struct indent *d = &r->indents[i];
        const char *text = d->used ? d->rest : d->first;
        text_add(&r->out, text, strlen(text));
        d->used = true;
    }
}

static void put_line(struct render *r, const char *text, size_t length) {
    if (r->blank && r->out.length)
        text_add(&r->out, "\n", 1);
    r->blank = false;
    put_indents(r);
    text_add(&r->out, text, length);
    while (r->out.length && r->out.data[r->out.length - 1] == ' ')
        r->out.data[--r->out.length] = '\0';
    text_add(&r->out, "\n", 1);
}

// The length of the longest beginning of `text` that ends before a space and fits `width` columns;
// a word that is longer than that stays whole.
static size_t fitting(const char *text, size_t width) {
    size_t end = strcspn(text, " ");
    while (text[end] == ' ') {
        size_t next = end + 1 + strcspn(text + end + 1, " ");
        if (text_columns(text, next) > width)
            break;
        end = next;
    }
    return end;
}

static void put_wrapped(struct render *r, char *text) {
    size_t taken = indent_columns(r);
    size_t width = r->width > taken + 10 ? r->width - taken : 10;
    text += strspn(text, " ");
    do {
        size_t length = fitting(text, width);
        put_line(r, text, length);
        text += length + strspn(text + length, " ");
    } while (*text);
}

// Prints the paragraph collected so far, if any, line by forced line.
static void flush_paragraph(struct render *r) {
    char *text = text_take(&r->line);
    for (char *part = text; part && *text;) {
        char *end = strchr(part, '\n');
        if (end)
            *end = '\0';
        put_wrapped(r, part);
        part = end ? end + 1 : NULL;
    }
    free(text);
}

static void put_code(struct render *r) {
    char *text = text_take(&r->line);
    for (char *line = text; *line;) {
        size_t length = strcspn(line, "\n");
        put_line(r, line, length);
        line += length + (line[length] == '\n');
    }
    free(text);
}

static void put_style(struct render *r, const char *sequence) {
    if (r->colour)
        text_add(&r->line, sequence, strlen(sequence));
}

static void push_indent(struct render *r, const char *first, const char *rest) {
    if (r->depth == DEPTH)
        return;
    struct indent *d = &r->indents[r->depth++];
    *d = (struct indent){0};
    snprintf(d->first, sizeof d->first, "%s", first);
    snprintf(d->rest, sizeof d->rest, "%s", rest);
}

static void pop_indent(struct render *r) {
    if (r->depth)
        r->depth--;
}

static void list_enter(struct render *r, bool ordered, unsigned start, bool tight) {
    if (r->list_depth < DEPTH)
        r->lists[r->list_depth++] = (struct list){ordered, tight, start};
}

static void item_enter(struct render *r) {
    struct list *list = r->list_depth ? &r->lists[r->list_depth - 1] : NULL;
    char marker[12] = "- ", rest[12];
    if (list && list->ordered)
        snprintf(marker, sizeof marker, "%u. ", list->number++ % 1000);
    snprintf(rest, sizeof rest, "%*s", (int)strlen(marker), "");
    push_indent(r, marker, rest);
}

// After a block: a blank line comes before the next, except between the items of a tight list.
static void space_after(struct render *r) {
    r->blank = r->list_depth == 0 || !r->lists[r->list_depth - 1].tight;
}

static size_t column_width(const struct render *r, size_t column) {
    size_t width = 0;
    for (size_t i = column; i < r->cell_count; i += r->table_columns) {
        size_t columns = text_columns(r->cells[i].data, r->cells[i].length);
        width = columns > width ? columns : width;
    }
    return width;
}

static void put_rule(struct render *r) {
    struct text line = {0};
    for (size_t i = 0; i < r->table_columns; i++) {
        text_fill(&line, '-', column_width(r, i));
        text_add(&line, "  ", 2);
    }
    put_line(r, line.data, line.length);
    text_free(&line);
}

static void put_row(struct render *r, size_t first) {
    struct text line = {0};
    for (size_t i = 0; i < r->table_columns && first + i < r->cell_count; i++) {
        const struct text *cell = &r->cells[first + i];
        text_add(&line, cell->data, cell->length);
        text_fill(&line, ' ', column_width(r, i) - text_columns(cell->data, cell->length) + 2);
    }
    put_line(r, line.data, line.length);
    text_free(&line);
}

static void table_put(struct render *r) {
    for (size_t first = 0; first < r->cell_count; first += r->table_columns) {
        put_row(r, first);
        if (first == 0)
            put_rule(r);
    }
    for (size_t i = 0; i < r->cell_count; i++)
        text_free(&r->cells[i]);
    free(r->cells);
    r->cells = NULL;
    r->cell_count = 0;
}

static void cell_leave(struct render *r) {
    r->cells = more_memory(r->cells, r->cell_count + 1, sizeof *r->cells);
    text_add(&r->line, "", 0);
    r->cells[r->cell_count++] = r->line;
    r->line = (struct text){0};
}

static int enter_block(MD_BLOCKTYPE type, void *detail, void *user) {
    struct render *r = user;
    flush_paragraph(r); // the text of a tight list item, before a block within it
    if (type == MD_BLOCK_H) {
        r->heading = ((MD_BLOCK_H_DETAIL *)detail)->level;
        put_style(r, "\033[1m");
    } else if (type == MD_BLOCK_QUOTE) {
        push_indent(r, "| ", "| ");
    } else if (type == MD_BLOCK_UL) {
        list_enter(r, false, 0, ((MD_BLOCK_UL_DETAIL *)detail)->is_tight);
    } else if (type == MD_BLOCK_OL) {
        MD_BLOCK_OL_DETAIL *list = detail;
        list_enter(r, true, list->start, list->is_tight);
    } else if (type == MD_BLOCK_LI) {
        item_enter(r);
    } else if (type == MD_BLOCK_CODE) {
        r->code = true;
        push_indent(r, "    ", "    ");
    } else if (type == MD_BLOCK_TABLE) {
        MD_BLOCK_TABLE_DETAIL *table = detail;
        r->table_columns = table->col_count;
    }
    return 0;
}

// A heading is bold with colour, underlined without.
static void heading_leave(struct render *r) {
    size_t columns = text_columns(r->line.data, r->line.length);
    put_style(r, "\033[0m");
    flush_paragraph(r);
    if (!r->colour && r->heading <= 2) {
        text_fill(&r->line, r->heading == 1 ? '=' : '-', columns < r->width ? columns : r->width);
        flush_paragraph(r);
    }
    r->heading = 0;
    r->blank = true;
}

static void list_leave(struct render *r) {
    if (r->list_depth)
        r->list_depth--;
    space_after(r);
}

static int leave_block(MD_BLOCKTYPE type, void *detail, void *user) {
    (void)detail;
    struct render *r = user;
    if (type == MD_BLOCK_H) {
        heading_leave(r);
    } else if (type == MD_BLOCK_P) {
        flush_paragraph(r);
        space_after(r);
    } else if (type == MD_BLOCK_QUOTE) {
        pop_indent(r);
        r->blank = true;
    } else if (type == MD_BLOCK_UL || type == MD_BLOCK_OL) {
        list_leave(r);
    } else if (type == MD_BLOCK_LI) {
        flush_paragraph(r);
        pop_indent(r);
    } else if (type == MD_BLOCK_CODE) {
        put_code(r);
        pop_indent(r);
        r->code = false;
        space_after(r);
    } else if (type == MD_BLOCK_HR) {
        text_fill(&r->line, '-', r->width);
        flush_paragraph(r);
        r->blank = true;
    } else if (type == MD_BLOCK_TH || type == MD_BLOCK_TD) {
        cell_leave(r);
    } else if (type == MD_BLOCK_TABLE) {
        table_put(r);
        r->blank = true;
    }
    return 0;
}

static int enter_span(MD_SPANTYPE type, void *detail, void *user) {
    (void)detail;
    struct render *r = user;
    if (type == MD_SPAN_STRONG)
        put_style(r, "\033[1m");
    else if (type == MD_SPAN_EM)
        put_style(r, "\033[3m");
    else if (type == MD_SPAN_CODE && r->colour)
        put_style(r, "\033[36m");
    else if (type == MD_SPAN_CODE)
        text_add(&r->line, "`", 1);
    else if (type == MD_SPAN_A)
        r->link = r->line.length;
    return 0;
}

// The address of a link follows its text, unless it is the text or leads to a file of the course.
static void link_leave(struct render *r, const MD_SPAN_A_DETAIL *link) {
    size_t length = link->href.size;
    bool is_text = length > 0 && r->line.length - r->link == length &&
                   strncmp(r->line.data + r->link, link->href.text, length) == 0;
    if (!is_text && length > 4 && strncmp(link->href.text, "http", 4) == 0)
        text_addf(&r->line, " (%.*s)", (int)length, link->href.text);
}

static int leave_span(MD_SPANTYPE type, void *detail, void *user) {
    struct render *r = user;
    if (type == MD_SPAN_A)
        link_leave(r, detail);
    else if (type == MD_SPAN_CODE && !r->colour)
        text_add(&r->line, "`", 1);
    else if (type == MD_SPAN_STRONG || type == MD_SPAN_EM || type == MD_SPAN_CODE)
        put_style(r, r->heading ? "\033[0m\033[1m" : "\033[0m");
    return 0;
}

// The character of the few entities prose uses; others stay as written.
static const char *entity(const char *text, size_t size) {
    static const char *const known[][2] = {{"&lt;", "<"},    {"&gt;", ">"},   {"&amp;", "&"},
                                           {"&quot;", "\""}, {"&nbsp;", " "}, {"&apos;", "'"}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strlen(known[i][0]) == size && strncmp(known[i][0], text, size) == 0)
            return known[i][1];
    return NULL;
}

static int text_seen(MD_TEXTTYPE type, const MD_CHAR *text, MD_SIZE size, void *user) {
    struct render *r = user;
    if (type == MD_TEXT_BR) {
        text_add(&r->line, "\n", 1);
    } else if (type == MD_TEXT_SOFTBR) {
        text_add(&r->line, " ", 1);
    } else if (type == MD_TEXT_ENTITY && entity(text, size)) {
        text_addf(&r->line, "%s", entity(text, size));
    } else if (type != MD_TEXT_NULLCHAR && type != MD_TEXT_HTML) {
        text_add(&r->line, text, size);
    }
    return 0;
}

char *guide_render(const char *markdown, int width, bool colour) {
    struct render r = {.width = width > 20 ? (size_t)width : 20, .colour = colour};
    MD_PARSER parser = {
        .flags = MD_FLAG_TABLES | MD_FLAG_NOHTML | MD_FLAG_PERMISSIVEAUTOLINKS,
        .enter_block = enter_block,
        .leave_block = leave_block,
        .enter_span = enter_span,
        .leave_span = leave_span,
        .text = text_seen,
    };
    md_parse(markdown, (MD_SIZE)strlen(markdown), &parser, &r);
    flush_paragraph(&r);
    text_free(&r.line);
    return text_take(&r.out);
}
