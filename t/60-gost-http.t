#!/usr/bin/perl
# t/60-gost-http.t: a real GOST at the other end, 3.3.0 and 3.2.6: as the
# client of gatun and as its server, over http with authentication.

use strict;
use warnings;
use Test::Gatun;
use Test::Gatun::Peer;

gost_path($_) for qw(gost gost326);

my $t = Test::Gatun->new;
my $origin = $t->origin;
my $target = $t->listener;
my $mega = 1_000_000;

#
# GOST ends both halves in order when one of them is reset: that the other one
# ends is all that can be asked of the pair.
#
my @modes = (
    ['1 byte', '-m', 'echo', '-n', 1],
    ['1 MB there and back', '-m', 'echo', '-n', $mega],
    ['1 MB up', '-m', 'up', '-n', $mega],
    ['1 MB down', '-m', 'down', '-n', $mega],
    ['both ways at once', '-m', 'both', '-n', $mega],
    ['the client half-closes', '-m', 'halfclose-client', '-n', 100_000],
    ['the origin half-closes', '-m', 'halfclose-server', '-n', 100_000],
    ['a slow reader', '-m', 'slow-reader', '-n', $mega],
    ['100 at once', '-m', 'echo', '-n', 10_000, '-c', 100],
);

sub tunnels
{
    my ($port) = @_;

    for my $mode (@modes) {
        my ($name, @args) = @$mode;
        my $said = tunnelcheck('-x', "127.0.0.1:$port", '-T', 60, @args);

        is($said->{errors}, 0, $name) or diag(explain($said));
    }
}

sub ends
{
    my ($port) = @_;

    for my $who (0, 1) {
        my $c = connect_via($port, $target->port);
        my $o = $target->accept;
        $c->send('ping');
        is($o->read_n(4), 'ping', 'a tunnel');
        my ($one, $other) = $who ? ($o, $c) : ($c, $o);
        $one->reset;
        is($other->read_all, '', 'is reset by the ' . ($who ? 'origin' : 'client'));
        like($other->end, qr/^(eof|reset)$/, 'and the other end gets to know');
    }
}

sub requests
{
    my ($port) = @_;
    my ($status, $body) = http_get($origin->port, '/bytes/100000', $port);
    is("$status " . length $body, '200 100000', 'a request');
    ($status, $body) = http_get($origin->port, '/chunked/100000', $port);
    is("$status " . length $body, '200 100000', 'a chunked answer');
    ($status) = http_get($origin->port, '/status/404', $port);
    is($status, 404, 'a status');

    my $s = connect_to($port);
    my $to = 'http://127.0.0.1:' . $origin->port;
    for (1 .. 3) {
        $s->send("POST $to/echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n"
            . "body$_");
        is($s->read_response->{body}, "body$_", 'a kept connection');
    }
    $s->close;

    my $c = connect_via($port, 'localhost:' . $target->port);
    like($c->head, qr/ 200 /, 'a name');
    $target->accept;

    SKIP: {
        skip 'no ::1 here', 1 unless has_ipv6();
        my $six = Test::Gatun::Stream->listen('::1', 0);
        $c = connect_via($port, '[::1]:' . $six->port);
        like($c->head, qr/ 200 /, 'IPv6');
    }

    for my $dead ('127.0.0.1:1', 'no-such-name.test:80') {
        $c = connect_via($port, $dead);
        like($c->head, qr/^HTTP\/1\.1 503 /, "nobody is at $dead");
    }
}

my $n = 0;

sub pair
{
    my ($name, $server, $client) = @_;
    my ($p0, $p1, $p2) = map { $t->port($n++) } 0 .. 2;

    subtest $name => sub {
        my @ends = (
            $server->($p0, '-L', "http://user:p%40ss\@127.0.0.1:$p0"),
            $client->($p1, '-L', "http://127.0.0.1:$p1", '-F',
                "http://user:p%40ss\@127.0.0.1:$p0"),
            $client->($p2, '-L', "http://127.0.0.1:$p2", '-F',
                "http://user:wrong\@127.0.0.1:$p0"));

        tunnels($p1);
        ends($p1);
        requests($p1);
        my $c = connect_via($p2, $target->port);
        like($c->head, qr/^HTTP\/1\.1 503 /, 'wrong credentials');
        ok($target->is_silent(0.1), 'reach nobody');
        $_->stop for reverse @ends;
    };
}

sub with_gatun
{
    my ($port, @args) = @_;

    return $t->gatun('-w', 2, @args);
}

for my $name (qw(gost gost326)) {
    my $with_gost = sub {
        my ($port, @args) = @_;
        return gost($t, $name, [$port], @args);
    };

    pair("$name as the client", \&with_gatun, $with_gost);
    pair("$name as the server", $with_gost, \&with_gatun);
}

# three in a row: GOST between two gatuns, by one chain of two hops
subtest 'a chain of gost and gatun' => sub {
    my @p = map { $t->port($n++) } 0 .. 2;
    my @ends = (
        with_gatun($p[0], '-L', "http://a:b\@127.0.0.1:$p[0]"),
        gost($t, 'gost', [$p[1]], '-L', "http://c:d\@127.0.0.1:$p[1]"),
        with_gatun($p[2], '-L', "http://127.0.0.1:$p[2]",
            '-F', "http://c:d\@127.0.0.1:$p[1]",
            '-F', "http://a:b\@127.0.0.1:$p[0]"));

    tunnels($p[2]);
    requests($p[2]);
    $_->stop for reverse @ends;
};

done_testing();
