/*
 * Modules by kind, name and alias; their configuration; what --modules and
 * --help print.
 */

#include "module/registry.h"

#include "core/mem.h"
#include "core/str.h"

#include "tap.h"

#include <stdlib.h>

typedef struct {
    const char *path;
    int64_t     n;
} thing_conf_t;

static int
thing_check(void *conf, const char **why)
{
    thing_conf_t *cf = conf;

    *why = "n must not be 13";

    return cf->n == 13 ? GT_ERROR : GT_OK;
}

/* clang-format off */
static const gt_opt_t thing_opts[] = {
    { "path|thing.path", gt_opt_str, offsetof(thing_conf_t, path), "/x",
      "where" },
    { "n", gt_opt_int, offsetof(thing_conf_t, n), "7", "many" },
    { .name = NULL }
};
/* clang-format on */

static const gt_module_t thing = {
    .kind = GT_HANDLER,
    .name = "thing|stuff|matter",
    .help = "serves things",
    .conf_size = sizeof(thing_conf_t),
    .opts = thing_opts,
    .check = thing_check,
};

static const gt_module_t plain_handler = { .kind = GT_HANDLER,
                                           .name = "plain",
                                           .help = "serves plainly" };
static const gt_module_t plain_dialer = { .kind = GT_DIALER,
                                          .name = "plain",
                                          .help = "dials plainly" };

/* a composed dialer: a bottom and two layers, of which both have a "keepalive"
 */
typedef struct {
    bool keepalive;
    char odd[13]; /* the next struct must be aligned all the same */
} low_conf_t;

typedef struct {
    int64_t           keepalive;
    const gt_cnode_t *header;
} high_conf_t;

/* clang-format off */
static const gt_opt_t low_opts[] = {
    { "keepalive|low.keepalive", gt_opt_bool, offsetof(low_conf_t, keepalive),
      "true", "the low one" },
    { .name = NULL }
};

static const gt_opt_t high_opts[] = {
    { "keepalive", gt_opt_int, offsetof(high_conf_t, keepalive), "3",
      "the high one" },
    { "header", gt_opt_map, offsetof(high_conf_t, header), NULL, "fields" },
    { .name = NULL }
};
/* clang-format on */

static const gt_module_t low = { .kind = GT_DIALER,
                                 .name = "low",
                                 .help = "is low",
                                 .conf_size = sizeof(low_conf_t),
                                 .opts = low_opts };
static const gt_module_t middle = { .kind = GT_MUX,
                                    .name = "middle",
                                    .help = "has no options" };
static const gt_module_t high = { .kind = GT_LAYER,
                                  .name = "high",
                                  .help = "is high",
                                  .conf_size = sizeof(high_conf_t),
                                  .opts = high_opts };
static const gt_module_t tower = { .kind = GT_DIALER,
                                   .name = "tower",
                                   .help = "is all of them",
                                   .stack = { "low", "middle", "high" } };

const gt_module_t *const gt_modules[] = {
    &thing, &plain_handler, &plain_dialer, &low, &middle, &high, &tower, NULL
};


static void
test_find(void)
{
    ok(gt_module_find(GT_HANDLER, "thing") == &thing, "by name");
    ok(gt_module_find(GT_HANDLER, "STUFF") == &thing, "by alias, any case");
    ok(gt_module_find(GT_DIALER, "plain") == &plain_dialer, "kinds apart");
    ok(!gt_module_find(GT_DIALER, "thing"), "not of that kind");
    ok(!gt_module_find(GT_HANDLER, "thi"), "not a part of a name");
    ok(!gt_module_find(GT_HANDLER, "thing|stuff"), "not the whole entry");

    is_str(gt_module_name(GT_HANDLER, 0), "thing", "names, the first");
    is_str(gt_module_name(GT_HANDLER, 2), "matter", "aliases too");
    is_str(gt_module_name(GT_HANDLER, 3), "plain", "of the next module");
    ok(!gt_module_name(GT_HANDLER, 4), "and no more");
    is_str(gt_module_name(GT_DIALER, 0), "plain", "of another kind");
    ok(!gt_module_name(GT_LISTENER, 0), "a kind without any");
    is_str(gt_module_kind(GT_CONNECTOR), "connector", "kinds have names");
    ok(gt_module_knows(thing_opts, "THING.path"), "a table knows an alias");
    ok(!gt_module_knows(thing_opts, "pat"), "and not what is not there");
    ok(!gt_module_knows(NULL, "n"), "no table knows nothing");
}


static gt_cnode_t *
scalar(const char *key, const char *text, gt_cnode_t *next)
{
    static int        used;
    static gt_cnode_t nodes[16];
    gt_cnode_t       *n = &nodes[used++];

    n->kind = GT_NODE_SCALAR;
    n->number = true;
    n->key = key;
    n->text = text;
    n->place = (gt_place_t){ "x.yaml", 3, 5 };
    n->next = next;

    return n;
}


static void
seen(void *data, const gt_cnode_t *key)
{
    *(const char **) data = key->key;
}


static void
collect(void *data, bool is_error, const char *text)
{
    char  *all = data;
    size_t n = strlen(all);

    (void) is_error;
    (void) gt_snprintf(all + n, 256 - n, "%s\n", text);
}


static void
test_configure(void)
{
    char          text[256] = "";
    gt_diag_t    *d = gt_diag_new();
    gt_place_t    place = { "x.yaml", 1, 1 };
    gt_cnode_t    map = { .kind = GT_NODE_MAP };
    const char   *unknown = NULL;
    thing_conf_t *cf;
    void         *conf;

    cf = gt_module_configure(&thing, NULL, &place, d, NULL, NULL);
    ok(cf && cf->n == 7 && strcmp(cf->path, "/x") == 0, "defaults");
    gt_free(cf);

    map.first =
        scalar("N", "8", scalar("thing.path", "/y", scalar("pth", "/z", NULL)));
    cf = gt_module_configure(&thing, &map, &place, d, seen, &unknown);
    ok(cf && cf->n == 8 && strcmp(cf->path, "/y") == 0, "set");
    is_str(unknown, "pth", "the caller hears of an unknown key");
    is_int(gt_diag_errors(d), 0, "which is no error");
    gt_free(cf);

    map.first = scalar("n", "x", NULL);
    ok(!gt_module_configure(&thing, &map, &place, d, NULL, NULL),
       "a bad value is");
    is_int(gt_diag_errors(d), 1, "said");

    map.first = scalar("n", "13", NULL);
    ok(!gt_module_configure(&thing, &map, &place, d, NULL, NULL),
       "the module's own check");
    gt_diag_each(d, collect, text);
    ok(strstr(text, "n must not be 13"), "says why: %s", text);

    conf = gt_module_configure(&plain_handler, NULL, &place, d, NULL, NULL);
    ok(conf, "a module without options has a configuration");
    gt_free(conf);

    gt_diag_free(d);
}


static void
test_stack(void)
{
    char               text[256] = "";
    gt_diag_t         *d = gt_diag_new();
    gt_place_t         place = { "x.yaml", 1, 1 };
    gt_cnode_t         map = { .kind = GT_NODE_MAP };
    gt_cnode_t        *head;
    const char        *unknown = NULL;
    void              *conf;
    const high_conf_t *h;
    const gt_module_t *parts[GT_STACK_MAX];

    is_int(gt_module_parts(&tower, parts), 3, "three parts");
    ok(parts[0] == &low && parts[1] == &middle && parts[2] == &high,
       "from the bottom");
    is_int(gt_module_parts(&thing, parts), 1, "of others one");
    ok(parts[0] == &thing, "itself");

    ok(gt_module_options(GT_DIALER, "tower", 0) == high_opts
           && gt_module_options(GT_DIALER, "tower", 1) == low_opts
           && !gt_module_options(GT_DIALER, "tower", 2),
       "their tables, the topmost first");
    ok(gt_module_options(GT_HANDLER, "stuff", 0) == thing_opts
           && !gt_module_options(GT_HANDLER, "stuff", 1)
           && !gt_module_options(GT_HANDLER, "none", 0),
       "of one, and of none");

    conf = gt_module_configure(&tower, NULL, &place, d, NULL, NULL);
    h = gt_module_part_conf(&tower, conf, 2);
    ok(((low_conf_t *) gt_module_part_conf(&tower, conf, 0))->keepalive
           && h->keepalive == 3,
       "everybody's defaults");
    is_int((uintptr_t) h % _Alignof(high_conf_t), 0, "aligned");
    gt_free(conf);

    head = scalar("header", "", NULL);
    head->kind = GT_NODE_MAP;
    map.first =
        scalar("keepalive", "5",
               scalar("low.keepalive", "false", scalar("kepalive", "1", head)));
    conf = gt_module_configure(&tower, &map, &place, d, seen, &unknown);
    h = gt_module_part_conf(&tower, conf, 2);
    is_int(h->keepalive, 5, "what two know is the upper one's");
    ok(!((low_conf_t *) gt_module_part_conf(&tower, conf, 0))->keepalive,
       "the lower one has a name of its own");
    ok(h->header == head, "a map stays where it is");
    is_str(unknown, "kepalive", "what nobody knows is told");
    is_int(gt_diag_errors(d), 0, "and no error");
    gt_free(conf);

    map.first = scalar("keepalive", "x", NULL);
    ok(!gt_module_configure(&tower, &map, &place, d, NULL, NULL),
       "a bad value");
    gt_diag_each(d, collect, text);
    is_str(text, "x.yaml:3:5: keepalive: want a number\n", "is said once");

    gt_diag_free(d);
}


static char *
printed(int (*print)(FILE *out))
{
    char  *text = NULL;
    size_t n = 0;
    FILE  *out = open_memstream(&text, &n);

    if (print(out) != GT_OK) {
        fprintf(out, "none");
    }

    fclose(out);

    return text;
}


static int
print_list(FILE *out)
{
    gt_module_list(out);
    return GT_OK;
}


static int
print_thing(FILE *out)
{
    return gt_module_help("stuff", out);
}


static int
print_plain(FILE *out)
{
    return gt_module_help("plain", out);
}


static int
print_nothing(FILE *out)
{
    return gt_module_help("nothing", out);
}


static void
test_print(void)
{
    char *text;

    text = printed(print_list);
    ok(strstr(text, "handlers:\n  thing (stuff, matter) serves things\n"),
       "the list");
    ok(strstr(text, "dialers:\n  plain"), "by kind");
    free(text);

    text = printed(print_thing);
    ok(strstr(text, "path, thing.path") && strstr(text, "many"), "help");
    free(text);

    text = printed(print_plain);
    ok(strstr(text, "handler plain: ") && strstr(text, "dialer plain: "),
       "help on all that bear a name");
    free(text);

    text = printed(print_nothing);
    is_str(text, "none", "no help on what is not there");
    free(text);
}


int
main(void)
{
    test_find();
    test_configure();
    test_stack();
    test_print();

    return tap_done();
}
