#include "tui/requests.h"

#include "tui/cells.h"

#include <string.h>

static const struct request_row rows[] = {{"NONE", "", "", "", 0},
#define REQ(name, keys, label, help, views) {#name, keys, label, help, views},
                                          REQUESTS(REQ)
#undef REQ
};

static const struct {
    const char *word;
    uint32_t key;
} named_keys[] = {
#define X(name, word) {word, KEYS_##name},
    NAMED_KEYS(X)
#undef X
};

const struct request_row *request_row(enum request r) {
    return &rows[r < REQUEST_COUNT ? r : REQUEST_NONE];
}

bool key_parse(const char *word, size_t length, uint32_t *key) {
    for (size_t i = 0; i < sizeof named_keys / sizeof *named_keys; i++)
        if (strlen(named_keys[i].word) == length && !memcmp(named_keys[i].word, word, length)) {
            *key = named_keys[i].key;
            return true;
        }
    if (length == 6 && !memcmp(word, "ctrl-", 5)) {
        *key = KEYS_CTRL + (uint32_t)(unsigned char)word[5];
        return true;
    }
    char one[8] = "";
    if (length == 0 || length > 4)
        return false;
    memcpy(one, word, length);
    const char *at = one;
    *key = utf8_next(&at);
    return *at == '\0' && *key != 0;
}

uint32_t request_key(enum request r, int n) {
    const char *at = request_row(r)->keys;
    for (;;) {
        at += strspn(at, " ");
        size_t length = strcspn(at, " ");
        uint32_t key;
        if (!length || !key_parse(at, length, &key))
            return 0;
        if (n-- == 0)
            return key;
        at += length;
    }
}

enum request request_of(uint32_t key, enum view_bit view) {
    for (enum request r = REQUEST_NONE + 1; r < REQUEST_COUNT; r++) {
        if (!(rows[r].views & (unsigned)view))
            continue;
        uint32_t bound;
        for (int n = 0; (bound = request_key(r, n)); n++)
            if (bound == key)
                return r;
    }
    return REQUEST_NONE;
}
