/*
 * The hosts file: its lines, finding names, a file that changes.
 */

#include "net/hosts.h"

#include "core/mem.h"

#include <stdlib.h>
#include <unistd.h>

#include "tap.h"

static char dir[] = "/tmp/gatun-hosts-XXXXXX", hosts[64];


static void
write_hosts(const char *p)
{
    FILE *f = fopen(hosts, "w");

    if (!f || fputs(p, f) < 0 || fclose(f) != 0) {
        abort();
    }
}


static void
test_hosts(void)
{
    gt_addr_t   a[4];
    char        buf[GT_ADDR_TEXT];
    gt_hosts_t *h = gt_hosts_new(hosts);

    (void) unlink(hosts);
    ok(!gt_hosts_refresh(h), "no file is an empty table");
    is_int(gt_hosts_find(h, "a", 1, a, 4), 0, "without names");

    write_hosts("# comment\r\n\n10.0.0.1\tone.test One#x\n"
                "  10.0.0.2 two.test.\n::2 one.test\nrubbish one.test\n"
                "10.0.0.3\n10.0.0.4 # none\n10.0.0.5 last.test");
    ok(gt_hosts_refresh(h), "a file");
    ok(!gt_hosts_refresh(h), "is read once");

    is_int(gt_hosts_find(h, "ONE.test", 8, a, 4), 2, "two addresses");
    is_str(gt_addr_text(&a[0], buf, sizeof(buf)), "10.0.0.1:0", "first");
    is_str(gt_addr_text(&a[1], buf, sizeof(buf)), "[::2]:0", "second");
    is_int(gt_hosts_find(h, "one.test", 8, a, 1), 1, "no more than asked");
    is_int(gt_hosts_find(h, "one", 3, a, 4), 1, "an alias before a comment");
    is_int(gt_hosts_find(h, "x", 1, a, 4), 0, "none in a comment");
    is_int(gt_hosts_find(h, "none", 4, a, 4), 0, "none behind it");
    is_int(gt_hosts_find(h, "two.test", 8, a, 4), 1, "a dot in the file");
    is_int(gt_hosts_find(h, "two.test.", 9, a, 4), 1, "a dot in the question");
    is_int(gt_hosts_find(h, "last.test", 9, a, 4), 1, "no newline at the end");

    (void) unlink(hosts);
    ok(gt_hosts_refresh(h), "the file goes");
    is_int(gt_hosts_find(h, "one", 3, a, 4), 0, "and its names");

    gt_hosts_free(h);
}


static void
test_memory(void)
{
    gt_addr_t     a[4];
    gt_hosts_t   *h;
    unsigned long n, made = 1;

    write_hosts("10.0.0.1 a b c\n");

    for (n = 1; made + 1 >= n; n++) {
        (void) gt_mem_fail_at(n);
        h = gt_hosts_new(hosts);
        if (h) {
            (void) gt_hosts_refresh(h);
        }
        made = gt_mem_fail_at(0);

        if (h) {
            (void) gt_hosts_refresh(h);
            is_int(gt_hosts_find(h, "c", 1, a, 4), 1, "read in the end");
            gt_hosts_free(h);
        }
    }

    (void) unlink(hosts);
}


int
main(void)
{
    if (!mkdtemp(dir)) {
        abort();
    }

    (void) snprintf(hosts, sizeof(hosts), "%s/hosts", dir);
    test_hosts();
    test_memory();
    (void) rmdir(dir);

    return tap_done();
}
