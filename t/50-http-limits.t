#!/usr/bin/perl
# t/50-http-limits.t: how much a client may send before it is served, how long
# it may take, how many of them a service has, and what is still waited for.

use strict;
use warnings;
use Test::Gatun;

my $t = Test::Gatun->new;
my $target = $t->listener;
my $to = '127.0.0.1:' . $target->port;

my $g = $t->gatun('-w', 1, '-stats', '127.0.0.1:%%PORT_9%%',
    '-L', 'http://127.0.0.1:%%PORT_0%%?maxHeaderSize=1000&maxHeaders=5',
    '-L', 'http://127.0.0.1:%%PORT_1%%?headTimeout=1&idleTimeout=2',
    '-L', 'http://127.0.0.1:%%PORT_2%%?readTimeout=1',
    '-L', 'http://127.0.0.1:%%PORT_3%%?maxConnections=3',
    '-L', 'http://127.0.0.1:%%PORT_4%%?readTimeout=-1',
    '-L', 'http://127.0.0.1:%%PORT_5%%');

sub status { return $_[0] =~ m{^HTTP/1\.[01] (\d+) } ? $1 : "'$_[0]'" }

subtest 'heads' => sub {
    my $line = "CONNECT 127.0.0.1:1 HTTP/1.1\r\n";
    my $head = sub { return $line . join('', @_) . "\r\n" };
    my $ask = sub { return status(request($t->port(0), $head->(@_))) };

    is($ask->(map { "A$_: b\r\n" } 1 .. 4, 'X'), 400, 'not a field');
    is($ask->("Host: x\r\n", map { "A$_: b\r\n" } 1 .. 4), 503, 'five fields');
    is($ask->("Host: x\r\n", map { "A$_: b\r\n" } 1 .. 5), 431, 'six');
    is($ask->("Host: x\r\n", 'A: ' . 'b' x 900 . "\r\n"), 503, 'under 1000 bytes');
    is($ask->("Host: x\r\n", 'A: ' . 'b' x 1000 . "\r\n"), 431, 'over');

    # without options: 32 KiB and 100 fields
    $ask = sub { return status(request($t->port(5), $head->(@_))) };
    is($ask->("Host: x\r\n", map { "A$_: b\r\n" } 1 .. 99), 503, '100 fields');
    is($ask->("Host: x\r\n", map { "A$_: b\r\n" } 1 .. 100), 431, 'one more');
    is($ask->("Host: x\r\n", 'A: ' . 'b' x 32000 . "\r\n"), 503, '32000 bytes');
    is($ask->("Host: x\r\n", 'A: ' . 'b' x 33000 . "\r\n"), 431, 'one thousand more');
};

subtest 'slow clients' => sub {
    # a byte now and then does not make it longer
    my $c = connect_to($t->port(1));
    my $began = time;
    for my $byte (split //, "CONNECT $to HTTP/1.1\r\nHost: x\r\nA: " . 'b' x 500) {
        last if $c->wait_in(0.05);
        $c->send($byte);
        last if time - $began > 10;
    }
    is(status($c->read_all), 408, 'a head that does not end');
    my $took = time - $began;
    cmp_ok($took, '>=', 0.9, 'has its time');
    cmp_ok($took, '<', is_asan() ? 6 : 3, 'and no more');

    # idleTimeout: between two requests, and in a tunnel
    my $origin = $t->origin;
    $c = connect_to($t->port(1));
    $c->send('GET http://127.0.0.1:' . $origin->port . "/bytes/5 HTTP/1.1\r\n"
        . "Host: x\r\n\r\n");
    $c->read_response;
    $began = time;
    is($c->read_all(20) . $c->end, 'eof', 'a kept connection ends');
    cmp_ok(abs(time - $began - 2), '<', is_asan() ? 3 : 1, 'after idleTimeout');

    $c = connect_via($t->port(1), $to);
    my $o = $target->accept;
    $began = time;
    is($c->read_all(20), '', 'so does a tunnel');
    cmp_ok(abs(time - $began - 2), '<', is_asan() ? 3 : 1, 'after as long');
};

subtest 'slow origins' => sub {
    my $c = connect_to($t->port(2));
    my $began = time;
    $c->send("GET http://$to/ HTTP/1.1\r\nHost: x\r\n\r\n");
    my $o = $target->accept;
    $o->read_head;
    is($c->read_all(20), "HTTP/1.1 503 Service Unavailable\r\n"
        . "Content-Length: 0\r\n\r\n", 'no head within readTimeout');
    cmp_ok(abs(time - $began - 1), '<', is_asan() ? 3 : 0.8, 'after readTimeout');
    $o->read_all;
    like($o->end, qr/^(eof|reset)$/, 'and the origin is let go');

    # negative: none
    $c = connect_to($t->port(4));
    $c->send("GET http://$to/ HTTP/1.1\r\nHost: x\r\n\r\n");
    $o = $target->accept;
    $o->read_head;
    nap(1.5);
    $o->send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi");
    is($c->read_response->{body}, 'hi', 'a negative one is none');
};

subtest 'connections of a service' => sub {
    my @three = map { connect_via($t->port(3), $to) } 1 .. 3;
    my @far = map { scalar $target->accept } 1 .. 3;
    like($_->head, qr/ 200 /, 'one of three') for @three;

    for (1 .. 3) {
        my $c = connect_to($t->port(3));
        is($c->read_all, '', 'a fourth gets nothing');
    }

    my $c = connect_via($t->port(0), $to);
    like($c->head, qr/ 200 /, 'another service is not concerned');
    $target->accept->close;
    is($t->stats($t->port(9))->{workers}[0]{refused}, 3, 'it is counted');
    like($g->log, qr/service-3: 3 connections, the limit/, 'and said');

    shift(@three)->close;
    shift(@far)->close;
    ok(wait_for {
        my $one = connect_via($t->port(3), $to);
        my $in = $one->head =~ / 200 /;
        $target->accept->close if $in;
        $in;
    }, 'one goes, another comes');
};

# what a client says about itself and about fields is not believed (rel-G5)
subtest 'hop-by-hop' => sub {
    my $c = connect_to($t->port(5));
    $c->send("GET http://$to/ HTTP/1.1\r\nHost: x\r\nConnection: close, X-Real-Ip,"
        . " Host, Content-Length, Cookie\r\nX-Forwarded-For: 10.0.0.1\r\n"
        . "X-Real-Ip: 10.0.0.2\r\nCookie: a\r\nKeep-Alive: 5\r\nTE: trailers\r\n"
        . "Proxy-Authorization: Basic dXNlcjpwYXNz\r\nProxy-Connection: close\r\n"
        . "Trailer: x\r\nUpgrade: h2c\r\nContent-Length: 2\r\n\r\nhi");
    my $m = $target->accept->read_request;
    my %has = %{ $m->{fields} };
    is(join(' ', sort grep { !/^(user-agent)$/ } keys %has),
        'connection content-length host trailer x-forwarded-for',
        'what is one connection\'s stays, nothing is added');
    is("@{ $has{connection} }", 'close', 'but for our own');
    is("@{ $has{host} } $m->{body}", "$to hi", 'Host and length stay');
};

done_testing();
