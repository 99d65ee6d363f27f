#!/usr/bin/perl
# t/60-page-stats.t: the stats page in a browser: its figures are those of
# /status and /metrics, it refreshes itself, says when the connection is lost,
# runs no text of anybody's, and fits a phone.

use strict;
use warnings;
use Test::Gatun;
use Test::Gatun::Browser;

my $t = Test::Gatun->new;
my $target = $t->listener;
my $to = '127.0.0.1:' . $target->port;
my $evil = '<img src=x onerror=alert(1)>';

# many services, so that the filter is there
my @more = map { "- name: many-$_\n  addr: 127.0.0.1:%%PORT_" . (10 + $_)
    . "%%\n  handler: { type: http }\n" } 1 .. 8;

my $path = $t->write_file('p.yaml', <<"END");
services:
- name: "$evil"
  addr: 127.0.0.1:%%PORT_0%%
  handler: { type: http, chain: way, retries: 3 }
- name: plain
  addr: 127.0.0.1:%%PORT_1%%
  handler: { type: http }
@{[join '', @more]}chains:
- name: way
  hops:
  - name: near
    selector: { strategy: fifo, maxFails: 1, failTimeout: 100m }
    nodes:
    - name: dead
      addr: 127.0.0.1:%%PORT_3%%
      connector: { type: http }
      dialer: { type: tcp }
    - name: alive
      addr: 127.0.0.1:%%PORT_1%%
      connector: { type: http }
      dialer: { type: tcp }
    - name: spare
      addr: 127.0.0.1:%%PORT_1%%
      connector: { type: http }
      dialer: { type: tcp }
      metadata: { backup: true }
gatun:
  workers: 2
  runtimeDir: "%%DIR%%/run"
  stats: { addr: "127.0.0.1:%%PORT_2%%" }
END

my $g = $t->gatun({ listeners => 10 }, '-C', $path);
my $browser = Test::Gatun::Browser->new($t);
my $page = $browser->open('http://127.0.0.1:' . $t->port(2) . '/');

sub text { return $page->js("document.querySelector('$_[0]').innerText") }

# the cells of a table's row, by the titles of its columns
sub row
{
    my ($table, $name) = @_;
    my $rows = $page->js(<<"END") // [];
[...document.querySelectorAll('$table tbody tr')].map((tr) =>
    Object.fromEntries([...tr.children].map((td) =>
        [td.dataset.label, td.dataset.value ?? td.textContent])))
END
    my ($key) = $table =~ /services/ ? 'Service' : $table =~ /nodes/ ? 'Node'
        : 'Worker';
    my ($row) = grep { $_->{$key} eq $name } @$rows;

    return $row;
}

# a figure of /metrics
sub metric
{
    my ($name, %labels) = @_;
    my (undef, $all) = http_get($t->port(2), '/metrics');

    for (grep { /^\Q$name\E[{ ]/ } split /\n/, $all) {
        my ($has, $value) = /^\w+(?:\{(.*)\})? (\S+)$/ or next;
        return $value if !grep { $has !~ /(?:^|,)$_="\Q$labels{$_}\E"/ }
            keys %labels;
    }

    return;
}

# traffic through both services; some of it stays open
my @open;

sub traffic
{
    for (1 .. $_[0]) {
        my $c = connect_via($t->port(0), $to);
        my $o = $target->accept;
        $c->send('u' x 1000);
        $o->read_n(1000);
        $o->send('d' x 50000);
        $c->read_n(50000);
        push @open, $c, $o;
    }
}

ok((wait_for { text('#live') eq 'live' }), 'it is live');
like(text('#about'), qr/generation 1, up .*, pid @{[$g->pid]}/, 'who it is');
is(text('#n-services'), 10, 'all services are there');
is($page->js('document.images.length'), 1, 'a name is text');
is($page->js('document.querySelectorAll("[style], style, [onerror]").length'),
    0, 'nothing inline');

subtest 'figures' => sub {
    $page->js('window.mine = 1');
    traffic(3);
    ok((wait_for { (row('.services', $evil) // {})->{Total} == 3 }),
        'it refreshes itself');
    is($page->js('window.mine'), 1, 'without being loaded again');
    ok((wait_for { text('#tile-in') =~ /\d/ }), 'rates are there');

    my $one = row('.services', $evil);
    my $plain = row('.services', 'plain');
    my %of = (Total => 'gost_service_requests_total',
        Now => 'gost_service_requests_in_flight');
    my %bytes = (In => 'input', Out => 'output');

    for (['the first', $one, $evil], ['the second', $plain, 'plain']) {
        my ($what, $row, $name) = @$_;
        is($row->{$_}, metric($of{$_}, service => $name), "$what: $_")
            for sort keys %of;
        is($row->{$_}, metric("gost_service_transfer_${_}_bytes_total"
            =~ s/_(In|Out)_/_$bytes{$1}_/r, service => $name), "$what: $_")
            for sort keys %bytes;
    }

    my $s = $t->stats($t->port(2));
    my ($first) = @{ $s->{services} };
    is($one->{In}, $first->{inputBytes}, 'and those of /status');
    cmp_ok($one->{Out}, '>', 150_000, 'and of the traffic');
    is($page->js('document.getElementById("tile-connections").dataset.value'),
        6, 'the sum');

    # nodes
    my %node = map { $_->{name} => $_ }
        @{ $s->{chains}[0]{hops}[0]{nodes} };
    for my $name (sort keys %node) {
        my $row = row('.nodes', $name);
        is("$row->{Tried} $row->{Failed} $row->{Active}",
            join(' ', @{ $node{$name} }{qw(tried failed active)}), $name);
        is($row->{Tried}, metric('gatun_node_dials_total', node => $name),
            "$name: /metrics");
    }
    like(row('.nodes', 'dead')->{State}, qr/^failed, back in 1 h/, 'failed');
    is(row('.nodes', 'alive')->{State}, 'up', 'up');
    is(row('.nodes', 'spare')->{State}, 'backup', 'backup');
    is(text('#n-nodes'), '3 nodes, 1 failed', 'the sum');

    # workers
    for my $w (@{ $s->{workers} }) {
        my $row = row('.workers', $w->{slot});
        is("$row->{Pid} $row->{State} $row->{Connections} $row->{Accepted}",
            "$w->{pid} ready $w->{connections} $w->{accepted}",
            "worker $w->{slot}");
    }
};

subtest 'what one can do' => sub {
    my $names = '[...document.querySelectorAll(".services tbody th")]'
        . '.map((e) => e.textContent)';
    $page->js('[...document.querySelectorAll(".services thead button")]'
        . '.find((b) => b.textContent === "Service").click()');
    is_deeply([map { /many-(\d)/ ? $1 : () } @{ $page->js($names) }],
        [1 .. 8], 'sorted by name');
    is($page->js('document.querySelector("[aria-sort]").ariaSort'),
        'ascending', 'and says so');
    $page->js('[...document.querySelectorAll(".services thead button")]'
        . '.find((b) => b.textContent === "Total").click()');
    is_deeply([@{ $page->js($names) }[0, 1]], [$evil, 'plain'],
        'sorted by a figure');

    my $type = sub {
        $page->js("(() => { const f = document.getElementById('filter');"
            . " f.value = '$_[0]'; f.dispatchEvent(new Event('input')); })()");
    };
    $type->('MANY-3');
    is_deeply($page->js($names), ['many-3'], 'filtered');
    is(text('#n-services'), '1 of 10', 'and counted');
    $type->('nobody');
    is($page->js($names . '.length'), 0, 'none left');
    like(text('#services'), qr/No service matches/, 'and said');
    $type->('');
    is($page->js($names . '.length'), 10, 'all again');

    $page->js('document.getElementById("pause").click()');
    is(text('#live'), 'paused', 'paused');
    my $n = @{ $page->{requests} };
    traffic(1);
    is($page->js('new Promise((go) => setTimeout(() => go(1), 2500))'), 1,
        'a while');
    is(scalar @{ $page->{requests} }, $n, 'asks nothing');
    $page->js('document.getElementById("pause").click()');
    ok((wait_for { row('.services', $evil)->{Total} == 4 }), 'and goes on');
};

subtest 'how it looks' => sub {
    my $color = 'getComputedStyle(document.body).backgroundColor';
    my $width = 'document.documentElement.scrollWidth';

    $page->scheme('light');
    my $light = $page->js($color);
    $page->scheme('dark');
    isnt($page->js($color), $light, 'dark is another one');

    for (320, 360, 390, 600, 768, 900, 1024, 1280) {
        $page->size($_, 800, $_ < 700);
        cmp_ok($page->js($width), '<=', $_, "$_ wide: no scrolling");
    }

    is_deeply($page->js('[...document.querySelectorAll("table")].filter((t) =>'
        . ' !t.caption || [...t.querySelectorAll("thead th")].some((h) =>'
        . ' h.scope !== "col")).map((t) => t.className)'), [],
        'tables have captions and heads');
};

subtest 'a reload, a worker that leaves' => sub {
    my ($st) = $t->once('-C', $path, '-s', 'reload');
    is($st, 0, 'a reload');
    ok((wait_for { text('#about') =~ /generation 2/ }), 'the new generation');
    like(text('#n-workers'), qr/generation 1 leaves: 8 connections/,
        'the old one leaves');
    like(text('#foot'), qr/^1 reload, 0 failed/, 'the reload');
    is($page->js('document.getElementById("reload").hidden'), 1, 'no complaint');
};

subtest 'what it asked for' => sub {
    my $own = 'http://127.0.0.1:' . $t->port(2) . '/';
    is_deeply([grep { !/^\Q$own\E/ } @{ $page->{requests} }], [],
        'nobody else');
    is_deeply([grep { $page->{statuses}{$_} >= 400 }
        keys %{ $page->{statuses} }], [], 'nothing that is not there');
    is_deeply($page->{errors}, [], 'no complaints in the console');
};

subtest 'nothing to show' => sub {
    my $h = $t->gatun('-w', 1, '-L', 'http://127.0.0.1:%%PORT_4%%', '-stats',
        'u:p@127.0.0.1:%%PORT_5%%');
    my $empty = $browser->open('http://u:p@127.0.0.1:' . $t->port(5) . '/');
    ok((wait_for { $empty->js('document.getElementById("live").textContent')
        eq 'live' }), 'with a password in the address');
    like($empty->js('document.getElementById("chains").innerText'),
        qr/No chains/, 'no chains');
    is_deeply($empty->{errors}, [], 'no complaints');
    $h->stop;

    # the first page is behind it now
    my $n = @{ $page->{requests} };
    is($page->js('document.hidden'), 1, 'the other one is hidden');
    $page->js('new Promise((go) => setTimeout(() => go(1), 2500))');
    is(scalar @{ $page->{requests} }, $n, 'and asks nothing');
    $page->ask('Page.bringToFront');
    ok((wait_for { $page->js('1') && $n < @{ $page->{requests} } }),
        'until it is seen');
};

subtest 'a lost connection' => sub {
    $_->close for @open;
    $g->stop;
    ok((wait_for { text('#live') eq 'connection lost' }), 'is said');
    like(text('#lost'), qr/^Connection lost .* ago: nobody answers/, 'and why');
    ok($page->js('document.body.classList.contains("stale")'), 'all is dimmed');
    my $again = $t->gatun({ listeners => 10 }, '-C', $path);
    ok((wait_for { text('#live') eq 'live' } 30), 'and found again');
    ok($page->js('document.getElementById("lost").hidden'), 'all is well');
    is(row('.services', $evil)->{Total}, 0, 'from nothing');
};

$browser->close;
done_testing();
