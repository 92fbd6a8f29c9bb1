// conforms SCHEMA <DOCUMENT: whether stdin is one JSON document, nothing else, that the schema
// accepts; without SCHEMA, one document a line. Exit code 1 and a word on stderr when not.
#include "harness/tests/schema.h"

static int refuse(const char *why) {
    fprintf(stderr, "conforms: %s\n", why);
    return 1;
}

static int lines(void) {
    static char line[1 << 20];
    json_error_t error;
    while (fgets(line, sizeof line, stdin)) {
        json_t *j = json_loads(line, 0, &error);
        if (!j || line[strlen(line) - 1] != '\n')
            return refuse(j ? "a line does not end" : error.text);
        json_decref(j);
    }
    return 0;
}

int main(int argc, char **argv) {
    json_error_t error;
    if (argc < 2)
        return lines();
    json_t *schema = json_load_file(argv[1], 0, &error);
    json_t *document = schema ? json_loadf(stdin, 0, &error) : NULL;
    if (!document)
        return refuse(error.text);
    const char *complaint = schema_refuses(schema, schema, document);
    json_decref(document);
    json_decref(schema);
    return complaint ? refuse(complaint) : 0;
}
