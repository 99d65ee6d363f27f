/*
 * conf/usage.c: the text of --help.
 */

#include "conf/usage.h"

/* clang-format off */
static const char usage_text[] =
"usage: gatun -L URL ... [-F URL ...]\n"
"       gatun [-C FILE ...]\n"
"       gatun ARGUMENTS -- ARGUMENTS ...\n"
"\n"
"A flag takes one dash or two, its value behind a blank or '='.\n"
"\n"
"What to do\n"
"  -L URL        serve: [scheme[+transport]://][user:password@][host]:port\n"
"                [?key=value...]; may be given again.  -L http://:8080\n"
"  -F URL        forward through this node; again for the next one behind it\n"
"  -C SOURCE     configuration: a .yaml, .yml or .json file, - for stdin, an\n"
"                http URL, or JSON text in braces; again: all are joined\n"
"  -R PERIOD     look so often, 30s or 1m, whether a source or a file of\n"
"                users has changed, and reload then\n"
"  -D            log at level debug\n"
"  -DD           log at level trace\n"
"  -w N          worker processes; 0 or auto: one a CPU\n"
"  -stats ADDR   serve a page, /status, /metrics and /healthz on host:port, a\n"
"                port of the loopback, or unix:PATH; user:password@ in front\n"
"                asks for these\n"
"  -metrics ADDR serve Prometheus metrics on [user:password@][host]:port\n"
"                [?path=/metrics]\n"
"  -p DIR        prefix: gatun.yaml, gatun.pid, run/ and state/ are in there\n"
"\n"
"With neither -L nor -C, the default configuration file is used.  What stands\n"
"between two -- is a command line of its own, with its own -L, -F, -C and -D.\n"
"\n"
"Instead of serving\n"
"  -t            test the configuration\n"
"  -T            test it and print what is in force, passwords masked\n"
"  -O FORMAT     print it as GOST would, yaml or json, passwords in clear\n"
"  -s COMMAND    tell the running gatun of the same configuration to reload,\n"
"                stop (now), quit (when its tunnels have ended), reopen (its\n"
"                log) or say its status (-O json: as JSON)\n"
"  -V            the version, and how it was built\n"
"  --modules     what this build can speak\n"
"  --help [NAME] this text, the options of a module, or the keys of a section\n"
"                of the configuration: service, chain, node, gatun ...\n"
"\n"
"Taken from GOST, not built yet\n"
"  -api ADDR     the web API\n";
/* clang-format on */


void
gt_usage(FILE *out)
{
    fputs(usage_text, out);
}
