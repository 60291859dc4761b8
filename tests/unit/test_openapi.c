#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <cmocka.h>

#include <yaml.h>

#include "serve/assets.h"
#include "serve/route.h"

/*
 * The route table and the OpenAPI document say the same, in both directions: every call, its
 * operationId and its query parameters, which of them repeat and which are required. JSON is a part
 * of YAML, so the reader of the settings' library reads it.
 */
static yaml_document_t document;

static yaml_node_t *member(yaml_node_t *node, const char *name)
{
        if (node == NULL || node->type != YAML_MAPPING_NODE)
                return NULL;
        for (yaml_node_pair_t *pair = node->data.mapping.pairs.start;
             pair < node->data.mapping.pairs.top; pair++) {
                yaml_node_t *key = yaml_document_get_node(&document, pair->key);
                if (strcmp((const char *)key->data.scalar.value, name) == 0)
                        return yaml_document_get_node(&document, pair->value);
        }
        return NULL;
}

static const char *text_of(yaml_node_t *node)
{
        return node != NULL && node->type == YAML_SCALAR_NODE
                       ? (const char *)node->data.scalar.value
                       : "";
}

static yaml_node_t *resolve(yaml_node_t *node)
{
        const char *reference = text_of(member(node, "$ref"));
        if (reference[0] == '\0')
                return node;
        assert_memory_equal(reference, "#/", 2);
        char path[200];
        snprintf(path, sizeof path, "%s", reference + 2);
        yaml_node_t *at = yaml_document_get_root_node(&document);
        char *rest = NULL;
        for (char *part = strtok_r(path, "/", &rest); part != NULL;
             part = strtok_r(NULL, "/", &rest))
                at = member(at, part);
        assert_non_null(at);
        return at;
}

/* Every reference anywhere leads somewhere. */
static void resolve_all(yaml_node_t *node)
{
        if (node->type == YAML_SEQUENCE_NODE) {
                for (yaml_node_item_t *item = node->data.sequence.items.start;
                     item < node->data.sequence.items.top; item++)
                        resolve_all(yaml_document_get_node(&document, *item));
        } else if (node->type == YAML_MAPPING_NODE) {
                (void)resolve(node);
                for (yaml_node_pair_t *pair = node->data.mapping.pairs.start;
                     pair < node->data.mapping.pairs.top; pair++)
                        resolve_all(yaml_document_get_node(&document, pair->value));
        }
}

/* "camera*" for a parameter that repeats, "camera!" for a required one, as in the table. */
static void describe(yaml_node_t *parameter, char out[static 64])
{
        bool repeats = strcmp(text_of(member(member(parameter, "schema"), "type")), "array") == 0;
        bool required = strcmp(text_of(member(parameter, "required")), "true") == 0;
        snprintf(out, 64, "%s%s", text_of(member(parameter, "name")),
                 required  ? "!"
                 : repeats ? "*"
                           : "");
}

static bool route_has(const struct route *route, const char *parameter)
{
        for (int i = 0; i < ROUTE_PARAMETERS_MAX && route->parameters[i] != NULL; i++) {
                if (strcmp(route->parameters[i], parameter) == 0)
                        return true;
        }
        return false;
}

static void check_operation(const struct route *route, yaml_node_t *operation)
{
        assert_string_equal(text_of(member(operation, "operationId")), route->operation);
        yaml_node_t *body = member(operation, "requestBody");
        assert_int_equal(body != NULL, route->takes_body);
        if (body != NULL)
                assert_non_null(member(member(body, "content"), "application/json"));
        int in_query = 0;
        int in_path = 0;
        yaml_node_t *parameters = member(operation, "parameters");
        if (parameters != NULL) {
                for (yaml_node_item_t *item = parameters->data.sequence.items.start;
                     item < parameters->data.sequence.items.top; item++) {
                        yaml_node_t *parameter = resolve(yaml_document_get_node(&document, *item));
                        char description[64];
                        describe(parameter, description);
                        if (strcmp(text_of(member(parameter, "in")), "path") == 0) {
                                in_path++;
                                continue;
                        }
                        in_query++;
                        if (!route_has(route, description))
                                fail_msg("%s: the table does not have %s", route->pattern,
                                         description);
                }
        }
        int in_table = 0;
        while (in_table < ROUTE_PARAMETERS_MAX && route->parameters[in_table] != NULL)
                in_table++;
        assert_int_equal(in_query, in_table);
        int in_pattern = 0;
        for (const char *at = route->pattern; *at != '\0'; at++)
                in_pattern += *at == '{';
        assert_int_equal(in_path, in_pattern);
}

static const struct route *row_of(const char *path, const char *method)
{
        for (const struct route *route = routes; route->pattern != NULL; route++) {
                if (strcmp(route->pattern, path) == 0 &&
                    strcasecmp(route_method_word(route->method), method) == 0)
                        return route;
        }
        return NULL;
}

static int rows_in_table(void)
{
        int count = 0;
        while (routes[count].pattern != NULL)
                count++;
        return count;
}

/* Every operation of a path. */
static int check_path(const char *path, yaml_node_t *operations)
{
        int count = 0;
        for (yaml_node_pair_t *pair = operations->data.mapping.pairs.start;
             pair < operations->data.mapping.pairs.top; pair++) {
                const char *method = text_of(yaml_document_get_node(&document, pair->key));
                const struct route *found = row_of(path, method);
                if (found == NULL)
                        fail_msg("the table does not have %s %s", method, path);
                else
                        check_operation(found, yaml_document_get_node(&document, pair->value));
                count++;
        }
        return count;
}

static void the_document_and_the_table_agree(void **state)
{
        (void)state;
        yaml_node_t *paths = member(yaml_document_get_root_node(&document), "paths");
        assert_non_null(paths);
        int count = 0;
        for (yaml_node_pair_t *pair = paths->data.mapping.pairs.start;
             pair < paths->data.mapping.pairs.top; pair++)
                count += check_path(text_of(yaml_document_get_node(&document, pair->key)),
                                    yaml_document_get_node(&document, pair->value));
        assert_int_equal(count, rows_in_table());
}

static void every_method_finds_its_row(void **state)
{
        (void)state;
        for (const struct route *route = routes; route->pattern != NULL; route++) {
                struct route_captures captures;
                char path[200];
                char allow[ROUTE_ALLOW_SIZE];
                unsigned methods = 0;
                size_t length = 0;
                /* The pattern with something in the place of what is in braces. */
                for (const char *at = route->pattern; *at != '\0'; at++) {
                        if (*at == '{')
                                at = strchr(at, '}');
                        path[length++] = *at == '}' ? 'x' : *at;
                }
                path[length] = '\0';
                assert_ptr_equal(route_find(route->method, path, &captures, &methods), route);
                assert_true((methods & 1U << route->method) != 0);
                route_allow(methods, allow);
                assert_non_null(strstr(allow, route_method_word(route->method)));
                for (int other = 0; other < METHODS; other++) {
                        const struct route *found =
                                route_find((enum route_method)other, path, &captures, &methods);
                        assert_int_equal(found != NULL, (methods & 1U << other) != 0);
                }
        }
        struct route_captures captures;
        unsigned methods = 1;
        assert_null(route_find(METHOD_GET, "/api/v1/none", &captures, &methods));
        assert_int_equal(methods, 0);
}

static void every_reference_leads_somewhere(void **state)
{
        (void)state;
        assert_string_equal(text_of(member(yaml_document_get_root_node(&document), "openapi")),
                            "3.1.0");
        resolve_all(yaml_document_get_root_node(&document));
}

static void places_of_the_app_answer_with_its_page(void **state)
{
        (void)state;
        static const char *const places[] = {
                "/", "/cameras", "/cameras/gate.1", "/day/2014-05-23", "/play", "/index.html"};
        static const char *const none[] = {
                "/camerasx",      "/assets/none.js", "/api", "/.git/config",
                "/../etc/passwd", "openapi.json",    "",     "//",
                "/favicon.none"};
        for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
                const struct asset *asset = asset_find(places[i]);
                assert_non_null(asset);
                assert_string_equal(asset->path, "/index.html");
        }
        for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
                assert_null(asset_find(none[i]));
}

static int load(void **state)
{
        (void)state;
        for (size_t i = 0; i < asset_count; i++) {
                if (strcmp(assets[i].path, "openapi.json") != 0)
                        continue;
                yaml_parser_t parser;
                const struct asset_body *body = &assets[i].bodies[ENCODING_IDENTITY];
                if (yaml_parser_initialize(&parser) == 0)
                        return 1;
                yaml_parser_set_input_string(&parser, body->bytes, body->length);
                int loaded = yaml_parser_load(&parser, &document);
                yaml_parser_delete(&parser);
                return loaded == 0;
        }
        return 1;
}

static int unload(void **state)
{
        (void)state;
        yaml_document_delete(&document);
        return 0;
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(the_document_and_the_table_agree),
                cmocka_unit_test(every_method_finds_its_row),
                cmocka_unit_test(every_reference_leads_somewhere),
                cmocka_unit_test(places_of_the_app_answer_with_its_page),
        };
        return cmocka_run_group_tests_name("openapi", tests, load, unload);
}
