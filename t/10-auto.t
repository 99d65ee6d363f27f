#!/usr/bin/perl
# t/10-auto.t: the auto handler: what the first bytes are decides, none of them
# is lost, and nobody holds a connection by saying nothing.

use strict;
use warnings;
use Test::Gatun;

my $t = Test::Gatun->new;
my $target = $t->listener;
my $to = '127.0.0.1:' . $target->port;
my $origin = $t->origin;

my $g = $t->gatun('-w', 1, '-L', '127.0.0.1:%%PORT_0%%',
    '-L', 'auto://user:pass@127.0.0.1:%%PORT_1%%?authBasicRealm=r&authDelay=0',
    '-L', 'auto://127.0.0.1:%%PORT_2%%?readTimeout=1&proxyAgent=me',
    '-L', 'http://127.0.0.1:%%PORT_3%%?proxyAgent=me');

sub ended
{
    my ($name, @says) = @_;
    my $c = connect_to($t->port(2));

    $c->send($_) for @says;
    is($c->read_all, '', "$name: no answer");
    like($c->end, qr/^(eof|reset)$/, "$name: closed");
}

subtest 'HTTP' => sub {
    my $c = connect_via($t->port(0), $to);
    like($c->head, qr{^HTTP/1\.1 200 Connection established\r\n}, 'CONNECT');
    my $o = $target->accept;
    $c->send('ping');
    is($o->read_n(4), 'ping', 'there');
    $o->send('pong');
    is($c->read_n(4), 'pong', 'and back');

    my ($status, $body) = http_get($origin->port, '/bytes/100000', $t->port(0));
    is("$status " . length $body, '200 100000', 'GET');

    # nothing is lost, however it comes: early bytes, one at a time, many
    $c = connect_to($t->port(0));
    $c->send("CONNECT $to HTTP/1.1\r\nHost: x\r\n\r\nearly");
    is($target->accept->read_n(5), 'early', 'early bytes');

    $c = connect_to($t->port(0));
    for (split //, "CONNECT $to HTTP/1.1\r\nHost: x\r\n\r\nslow") {
        $c->send($_);
        nap(0.001);
    }
    is($target->accept->read_n(4), 'slow', 'a byte at a time');

    my $big = 'x' x 300_000;
    $c = connect_to($t->port(0));
    $c->send('POST http://127.0.0.1:' . $origin->port . "/echo HTTP/1.1\r\n"
        . "Host: x\r\nContent-Length: 300000\r\n\r\n$big");
    ok($c->read_response->{body} eq $big, 'a body in the same breath');

    for my $say ("\r\nGARBAGE\r\n\r\n", "*1\r\n\r\n", "\x16\x02\x01 / \r\n\r\n",
        "\x00\r\n\r\n")
    {
        like(request($t->port(0), $say), qr{^HTTP/1\.1 400 },
            'what is nothing is bad HTTP');
    }
};

subtest 'its options are those of http' => sub {
    my $same = sub {
        my ($port) = @_;
        my $c = connect_via($port, $to);
        $target->accept->close;
        return $c->head;
    };
    is($same->($t->port(2)), $same->($t->port(3)), 'proxyAgent');

    my $c = connect_via($t->port(1), $to);
    is($c->head, "HTTP/1.1 407 Proxy Authentication Required\r\n"
        . "Connection: close\r\nProxy-Authenticate: Basic realm=\"r\"\r\n\r\n",
        'the password, the realm');
    ok($target->is_silent(0), 'and nobody is connected to');
    $c = connect_via($t->port(1), $to,
        'Proxy-Authorization: Basic dXNlcjpwYXNz');
    like($c->head, qr/^HTTP\/1\.1 200 /, 'the right one');
    $target->accept;
};

subtest 'what is not built' => sub {
    for (['socks5', "\x05\x01\x00"], ['socks4', "\x04\x01\x00\x50\x7f\0\0\1\0"],
        ['sni', "\x16\x03\x01\x00\x05hello"], ['sni', "\x16\x03", "\x04"])
    {
        my ($name, @says) = @$_;
        my $before = () = $g->log =~ /$name: not built yet/g;
        ended("$name", @says);
        ok(wait_for { $before + 1 == (() = $g->log =~ /$name: not built yet/g) },
            "$name: it is said");
    }
    ok($target->is_silent(0), 'nobody was connected to');
};

subtest 'silence' => sub {
    my $began = time;
    ended('nothing');
    cmp_ok(time - $began, '>=', 0.9, 'it has its time');
    cmp_ok(time - $began, '<', 5, 'and not more');
    ended('half a greeting', "\x16");

    my $c = connect_to($t->port(2));
    $c->shutdown;
    is($c->read_all . $c->end, 'eof', 'a client that only came by');
};

done_testing();
