/*
 * -O and -T: what is printed, in which shape, and that it loads again.
 */

#include "conf/model.h"

#include "said.h"
#include "tap.h"

#include <stdlib.h>

static const char *sources[1], *services[1], *nodes[1];
static char       *text;
static size_t      size;


/* -O of this; errors instead, if there are any */
static const char *
print(const char *l, const char *f, const char *c, bool json)
{
    int         rc;
    FILE       *out;
    gt_diag_t  *d = gt_diag_new();
    gt_source_t src;

    memset(&src, 0, sizeof(src));
    src.services = services;
    src.nodes = nodes;
    src.sources = sources;
    services[0] = l;
    nodes[0] = f;
    sources[0] = c;
    src.n_services = l != NULL;
    src.n_nodes = f != NULL;
    src.n_sources = c != NULL;

    free(text);
    out = open_memstream(&text, &size);
    rc = gt_source_print(&src, json, out, d);
    is_int(rc, gt_diag_errors(d) > 0 ? GT_ERROR : GT_OK, "printed");
    fclose(out);
    said(d);
    gt_diag_free(d);
    gt_source_free(&src);

    return size > 0 ? text : said_text;
}


static void
test_print(void)
{
    is_str(print("http://u:p@:8080?x=true", "http://a@h:1?so_mark=5", NULL,
                 false),
           "services:\n"
           "  - name: service-0\n"
           "    addr: :8080\n"
           "    handler:\n"
           "      type: http\n"
           "      chain: chain-0\n"
           "      auth:\n"
           "        username: u\n"
           "        password: p\n"
           "      metadata:\n"
           "        x: \"true\"\n"
           "    listener:\n"
           "      type: tcp\n"
           "      metadata:\n"
           "        x: \"true\"\n"
           "    metadata:\n"
           "      x: \"true\"\n"
           "chains:\n"
           "  - name: chain-0\n"
           "    hops:\n"
           "      - name: hop-0\n"
           "        nodes:\n"
           "          - name: node-0\n"
           "            addr: h:1\n"
           "            connector:\n"
           "              type: http\n"
           "              auth:\n"
           "                username: a\n"
           "            dialer:\n"
           "              type: tcp\n"
           "              tls:\n"
           "                serverName: h\n"
           "        metadata:\n"
           "          so_mark: 5\n",
           "-O yaml");

    is_str(print(NULL, NULL,
                 "{\"chains\": [{\"hops\": [{\"name\": \"h\", \"selector\":"
                 " {\"failTimeout\": \"1m\"}}]}]}",
                 true),
           "{\n"
           "  \"services\": null,\n"
           "  \"chains\": [\n"
           "    {\n"
           "      \"name\": \"\",\n"
           "      \"hops\": [\n"
           "        {\n"
           "          \"name\": \"h\",\n"
           "          \"selector\": {\n"
           "            \"strategy\": \"\",\n"
           "            \"maxFails\": 0,\n"
           "            \"failTimeout\": 60000000000\n"
           "          }\n"
           "        }\n"
           "      ]\n"
           "    }\n"
           "  ]\n"
           "}\n",
           "-O json: null, durations in ns, what is always there");

    is_str(
        print(NULL, NULL,
              "{\"SERVICES\": {\"Addr\": \":1\", \"zzz\": 1, \"name\": 8,"
              " \"interface\": \"\", \"metadata\": {\"b\": 1.5, \"a\": \"1\","
              " \"C\": null, \"d\": \"\", \"e\": \"127.0.0.1:80\", \"f\":"
              " \"12:30\", \"g\": [true, \"on\"], \"h\": \"two\\nlines\"}}}",
              false),
        "services:\n"
        "  - name: \"8\"\n"
        "    addr: :1\n"
        "    metadata:\n"
        "      C: null\n"
        "      a: \"1\"\n"
        "      b: 1.5\n"
        "      d: \"\"\n"
        "      e: 127.0.0.1:80\n"
        "      f: \"12:30\"\n"
        "      g:\n"
        "        - true\n"
        "        - \"on\"\n"
        "      h: |-\n"
        "        two\n"
        "        lines\n",
        "spelling, order, quotes; unknown and empty keys go");

    is_str(print(NULL, NULL, "{}", false), "services: []\n", "nothing");
    is_str(print("foo://:1", NULL, NULL, false),
           "-L foo://:1: unknown scheme \"foo\"; handlers: http, http2, socks4,"
           " socks4a, socks5, socks, relay, auto, tcp, udp, forward, rtcp,"
           " rudp, http3, masque, tunnel, sni, file, api, metrics, unix;"
           " listeners: tcp, tls, ws, wss, mws, mwss, mtcp, mtls, pht, phts,"
           " http2, h2, h2c, grpc, quic, h3, http3, wt, udp, unix, rtcp, rudp,"
           " ohttp, otls",
           "errors are not printed as a configuration");
}


/* two tables of a listener that is composed, one of others */
static const gt_opt_t top_opts[] = { { "keep", NULL, 0, "false", "" },
                                     { .name = NULL } };
static const gt_opt_t low_opts[] = { { "keep|low.keep", NULL, 0, "true", "" },
                                     { "low", NULL, 0, "1m", "" },
                                     { "realm|authBasicRealm", NULL, 0, "",
                                       "" },
                                     { "none", NULL, 0, NULL, "" },
                                     { .name = NULL } };


static const gt_opt_t *
options(gt_word_t kind, const char *type, int i)
{
    if (type != NULL && kind == GT_WORD_LISTENER) {
        return i == 0 ? top_opts : i == 1 ? low_opts : NULL;
    }

    return i > 0 ? NULL : type == NULL ? top_opts : low_opts + 1;
}


static void
test_masked(void)
{
    FILE       *out;
    gt_diag_t  *d = gt_diag_new();
    gt_model_t *m;
    gt_source_t src;

    memset(&src, 0, sizeof(src));
    src.sources = sources;
    src.n_sources = 1;
    src.stats = "8404";
    src.options = options;
    sources[0] =
        "{\"services\": [{\"addr\": \"127.0.0.1:1\", \"handler\":"
        " {\"type\": \"http\", \"auth\": {\"username\": \"u\","
        " \"password\": \"S3CRET\"}, \"metadata\": {\"knock\":"
        " \"S3CRET\", \"x\": {\"Proxy-Authorization\": \"S3CRET\"},"
        " \"apiToken\": \"S3CRET\", \"authBasicRealm\": \"r\"}}}],"
        " \"authers\": [{\"name\": \"a\", \"auths\": [{\"username\":"
        " \"v\", \"password\": \"S3CRET\"}]}], \"gatun\": {\"stateDir\":"
        " \"/s\"}}";

    free(text);
    out = open_memstream(&text, &size);
    m = gt_model_load(&src, d);
    is_str(said(d), "", "loaded");
    is_int(gt_model_print(m, &src, out), GT_OK, "printed");
    fclose(out);

    ok(strstr(text, "S3CRET") == NULL, "no secret");
    is_str(text,
           "services:\n"
           "  - name: service-0  # default\n"
           "    addr: 127.0.0.1:1  # -C:1\n"
           "    handler:\n"
           "      type: http  # -C:1\n"
           "      retries: 0  # default\n"
           "      auth:\n"
           "        username: u  # -C:1\n"
           "        password: '***'  # -C:1\n"
           "      metadata:\n"
           "        low: 1m  # default\n"
           "        realm: r  # -C:1\n"
           "        apiToken: '***'  # -C:1\n"
           "        knock: '***'  # -C:1\n"
           "        x:\n"
           "          Proxy-Authorization: '***'  # -C:1\n"
           "    listener:\n"
           "      type: tcp  # default\n"
           "      metadata:\n"
           "        keep: false  # default\n"
           "        low: 1m  # default\n"
           "        realm: \"\"  # default\n"
           "    metadata:\n"
           "      keep: false  # default\n"
           "authers:\n"
           "  - name: a  # -C:1\n"
           "    auths:\n"
           "      - username: v  # -C:1\n"
           "        password: '***'  # -C:1\n"
           "    reload: 0s  # default\n"
           "log:\n"
           "  output: stderr  # default\n"
           "  level: info  # default\n"
           "  format: json  # default\n"
           "gatun:\n"
           "  workers: auto  # default\n"
           "  stateDir: /s  # -C:1\n"
           "  maxConnections: auto  # default\n"
           "  shutdownTimeout: 0s  # default\n"
           "  stats:\n"
           "    addr: 127.0.0.1:8404  # -stats\n"
           "    clients: 256  # default\n",
           "-T");

    gt_model_free(m);
    gt_diag_free(d);
}


int
main(void)
{
    unsetenv("GOST_LOGGER_LEVEL");

    test_print();
    test_masked();
    free(text);

    return tap_done();
}
