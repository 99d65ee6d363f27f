/*
 * /status as JSON out of zones, and as tables for people.
 */

#include "process/status.h"
#include "process/status_table.h"

#include "tap.h"

#include <stdlib.h>

#include <jansson.h>

static const char *const strange[] = {
    "",
    "x",
    "[]",
    "{",
    "{}",
    "{\"services\": 1, \"chains\": {}}",
    "{\"services\": [1, null, {}], \"chains\": [{\"hops\": [{\"nodes\": "
    "[0]}]}],"
    " \"workers\": [[]], \"reload\": {\"last\": {\"message\": 1}}}",
};


static char *
table(const char *json, int *rc)
{
    char  *text = NULL;
    size_t n = 0;
    FILE  *out = open_memstream(&text, &n);

    *rc = gt_status_table(json, strlen(json), out);
    (void) fclose(out);

    return text;
}


static void
test_table(void)
{
    int    rc;
    char  *text;
    size_t i;

    text = table("{\"version\": \"1\", \"hostname\": \"h\", \"generation\": 7,"
                 "\"uptime\": 3725, \"pid\": 1, \"reload\": {\"last\": {"
                 "\"good\": false, \"age\": 61, \"message\": \"a\\nb\"}},"
                 "\"services\": [{\"name\": \"\\u001b[2J\\u009bm\","
                 "\"addr\": \"\\u00e4:1\", \"handler\": \"http\","
                 "\"listener\": \"tls\", \"chain\": \"\", \"totalConns\": 5,"
                 "\"inputBytes\": 1536, \"outputBytes\": 999}]}",
                 &rc);
    is_int(rc, GT_OK, "a status");
    ok(strstr(text, "gatun 1 on h: generation 7, up 1 h 2 min, pid 1\n"),
       "who it is");
    ok(strstr(text, "the last reload failed 1 min 1 s ago: a\n\n"),
       "the first line of a reload's complaint");
    ok(strstr(text, "?[2J??m  \xc3\xa4:1      http, tls  -        0      5 "),
       "a service, without what moves a cursor");
    ok(strstr(text, "  1.50 KiB  999 B\n"), "its bytes");
    ok(!strstr(text, "NODE"), "no table of no nodes");
    free(text);

    for (i = 0; i < gt_nelts(strange); i++) {
        text = table(strange[i], &rc);
        ok(i < 4 ? rc == GT_ERROR && text[0] == '\0' : rc == GT_OK,
           "no crash: %s", strange[i]);
        free(text);
    }
}


/* the object of that name in a list */

static json_t *
named(json_t *list, const char *name)
{
    size_t  i;
    json_t *o;

    json_array_foreach(list, i, o)
    {
        if (strcmp(json_string_value(json_object_get(o, "name")), name) == 0) {
            return o;
        }
    }

    return NULL;
}


static void
test_json(void)
{
    char                    *text;
    json_t                  *root, *o;
    gt_zone_t               *lasting = gt_tally_new(), *z;
    gt_stat_node_t          *row;
    const gt_slots_service_t names[] = {
        { .name = "a\xc3", .addr = ":1", .handler = "http", .chain = "c" },
    };
    const gt_slots_node_t nodes[] = {
        { .chain = "c", .hop = "h", .node = "n1", .key = 1, .backup = 1 },
        { .chain = "c", .hop = "h", .node = "n2", .key = 2 },
        { .chain = "c", .hop = "g", .node = "n3", .key = 3 },
        { .chain = "d", .hop = "h", .node = "n1", .key = 4 },
    };
    const gt_tally_shape_t shape = { .generation = 1,
                                     .n_slots = 1,
                                     .services = names,
                                     .n_services = 1,
                                     .nodes = nodes,
                                     .n_nodes = 4 };

    z = gt_tally_generation(&shape);
    row = gt_tally_node(z, 0, 1);
    (*row)[GT_STAT_NODE_TRIED] = 20;
    gt_stat_node_dialed(row, 9 * 1000);
    gt_stat_node_dialed(row, 9 * 1000);
    gt_stat_node_dialed(row, 70 * 1000);

    text = gt_status_json(lasting, &z, 1, 77);
    root = json_loads(text ? text : "", 0, NULL);
    ok(root != NULL, "JSON");
    ok(named(json_object_get(root, "services"), "a?") != NULL,
       "a name that is no UTF-8");
    is_int(json_array_size(json_object_get(root, "chains")), 2, "two chains");

    o = named(json_object_get(root, "chains"), "c");
    is_int(json_array_size(json_object_get(o, "hops")), 2, "two hops");
    o = named(json_object_get(o, "hops"), "h");
    is_int(json_array_size(json_object_get(o, "nodes")), 2, "two nodes");
    is_str(json_string_value(
               json_object_get(named(json_object_get(o, "nodes"), "n1"),
                               "state")),
           "backup", "a backup");
    o = named(json_object_get(o, "nodes"), "n2");
    is_str(json_string_value(json_object_get(o, "state")), "up", "and another");
    is_int(json_integer_value(json_object_get(o, "tried")), 20, "its figures");
    is_int(json_integer_value(json_object_get(o, "p50Milliseconds")), 10,
           "half of its dials");
    is_int(json_integer_value(json_object_get(o, "p95Milliseconds")), 100,
           "most of its dials");
    ok(json_is_null(json_object_get(o, "lastFailure")), "never a failure");

    json_decref(root);
    free(text);
    gt_zone_free(z);
    gt_zone_free(lasting);
}


int
main(void)
{
    test_table();
    test_json();

    return tap_done();
}
