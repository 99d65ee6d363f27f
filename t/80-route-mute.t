#!/usr/bin/perl
# t/80-route-mute.t: a node that takes connections and then hangs, or lets go of
# them, can be dialed; every request that came to it was lost there, or waited
# dialTimeout, for it was never passed over.

use strict;
use warnings;
use Test::Gatun;

my $t = Test::Gatun->new;
my $target = $t->listener;
my @other = map { $t->gatun('-L', "http://127.0.0.1:%%PORT_$_%%") } 2, 3;
my $run = 0;

# a hop of the nodes on ports 1 and 2 in that strategy
sub front
{
    my ($strategy, $retries, $fail, @nodes) = @_;
    my $nodes = join ', ', map { "{ name: n$_, addr: \"127.0.0.1:%%PORT_$_%%\" }" }
        @nodes;

    $run++;
    return $t->gatun_yaml(<<"END");
services:
- name: front
  addr: 127.0.0.1:%%PORT_10%%
  metadata: { dialTimeout: 300ms }
  handler: { type: http, chain: c, retries: $retries }
chains:
- name: c
  hops:
  - name: h
    selector: { strategy: $strategy, failTimeout: $fail }
    nodes: [ $nodes ]
gatun: { workers: 4, runtimeDir: "%%DIR%%/run-$run", stats: { addr: "127.0.0.1:%%PORT_0%%" } }
END
}

sub row
{
    my ($name) = @_;
    my ($row) = grep { $_->{name} eq $name }
        @{ $t->stats($t->port(0))->{chains}[0]{hops}[0]{nodes} };

    return $row;
}

sub tunnel
{
    my $c = connect_via($t->port(10), $target->port);
    my ($status) = $c->head =~ m{^HTTP/1\.1 (\d+)};

    $c->close;
    return $status;
}

sub tunnels { return join ' ', map { tunnel() } 1 .. $_[0] }

for my $strategy (qw(fifo parallel)) {
    my $mute = $t->listener(1);
    my $g = front($strategy, 1, '2s', 1, 2);

    # of a race it may win none for a while
    ok(wait_for { tunnel() == 200 && row('n1')->{state} eq 'failed' },
        "$strategy: a node that never answers is out");
    is(row('n1')->{failed}, 1, 'as one failure');
    cmp_ok(row('n1')->{fails}, '==', 1, 'which its dials do not clear');
    cmp_ok(row('n1')->{tried}, '==', 3, 'after three requests')
        if $strategy eq 'fifo';

    my $tried = row('n1')->{tried};
    is(tunnels(8), join(' ', (200) x 8), 'the others go elsewhere');
    cmp_ok(row('n1')->{tried} - $tried, '<=', 1, 'at once');

    $mute->close;
    my $back = $t->gatun('-L', 'http://127.0.0.1:%%PORT_1%%');
    ok(wait_for { tunnel() == 200 && row('n1')->{fails} == 0 },
        'an answer clears it') if $strategy eq 'fifo';
    ok(wait_for { $g->log =~ /is back.*"node":"n1"/ }, 'as the log says')
        if $strategy eq 'fifo';
    $_->stop for $back, $g;
}

# closes, whoever it is
{
    my $rude = $t->listener(1);
    my $pid = fork // die "fork: $!\n";
    if (!$pid) {
        for (;;) {
            my $c = $rude->accept(60) or next;
            $c->read_head;
            $c->close;
        }
    }

    my $g = front('fifo', 1, '1m', 1, 2);
    is(tunnels(12), join(' ', (200) x 12), 'a node that closes');
    cmp_ok(row('n1')->{tried}, '==', 3, 'is asked three times');
    is(row('n1')->{state}, 'failed', 'and is out');
    $g->stop;

    # no other is there, so nothing is said of it
    $g = front('fifo', 0, '1m', 1);
    is(tunnels(5), join(' ', (503) x 5), 'alone');
    is(row('n1')->{state}, 'up', 'it is asked for ever');
    $g->stop;
    kill 'KILL', $pid;
    waitpid $pid, 0;
}

# a target that nobody can reach: a node that says so is well
{
    my $g = front('fifo', 1, '1m', 2, 3);
    my $dead = $t->port(9);
    for (1 .. 5) {
        my $c = connect_via($t->port(10), $dead);
        like($c->head, qr/ 503 /, 'a target that is not there');
        $c->close;
    }
    is(row("n$_")->{state}, 'up', "n$_ is well") for 2, 3;
    $g->stop;
}

$_->stop for @other;
done_testing();
