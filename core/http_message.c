// http_message: reading and taking apart HTTP/1.1 heads.
//
// The grammar is RFC 9112's, strict where leniency has been a way to smuggle requests: lines end
// in CRLF, names are followed by their colon at once, no folded lines, no control characters, no
// two different lengths. Whatever the pieces in which bytes arrive, the result is the same.
//
// Invariants: what is unconsumed starts at `start`, and a head points into it until the stream
// reads again. No head is longer than HTTP_HEAD_MAX, whatever is sent.
//
// Rejected: a parser that keeps its state between pieces (heads are short: looking for their end
// again costs less than the states would to read); chunked bodies (neither end sends any).
#include "core/http_message.h"

#include "core/heap.h"
#include "core/internal.h"

#include <string.h>
#include <strings.h>

enum { FIRST_ROOM = 512 };

static const char HEAD_END[] = "\r\n\r\n";

// --- the stream ---------------------------------------------------------------------------------

// Makes room for at least one more byte behind those not consumed.
static void stream_make_room(struct http_stream *s) {
    if (s->start) {
        memmove(s->data, s->data + s->start, s->end - s->start);
        s->end -= s->start;
        s->start = 0;
    }
    if (s->end < s->room)
        return;
    s->room = s->room ? s->room * 2 : FIRST_ROOM;
    s->data = run_realloc(s->data, s->room);
}

static err stream_fill(struct http_stream *s, site *at) {
    touch(operand_at(s), ROLE_CHANGE);
    stream_make_room(s);
    size_t n;
    err e = conn_read_at(ctx_background(), s->conn, s->data + s->end, s->room - s->end, &n, at);
    touch(operand_at(s), ROLE_CHANGE);
    s->end += n;
    return e;
}

size_t http_stream_take(struct http_stream *s, void *to, size_t size) {
    touch(operand_at(s), ROLE_CHANGE);
    size_t n = http_stream_ready(s) < size ? http_stream_ready(s) : size;
    if (to)
        copy_elem(to, s->data + s->start, n);
    s->start += n;
    return n;
}

// --- header lines -------------------------------------------------------------------------------

static bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

// RFC 9110's token characters: what names and methods are made of.
static bool is_token(const char *s, size_t size) {
    for (size_t i = 0; i < size; i++) {
        char c = s[i];
        bool alphanumeric = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
                            (c >= 'A' && c <= 'Z');
        if (!alphanumeric && (!c || !strchr("!#$%&'*+-.^_`|~", c)))
            return false;
    }
    return size > 0;
}

static bool has_control(const char *s, size_t size) {
    for (size_t i = 0; i < size; i++)
        if (((unsigned char)s[i] < ' ' && s[i] != '\t') || s[i] == 0x7f)
            return true;
    return false;
}

// The size of the line at `text`, without its CRLF; `size` when there is no CRLF.
static size_t line_size(const char *text, size_t size) {
    const char *end = memmem(text, size, "\r\n", 2);
    return end ? (size_t)(end - text) : size;
}

static bool header_line_is_sound(const char *line, size_t size) {
    const char *colon = memchr(line, ':', size);
    return colon && is_token(line, (size_t)(colon - line)) && !has_control(line, size);
}

static bool headers_are_sound(const char *headers, size_t size) {
    for (size_t n; size; headers += n + 2, size -= n + 2) {
        n = line_size(headers, size);
        if (n == size || !header_line_is_sound(headers, n))
            return false;
    }
    return true;
}

// The value in a line that has this name, trimmed; NULL: it has another.
static const char *line_value(const char *line, size_t size, const char *name, size_t *value_size) {
    size_t length = strlen(name);
    if (size <= length || line[length] != ':' || strncasecmp(line, name, length) != 0)
        return NULL;
    const char *value = line + length + 1, *end = line + size;
    while (value < end && is_blank(*value))
        value++;
    while (end > value && is_blank(end[-1]))
        end--;
    *value_size = (size_t)(end - value);
    return value;
}

const char *http_field(const char *headers, size_t headers_size, const char *name, size_t *size) {
    for (size_t n; headers_size > 2; headers += n + 2, headers_size -= n + 2) {
        n = line_size(headers, headers_size);
        const char *value = line_value(headers, n, name, size);
        if (value || n + 2 > headers_size)
            return value;
    }
    return NULL;
}

// A length; -1: not a number, or beyond what anybody sends here.
static int64_t parse_length(const char *s, size_t size) {
    int64_t n = 0;
    if (size == 0 || size > 12)
        return -1;
    for (size_t i = 0; i < size; i++) {
        if (s[i] < '0' || s[i] > '9')
            return -1;
        n = n * 10 + (s[i] - '0');
    }
    return n;
}

// False: there is a length that is none, or two that differ.
static bool find_length(struct http_head *h) {
    const char *rest = h->headers, *end = h->headers + h->headers_size;
    h->content_length = -1;
    for (size_t n; rest < end; rest += n + 2) {
        n = line_size(rest, (size_t)(end - rest));
        size_t size;
        const char *value = line_value(rest, n, "Content-Length", &size);
        if (!value)
            continue;
        int64_t length = parse_length(value, size);
        if (length < 0 || (h->content_length >= 0 && h->content_length != length))
            return false;
        h->content_length = length;
    }
    return true;
}

// --- first lines ----------------------------------------------------------------------------------

static bool is_version(const char *s, size_t size) {
    return size == 8 && memcmp(s, "HTTP/1.", 7) == 0 && (s[7] == '0' || s[7] == '1');
}

bool http_parse_request_line(const char *line, size_t size, struct http_request_line *out) {
    const char *space = memchr(line, ' ', size);
    if (!space || !is_token(line, (size_t)(space - line)) || has_control(line, size))
        return false;
    const char *path = space + 1, *end = line + size;
    const char *after = memchr(path, ' ', (size_t)(end - path));
    if (!after || *path != '/' || !is_version(after + 1, (size_t)(end - after - 1)))
        return false;
    *out = (struct http_request_line){line, path, (size_t)(space - line), (size_t)(after - path)};
    return true;
}

int http_parse_status_line(const char *line, size_t size) {
    if (size < 12 || !is_version(line, 8) || line[8] != ' ' || (size > 12 && line[12] != ' ') ||
        has_control(line, size))
        return 0;
    int64_t code = parse_length(line + 9, 3);
    return code >= 100 && code <= 599 ? (int)code : 0;
}

const char *http_status_text(int status) {
    static const struct {
        int status;
        const char *text;
    } texts[] = {{200, "OK"},
                 {201, "Created"},
                 {204, "No Content"},
                 {304, "Not Modified"},
                 {400, "Bad Request"},
                 {404, "Not Found"},
                 {413, "Content Too Large"},
                 {429, "Too Many Requests"},
                 {431, "Request Header Fields Too Large"},
                 {500, "Internal Server Error"},
                 {503, "Service Unavailable"}};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (texts[i].status == status)
            return texts[i].text;
    return "Status";
}

// --- heads ----------------------------------------------------------------------------------------

static bool says(const struct http_head *h, const char *name, const char *word) {
    size_t size;
    const char *value = http_field(h->headers, h->headers_size, name, &size);
    return value && size == strlen(word) && strncasecmp(value, word, size) == 0;
}

// Takes apart a head that ends in an empty line.
static bool parse_head(const char *text, size_t size, struct http_head *h) {
    *h = (struct http_head){.line = text, .line_size = line_size(text, size), .size = size};
    h->headers = text + h->line_size + 2;
    h->headers_size = size - h->line_size - 4;
    size_t unused;
    if (!headers_are_sound(h->headers, h->headers_size) || !find_length(h) ||
        http_field(h->headers, h->headers_size, "Transfer-Encoding", &unused))
        return false;
    bool old = h->line_size >= 8 && (memcmp(h->line, "HTTP/1.0", 8) == 0 ||
                                     memcmp(h->line + h->line_size - 8, "HTTP/1.0", 8) == 0);
    h->keep_alive = old ? says(h, "Connection", "keep-alive") : !says(h, "Connection", "close");
    return true;
}

err http_stream_head(struct http_stream *s, struct http_head *head, site *at) {
    for (;;) {
        const char *text = s->data + s->start;
        size_t size = http_stream_ready(s);
        const char *end = size ? memmem(text, size, HEAD_END, 4) : NULL;
        size_t head_size = end ? (size_t)(end - text) + 4 : size;
        if (head_size > HTTP_HEAD_MAX || (!end && size == HTTP_HEAD_MAX))
            return ERR_PROTOCOL;
        if (end)
            return parse_head(text, head_size, head) ? OK : ERR_PROTOCOL;
        err e = stream_fill(s, at);
        if (e)
            return e == ERR_EOF && size ? ERR_RESET : e;
    }
}
