/*
 * tunload - load generator and origin server for measuring tunnels.
 *
 *   tunload serve -p PORT
 *       An origin on 127.0.0.1:PORT.  A client sends a 9-byte order: one
 *       command byte and a big-endian 64-bit count N.
 *         'E'  echo everything until EOF (N ignored)
 *         'S'  send N pattern bytes, then close
 *         'D'  read N bytes, check the pattern, answer one byte ('=' or '!')
 *
 *   tunload run -m MODE [options]
 *       MODE: down | up | rate | ping | idle
 *       -x HOST:PORT    HTTP proxy to CONNECT through; absent: direct
 *       -a USER:PASS    Basic proxy credentials
 *       -t HOST:PORT    the origin (default 127.0.0.1:9900)
 *       -c N            connections at once (default 1)
 *       -n N            bytes a connection (down, up), connections in all
 *                       (rate), round trips a connection (ping)
 *       -s N            message size of ping (default 64)
 *       -h SECONDS      how long idle holds its tunnels (default 2)
 *       -P PID,PID,...  processes, with their descendants, whose CPU time and
 *                       memory are reported
 *       -T SECONDS      give up after (default 60)
 *
 * One JSON object goes to stdout.  'errors' counts connections that failed or
 * delivered wrong bytes; exit status 1 when there was one.
 */

#include <arpa/inet.h>
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { CHUNK = 128 * 1024, PATTERN = 251 };

static unsigned char pattern[CHUNK + PATTERN];

static int
number(const char *text)
{
    return (int) strtol(text, NULL, 10);
}

static double
now(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (double) ts.tv_sec + (double) ts.tv_nsec * 1e-9;
}

static void
die(const char *what)
{
    fprintf(stderr, "tunload: %s: %s\n", what, strerror(errno));
    exit(2);
}

static void
pattern_init(void)
{
    for (size_t i = 0; i < sizeof(pattern); i++) {
        pattern[i] = (unsigned char) (i % PATTERN);
    }
}

static bool
pattern_ok(const unsigned char *p, size_t n, uint64_t offset)
{
    return memcmp(p, pattern + offset % PATTERN, n) == 0;
}

static void
put64(unsigned char *p, uint64_t v)
{
    for (int i = 7; i >= 0; i--, v >>= 8) {
        p[i] = (unsigned char) v;
    }
}

static uint64_t
get64(const unsigned char *p)
{
    uint64_t v = 0;
    for (int i = 0; i < 8; i++) {
        v = v << 8 | p[i];
    }
    return v;
}

static void
raise_nofile(void)
{
    struct rlimit rl = { 1000000, 1000000 };
    if (setrlimit(RLIMIT_NOFILE, &rl) != 0) {
        getrlimit(RLIMIT_NOFILE, &rl);
        rl.rlim_cur = rl.rlim_max;
        setrlimit(RLIMIT_NOFILE, &rl);
    }
}

static struct sockaddr_in
parse_addr(const char *s)
{
    struct sockaddr_in sin = { .sin_family = AF_INET };
    char               host[64] = "127.0.0.1";
    const char        *colon = strrchr(s, ':');
    if (colon == NULL) {
        fprintf(stderr, "tunload: address %s lacks a port\n", s);
        exit(2);
    }
    if (colon != s) {
        snprintf(host, sizeof(host), "%.*s", (int) (colon - s), s);
    }
    sin.sin_port = htons((uint16_t) number(colon + 1));
    if (inet_pton(AF_INET, host, &sin.sin_addr) != 1) {
        fprintf(stderr, "tunload: %s is not an IPv4 address\n", host);
        exit(2);
    }
    return sin;
}

/* ---- the origin ------------------------------------------------------- */

typedef struct {
    int            fd;
    unsigned char  order[9];
    unsigned       have;
    char           cmd;
    uint64_t       count, done;
    bool           bad, eof;
    unsigned char *echo;
    size_t         echo_off, echo_len;
} peer_t;

static void
peer_free(peer_t *p)
{
    close(p->fd);
    free(p->echo);
    free(p);
}

/* Returns false when the peer is finished. */
static bool
peer_step(peer_t *p, unsigned char *scratch)
{
    while (p->have < sizeof(p->order)) {
        ssize_t n = read(p->fd, p->order + p->have, sizeof(p->order) - p->have);
        if (n == 0 || (n < 0 && errno != EAGAIN)) {
            return false;
        }
        if (n < 0) {
            return true;
        }
        p->have += (unsigned) n;
        p->cmd = (char) p->order[0];
        p->count = get64(p->order + 1);
    }

    for (;;) {
        if (p->cmd == 'S') {
            if (p->done == p->count) {
                shutdown(p->fd, SHUT_WR);
                return false;
            }
            size_t want =
                p->count - p->done < CHUNK ? p->count - p->done : CHUNK;
            ssize_t n = write(p->fd, pattern + p->done % PATTERN, want);
            if (n < 0) {
                return errno == EAGAIN;
            }
            p->done += (uint64_t) n;

        } else if (p->cmd == 'D') {
            ssize_t n = read(p->fd, scratch, CHUNK);
            if (n < 0) {
                return errno == EAGAIN;
            }
            if (n == 0) {
                return false;
            }
            p->bad |= !pattern_ok(scratch, (size_t) n, p->done);
            p->done += (uint64_t) n;
            if (p->done >= p->count) {
                p->bad |= p->done != p->count;
                if (write(p->fd, p->bad ? "!" : "=", 1) < 0) {
                    return false;
                }
                return false;
            }

        } else {
            if (p->echo == NULL && (p->echo = malloc(4096)) == NULL) {
                return false;
            }
            if (p->echo_off < p->echo_len) {
                ssize_t n = write(p->fd, p->echo + p->echo_off,
                                  p->echo_len - p->echo_off);
                if (n < 0) {
                    return errno == EAGAIN;
                }
                p->echo_off += (size_t) n;
                continue;
            }
            ssize_t n = read(p->fd, p->echo, 4096);
            if (n < 0) {
                return errno == EAGAIN;
            }
            if (n == 0) {
                return false;
            }
            p->echo_off = 0;
            p->echo_len = (size_t) n;
        }
    }
}

_Noreturn static void
serve(int port)
{
    struct sockaddr_in sin = { .sin_family = AF_INET,
                               .sin_port = htons((uint16_t) port),
                               .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int one = 1, lfd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    setsockopt(lfd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
    if (bind(lfd, (struct sockaddr *) &sin, sizeof(sin)) != 0) {
        die("bind");
    }
    listen(lfd, 65535);
    int                ep = epoll_create1(0);
    struct epoll_event ev = { .events = EPOLLIN, .data.ptr = NULL }, evs[256];
    epoll_ctl(ep, EPOLL_CTL_ADD, lfd, &ev);
    unsigned char *scratch = malloc(CHUNK);

    for (;;) {
        int n = epoll_wait(ep, evs, 256, -1);
        for (int i = 0; i < n; i++) {
            if (evs[i].data.ptr != NULL) {
                peer_t *p = evs[i].data.ptr;
                if (!peer_step(p, scratch)) {
                    peer_free(p);
                }
                continue;
            }
            for (;;) {
                int fd = accept4(lfd, NULL, NULL, SOCK_NONBLOCK);
                if (fd < 0) {
                    break;
                }
                setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
                peer_t *p = calloc(1, sizeof(*p));
                p->fd = fd;
                ev.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
                ev.data.ptr = p;
                epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev);
                if (!peer_step(p, scratch)) {
                    peer_free(p);
                }
            }
        }
    }
}

/* ---- the load --------------------------------------------------------- */

typedef enum { DOWN, UP, RATE, PING, IDLE } run_mode_t;
typedef enum { CONNECTING, HEAD, WORK } phase_t;

typedef struct {
    int      fd;
    phase_t  phase;
    bool     used;
    char     head[2048];
    unsigned have, sent;
    uint64_t done;
    unsigned order_sent, got;
    double   started, mark;
} conn_t;

static struct {
    run_mode_t         mode;
    bool               proxied;
    struct sockaddr_in proxy, target;
    char               request[1024];
    size_t             request_len;
    unsigned           conns;
    uint64_t           count;
    unsigned           size;
    double             hold, limit;
    uint64_t           errors, finished, bytes, started;
    float             *lat;
    size_t             lat_n, lat_cap;
    int                ep;
    unsigned           live;
} run;

static void
lat_add(double seconds)
{
    if (run.lat_n == run.lat_cap) {
        run.lat_cap = run.lat_cap ? run.lat_cap * 2 : 65536;
        run.lat = realloc(run.lat, run.lat_cap * sizeof(float));
    }
    run.lat[run.lat_n++] = (float) (seconds * 1e6);
}

static void
conn_open(conn_t *c)
{
    int one = 1;
    memset(c, 0, sizeof(*c));
    c->used = true;
    c->started = now();
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (c->fd < 0) {
        die("socket");
    }
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    struct sockaddr_in *to = run.proxied ? &run.proxy : &run.target;
    if (connect(c->fd, (struct sockaddr *) to, sizeof(*to)) != 0
        && errno != EINPROGRESS)
    {
        die("connect");
    }
    struct epoll_event ev = { .events =
                                  EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
                              .data.ptr = c };
    epoll_ctl(run.ep, EPOLL_CTL_ADD, c->fd, &ev);
    run.started++;
    run.live++;
}

static void
conn_end(conn_t *c, bool ok)
{
    if (run.mode == RATE) {
        /* a reset keeps ten thousands of finished tests out of TIME_WAIT */
        struct linger lg = { 1, 0 };
        if (ok) {
            lat_add(now() - c->started);
        }
        setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &lg, sizeof(lg));
    }
    close(c->fd);
    run.live--;
    run.errors += !ok;
    run.finished++;
    c->used = false;
    if (run.mode == RATE && run.started < run.count) {
        conn_open(c);
    }
}

/* DOWN: as conn_work() */
static int
conn_down(conn_t *c, unsigned char *scratch)
{
    ssize_t n;

    for (;;) {
        n = read(c->fd, scratch, CHUNK);
        if (n < 0) {
            return errno == EAGAIN ? 1 : -1;
        }
        if (n == 0) {
            return c->done == run.count ? 0 : -1;
        }
        if (!pattern_ok(scratch, (size_t) n, c->done)) {
            return -1;
        }
        c->done += (uint64_t) n;
        run.bytes += (uint64_t) n;
    }
}

/* UP: as conn_work() */
static int
conn_up(conn_t *c, unsigned char *scratch)
{
    ssize_t  n;
    uint64_t want;

    while (c->done < run.count) {
        want = run.count - c->done < CHUNK ? run.count - c->done : CHUNK;
        n = write(c->fd, pattern + c->done % PATTERN, want);
        if (n < 0) {
            return errno == EAGAIN ? 1 : -1;
        }
        c->done += (uint64_t) n;
        run.bytes += (uint64_t) n;
    }
    n = read(c->fd, scratch, 1);
    if (n < 0) {
        return errno == EAGAIN ? 1 : -1;
    }
    return n == 1 && scratch[0] == '=' ? 0 : -1;
}

/* one message there and back: 0 when it is back, else as conn_work() */
static int
conn_trip(conn_t *c, unsigned char *scratch, unsigned size)
{
    ssize_t n;

    while (c->sent < size) {
        if (c->sent == 0) {
            c->mark = now();
        }
        n = write(c->fd, pattern + c->sent, size - c->sent);
        if (n < 0) {
            return errno == EAGAIN ? 1 : -1;
        }
        c->sent += (unsigned) n;
    }
    while (c->got < size) {
        n = read(c->fd, scratch, size - c->got);
        if (n < 0) {
            return errno == EAGAIN ? 1 : -1;
        }
        if (n == 0 || !pattern_ok(scratch, (size_t) n, c->got)) {
            return -1;
        }
        c->got += (unsigned) n;
    }
    return 0;
}

/* RATE, PING, IDLE: as conn_work() */
static int
conn_trips(conn_t *c, unsigned char *scratch)
{
    int      rc;
    unsigned size = run.mode == PING ? run.size : 1;
    uint64_t want = run.mode == PING ? run.count : 1;

    for (;;) {
        rc = conn_trip(c, scratch, size);
        if (rc != 0) {
            return rc;
        }
        run.bytes += 2ull * size;
        if (run.mode == PING) {
            lat_add(now() - c->mark);
        }
        c->sent = c->got = 0;
        if (++c->done == want) {
            if (run.mode == IDLE) {
                c->sent = size; /* hold: write no more */
                run.finished++;
                return 1;
            }
            return 0;
        }
    }
}

/* 1: go on later, 0: finished well, -1: failed */
static int
conn_work(conn_t *c, unsigned char *scratch)
{
    unsigned char order[9];
    uint64_t      n64 = run.count;
    ssize_t       n;

    order[0] = run.mode == DOWN ? 'S' : run.mode == UP ? 'D' : 'E';
    put64(order + 1, n64);
    while (c->order_sent < sizeof(order)) {
        n = write(c->fd, order + c->order_sent, sizeof(order) - c->order_sent);
        if (n < 0) {
            return errno == EAGAIN ? 1 : -1;
        }
        c->order_sent += (unsigned) n;
    }

    switch (run.mode) {
    case DOWN: return conn_down(c, scratch);
    case UP: return conn_up(c, scratch);
    default: return conn_trips(c, scratch);
    }
}

static void
conn_step(conn_t *c, unsigned char *scratch)
{
    ssize_t n;
    int     rc;

    if (c->phase == CONNECTING) {
        int       err = 0;
        socklen_t len = sizeof(err);
        getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &err, &len);
        if (err != 0) {
            conn_end(c, false);
            return;
        }
        while (run.proxied && c->sent < run.request_len) {
            n = write(c->fd, run.request + c->sent, run.request_len - c->sent);
            if (n < 0) {
                if (errno != EAGAIN && errno != ENOTCONN) {
                    conn_end(c, false);
                }
                return;
            }
            c->sent += (unsigned) n;
        }
        c->phase = run.proxied ? HEAD : WORK;
        c->sent = 0;
    }

    while (c->phase == HEAD) {
        /* byte-exact: nothing of the tunnel may be swallowed with the head */
        n = recv(c->fd, c->head + c->have, sizeof(c->head) - 1 - c->have,
                 MSG_PEEK);
        if (n <= 0) {
            if (n == 0 || errno != EAGAIN) {
                conn_end(c, false);
            }
            return;
        }
        c->head[c->have + (unsigned) n] = 0;
        char  *end = strstr(c->head, "\r\n\r\n");
        size_t take = end ? (size_t) (end + 4 - c->head) - c->have : (size_t) n;
        if (recv(c->fd, c->head + c->have, take, 0) != (ssize_t) take) {
            conn_end(c, false);
            return;
        }
        c->have += (unsigned) take;
        if (end != NULL) {
            if (strncmp(c->head, "HTTP/1.", 7) != 0
                || strncmp(c->head + 8, " 200", 4) != 0) {
                conn_end(c, false);
                return;
            }
            c->phase = WORK;
        } else if (c->have >= sizeof(c->head) - 1) {
            conn_end(c, false);
            return;
        }
    }

    rc = conn_work(c, scratch);
    if (rc <= 0) {
        conn_end(c, rc == 0);
    }
}

/* ---- what the measured processes used ---------------------------------- */

typedef struct {
    double cpu;
    long   rss_kb, pss_kb;
    int    procs;
} usage_t;

static int
parent_of(int pid, double *cpu)
{
    char path[64], buf[1024];
    snprintf(path, sizeof(path), "/proc/%d/stat", pid);
    FILE *f = fopen(path, "r");
    if (f == NULL) {
        return -1;
    }
    size_t n = fread(buf, 1, sizeof(buf) - 1, f);
    fclose(f);
    buf[n] = 0;
    char         *p = strrchr(buf, ')');
    int           ppid = -1;
    unsigned long ut = 0, st = 0;
    if (p != NULL) {
        sscanf(p + 2, "%*c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu",
               &ppid, &ut, &st);
    }
    *cpu = (double) (ut + st) / (double) sysconf(_SC_CLK_TCK);
    return ppid;
}

static usage_t
usage_of(const int *roots, int nroots)
{
    usage_t        u = { 0 };
    static int     pids[65536], ppids[65536];
    static double  cpus[65536];
    int            n = 0;
    DIR           *d = opendir("/proc");
    struct dirent *e;
    while (d != NULL && (e = readdir(d)) != NULL && n < 65536) {
        if (isdigit((unsigned char) e->d_name[0])) {
            pids[n] = number(e->d_name);
            ppids[n] = parent_of(pids[n], &cpus[n]);
            n++;
        }
    }
    if (d != NULL) {
        closedir(d);
    }
    for (int i = 0; i < n; i++) {
        int  at = pids[i];
        bool in = false;
        for (int depth = 0; depth < 8 && at > 1 && !in; depth++) {
            for (int r = 0; r < nroots; r++) {
                in |= at == roots[r];
            }
            int up = -1;
            for (int j = 0; j < n; j++) {
                if (pids[j] == at) {
                    up = ppids[j];
                    break;
                }
            }
            at = up;
        }
        if (!in) {
            continue;
        }
        u.procs++;
        u.cpu += cpus[i];
        char path[64], line[256];
        snprintf(path, sizeof(path), "/proc/%d/smaps_rollup", pids[i]);
        FILE *f = fopen(path, "r");
        long  v;
        while (f != NULL && fgets(line, sizeof(line), f) != NULL) {
            if (sscanf(line, "Rss: %ld", &v) == 1) {
                u.rss_kb += v;
            } else if (sscanf(line, "Pss: %ld", &v) == 1) {
                u.pss_kb += v;
            }
        }
        if (f != NULL) {
            fclose(f);
        }
    }
    return u;
}

static int
by_float(const void *a, const void *b)
{
    float x = *(const float *) a, y = *(const float *) b;
    return (x > y) - (x < y);
}

static double
quantile(double q)
{
    if (run.lat_n == 0) {
        return 0;
    }
    size_t i = (size_t) (q * (double) (run.lat_n - 1));
    return run.lat[i];
}

static const char *
base64(const char *in, char *out)
{
    static const char abc[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t n = strlen(in), o = 0;
    for (size_t i = 0; i < n; i += 3) {
        unsigned v = (unsigned) (unsigned char) in[i] << 16;
        v |= i + 1 < n ? (unsigned) (unsigned char) in[i + 1] << 8 : 0;
        v |= i + 2 < n ? (unsigned) (unsigned char) in[i + 2] : 0;
        out[o++] = abc[v >> 18 & 63];
        out[o++] = abc[v >> 12 & 63];
        out[o++] = i + 1 < n ? abc[v >> 6 & 63] : '=';
        out[o++] = i + 2 < n ? abc[v & 63] : '=';
    }
    out[o] = 0;
    return out;
}

static const char *const mode_names[] = { "down", "up", "rate", "ping",
                                          "idle" };

static int pids[64], npids;

static void
report(double secs, const usage_t *u0, const usage_t *u1)
{
    double cpu = u1->cpu - u0->cpu;
    printf("{\"mode\":\"%s\",\"conns\":%u,\"secs\":%.3f,\"bytes\":%llu,"
           "\"gbit_s\":%.3f,\"finished\":%llu,\"per_s\":%.0f,\"errors\":%llu,"
           "\"p50_us\":%.0f,\"p99_us\":%.0f,\"p999_us\":%.0f",
           mode_names[run.mode], run.conns, secs,
           (unsigned long long) run.bytes, (double) run.bytes * 8 / secs / 1e9,
           (unsigned long long) run.finished, (double) run.finished / secs,
           (unsigned long long) run.errors, quantile(.5), quantile(.99),
           quantile(.999));
    if (npids > 0) {
        printf(",\"procs\":%d,\"cpu_s\":%.2f,\"cpu_s_per_gb\":%.3f,"
               "\"cpu_us_per_conn\":%.1f,\"rss_kb\":%ld,\"pss_kb\":%ld,"
               "\"pss_kb_per_conn\":%.2f",
               u1->procs, cpu, run.bytes ? cpu / ((double) run.bytes / 1e9) : 0,
               run.finished ? cpu / (double) run.finished * 1e6 : 0, u1->rss_kb,
               u1->pss_kb, (double) (u1->pss_kb - u0->pss_kb) / run.conns);
    }
    printf("}\n");
}

/* the request that every connection sends to its proxy */
static void
make_request(const char *target, const char *auth)
{
    char b64[512];

    run.request_len = (size_t) snprintf(run.request, sizeof(run.request),
                                        "CONNECT %s HTTP/1.1\r\nHost: %s\r\n",
                                        target, target);
    if (auth != NULL) {
        run.request_len +=
            (size_t) snprintf(run.request + run.request_len,
                              sizeof(run.request) - run.request_len,
                              "Proxy-Authorization: Basic %s\r\n",
                              base64(auth, b64));
    }
    run.request_len +=
        (size_t) snprintf(run.request + run.request_len,
                          sizeof(run.request) - run.request_len, "\r\n");
}

/* 0, or the exit status */
static int
options(int argc, char **argv)
{
    const char *mode = "", *target = "127.0.0.1:9900", *auth = NULL;
    char       *p;
    int         opt, m;

    run.conns = 1;
    run.size = 64;
    run.hold = 2;
    run.limit = 60;
    while ((opt = getopt(argc, argv, "m:x:a:t:c:n:s:h:P:T:")) != -1) {
        switch (opt) {
        case 'm': mode = optarg; break;
        case 'x':
            run.proxied = true;
            run.proxy = parse_addr(optarg);
            break;
        case 'a': auth = optarg; break;
        case 't': target = optarg; break;
        case 'c': run.conns = (unsigned) number(optarg); break;
        case 'n': run.count = strtoull(optarg, NULL, 10); break;
        case 's': run.size = (unsigned) number(optarg); break;
        case 'h': run.hold = atof(optarg); break;
        case 'T': run.limit = atof(optarg); break;
        case 'P':
            while (npids < 64 && (p = strsep(&optarg, ",")) != NULL) {
                pids[npids++] = number(p);
            }
            break;
        default: return 2;
        }
    }
    m = -1;
    for (int i = 0; i < 5; i++) {
        if (strcmp(mode, mode_names[i]) == 0) {
            m = i;
        }
    }
    if (m < 0 || run.conns == 0 || run.size == 0 || run.size > 4096) {
        fprintf(stderr, "tunload: -m down|up|rate|ping|idle, -c, -s 1..4096\n");
        return 2;
    }
    run.mode = (run_mode_t) m;
    if (run.count == 0) {
        run.count = m <= UP ? 256u << 20 : m == RATE ? 2000 : 1000;
    }
    if (run.mode == RATE && run.conns > run.count) {
        run.conns = (unsigned) run.count;
    }
    run.target = parse_addr(target);
    make_request(target, auth);
    return 0;
}

static int
load(int argc, char **argv)
{
    int rc = options(argc, argv);

    if (rc != 0) {
        return rc;
    }

    conn_t        *conns = calloc(run.conns, sizeof(conn_t));
    unsigned char *scratch = malloc(CHUNK);
    run.ep = epoll_create1(0);
    usage_t            u0 = usage_of(pids, npids);
    double             t0 = now(), t1;
    uint64_t           opened = 0;
    struct epoll_event evs[256];

    /* idle opens in steps, so that no backlog overflows */
    while (opened < run.conns && (run.mode != IDLE || opened < 200)) {
        conn_open(&conns[opened++]);
    }
    for (;;) {
        t1 = now();
        if (t1 - t0 > run.limit) {
            fprintf(stderr, "tunload: gave up after %.0f s\n", run.limit);
            run.errors +=
                run.mode == IDLE ? run.conns - run.finished : run.live;
            break;
        }
        if (run.mode == IDLE ? run.finished >= run.conns : run.live == 0) {
            break;
        }
        int n = epoll_wait(run.ep, evs, 256, 100);
        for (int i = 0; i < n; i++) {
            conn_t *c = evs[i].data.ptr;
            if (c->used) {
                conn_step(c, scratch);
            }
        }
        while (run.mode == IDLE && opened < run.conns
               && opened - run.finished < 200) {
            conn_open(&conns[opened++]);
        }
    }
    double secs = t1 - t0;
    if (run.mode == IDLE) {
        usleep((useconds_t) (run.hold * 1e6));
    }
    usage_t u1 = usage_of(pids, npids);
    qsort(run.lat, run.lat_n, sizeof(float), by_float);
    report(secs, &u0, &u1);
    return run.errors != 0;
}

int
main(int argc, char **argv)
{
    signal(SIGPIPE, SIG_IGN);
    raise_nofile();
    pattern_init();
    if (argc == 4 && strcmp(argv[1], "serve") == 0
        && strcmp(argv[2], "-p") == 0) {
        serve(number(argv[3]));
    }
    if (argc > 2 && strcmp(argv[1], "run") == 0) {
        return load(argc - 1, argv + 1);
    }
    fprintf(stderr, "usage: tunload serve -p PORT | tunload run -m MODE ...\n");
    return 2;
}
