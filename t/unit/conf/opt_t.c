/*
 * Option tables: setters, defaults, aliases, what is unknown, help.
 */

#include "conf/opt.h"
#include "conf/tree.h"

#include "said.h"
#include "tap.h"

typedef struct {
    const char       *path;
    bool              udp;
    int64_t           backlog;
    uint64_t          ttl, size;
    const gt_cnode_t *header;
} opts_t;

/* clang-format off */
static const gt_opt_t opts[] = {
    { "path|ws.path", gt_opt_str,  offsetof(opts_t, path),    "/ws", "a path" },
    { "udp",          gt_opt_bool, offsetof(opts_t, udp),     NULL,  "UDP" },
    { "backlog",      gt_opt_int,  offsetof(opts_t, backlog), "128", NULL },
    { "ttl",          gt_opt_msec, offsetof(opts_t, ttl),     "15s", "period" },
    { "bufferSize",   gt_opt_size, offsetof(opts_t, size),    "64k", "bytes" },
    { "header",       gt_opt_map,  offsetof(opts_t, header),  NULL,  "fields" },
    { .name = NULL }
};
/* clang-format on */

static char strange[256];


static void
unknown(void *data, const gt_cnode_t *key)
{
    size_t n = strlen(strange);

    ok(data == strange, "unknown gets its data");
    gt_snprintf(strange + n, sizeof(strange) - n, "%s ", key->key);
}


/* applies a YAML text; what is said */
static const char *
apply(gt_tree_t *t, opts_t *o, const char *text)
{
    gt_diag_t  *d = gt_diag_new();
    const char *out;

    strange[0] = '\0';
    memset(o, 0, sizeof(*o));
    gt_opt_defaults(opts, o);
    gt_opt_apply(opts, o, gt_yaml_parse(t, gt_str_from(text), "f", d), d,
                 unknown, strange);
    out = said(d);
    gt_diag_free(d);

    return out;
}


static void
test_values(gt_tree_t *t)
{
    size_t i;
    opts_t o;
    static const struct {
        const char *text;
        long long   ms;
    } times[] = { { "ttl: 10", 10000 },    { "ttl: '10'", 10000 },
                  { "ttl: 1m30s", 90000 }, { "ttl: 1.5h", 5400000 },
                  { "ttl: 100us", 1 },     { "ttl: 0", 0 },
                  { "ttl: -1s", 0 },       { "ttl: ~", 15000 } };
    static const struct {
        const char *text;
        bool        yes;
    } bools[] = { { "udp: true", true }, { "udp: 'T'", true },
                  { "udp: 2", true },    { "udp: 0", false },
                  { "udp: ''", false },  { "udp: False", false } };

    is_str(apply(t, &o, ""), "", "defaults");
    is_str(o.path, "/ws", "a text");
    is_int(o.backlog, 128, "a number");
    is_int(o.ttl, 15000, "a duration");
    is_int(o.size, 65536, "a size");
    ok(!o.udp && o.header == NULL, "zero without a default");

    is_str(apply(t, &o,
                 "WS.Path: /x\nBackLog: 010\nbuffersize: 1.5MB\n"
                 "header: {A: b}\n"),
           "", "values");
    is_str(o.path, "/x", "by its alias, in any case");
    is_int(o.backlog, 8, "an octal number");
    is_int(o.size, 1572864, "a size with a fraction");
    is_str(gt_cnode_text(o.header, "a", NULL), "b", "a map");

    for (i = 0; i < gt_nelts(times); i++) {
        apply(t, &o, times[i].text);
        ok(o.ttl == (uint64_t) times[i].ms, "%s", times[i].text);
    }

    for (i = 0; i < gt_nelts(bools); i++) {
        apply(t, &o, bools[i].text);
        ok(o.udp == bools[i].yes, "%s", bools[i].text);
    }
}


static void
test_refused(gt_tree_t *t)
{
    opts_t o;

    is_str(apply(t, &o,
                 "ttl: soon\nudp: yes\nbacklog: many\nbufferSize: -1\n"
                 "header: x\npath: [a]\n"),
           "f:1:1: ttl: want a duration such as 30s or 1m30s, or a number of"
           " seconds\n"
           "f:2:1: udp: want true or false\n"
           "f:3:1: backlog: want a number\n"
           "f:4:1: bufferSize: want a size such as 64k or 1MB\n"
           "f:5:1: header: want a map of keys\n"
           "f:6:1: path: want a text",
           "each bad value is named");
    is_int(o.ttl, 15000, "a bad value leaves the default");

    is_str(apply(t, &o, "pth: 1\nPATH: 2\nx.y: 3\n"), "", "unknown keys");
    is_str(strange, "pth x.y ", "are handed on");
}


static void
near(const char *key, const char *want)
{
    char                  text[64];
    const gt_opt_t *const tables[] = { opts, opts };

    gt_str_copy(text, sizeof(text), gt_opt_nearest(tables, 2, key));
    is_str(text, want, key);
}


static void
line(void *data, const char *text)
{
    char  *out = data;
    size_t n = strlen(out);

    gt_snprintf(out + n, 1024 - n, "%s\n", text);
}


static void
test_words(void)
{
    char help[1024] = "";

    near("pth", "path");
    near("ws_path", "ws.path");
    near("BACKLGO", "backlog");
    near("tt", "");
    near("xyz", "");
    near(
        "a-key-that-is-much-longer-than-any-word-that-is-known-to-anybody-here",
        "");

    gt_opt_help(opts, line, help);
    ok(strstr(help, "  path, ws.path ") == help, "help: names");
    ok(strstr(help, "/ws        a path\n") != NULL, "help: default, text");
    ok(strstr(help, "-          UDP\n") != NULL, "help: no default");

    is_int(gt_word_distance(GT_STR("kitten"), GT_STR("sitting"), 5), 3,
           "a distance");
    is_int(gt_word_distance(GT_STR(""), GT_STR("abc"), 5), 3, "to nothing");
    is_int(gt_word_distance(GT_STR("abcdef"), GT_STR("uvwxyz"), 2), 3,
           "no more than is asked for");
}


int
main(void)
{
    gt_tree_t t;

    memset(&t, 0, sizeof(t));
    t.arena = gt_arena_new();

    test_values(&t);
    test_refused(&t);
    test_words();
    gt_arena_free(t.arena);

    return tap_done();
}
