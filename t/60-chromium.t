#!/usr/bin/perl
# t/60-chromium.t: a browser fetches a page, its script and what the script
# asks for, through one hop and two.
#
# Without authentication: Chromium takes no credentials of a proxy from its
# command line, and asks a user instead.  That it then gets nothing is tested.

use strict;
use warnings;
use Test::Gatun;
use Test::Gatun::Peer;

my $chromium = need('chromium', '/usr/bin/chromium');
my $t = Test::Gatun->new;
my @flags = qw(--headless --no-sandbox --disable-gpu --disable-quic
    --no-first-run --disable-background-networking --disable-component-update
    --disable-sync --disable-dev-shm-usage --disable-breakpad --no-pings
    --disable-default-apps --disable-extensions --ignore-certificate-errors
    --proxy-bypass-list=<-loopback> --virtual-time-budget=20000);
my $count = 0;

my $stats = 'unix:%%DIR%%/stats';
$t->gatun('-w', 2, '-stats', $stats, '-L', 'http://127.0.0.1:%%PORT_0%%');
$t->gatun('-w', 2, '-L', 'http://127.0.0.1:%%PORT_1%%', '-F',
    'http://127.0.0.1:%%PORT_0%%');
$t->gatun('-w', 2, '-L', 'http://user:pass@127.0.0.1:%%PORT_2%%');
web_origin($t, '127.0.0.1', $t->port(4), $t->port(5));
web_origin($t, '::1', $t->port(4), $t->port(5)) if has_ipv6();

# the page as it stands when its script has run
sub page
{
    my ($proxy, $url) = @_;
    my $folder = $t->dir . '/browser-' . $count++;
    my ($status, $out, $err) = $t->once(
        { program => $chromium, seconds => 90, env => { HOME => $t->dir } },
        @flags, "--user-data-dir=$folder", '--proxy-server=127.0.0.1:'
            . $t->port($proxy), '--dump-dom', $url);

    return ($out, "status $status, $err");
}

# connections that the gateway next to the origin has had
sub connections
{
    my $s = $t->stats($t->dir . '/stats');

    return $s->{services}[0]{totalConns};
}

my @what = (['http://127.0.0.1', 1], ['https://127.0.0.1', 1],
    ['http://localhost', 2], ['https://localhost', 2],
    has_ipv6() ? (['http://[::1]', 1], ['https://[::1]', 2]) : ());

for (@what) {
    my ($base, $hops) = @$_;
    my $before = connections();
    my $port = $t->port($base =~ /^https/ ? 5 : 4);
    my ($page, $err) = page($hops - 1, "$base:$port/page");

    like($page, qr{<p id="what">it is gatun</p>}, "$base, hops: $hops")
        or diag(substr $err, -3000);
    cmp_ok(connections(), '>', $before, 'not past the proxy');
}

my ($page, $err) = page(2, 'http://127.0.0.1:' . $t->port(4) . '/page');
unlike($page, qr/it is gatun/, 'nothing without credentials');

done_testing();
