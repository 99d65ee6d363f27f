#!/usr/bin/perl
# t/80-source-gone.t: a node is left from an address that this machine has not,
# or no longer: that was taken for a lack of ports, so nobody else was asked.

use strict;
use warnings;
use Test::Gatun;

my $t = Test::Gatun->new;
my $target = $t->listener;
my $node = $t->gatun('-L', 'http://127.0.0.1:%%PORT_1%%');
my $g = $t->gatun_yaml(<<'END');
services:
- { name: s0, addr: "127.0.0.1:%%PORT_10%%", handler: { type: http, chain: c, retries: 1 } }
- { name: s1, addr: "127.0.0.1:%%PORT_11%%", handler: { type: http }, metadata: { interface: 192.0.2.77 } }
chains:
- name: c
  hops:
  - name: h
    selector: { strategy: fifo }
    nodes:
    - { name: a, addr: "127.0.0.1:%%PORT_1%%", metadata: { interface: 192.0.2.77 } }
    - { name: b, addr: "127.0.0.1:%%PORT_1%%" }
gatun: { stats: { addr: "127.0.0.1:%%PORT_0%%" } }
END

for (1 .. 3) {
    my $c = connect_via($t->port(10), $target->port);
    like($c->head, qr{^HTTP/1\.1 200 }, 'the other node is asked');
    $c->close;
}

my ($a) = @{ $t->stats($t->port(0))->{chains}[0]{hops}[0]{nodes} };
is($a->{state}, 'failed', 'this one is out');
is($a->{failed}, 1, 'after one failure');
like($g->log, qr/interface 192\.0\.2\.77\b.*: Cannot assign requested address/,
    'the log says why');

my $c = connect_via($t->port(11), $target->port);
like($c->head, qr{^HTTP/1\.1 503 }, 'from there directly');
$c->close;
unlike($g->log, qr/out of memory/, 'which is no lack of anything');
$_->stop for $g, $node;

done_testing();
