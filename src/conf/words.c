/*
 * conf/words.c: the names of handlers, listeners, connectors and dialers.
 */

#include "conf/words.h"

#include "conf/tree.h"

#include <string.h>

typedef struct {
    const char *kind;
    const char *dflt;
    const char *ours;  /* in some build, now or later; blanks between */
    const char *never; /* GOST's, out of scope */
} word_table_t;

/* clang-format off */
static const word_table_t word_tables[] = {
    [GT_WORD_HANDLER] = {
        "handler", "auto",
        " http http2 socks4 socks4a socks5 socks relay auto tcp udp forward"
        " rtcp rudp http3 masque tunnel sni file api metrics unix ",
        " ss ssu sshd red redir redirect redu router tun tap tungo serial dns"
        " runix "
    },
    [GT_WORD_LISTENER] = {
        "listener", "tcp",
        " tcp tls ws wss mws mwss mtcp mtls pht phts http2 h2 h2c grpc quic h3"
        " http3 wt udp unix rtcp rudp ohttp otls ",
        " kcp dtls ftcp icmp icmp6 ssh sshd tun tap tungo serial red redir"
        " redirect redu dns stdio runix "
    },
    [GT_WORD_CONNECTOR] = {
        "connector", "http",
        " http http2 socks4 socks4a socks5 socks relay tcp forward direct"
        " virtual masque tunnel sni unix ",
        " ss ssu sshd router serial "
    },
    [GT_WORD_DIALER] = {
        "dialer", "tcp",
        " tcp tls ws wss mws mwss mtcp mtls pht phts http2 h2 h2c grpc quic h3"
        " http3 wt h3-masque unix direct virtual udp ohttp ohttps otls ",
        " utls wg kcp dtls ftcp icmp icmp6 ssh sshd serial "
    }
};
/* clang-format on */


const char *
gt_word_kind(gt_word_t kind)
{
    return word_tables[kind].kind;
}


const char *
gt_word_default(gt_word_t kind)
{
    return word_tables[kind].dflt;
}


static bool
word_in(const char *list, gt_str_t name)
{
    gt_str_t rest = gt_str_from(list), part;

    while (name.n > 0 && gt_str_split(&rest, ' ', &part)) {
        if (gt_str_eq(part, name)) {
            return true;
        }
    }

    return false;
}


static bool
word_linked(const gt_source_t *src, gt_word_t kind, gt_str_t name)
{
    int         i;
    const char *p;

    for (i = 0; (p = src->module(kind, i)) != NULL; i++) {
        if (gt_str_eq(gt_str_from(p), name)) {
            return true;
        }
    }

    return false;
}


gt_word_state_t
gt_word_state(const gt_source_t *src, gt_word_t kind, gt_str_t name)
{
    if (src->module != NULL && word_linked(src, kind, name)) {
        return GT_WORD_BUILT;
    }

    if (word_in(word_tables[kind].ours, name)) {
        return src->module != NULL ? GT_WORD_LATER : GT_WORD_BUILT;
    }

    return word_in(word_tables[kind].never, name) ? GT_WORD_NEVER
                                                  : GT_WORD_UNKNOWN;
}


bool
gt_word_tls(gt_str_t name)
{
    return word_in(" tls wss mwss mtls phts http2 h2 grpc quic h3 http3 wt otls"
                   " ohttps h3-masque ",
                   name);
}


/* "a, b, c" of what is linked, or of every name that some build has */
static void
word_names(const gt_source_t *src, gt_word_t kind, char *buf, size_t size)
{
    int         i;
    size_t      n = 0;
    gt_str_t    rest, part;
    const char *p;

    buf[0] = '\0';

    if (src->module != NULL) {
        for (i = 0; (p = src->module(kind, i)) != NULL; i++) {
            n += gt_snprintf(buf + n, size - n, "%s%s", n > 0 ? ", " : "", p);
        }

        return;
    }

    rest = gt_str_trim(gt_str_from(word_tables[kind].ours));
    while (gt_str_split(&rest, ' ', &part)) {
        n += gt_snprintf(buf + n, size - n, "%s%.*s", n > 0 ? ", " : "",
                         GT_STR_ARG(part));
    }
}


/* `; did you mean "wss"?`, or nothing; n kinds from this one on */
static const char *
word_hint(gt_word_t kind, unsigned n, gt_str_t name, char *buf, size_t size)
{
    unsigned far, best, i;
    gt_str_t rest, part, near = { NULL, 0 };

    best = gt_word_near(name.n) + 1;

    for (i = 0; i < 2 * n; i++) {
        rest = gt_str_from(i % 2 == 0 ? word_tables[kind + i / 2].ours
                                      : word_tables[kind + i / 2].never);

        while (gt_str_split(&rest, ' ', &part)) {
            far = part.n > 0 ? gt_word_distance(name, part, best - 1) : best;
            if (far < best) {
                best = far;
                near = part;
            }
        }
    }

    gt_snprintf(buf, size, near.n > 0 ? "; did you mean \"%.*s\"?" : "%.*s",
                (int) near.n, near.p != NULL ? near.p : "");

    return buf;
}


int
gt_word_check(const gt_source_t *src, gt_word_t kind, const char *name,
              const gt_place_t *place, gt_diag_t *d)
{
    char names[512], hint[64];

    switch (gt_word_state(src, kind, gt_str_from(name))) {

    case GT_WORD_BUILT: return GT_OK;

    case GT_WORD_LATER:
        gt_diag_error(d, place, "%s: not built yet (%s)", name,
                      gt_word_kind(kind));
        break;

    case GT_WORD_NEVER:
        gt_diag_error(d, place, "%s: gatun has no such %s and will not have it",
                      name, gt_word_kind(kind));
        break;

    case GT_WORD_UNKNOWN:
        word_names(src, kind, names, sizeof(names));
        gt_diag_error(d, place, "unknown %s \"%s\"; there is %s%s",
                      gt_word_kind(kind), name, names,
                      word_hint(kind, 1, gt_str_from(name), hint,
                                sizeof(hint)));
        break;
    }

    return GT_ERROR;
}


/* one word for both halves: what it names, and the default beside it */
static bool
word_single(const gt_source_t *src, bool node, gt_str_t word, gt_str_t *first,
            gt_str_t *second)
{
    bool      has_first, has_second;
    gt_word_t kind = node ? GT_WORD_CONNECTOR : GT_WORD_HANDLER;

    /* upstream's masque:// runs over TCP, where it cannot work */
    if (gt_str_eq(word, GT_STR("masque"))) {
        *first = word;
        *second = node ? GT_STR("h3-masque") : GT_STR("http3");
        return true;
    }

    has_first = gt_word_state(src, kind, word) != GT_WORD_UNKNOWN;
    has_second = gt_word_state(src, kind + 1, word) != GT_WORD_UNKNOWN;

    *first = has_first ? word : gt_str_from(word_tables[kind].dflt);
    *second = has_second ? word
              : gt_str_eq(word, GT_STR("ssu"))
                  ? GT_STR("udp")
                  : gt_str_from(word_tables[kind + 1].dflt);

    return has_first || has_second || (node && gt_str_eq(word, GT_STR("auto")));
}


int
gt_word_scheme(const gt_source_t *src, bool node, gt_str_t proxy,
               gt_str_t transport, gt_str_t *first, gt_str_t *second,
               const gt_place_t *place, gt_diag_t *d)
{
    int       rc = GT_OK;
    char      names[2][512], hint[64];
    gt_str_t  half[2];
    unsigned  i;
    gt_word_t kind = node ? GT_WORD_CONNECTOR : GT_WORD_HANDLER;

    if (proxy.p == transport.p && proxy.n > 0) {
        if (word_single(src, node, proxy, first, second)) {
            return GT_OK;
        }

        word_names(src, kind, names[0], sizeof(names[0]));
        word_names(src, kind + 1, names[1], sizeof(names[1]));
        gt_diag_error(d, place, "unknown scheme \"%.*s\"; %ss: %s; %ss: %s%s",
                      GT_STR_ARG(proxy), gt_word_kind(kind), names[0],
                      gt_word_kind(kind + 1), names[1],
                      word_hint(kind, 2, proxy, hint, sizeof(hint)));
        return GT_ERROR;
    }

    half[0] = *first = proxy;
    half[1] = *second = transport;

    for (i = 0; i < 2; i++) {
        if (gt_word_state(src, kind + i, half[i]) == GT_WORD_UNKNOWN) {
            word_names(src, kind + i, names[0], sizeof(names[0]));
            gt_diag_error(d, place,
                          "unknown %s \"%.*s\" in the scheme; there is"
                          " %s%s",
                          gt_word_kind(kind + i), GT_STR_ARG(half[i]), names[0],
                          word_hint(kind + i, 1, half[i], hint, sizeof(hint)));
            rc = GT_ERROR;
        }
    }

    return rc;
}
