#!/usr/bin/perl
# t/90-soak-fd.t: after many connections of all kinds, good and bad, reloads
# and killed workers, the processes are what they were: descriptors, memory,
# processes, counters.

use strict;
use warnings;
use Test::Gatun;

my $t = Test::Gatun->new;
my ($rounds, $many) = is_asan() ? (2, 200) : (4, 1000);
my $path = $t->write_file('s.yaml', <<'END');
services:
- name: far
  addr: 127.0.0.1:%%PORT_0%%
  handler: { type: http, auth: { username: u, password: p } }
- name: near
  addr: 127.0.0.1:%%PORT_1%%
  handler: { type: http, chain: c }
- name: nowhere
  addr: 127.0.0.1:%%PORT_2%%
  handler: { type: http, chain: d }
chains:
- name: c
  hops:
  - name: h
    nodes:
    - name: n
      addr: "127.0.0.1:%%PORT_0%%"
      connector: { type: http, auth: { username: u, password: p } }
- name: d
  hops:
  - name: h
    nodes: [ { name: n, addr: "127.0.0.1:1" } ]
log: { level: fatal }
gatun:
  workers: 2
  runtimeDir: "%%DIR%%/run"
  stats: { addr: "unix:%%DIR%%/stats" }
END
my $g = $t->gatun({ fails => 1, alerts => qr/worker \d/ }, '-C', $path);
ok(wait_for { Test::Gatun::can_connect($t->port(1)) }, 'up');

my $origin = $t->origin;
my $at = '127.0.0.1:' . $origin->port;

sub status { return eval { $t->stats($t->dir . '/stats') } // {} }

# descriptors and anonymous memory of every process, by its title: the least of
# several looks, for a look at /status is itself a connection
sub measure
{
    my %least;

    for (1 .. 5) {
        my %group = $g->group;
        my %m;

        for my $pid (keys %group) {
            my $title = $group{$pid} =~ /^(gatun: \w+( \d+)?)/ ? $1
                : $group{$pid};
            my $fds = () = glob "/proc/$pid/fd/*";
            my ($kb) = slurp("/proc/$pid/status") =~ /^RssAnon:\s+(\d+)/m;
            $m{$title} = { fds => $fds, kb => $kb };
        }

        for (keys %m) {
            $least{$_} = $m{$_}
                if !$least{$_} || $m{$_}{fds} < $least{$_}{fds};
        }
        nap(0.1);
    }

    return \%least;
}

sub work
{
    my @far = ('-x', '127.0.0.1:' . $t->port(0), '-a', 'u:p');
    my @near = ('-x', '127.0.0.1:' . $t->port(1));

    for my $mode (qw(echo both halfclose-client halfclose-server reset-client
        reset-server))
    {
        for (\@far, \@near) {
            my $r = tunnelcheck(@$_, '-m', $mode, '-n', 3000, '-c', $many,
                '-p', 50);
            is($r->{errors}, 0, "$mode: $r->{ok}") or diag($r->{first});
        }
    }

    tunnelcheck(@near, '-m', 'both', '-n', 300_000, '-c', 50);

    # refusals of all kinds, and those who leave in the middle
    my $n = $many / 10;
    for my $i (1 .. $n) {
        request($t->port($_), "CONNECT 127.0.0.1:1 HTTP/1.1\r\nHost: x\r\n\r\n")
            for 0, 1, 2;
        request($t->port(1), "BAD\r\n\r\n");
        my $c = connect_to($t->port(1));
        $c->send(substr "GET http://$at/bytes/100000 HTTP/1.1\r\nHost: x\r\n\r\n",
            0, 1 + $i % 70);
        $i % 2 ? $c->reset : $c->close;
    }

    for my $path ('/bytes/5000', '/chunked/5000', '/close/5000', '/cut/9/3',
        '/status/404')
    {
        http_get($origin->port, $path, $t->port(1)) for 1 .. 10;
    }
}

sub quiet
{
    my ($what) = @_;

    ok(wait_for {
        my $s = status();
        ($s->{total}{connections} // 1) == 0 && $s->{total}{tunnels} == 0
            && @{ $s->{workers} } == 2
            && !grep { $_->{state} ne 'ready' } @{ $s->{workers} };
    }, "$what: all is quiet") or diag(explain(status()));
}

for (1 .. 2) {
    work();
    quiet('warmed up');
}
my $before = measure();
is(scalar keys %$before, 4, 'four processes') or diag(explain($before));

for my $round (1 .. $rounds) {
    work();
    quiet("round $round");
}

my $after = measure();
is_deeply([sort keys %$after], [sort keys %$before], 'the same processes');

for (sort keys %$before) {
    my ($b, $a) = ($before->{$_}, $after->{$_});
    # a worker keeps up to 16 pipes for the next bulk transfer
    cmp_ok($a->{fds}, '<=', $b->{fds} + (/worker/ ? 32 : 0),
        "$_: $b->{fds} descriptors as before");
    next if is_asan();    # its quarantine grows
    cmp_ok($a->{kb}, '<=', $b->{kb} + 2048, "$_: $b->{kb} KiB, now $a->{kb}");
}

# reloads and deaths leave nothing either, but for the first, which makes room
sub reloads
{
    my ($n) = @_;

    for (1 .. $n) {
        my ($status) = $t->once('-C', $path, '-s', 'reload');
        is($status, 0, 'a reload');
    }

    quiet('reloaded');
}

reloads(2);
$before = measure();
reloads(8);
$after = measure();
cmp_ok($after->{$_}{fds}, '<=', $before->{$_}{fds},
    "$_: descriptors after ten reloads") for sort keys %$before;

for (1 .. 3) {
    my ($victim) = $g->workers;
    kill 'KILL', $victim;
    ok(wait_for {
        my @w = $g->workers;
        @w == 2 && !grep { $_ == $victim } @w;
    }, 'a worker dies, another comes');
    quiet('respawned');
}

$after = measure();
is_deeply([sort keys %$after], [sort keys %$before], 'the same processes');
cmp_ok($after->{$_}{fds}, '<=', $before->{$_}{fds},
    "$_: descriptors after three deaths") for sort keys %$before;
is($g->stop, 0, 'an orderly end');

done_testing();
