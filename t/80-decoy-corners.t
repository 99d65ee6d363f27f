#!/usr/bin/perl
# t/80-decoy-corners.t: probeResist=web: HEAD was answered with a reset, because
# the page that came for our GET has a body, and a 101 that nobody had asked for
# opened a tunnel to the decoy.

use strict;
use warnings;
use Test::Gatun;

my $t = Test::Gatun->new;
my $decoy = $t->listener(2);

$t->gatun('-w', 1,
    '-L', 'http://u:p@127.0.0.1:%%PORT_0%%?probeResist=web:127.0.0.1:%%PORT_2%%');

sub ask
{
    my ($n, $request) = @_;
    my $c = connect_to($t->port($n));

    $c->send($request);
    return $c;
}

for my $answer ("Content-Length: 4\r\n\r\npage",
    "Transfer-Encoding: chunked\r\n\r\n4\r\npage\r\n0\r\n\r\n", "\r\npage")
{
    my $c = ask(0, "HEAD / HTTP/1.1\r\nHost: x\r\n\r\n");
    my $o = $decoy->accept;
    like($o->read_head, qr{^GET / }, 'the decoy is asked with GET');
    $o->send("HTTP/1.1 200 OK\r\nServer: d\r\n$answer");
    $o->close;
    my $said = $c->read_all;
    like($said, qr{\AHTTP/1\.1 200 OK\r\n(?:.+\r\n)*Server: d\r\n\r\n\z},
        'a head without a body');
    is($c->end, 'eof', 'and an orderly end');
}

my $c = ask(0, "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\n"
    . "Upgrade: websocket\r\n\r\n");
my $o = $decoy->accept;
unlike($o->read_head, qr/upgrade/i, 'the decoy is asked for no upgrade');
$o->send("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n"
    . "Upgrade: websocket\r\n\r\nhidden");
is($c->read_all, "HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\n\r\n",
    'one that it makes all the same is none');

done_testing();
