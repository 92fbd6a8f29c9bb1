// schema: whether a JSON document is what a JSON Schema says, for the keywords that ours use. Any
// other keyword is refused: nothing in a schema goes unchecked.
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static char schema_complaint[300];

#define SCHEMA_REFUSE(...)                                                                         \
    (snprintf(schema_complaint, sizeof schema_complaint, __VA_ARGS__), schema_complaint)

static inline const char *schema_type(const json_t *j) {
    static const char *const names[] = {
        [JSON_OBJECT] = "object",   [JSON_ARRAY] = "array", [JSON_STRING] = "string",
        [JSON_INTEGER] = "integer", [JSON_REAL] = "number", [JSON_TRUE] = "boolean",
        [JSON_FALSE] = "boolean",   [JSON_NULL] = "null"};
    return names[json_typeof(j)];
}

static inline bool schema_type_allowed(const json_t *type, const json_t *j) {
    if (json_is_string(type))
        return strcmp(json_string_value(type), schema_type(j)) == 0;
    for (size_t i = 0; i < json_array_size(type); i++)
        if (strcmp(json_string_value(json_array_get(type, i)), schema_type(j)) == 0)
            return true;
    return false;
}

static inline bool schema_among(const json_t *values, const json_t *j) {
    for (size_t i = 0; i < json_array_size(values); i++)
        if (json_equal(json_array_get(values, i), j))
            return true;
    return false;
}

static inline const char *schema_refuses(const json_t *root, const json_t *schema, const json_t *j);

static inline const char *schema_required(const json_t *keys, const json_t *j) {
    for (size_t i = 0; i < json_array_size(keys); i++) {
        const char *key = json_string_value(json_array_get(keys, i));
        if (!json_object_get(j, key))
            return SCHEMA_REFUSE("`%.80s` is missing", key);
    }
    return NULL;
}

// In characters.
static inline json_int_t schema_length(const json_t *j) {
    json_int_t length = 0;
    for (const char *p = json_string_value(j); p && *p; p++)
        length += ((unsigned char)*p & 0xc0) != 0x80;
    return length;
}

static inline const char *schema_items(const json_t *root, const json_t *schema, const json_t *j) {
    for (size_t i = 0; i < json_array_size(j); i++) {
        const char *complaint = schema_refuses(root, schema, json_array_get(j, i));
        if (complaint)
            return complaint;
    }
    return NULL;
}

// Keys that the schema does not name are refused: our own documents hold nothing unsaid.
static inline const char *schema_members(const json_t *root, const json_t *known, const json_t *j) {
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)j, key, value) {
        const json_t *schema = json_object_get(known, key);
        const char *complaint = schema ? schema_refuses(root, schema, value)
                                       : SCHEMA_REFUSE("`%.80s` is extra", key);
        if (complaint)
            return complaint;
    }
    return NULL;
}

static inline const char *schema_keyword(const json_t *root, const char *keyword,
                                         const json_t *value, const json_t *j) {
    if (strcmp(keyword, "$ref") == 0) {
        const char *name = strrchr(json_string_value(value), '/') + 1;
        return schema_refuses(root, json_object_get(json_object_get(root, "$defs"), name), j);
    }
    if (strcmp(keyword, "type") == 0)
        return schema_type_allowed(value, j) ? NULL : SCHEMA_REFUSE("no %s here", schema_type(j));
    if (strcmp(keyword, "enum") == 0)
        return schema_among(value, j) ? NULL
                                      : SCHEMA_REFUSE("no such word: %.80s", json_string_value(j));
    if (strcmp(keyword, "const") == 0)
        return json_equal(value, j) ? NULL : SCHEMA_REFUSE("not what it must always be");
    if (strcmp(keyword, "required") == 0)
        return schema_required(value, j);
    if (strcmp(keyword, "minItems") == 0)
        return (json_int_t)json_array_size(j) >= json_integer_value(value)
                   ? NULL
                   : SCHEMA_REFUSE("too few of them");
    if (strcmp(keyword, "minimum") == 0)
        return json_integer_value(j) >= json_integer_value(value) ? NULL
                                                                  : SCHEMA_REFUSE("too small");
    if (strcmp(keyword, "maxLength") == 0)
        return schema_length(j) <= json_integer_value(value) ? NULL : SCHEMA_REFUSE("too long");
    if (strcmp(keyword, "items") == 0)
        return schema_items(root, value, j);
    if (strcmp(keyword, "properties") == 0)
        return schema_members(root, value, j);
    static const char *const silent[] = {"$schema", "$id", "$defs", "title", "description"};
    for (size_t i = 0; i < sizeof silent / sizeof *silent; i++)
        if (strcmp(keyword, silent[i]) == 0)
            return NULL;
    return SCHEMA_REFUSE("the schema says `%.80s`, which is not understood", keyword);
}

// NULL: `j` is what `schema`, a part of `root`, says; else why it is not.
static inline const char *schema_refuses(const json_t *root, const json_t *schema,
                                         const json_t *j) {
    const char *keyword;
    json_t *value;
    json_object_foreach((json_t *)schema, keyword, value) {
        const char *complaint = schema_keyword(root, keyword, value, j);
        if (complaint)
            return complaint;
    }
    return NULL;
}
