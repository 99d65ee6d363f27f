#!/usr/bin/perl
# t/80-route-herd.t: a node that swallows what is sent to it costs each request
# that meets it dialTimeout.  When its failTimeout is over, one request finds
# out that it is no better; all who came at that moment had to wait for it.

use strict;
use warnings;
use IO::Socket::INET;
use Test::Gatun;

my $t = Test::Gatun->new;
my $target = $t->listener;
my $node = $t->gatun('-L', 'http://127.0.0.1:%%PORT_2%%');

# a queue that is full: whoever connects waits
my $hole = IO::Socket::INET->new(LocalAddr => '127.0.0.1',
    LocalPort => $t->port(1), Listen => 0, ReuseAddr => 1) or die "hole: $!\n";
listen $hole, 0;
my @full = map { IO::Socket::INET->new(PeerAddr => '127.0.0.1',
    PeerPort => $t->port(1), Blocking => 0) } 1 .. 4;

my $g = $t->gatun_yaml(<<'END');
services:
- name: front
  addr: 127.0.0.1:%%PORT_10%%
  metadata: { dialTimeout: 300ms }
  handler: { type: http, chain: c, retries: 1 }
chains:
- name: c
  hops:
  - name: h
    selector: { strategy: fifo, failTimeout: 2s }
    nodes:
    - { name: a, addr: "127.0.0.1:%%PORT_1%%" }
    - { name: b, addr: "127.0.0.1:%%PORT_2%%" }
gatun: { workers: 4, stats: { addr: "127.0.0.1:%%PORT_0%%" } }
END

sub row
{
    return $t->stats($t->port(0))->{chains}[0]{hops}[0]{nodes}[ $_[0] ];
}

# so many at once; how many there are
sub burst
{
    my $n = shift;
    my @c = map { connect_to($t->port(10)) } 1 .. $n;
    my $to = '127.0.0.1:' . $target->port;

    $_->send("CONNECT $to HTTP/1.1\r\nHost: $to\r\n\r\n") for @c;
    my $good = grep { $_->read_head =~ m{^HTTP/1\.1 200 } } @c;
    $_->close for @c;
    return $good;
}

is(burst(1), 1, 'a tunnel');
is(row(0)->{failed}, 1, 'one node is out');

for my $round (1, 2) {
    my $tried = row(0)->{tried};

    ok(wait_for { row(0)->{state} ne 'failed' }, 'its time is over');
    is(burst(40), 40, 'forty at once');
    is(row(0)->{tried} - $tried, 1, 'one of them has met it');
    is(row(0)->{failed}, 1 + $round, 'and has marked it again');
}

is(() = $g->log =~ /is passed over for/g, 1, 'the log says it once');

close $_ for @full, $hole;
my $back = $t->gatun('-L', 'http://127.0.0.1:%%PORT_1%%');
ok(wait_for { row(0)->{state} ne 'failed' }, 'it is there again');
my $dialed = row(0)->{dialed};
burst(1);
is(burst(20), 20, 'and it is used');
is(row(0)->{dialed} - $dialed, 21, 'by all');
ok(wait_for { $g->log =~ /is back.*"chain":"c","hop":"h","node":"a"/ },
    'which the log says too');
is(() = $g->log =~ / is back"/g, 1, 'once');
$_->stop for $g, $back, $node;

done_testing();
