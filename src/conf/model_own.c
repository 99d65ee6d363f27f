/*
 * conf/model_own.c: the log and our own section, `gatun:`.
 */

#include "conf/load.h"
#include "conf/opt.h"
#include "core/num.h"
#include "gt_auto_config.h"
#include "proto/url.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>


static bool
own_in(const char *word, const char *list)
{
    gt_str_t rest = gt_str_from(list), part;

    while (gt_str_split(&rest, ' ', &part)) {
        if (gt_str_eq(part, gt_str_from(word))) {
            return true;
        }
    }

    return false;
}


void
gt_build_log(gt_build_t *b)
{
    gt_log_model_t   *log = &b->cx->log;
    const gt_cnode_t *v, *map = gt_cnode_get(b->root, "log");

    log->output = gt_cnode_text(map, "output", "");
    log->level = gt_cnode_text(map, "level", "");
    log->format = gt_cnode_text(map, "format", "");

    v = gt_cnode_get(map, "level");
    if (log->level[0] != '\0'
        && !own_in(log->level, "trace debug info warn error fatal"))
    {
        gt_diag_warn(b->d, &v->place, "log.level \"%.40s\" is taken for info",
                     log->level);
        log->level = "";
    }

    v = gt_cnode_get(map, "format");
    if (log->format[0] != '\0' && !own_in(log->format, "json text")) {
        gt_diag_warn(b->d, &v->place, "log.format \"%.40s\" is taken for json",
                     log->format);
        log->format = "";
    }

    log->output = log->output[0] != '\0' ? log->output : "stderr";
    log->level = log->level[0] != '\0' ? log->level : "info";
    log->format = log->format[0] != '\0' ? log->format : "json";
}


/* "auto", which is 0, or a number from 1 on */
static int
own_auto(int64_t *n, const gt_cnode_t *v, int64_t max)
{
    if (v->kind == GT_NODE_SCALAR && strcmp(v->text, "auto") == 0) {
        *n = 0;
        return GT_OK;
    }

    return gt_cnode_int(v, n) == GT_OK && *n >= 0 && *n <= max ? GT_OK
                                                               : GT_ERROR;
}


static int
own_workers(void *f, const gt_cnode_t *v, const char **why)
{
    *why = "want auto or 1 to 1000";

    return own_auto(f, v, 1000);
}


static int
own_connections(void *f, const gt_cnode_t *v, const char **why)
{
    *why = "want auto or a number";

    return own_auto(f, v, 100000000);
}


static int
own_clients(void *f, const gt_cnode_t *v, const char **why)
{
    int64_t n;

    *why = "want 0 to 65536";

    if (gt_cnode_int(v, &n) != GT_OK || n < 0 || n > 65536) {
        return GT_ERROR;
    }

    *(int64_t *) f = n;

    return GT_OK;
}


/* clang-format off */
static const gt_opt_t own_stats_opts[] = {
    { "clients", own_clients, offsetof(gt_own_model_t, stats_clients), "256",
      "" },
    { .name = NULL }
};

static const gt_opt_t own_opts[] = {
    { "workers", own_workers, offsetof(gt_own_model_t, workers), "auto", "" },
    { "user", gt_opt_str, offsetof(gt_own_model_t, user), NULL, "" },
    { "group", gt_opt_str, offsetof(gt_own_model_t, group), NULL, "" },
    { "pidFile", gt_opt_str, offsetof(gt_own_model_t, pid_file), NULL, "" },
    { "runtimeDir", gt_opt_str, offsetof(gt_own_model_t, runtime_dir), NULL,
      "" },
    { "stateDir", gt_opt_str, offsetof(gt_own_model_t, state_dir), NULL, "" },
    { "maxConnections", own_connections,
      offsetof(gt_own_model_t, max_connections), "auto", "" },
    { "shutdownTimeout", gt_opt_msec,
      offsetof(gt_own_model_t, shutdown_timeout), "0", "" },
    { .name = NULL }
};
/* clang-format on */


/* an empty text is none; a relative path hangs on the prefix */
static void
own_path(gt_build_t *b, const char **path, const char *dflt)
{
    if (*path != NULL && (*path)[0] == '\0') {
        *path = NULL;
    }

    if (b->src->prefix == NULL || (*path != NULL && (*path)[0] == '/')) {
        return;
    }

    *path = gt_arena_printf(b->t->arena, "%s/%s", b->src->prefix,
                            *path != NULL ? *path : dflt);
    b->t->failed |= *path == NULL;
}


/* the installed configuration is a service's, which -s has to find */
bool
gt_source_installed(const gt_source_t *src)
{
    int i;

    if (src->prefix != NULL || src->default_source == NULL) {
        return false;
    }

    for (i = 0; i < src->n_sources; i++) {
        if (strcmp(src->sources[i], src->default_source) == 0) {
            return true;
        }
    }

    return src->n_sources == 0 && src->n_services == 0 && src->n_nodes == 0
           && access(src->default_source, R_OK) == 0;
}


static void
own_installed_paths(gt_build_t *b)
{
    gt_own_model_t *own = &b->m->own;
    const char     *slash = strrchr(GT_PID_PATH, '/');

    if (own->pid_file == NULL) {
        own->pid_file = GT_PID_PATH;
    }

    if (own->runtime_dir == NULL && slash != NULL) {
        own->runtime_dir = gt_arena_strndup(b->t->arena, GT_PID_PATH,
                                            (size_t) (slash - GT_PID_PATH));
        b->t->failed |= own->runtime_dir == NULL;
    }
}


static void
own_state(gt_build_t *b)
{
    const char     *home = getenv("HOME");
    gt_own_model_t *own = &b->m->own;

    if (own->state_dir != NULL) {
        return;
    }

    if (geteuid() == 0 || home == NULL || home[0] == '\0') {
        own->state_dir = "/var/lib/gatun";
        return;
    }

    own->state_dir =
        gt_arena_printf(b->t->arena, "%s/.local/state/gatun", home);
    b->t->failed |= own->state_dir == NULL;
}


/* unix:PATH, host:port, or a port alone, which is on the loopback then */
static void
own_stats(gt_build_t *b, const gt_cnode_t *v)
{
    uint64_t      port;
    const char   *text = v->text;
    gt_url_addr_t a;

    b->m->own.stats_place = v->place;

    if (gt_str_starts(gt_str_from(text), GT_STR("unix:"))) {
        if (text[5] != '/' && text[5] != '\0' && b->src->prefix != NULL) {
            text = gt_arena_printf(b->t->arena, "unix:%s/%s", b->src->prefix,
                                   text + 5);
            b->t->failed |= text == NULL;

        } else if (text[5] == '\0') {
            gt_diag_error(b->d, &v->place, "stats: want unix:PATH");
        }

        b->m->own.stats_addr = text;
        return;
    }

    if (text[0] == ':') {
        text++;
    }

    if (gt_str_u64(gt_str_from(text), 65535, &port)) {
        b->m->own.stats_addr =
            gt_arena_printf(b->t->arena, "127.0.0.1:%u", (unsigned) port);
        b->t->failed |= b->m->own.stats_addr == NULL;
        return;
    }

    if (gt_url_addr_parse(gt_str_from(v->text), &a) != GT_OK
        || a.kind != GT_URL_PORT_ONE)
    {
        gt_diag_error(b->d, &v->place,
                      "stats: want host:port, a port or unix:PATH");
        return;
    }

    b->m->own.stats_addr = v->text;
}


/* a section without a name would be an endpoint without a guard */
static void
own_stats_auth(gt_build_t *b, const gt_cnode_t *v)
{
    const char *user = gt_cnode_text(v, "username", "");

    if (user[0] == '\0' || strchr(user, ':') != NULL) {
        gt_diag_error(b->d, &v->place,
                      user[0] == '\0'
                          ? "stats.auth: username is missing"
                          : "stats.auth: a username has no colon in it");
        return;
    }

    b->m->own.stats_user = user;
    b->m->own.stats_password = gt_cnode_text(v, "password", "");
}


static void
own_place(const gt_cnode_t *map, const char *key, gt_place_t *place)
{
    const gt_cnode_t *v = gt_cnode_get(map, key);

    if (v != NULL) {
        *place = v->place;
    }
}


void
gt_build_own(gt_build_t *b)
{
    const gt_cnode_t *v, *map = gt_cnode_get(b->root, "gatun");
    gt_own_model_t   *own = &b->m->own;

    gt_opt_defaults(own_opts, own);
    gt_opt_apply(own_opts, own, map, b->d, NULL, NULL);
    own_place(map, "workers", &own->workers_place);
    own_place(map, "user", &own->user_place);
    own_place(map, "maxConnections", &own->connections_place);
    gt_opt_defaults(own_stats_opts, own);
    gt_opt_apply(own_stats_opts, own, gt_cnode_get(map, "stats"), b->d, NULL,
                 NULL);

    if (gt_source_installed(b->src)) {
        own_installed_paths(b);
    }

    own_path(b, &own->pid_file, "gatun.pid");
    own_path(b, &own->runtime_dir, "run");
    own_path(b, &own->state_dir, "state");
    own_state(b);

    if (own->user != NULL && own->user[0] == '\0') {
        own->user = NULL;
    }

    if (own->group != NULL && own->group[0] == '\0') {
        own->group = NULL;
    }

    map = gt_cnode_get(map, "stats");
    v = gt_cnode_get(map, "addr");
    if (v != NULL && v->kind == GT_NODE_SCALAR && v->text[0] != '\0') {
        own_stats(b, v);
    }

    v = gt_cnode_get(map, "auth");
    if (v != NULL) {
        own_stats_auth(b, v);
    }
}


gt_cnode_t *
gt_model_log_tree(gt_tree_t *t, const gt_log_model_t *log)
{
    gt_cnode_t      *map;
    const gt_place_t place = { "gatun", 0, 0 };

    map = gt_tree_node(t, GT_NODE_MAP, &place);
    gt_tree_put(t, map, "output", log->output);
    gt_tree_put(t, map, "level", log->level);
    gt_tree_put(t, map, "format", log->format);

    return map;
}


gt_cnode_t *
gt_model_own_tree(gt_tree_t *t, const gt_model_t *m)
{
    char                  text[GT_NUM_TEXT];
    size_t                i;
    gt_cnode_t           *map, *stats, *auth;
    const gt_own_model_t *own = &m->own;
    const gt_place_t      place = { "gatun", 0, 0 };
    const struct {
        const char *key, *value;
    } texts[] = { { "user", own->user },
                  { "group", own->group },
                  { "pidFile", own->pid_file },
                  { "runtimeDir", own->runtime_dir },
                  { "stateDir", own->state_dir } };

    map = gt_tree_node(t, GT_NODE_MAP, &place);

    gt_snprintf(text, sizeof(text), "%lld", (long long) own->workers);
    gt_tree_put(t, map, "workers", own->workers == 0 ? "auto" : text);

    for (i = 0; i < gt_nelts(texts); i++) {
        if (texts[i].value != NULL) {
            gt_tree_put(t, map, texts[i].key, texts[i].value);
        }
    }

    gt_snprintf(text, sizeof(text), "%lld", (long long) own->max_connections);
    gt_tree_put(t, map, "maxConnections",
                own->max_connections == 0 ? "auto" : text);
    gt_tree_put(t, map, "shutdownTimeout",
                gt_num_duration_text((int64_t) own->shutdown_timeout * GT_NS_MS,
                                     text, sizeof(text)));

    stats = gt_tree_map(t, map, "stats");

    if (own->stats_addr != NULL) {
        gt_tree_put(t, stats, "addr", own->stats_addr);
    }

    if (own->stats_user != NULL) {
        auth = gt_tree_map(t, stats, "auth");
        gt_tree_put(t, auth, "username", own->stats_user);
        gt_tree_put(t, auth, "password",
                    own->stats_password[0] != '\0' ? "***" : "");
    }

    gt_snprintf(text, sizeof(text), "%lld", (long long) own->stats_clients);
    gt_tree_put(t, stats, "clients", text);

    return map;
}
