/*
 * Models: what is loaded from files, arguments and the environment, what is
 * refused, and how it is said.
 */

#include "conf/model.h"
#include "core/mem.h"

#include "said.h"
#include "tap.h"

#include <stdlib.h>
#include <unistd.h>

static char        dir[] = "/tmp/gatun-model-XXXXXX";
static gt_diag_t  *diag;
static gt_model_t *m;
static gt_source_t src;
static const char *list_l[8], *list_f[8], *list_c[8];


static const char *
module(gt_word_t kind, int i)
{
    static const char *const names[][3] = { { "http", "auto", NULL },
                                            { "tcp", NULL },
                                            { "http", NULL },
                                            { "tcp", NULL } };

    return names[kind][i];
}


static void
fresh(void)
{
    gt_model_free(m);
    gt_diag_free(diag);
    gt_source_free(&src);
    m = NULL;
    diag = gt_diag_new();

    memset(&src, 0, sizeof(src));
    src.module = module;
    src.services = list_l;
    src.nodes = list_f;
    src.sources = list_c;
}


static const char *
load(void)
{
    m = gt_model_load(&src, diag);
    ok((m == NULL) == (gt_diag_errors(diag) > 0), "a model or errors");

    return said(diag);
}


/* a file of that text; its path until the next call but seven */
static const char *
file(const char *name, const char *text)
{
    static char     paths[8][128];
    static unsigned i;
    char           *path = paths[i++ % 8];
    FILE           *f;

    gt_snprintf(path, sizeof(paths[0]), "%s/%s", dir, name);
    f = fopen(path, "w");
    fputs(text, f);
    fclose(f);

    return path;
}


static const char *
from_yaml(const char *text)
{
    fresh();
    list_c[src.n_sources++] = file("a.yaml", text);

    return load();
}


/* what is said, without the folder */
static const char *
cut(const char *text)
{
    static char out[8192];
    const char *at;
    size_t      n = 0;

    while ((at = strstr(text, dir)) != NULL) {
        n += gt_snprintf(out + n, sizeof(out) - n, "%.*s", (int) (at - text),
                         text);
        text = at + strlen(dir) + 1;
    }

    gt_snprintf(out + n, sizeof(out) - n, "%s", text);

    return out;
}


static const char *
from_l(const char *l, const char *f)
{
    fresh();
    list_l[src.n_services++] = l;
    if (f != NULL) {
        list_f[src.n_nodes++] = f;
    }

    return load();
}


static void
test_arguments(void)
{
    const gt_chain_model_t *chain;

    is_str(from_l("http://u:p%40@127.0.0.1:8080?retries=2&x=1",
                  "http://a:b@[::1]:81,h.test:82?timeout=5s"),
           "", "a hop");
    is_int(m->n_services, 1, "one service");
    is_str(m->services[0].name, "service-0", "its name");
    is_str(m->services[0].addr, "127.0.0.1:8080", "its address");
    is_str(m->services[0].handler.type, "http", "its handler");
    is_str(m->services[0].handler.auth.username, "u", "its user");
    is_str(m->services[0].handler.auth.password, "p@", "its password");
    is_str(m->services[0].handler.chain, "chain-0", "its chain");
    is_int(m->services[0].handler.retries, 2, "its retries");
    is_str(gt_cnode_text(m->services[0].handler.metadata, "x", NULL), "1",
           "its metadata");
    is_str(m->services[0].listener.type, "tcp", "its listener");

    chain = gt_model_chain(m->contexts, "chain-0");
    ok(chain != NULL && gt_model_chain(m->contexts, "chain-1") == NULL,
       "the chain");
    is_int(chain->n_hops, 1, "one hop");
    is_int(chain->hops[0].n_nodes, 2, "two nodes");
    is_str(chain->hops[0].nodes[0].addr, "[::1]:81", "the first");
    is_str(chain->hops[0].nodes[1].addr, "h.test:82", "the second");
    is_str(chain->hops[0].nodes[1].name, "node-1", "its name");
    is_str(chain->hops[0].nodes[1].connector.auth.password, "b",
           "its password");
    is_str(gt_cnode_text(chain->hops[0].nodes[1].connector.metadata, "timeout",
                         NULL),
           "5s", "its metadata");

    is_str(from_l("http://127.0.0.1:8000-8002", NULL), "", "a range");
    is_int(m->n_services, 3, "three services");
    is_str(m->services[2].name, "service-2", "the third's name");
    is_str(m->services[2].addr, "127.0.0.1:8002", "its address");

    is_str(from_l("http://127.0.0.1:1?auth=dTpwOnE", NULL), "", "auth=");
    is_str(m->services[0].handler.auth.username, "u", "its user");
    is_str(m->services[0].handler.auth.password, "p:q", "its password");

    is_str(from_l("http://u@127.0.0.1:1?auth=eDp5", NULL),
           "W -L http://127.0.0.1:1: auth= is ignored: the URL has a user"
           " already",
           "both");
    is_str(m->services[0].handler.auth.username, "u", "the URL's user counts");

    is_str(from_l("http://:8080", NULL),
           "W -L http://:8080: service \"service-0\" on :8080 asks nobody for a"
           " password: an open proxy",
           "an open proxy");
}


static void
test_arguments_refused(void)
{
    static const struct {
        const char *l, *f, *want;
    } rows[] = {
        { "ws://127.0.0.1:1", NULL,
          "-L ws://127.0.0.1:1: ws: not built yet (listener)" },
        { "kcp://:1", NULL,
          "-L kcp://:1: kcp: gatun has no such listener and will not have it" },
        { "wsss://:1", NULL,
          "-L wsss://:1: unknown scheme \"wsss\"; handlers: http, auto;"
          " listeners: tcp; did you mean \"wss\"?" },
        { "http+nope://:1", NULL,
          "-L http+nope://:1: unknown listener \"nope\" in the scheme; there is"
          " tcp" },
        { "http+tls+x://:1", NULL,
          "-L http+tls+x://:1: a scheme has two parts at most, as in "
          "http+tls" },
        { "http://127.0.0.1:99999", NULL,
          "-L http://127.0.0.1:99999: the port is not a number from 0 to"
          " 65535" },
        { "http://127.0.0.1", NULL, "-L http://127.0.0.1: a port is missing" },
        { "http://:9-1", NULL,
          "-L http://:9-1: the range of ports runs backwards" },
        { "http://:1-9999", NULL,
          "-L http://:1-9999: a range of more than 4096 ports" },
        { "http://:s3cret@127.0.0.1:1", NULL,
          "-L http://127.0.0.1:1: a password without a user name" },
        { "http://127.0.0.1:1?auth=%%%", NULL,
          "-L http://127.0.0.1:1: a query key that guards has a ';' or a bad %,"
          " and is not safe to ignore" },
        { "http://127.0.0.1:1?a=%%%", NULL,
          "W -L http://127.0.0.1:1: 1 query keys with a ';' or a bad % are"
          " ignored" },
        { "http://127.0.0.1:1?auth=s3cret!", NULL,
          "-L http://127.0.0.1:1: auth= is not the base64 of user:password" },
        { "http://127.0.0.1:1?bypass=a", NULL,
          "-L http://127.0.0.1:1: bypass: not built yet, and not safe to"
          " ignore" },
        { "http://127.0.0.1:1?cert=c.pem", NULL,
          "-L http://127.0.0.1:1: certFile: the listener tcp has no TLS" },
        { "http://127.0.0.1:1/h:1", NULL,
          "-L http://127.0.0.1:1: forwarder: not built yet, and not safe to"
          " ignore\n"
          "-L http://127.0.0.1:1: tcp: not built yet (handler)" },
        { "http://127.0.0.1:1", "", "-F (number 1): is empty" },
        { "http://127.0.0.1:1", "http://",
          "-F http://: an address is missing" },
        { "http://127.0.0.1:1", "http://h", "-F http://h: a port is missing" },
        { "http://127.0.0.1:1", "http://h:70000",
          "-F http://h:70000: the port is not a number from 0 to 65535" },
        { "http://127.0.0.1:1", "http://h:0",
          "-F http://h:0: port 0 cannot be connected to" },
        { "http://127.0.0.1:1", "http://h:1?secure=true",
          "-F http://h:1: secure: the dialer tcp has no TLS" },
        { "http://127.0.0.1:1", "relay://u:p@h:1",
          "-F relay://h:1: relay: not built yet (connector)" },
        { "http://127.0.0.1:1", "http://u:s3/cret@h:1",
          "-F (number 1): a port must be a number" },
        { "http://u:s3?cret@h:1", NULL,
          "-L (number 1): the port is not a number from 0 to 65535" },
        { "http://u:s3#cret@h:1", NULL,
          "-L (number 1): the port is not a number from 0 to 65535" }
    };
    size_t i;

    for (i = 0; i < gt_nelts(rows); i++) {
        is_str(from_l(rows[i].l, rows[i].f), rows[i].want,
               rows[i].f != NULL ? rows[i].f : rows[i].l);
    }
}


static void
test_yaml(void)
{
    is_str(cut(from_yaml(
               "services:\n"
               "- name: s\n"
               "  addr: 127.0.0.1:1\n"
               "  handler: {type: http, authers: [a, b], auther: c, chain: up,"
               " retries: 3, metadata: {knock: x}}\n"
               "- addr: '[::1]:2'\n"
               "chains:\n"
               "- name: up\n"
               "  hops:\n"
               "  - name: shared\n"
               "  - {name: own, nodes: {addr: 'h:2'}}\n"
               "hops:\n"
               "- {name: shared, nodes: [{name: n, addr: 'h:1',"
               " connector: {auth: {username: 1, password: 010}}}]}\n"
               "authers:\n"
               "- {name: a, auths: [{username: u, password: ''}, {username:"
               " v}]}\n"
               "- {name: b, file: {path: users.txt}}\n"
               "- {name: c, auths: [{username: w, password: x}]}\n"
               "log: {level: warn, format: text, output: /x/y}\n"
               "gatun: {workers: 3, user: me, group: us, pidFile: /p,"
               " runtimeDir: /r, stateDir: /s, maxConnections: 100,"
               " shutdownTimeout: 1m, stats: {addr: '127.0.0.1:8404'}}\n")),
           "", "everything that there is");
    is_int(m->n_services, 2, "services");
    is_int(m->services[0].handler.n_authers, 3, "authers of the first");
    is_str(m->services[0].handler.authers[0], "c", "auther comes first");
    is_str(m->services[0].handler.authers[2], "b", "then authers");
    is_int(m->services[0].handler.retries, 3, "retries");
    is_int(m->services[0].place.line, 2, "its line");
    is_str(m->services[1].name, "service-1", "a name is made");
    is_str(m->services[1].handler.type, "auto", "the default handler");
    is_str(m->services[1].listener.type, "tcp", "the default listener");
    is_int(m->contexts->chains[0].n_hops, 2, "hops");
    is_str(m->contexts->chains[0].hops[0].nodes[0].addr, "h:1", "a shared hop");
    is_str(m->contexts->chains[0].hops[0].nodes[0].connector.auth.username, "1",
           "a number for a user");
    is_str(m->contexts->chains[0].hops[0].nodes[0].connector.auth.password,
           "010", "a password is what is written");
    is_str(m->contexts->chains[0].hops[1].nodes[0].name, "node-0",
           "one node, no list");
    is_str(m->contexts->chains[0].hops[1].nodes[0].connector.type, "http",
           "connector");
    is_str(m->contexts->chains[0].hops[1].nodes[0].dialer.type, "tcp",
           "dialer");
    is_int(gt_model_auther(m->contexts, "a")->n_auths, 2, "auths");
    is_str(gt_model_auther(m->contexts, "a")->auths[1].password, "",
           "an empty one");
    is_str(gt_model_auther(m->contexts, "b")->file, "users.txt", "a file");
    is_str(m->log.level, "warn", "log level");
    is_str(m->log.format, "text", "log format");
    is_str(m->log.output, "/x/y", "log output");
    is_int(m->own.workers, 3, "workers");
    is_str(m->own.user, "me", "user");
    is_str(m->own.group, "us", "group");
    is_str(m->own.pid_file, "/p", "pid file");
    is_str(m->own.runtime_dir, "/r", "runtime folder");
    is_str(m->own.state_dir, "/s", "state folder");
    is_int(m->own.max_connections, 100, "connections");
    is_int(m->own.shutdown_timeout, 60000, "timeout");
    is_str(m->own.stats_addr, "127.0.0.1:8404", "stats");

    is_str(cut(from_yaml("services: {name: s, addr: '127.0.0.1:1'}\n")), "",
           "one service, no list");
    is_str(m->log.level, "info", "default level");
    is_str(m->log.output, "stderr", "default output");
    is_str(m->log.format, "json", "default format");
    is_int(m->own.workers, 0, "default workers");
    ok(m->own.pid_file == NULL && m->own.runtime_dir == NULL
           && m->own.stats_addr == NULL && m->own.user == NULL,
       "nothing else by default");
}


static void
test_yaml_refused(void)
{
    is_str(cut(from_yaml("services:\n"
                         "- name: s\n"
                         "  adr: 127.0.0.1:1\n"
                         "  handler: {type: htp, chain: up, auther: who}\n"
                         "- name: s\n"
                         "  addr: 127.0.0.1:x\n"
                         "  listener: {type: ws}\n"
                         "- name: t\n"
                         "  addr: 127.0.0.1\n"
                         "  handler: {type: kcp, retries: -1}\n")),
           "a.yaml:2:3: service \"s\" has no addr\n"
           "W a.yaml:3:3: unknown key \"adr\" is ignored; did you mean"
           " \"addr\"?\n"
           "a.yaml:4:13: unknown handler \"htp\"; there is http, auto; did you"
           " mean \"http\"?\n"
           "a.yaml:4:24: no chain is named \"up\"\n"
           "a.yaml:4:35: no auther is named \"who\"\n"
           "a.yaml:5:3: service \"s\" is defined twice, first in"
           " a.yaml:2\n"
           "a.yaml:6:3: addr \"127.0.0.1:x\": the port is not a number"
           " from 0 to 65535\n"
           "a.yaml:7:14: ws: not built yet (listener)\n"
           "a.yaml:9:3: addr \"127.0.0.1\": a port is missing\n"
           "a.yaml:10:13: unknown handler \"kcp\"; there is http, auto; did you"
           " mean \"tcp\"?\n"
           "a.yaml:10:24: retries: want 0 to 1000",
           "all of it at once");

    is_str(cut(from_yaml(
               "services: [{addr: '127.0.0.1:1', bypass: x, auhter: y,"
               " resolver: z, tlsFoo: 1, header: {}}]\n"
               "bypasses: []\n"
               "admissions: [{name: a}]\n"
               "tls: {certFile: c}\n"
               "x-any: 1\n"
               "profiling: {addr: ':1'}\n")),
           "a.yaml:1:34: bypass: not built yet, and not safe to ignore\n"
           "a.yaml:1:45: unknown key \"auhter\"; did you mean \"auther\""
           " under \"handler\"?\n"
           "W a.yaml:1:56: resolver: not built yet, ignored\n"
           "a.yaml:1:56: no resolver is named \"z\"\n"
           "a.yaml:1:69: unknown key \"tlsFoo\"\n"
           "W a.yaml:1:80: unknown key \"header\" is ignored\n"
           "a.yaml:3:1: admissions: not built yet, and not safe to"
           " ignore\n"
           "a.yaml:4:1: tls: not built yet, and not safe to ignore\n"
           "W a.yaml:6:1: profiling: not built yet, ignored",
           "keys that guard, keys that do not");

    is_str(cut(from_yaml("services: [{addr: '127.0.0.1:1', handler: {auhter:"
                         " y}}]\n")),
           "a.yaml:1:44: unknown key \"auhter\"; did you mean \"auther\"?",
           "a misspelt guard");

    is_str(cut(from_yaml("services:\n- ~\n- x\n- addr: [1]\n  handler: http\n"
                         "  metadata: []\n"
                         "log: 1\ngatun: {workers: many, stats: {addr: x}}\n")),
           "a.yaml:2:3: services: an entry without anything\n"
           "a.yaml:3:3: services: want a map of keys\n"
           "a.yaml:4:3: addr: want one value\n"
           "a.yaml:4:3: service \"service-0\" has no addr\n"
           "a.yaml:5:3: handler: want a map of keys\n"
           "a.yaml:6:3: metadata: want a map of keys\n"
           "a.yaml:7:1: log: want a map of keys\n"
           "a.yaml:8:9: workers: want auto or 1 to 1000\n"
           "a.yaml:8:32: stats: want host:port, a port or unix:PATH",
           "values of the wrong kind");

    is_str(cut(from_yaml("chains:\n- hops: [{name: x}, {}]\n- {name: a}\n"
                         "- {name: b, hops: [{name: c, nodes: [{addr: ''},"
                         " {addr: 'h:1', network: udp}]}]}\n"
                         "authers: [{auths: [{password: x}, {}]}]\n")),
           "a.yaml:2:3: this chain has no name\n"
           "a.yaml:2:10: no hop is named \"x\"\n"
           "a.yaml:2:21: a hop with neither nodes nor a name\n"
           "a.yaml:3:3: chain \"a\" has no hops\n"
           "a.yaml:4:38: node \"node-0\" has no addr\n"
           "a.yaml:4:64: network: only tcp is built yet\n"
           "a.yaml:5:11: this auther has no name\n"
           "W a.yaml:5:11: auther \"auther-0\" knows nobody: it refuses"
           " everybody\n"
           "a.yaml:5:20: a password without a user name\n"
           "W a.yaml:5:35: an entry without a user name is ignored",
           "chains and authers");
}


static void
test_sources(void)
{
    fresh();
    list_c[src.n_sources++] =
        file("a.yaml", "services: [{name: a, addr: '127.0.0.1:1'}]\n"
                       "log: {level: debug, format: text}\n");
    list_c[src.n_sources++] =
        "{\"Services\": [{\"name\": \"b\", \"addr\": \"127.0.0.1:2\","
        " \"handler\": {\"retries\": 2}}], \"log\": {\"level\": \"warn\"}}";
    list_l[src.n_services++] = "http://127.0.0.1:3";
    is_str(load(), "", "three sources");
    is_int(m->n_services, 3, "their services");
    is_str(m->services[0].name, "a", "in their order");
    is_str(m->services[1].name, "b", "in their order");
    is_int(m->services[1].handler.retries, 2, "a number of JSON");
    is_str(m->services[2].name, "service-0", "in their order");
    is_str(m->log.level, "warn", "the later log");
    is_str(m->log.format, "json", "replaces all of the earlier one");

    setenv("GOST_LOGGER_LEVEL", "error", 1);
    gt_model_free(m);
    load();
    is_str(m->log.level, "error", "the environment beats files");
    src.log_level = "trace";
    gt_model_free(m);
    load();
    is_str(m->log.level, "trace", "flags beat the environment");
    unsetenv("GOST_LOGGER_LEVEL");

    src.workers = 2;
    src.stats = ":9";
    gt_model_free(m);
    load();
    is_int(m->own.workers, 2, "-w");
    is_str(m->own.stats_addr, "127.0.0.1:9", "-stats of a port: loopback");

    src.workers = -1;
    src.stats = "unix:x";
    src.prefix = "/p";
    gt_model_free(m);
    load();
    is_int(m->own.workers, 0, "-w auto");
    is_str(m->own.stats_addr, "unix:/p/x", "-stats of a socket, below -p");
    is_str(m->own.pid_file, "/p/gatun.pid", "-p: pid file");
    is_str(m->own.runtime_dir, "/p/run", "-p: runtime folder");
    is_str(m->own.state_dir, "/p/state", "-p: state folder");
}


static void
refused_source(const char *name, const char *want)
{
    fresh();
    list_c[src.n_sources++] = name;
    is_str(cut(load()), want, name);
}


static void
test_sources_refused(void)
{
    char long_name[160];

    refused_source("/nowhere/x.yaml", "/nowhere/x.yaml: No such file or"
                                      " directory");
    refused_source("x.toml", "x.toml: TOML is not supported: .yaml, .yml and"
                             " .json are");
    refused_source("x.d/gatun", "x.d/gatun: the name must end in .yaml, .yml"
                                " or .json");
    refused_source("https://u:s3cret@h/x.yaml",
                   "https://h/x.yaml: not fetched");
    refused_source("http://u:s3/cr@h/x.yaml", "-C URL: not fetched");
    refused_source("", "-C: is empty");
    refused_source("{\"services\": 1,}", "-C:1:16: string or '}' expected");
    refused_source(file("b.json", "{\"services\": [\n {\"addr\": 1}]"),
                   "b.json:2:13: '}' expected");

    gt_snprintf(long_name, sizeof(long_name), "%s/d.yaml", dir);
    ok(symlink("/", long_name) == 0, "a folder");
    refused_source(long_name, "d.yaml: is a folder");
    unlink(long_name);
}


static void
test_default(void)
{
    char home[128];

    gt_snprintf(home, sizeof(home), "%s/none", dir);
    setenv("HOME", home, 1);

    fresh();
    src.default_source = "/nowhere/gatun.yaml";
    is_str(load(),
           "no -L, no -C and no configuration file: tried"
           " /nowhere/gatun.yaml, gost.json, .yaml or .yml in"
           " /etc/gost, ~/.gost, the working directory, ~/gost",
           "nothing is given");

    fresh();
    src.default_source =
        file("gatun.yaml", "services: [{addr: '127.0.0.1:7'}]\n");
    is_str(load(), "", "the default file");
    is_str(m->services[0].addr, "127.0.0.1:7", "its service");

    fresh();
    src.prefix = dir;
    src.default_source = "/nowhere/gatun.yaml";
    is_str(load(), "", "the file below -p");

    fresh();
    src.default_source = "/nowhere/gatun.yaml";
    list_c[src.n_sources++] = "{}";
    is_str(load(), "", "-C without a service runs idle");
}


static void
test_memory(void)
{
    unsigned long n;

    for (n = 1; n < 2000; n++) {
        fresh();
        list_l[src.n_services++] = "http://u:p@127.0.0.1:1-3?x=1&bypass=";
        list_f[src.n_nodes++] = "http://u:p@h:1,i:2?maxFails=3&y=2";
        list_c[src.n_sources++] =
            file("m.yaml", "services: [{addr: '127.0.0.1:9', handler:"
                           " {authers: [a], metadata: {x: [1]}}}]\n"
                           "authers: [{name: a, auths: [{username: u}]}]\n"
                           "gatun: {stats: {addr: 1}}\n");
        gt_mem_fail_at(n);
        m = gt_model_load(&src, diag);

        if (gt_mem_fail_at(0) < n || m != NULL) {
            break;
        }

        if (gt_diag_errors(diag) == 0) {
            ok(false, "allocation %lu fails without an error", n);
        }
    }

    is_str(said(diag), "", "in the end all of it is loaded");
    ok(m != NULL && n < 2000, "each of %lu allocations may fail", n - 1);
}


int
main(void)
{
    if (mkdtemp(dir) == NULL || chdir(dir) != 0) {
        return 1;
    }

    unsetenv("GOST_LOGGER_LEVEL");

    test_arguments();
    test_arguments_refused();
    test_yaml();
    test_yaml_refused();
    test_sources();
    test_sources_refused();
    test_default();
    test_memory();

    fresh();
    gt_diag_free(diag);

    ok(system("rm -r /tmp/gatun-model-?????? 2> /dev/null") != -1, "cleaned");

    return tap_done();
}
