#!/usr/bin/perl
# t/80-kept-origin-that-spoke.t: an origin whose kept connection says something,
# or ends, in the round in which the next client asks: what it said must not
# become that client's answer.  The worker is stopped meanwhile, so that it
# meets the client first.

use strict;
use warnings;
use Test::Gatun;

my $t = Test::Gatun->new;
my $origin = $t->listener;

$t->gatun('-w', 1, '-stats', '127.0.0.1:%%PORT_1%%',
    '-L', 'http://127.0.0.1:%%PORT_0%%?keepalive=true');

my ($worker) = map { $_->{pid} }
    @{ decode_json((http_get($t->port(1), '/status'))[1])->{workers} };
ok($worker, 'there is a worker');

sub ask
{
    my ($c, $path, @fields) = @_;

    $c->send(join "\r\n", 'GET http://127.0.0.1:' . $origin->port
        . "$path HTTP/1.1", 'Host: x', @fields, '', '');
}

sub answer
{
    my ($o, $text, @fields) = @_;

    $o->send(join "\r\n", 'HTTP/1.1 200 OK', 'Content-Length: '
        . length $text, @fields, '', $text);
}

# a connection that is kept
sub kept
{
    my $c = connect_to($t->port(0));
    ask($c, '/one');
    my $o = $origin->accept;
    like($o->read_head, qr{^GET /one }, 'a request');
    answer($o, 'one');
    is($c->read_response->{body}, 'one', 'its answer');
    return $o;
}

for my $what ('an answer', 'an end') {
    my $o = kept();
    my $c = connect_to($t->port(0));
    ok($c->is_silent(0.05), 'a client');

    kill STOP => $worker;
    wait_for { slurp("/proc/$worker/stat") =~ /\) T / };
    ask($c, '/two');
    $what eq 'an end' ? $o->close : answer($o, 'not yours');
    kill CONT => $worker;

    my $p = $origin->accept or fail("$what: another connection is made"), next;
    like($p->read_head, qr{^GET /two }, "$what: the request goes there");
    answer($p, 'two');
    is($c->read_response->{body}, 'two', "$what: the client has its own");
    $p->close;
    nap(0.05);
}

# an upgrade that was refused leaves nothing to others
my $c = connect_to($t->port(0));
ask($c, '/up', 'Connection: Upgrade', 'Upgrade: websocket');
my $o = $origin->accept;
like($o->read_head, qr/^Upgrade: websocket\r$/m, 'an upgrade');
answer($o, 'no');
is($c->read_response->{body}, 'no', 'is refused');
is($o->read_all . $o->end, 'eof', 'and the connection is not kept');

done_testing();
