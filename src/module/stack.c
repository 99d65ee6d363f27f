/*
 * module/stack.c: a module's configuration, also of one that is composed of
 * several: the parts' structs one behind the other in one piece of memory.
 */

#include "module/registry.h"

#include "core/mem.h"

#include <stddef.h>

enum { STACK_ALIGN = _Alignof(max_align_t) };


/* what a composed module is made of: the bottom is of its own kind, the others
   dress a stream or share one */

static const gt_module_t *
stack_part(const gt_module_t *m, int i)
{
    const gt_module_t *part;

    part = i == 0 ? gt_module_find(m->kind, m->stack[0])
                  : gt_module_find(GT_LAYER, m->stack[i]);
    if (!part && i > 0) {
        part = gt_module_find(GT_MUX, m->stack[i]);
    }

    GT_ASSERT(part && !part->stack[0]);

    return part;
}


int
gt_module_parts(const gt_module_t *m, const gt_module_t *parts[GT_STACK_MAX])
{
    int n;

    if (!m->stack[0]) {
        parts[0] = m;
        return 1;
    }

    for (n = 0; n < GT_STACK_MAX && m->stack[n]; n++) {
        parts[n] = stack_part(m, n);
    }

    return n;
}


const gt_opt_t *
gt_module_options(gt_kind_t kind, const char *name, int i)
{
    int                n;
    const gt_module_t *m = gt_module_find(kind, name);
    const gt_module_t *parts[GT_STACK_MAX];

    if (!m) {
        return NULL;
    }

    for (n = gt_module_parts(m, parts); n > 0; n--) {
        if (parts[n - 1]->opts && i-- == 0) {
            return parts[n - 1]->opts;
        }
    }

    return NULL;
}


static size_t
stack_room(const gt_module_t *m)
{
    size_t n = gt_max(m->conf_size, (size_t) 1);

    return (n + STACK_ALIGN - 1) / STACK_ALIGN * STACK_ALIGN;
}


void *
gt_module_part_conf(const gt_module_t *m, void *conf, int i)
{
    int                n;
    char              *p = conf;
    const gt_module_t *parts[GT_STACK_MAX];

    n = gt_module_parts(m, parts);
    GT_ASSERT(i >= 0 && i < n);

    for (n = 0; n < i; n++) {
        p += stack_room(parts[n]);
    }

    return p;
}


typedef struct {
    const gt_module_t *parts[GT_STACK_MAX];
    int                n;
    gt_diag_t         *d;
    void (*unknown)(void *data, const gt_cnode_t *key);
    void *data;
} stack_conf_t;


/* a key that several parts know is the topmost's: of "keepalive" of ws and tcp
   the one of ws */

static int
stack_key(const gt_module_t *m, const stack_conf_t *st, char *conf,
          const gt_cnode_t *key)
{
    int                   i, rc;
    static const gt_opt_t none[] = { { .name = NULL } };

    for (i = st->n - 1; i >= 0; i--) {
        rc = gt_opt_set(st->parts[i]->opts ? st->parts[i]->opts : none,
                        gt_module_part_conf(m, conf, i), key, st->d);
        if (rc != GT_DONE) {
            return rc;
        }
    }

    if (st->unknown) {
        st->unknown(st->data, key);
    }

    return GT_OK;
}


static int
stack_check(const stack_conf_t *st, int i, void *conf, const gt_place_t *place)
{
    const char        *why = "cannot be used so";
    const gt_module_t *m = st->parts[i];

    if (m->check && m->check(conf, &why) != GT_OK) {
        gt_diag_error(st->d, place, "%s %s: %s", gt_module_kind(m->kind),
                      m->name, why);
        return GT_ERROR;
    }

    return GT_OK;
}


void *
gt_module_configure(const gt_module_t *m, const gt_cnode_t *metadata,
                    const gt_place_t *place, gt_diag_t *d,
                    void (*unknown)(void *data, const gt_cnode_t *key),
                    void *data)
{
    int               i, rc = GT_OK;
    char             *conf;
    size_t            room = 0;
    const gt_cnode_t *key;
    stack_conf_t      st = { .d = d, .unknown = unknown, .data = data };

    st.n = gt_module_parts(m, st.parts);

    for (i = 0; i < st.n; i++) {
        room += stack_room(st.parts[i]);
    }

    conf = gt_calloc(room);
    if (!conf) {
        gt_diag_error(d, place, "no memory");
        return NULL;
    }

    for (i = 0; i < st.n; i++) {
        if (st.parts[i]->opts) {
            gt_opt_defaults(st.parts[i]->opts, gt_module_part_conf(m, conf, i));
        }
    }

    for (key = metadata ? metadata->first : NULL; key; key = key->next) {
        if (stack_key(m, &st, conf, key) != GT_OK) {
            rc = GT_ERROR;
        }
    }

    for (i = 0; rc == GT_OK && i < st.n; i++) {
        rc = stack_check(&st, i, gt_module_part_conf(m, conf, i), place);
    }

    if (rc != GT_OK) {
        gt_free(conf);
        return NULL;
    }

    return conf;
}
