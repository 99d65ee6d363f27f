#!/usr/bin/perl
# t/80-expect-refused-says-close.t: an answer that came instead of a 100 ended
# the connection without saying so, and a client that went on to its next
# request lost it.

use strict;
use warnings;
use Test::Gatun;

my $t = Test::Gatun->new;
my $origin = $t->listener;
my $at = '127.0.0.1:' . $origin->port;

$t->gatun('-w', 1, '-L', 'http://127.0.0.1:%%PORT_0%%');

for my $framing ('Content-Length: 4', 'Transfer-Encoding: chunked') {
    my $body = $framing =~ /chunked/ ? "4\r\nbody\r\n0\r\n\r\n" : 'body';
    my $head = "POST http://$at/ HTTP/1.1\r\nHost: x\r\n$framing\r\n"
        . "Expect: 100-continue\r\n\r\n";

    my $c = connect_to($t->port(0));
    $c->send($head);
    my $o = $origin->accept;
    $o->read_head;
    $o->send("HTTP/1.1 417 No\r\nContent-Length: 0\r\n\r\n");
    is($c->read_all . $c->end, "HTTP/1.1 417 No\r\nConnection: close\r\n"
        . "Content-Length: 0\r\n\r\neof", "$framing: refused, and it is said");

    # nothing is lost where the body came
    $c = connect_to($t->port(0));
    $c->send($head);
    $o = $origin->accept;
    $o->read_head;
    $o->send("HTTP/1.1 100 Continue\r\n\r\n");
    is($c->read_head, "HTTP/1.1 100 Continue\r\n\r\n", 'asked for');
    $c->send($body);
    is($o->read_n(length $body), $body, 'sent');
    $o->send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi");
    is($c->read_until(qr/hi/), "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi",
        'answered');
    ok($c->is_silent(0.05), 'and the connection goes on');
}

done_testing();
