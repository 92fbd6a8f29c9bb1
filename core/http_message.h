// http_message: HTTP/1.1 as text, for both ends: reading heads from a connection and taking them
// apart. Private to the core.
#pragma once

#include "core/http.h"

// What has arrived on a connection and was not yet consumed. Heads are taken apart in place.
struct http_stream {
    conn *conn;
    char *data;
    size_t start, end; // unconsumed bytes are data[start .. end)
    size_t room;       // of data
};

// A head: the first line and the header lines. Points into the stream until that reads again.
struct http_head {
    const char *line; // the first line
    size_t line_size;
    const char *headers; // the header lines, each with its CRLF
    size_t headers_size;
    size_t size;            // of it all, the empty line included
    int64_t content_length; // -1: not said
    bool keep_alive;        // the sender goes on after this message
};

// Takes up to `size` bytes that are there already, and returns how many; to NULL: drops them.
size_t http_stream_take(struct http_stream *s, void *to, size_t size);

// Bytes there already.
static inline size_t http_stream_ready(const struct http_stream *s) {
    return s->end - s->start;
}

// Finds a header by name in header lines; NULL: not there. *size: of the value, trimmed.
const char *http_field(const char *headers, size_t headers_size, const char *name, size_t *size);

// Splits "GET /path HTTP/1.1"; false: it is not of that form. The parts are not terminated.
struct http_request_line {
    const char *method, *path;
    size_t method_size, path_size;
};
bool http_parse_request_line(const char *line, size_t size, struct http_request_line *out);

// The code of "HTTP/1.1 200 OK"; 0: it is not of that form.
int http_parse_status_line(const char *line, size_t size);

// The words for a status code, "Status" for one it does not know.
const char *http_status_text(int status);

// Reads until a whole head is there; does not consume it. ERR_PROTOCOL: it is longer than
// HTTP_HEAD_MAX or malformed; else what conn_read says. ERR_EOF only before the first byte,
// ERR_RESET after it.
err http_stream_head(struct http_stream *s, struct http_head *head, site *at);
