#!/usr/bin/perl
# t/10-http-connect.t: CONNECT through the http handler, and through a chain of
# hops by the http connector: heads, bytes, ends.

use strict;
use warnings;
use MIME::Base64 qw(encode_base64);
use Test::Gatun;

my $t = Test::Gatun->new;
my $agent = qr{Proxy-Agent: gatun/[\w.-]+\r\n};
my $ok = qr{\AHTTP/1\.1 200 Connection established\r\n$agent\r\n\z};
my $dead = qr{\AHTTP/1\.1 503 Service Unavailable\r\nConnection: close\r\n$agent\r\n\z};

$t->gatun('-w', 2, '-L', 'http://127.0.0.1:%%PORT_0%%',
    '-L', 'http://127.0.0.1:%%PORT_1%%?proxyAgent=other/1',
    '-L', 'http://127.0.0.1:%%PORT_2%%?proxyAgent=');
my $proxy = $t->port(0);

my $target = $t->listener;
my $to = '127.0.0.1:' . $target->port;

# a tunnel to the target: the client's end, the target's end
sub tunnel
{
    my ($port, @fields) = @_;
    my $c = connect_via($port // $proxy, $to, @fields);
    my $o = $target->accept or return ($c);

    return ($c, $o);
}

# bytes pass both ways and both ends are orderly
sub passes
{
    my ($c, $o, $name) = @_;

    $c->send('ping');
    is($o->read_n(4), 'ping', "$name: to the target");
    $o->send('pong!');
    is($c->read_n(5), 'pong!', "$name: to the client");
    $c->shutdown;
    is($o->read_all . $o->end, 'eof', "$name: the client's end");
    $o->send('late');
    $o->close;
    is($c->read_all . $c->end, 'lateeof', "$name: the target's end");
}

subtest 'heads' => sub {
    my ($c, $o) = tunnel();
    like($c->head, $ok, '200 as GOST writes it');
    passes($c, $o, 'plain');

    ($c, $o) = tunnel($t->port(1));
    like($c->head, qr{\r\nProxy-Agent: other/1\r\n\r\n\z}, 'proxyAgent');
    ($c, $o) = tunnel($t->port(2));
    is($c->head, "HTTP/1.1 200 Connection established\r\n\r\n",
        'an empty proxyAgent');

    for my $odd ("CONNECT $to HTTP/1.0\r\n\r\n",
        "CONNECT $to HTTP/1.1\r\nHost: else.test\r\n\r\n",
        "CONNECT $to HTTP/1.1\r\nHost: $to\r\nContent-Length: 5\r\n\r\n",
        "\r\nCONNECT $to HTTP/1.1\r\nhOsT:$to\r\nX:\r\n\r\n")
    {
        $c = connect_to($proxy);
        $c->send($odd);
        like($c->read_head, $ok, 'also for ' . $odd =~ s/\r\n/ /gr);
        passes($c, scalar $target->accept, 'its tunnel');
    }

    $c = connect_to($proxy);
    for (split //, "CONNECT $to HTTP/1.1\r\nHost: $to\r\n\r\n") {
        $c->send($_);
        nap(0.001);
    }
    like($c->read_head, $ok, 'a byte at a time');
    passes($c, scalar $target->accept, 'its tunnel');
};

subtest 'early bytes' => sub {
    my $c = connect_to($proxy);
    $c->send("CONNECT $to HTTP/1.1\r\nHost: $to\r\n\r\nearly");
    my $o = $target->accept;
    is($o->read_n(5), 'early', 'in the segment of the head');
    $o->send('first');
    is($c->read_head . $c->read_n(5),
        "HTTP/1.1 200 Connection established\r\n"
        . "Proxy-Agent: " . agent() . "\r\n\r\nfirst", 'nothing twice');
    $c->send('more');
    is($o->read_n(4), 'more', 'and what follows');
    $c->close;

    # a client that has said all it had to say before the answer
    $c = connect_to($proxy);
    $c->send("CONNECT $to HTTP/1.1\r\nHost: $to\r\n\r\nall of it");
    $c->shutdown;
    $o = $target->accept;
    is($o->read_all . $o->end, 'all of iteof', 'with its end');
    $o->send('answer');
    $o->close;
    like($c->read_all, qr/\r\n\r\nanswer\z/, 'and still the answer');

    # bytes behind a refused CONNECT are no second request
    my $quiet = $t->listener;
    my $said = request($proxy, "CONNECT 127.0.0.1:1 HTTP/1.1\r\nHost: x\r\n\r\n"
        . 'GET http://127.0.0.1:' . $quiet->port . "/ HTTP/1.1\r\n"
        . "Host: x\r\n\r\n");
    like($said, $dead, 'behind a refusal: one answer');
    ok($quiet->is_silent(0.2), 'and nobody was asked');
};

sub agent
{
    my ($c) = tunnel();

    $target->accept(0.001);
    return $c->head =~ /^Proxy-Agent: (.*)\r$/m ? $1 : '';
}

subtest 'targets' => sub {
    my $six = Test::Gatun::Stream->listen('::1', 0);
    my $c = connect_via($proxy, '[::1]:' . $six->port);
    like($c->head, $ok, 'IPv6');
    passes($c, scalar $six->accept, 'IPv6');

    $c = connect_via($proxy, 'localhost:' . $target->port);
    like($c->head, $ok, 'a name');
    passes($c, scalar $target->accept, 'a name');

    $c = connect_via($proxy, 'LOCALHOST:' . $target->port);
    like($c->head, $ok, 'a name in capitals');
    passes($c, scalar $target->accept, 'a name in capitals');

    SKIP: {
        skip 'port 80 needs root and a namespace', 1
            if $> || ($ENV{GATUN_ISOLATED} // '') ne 'yes';
        my $eighty = Test::Gatun::Stream->listen('127.0.0.80', 80);
        $c = connect_via($proxy, '127.0.0.80');
        like($c->head, $ok, 'no port is 80, as in GOST');
    }

    like(request($proxy, "CONNECT $_ HTTP/1.1\r\nHost: x\r\n\r\n"), $dead,
        "503: $_")
        for '127.0.0.1:1', '[::1]:1', 'localhost:1', 'no-such-name.test:80';
};

subtest 'ends' => sub {
    my ($c, $o) = tunnel();
    $c->send('x');
    $o->read_n(1);
    $c->reset;
    is($o->read_all . $o->end, 'reset', 'a reset by the client');

    ($c, $o) = tunnel();
    $o->send('x');
    $c->read_n(1);
    $o->reset;
    is($c->read_all . $c->end, 'reset', 'a reset by the target');

    ($c, $o) = tunnel();
    $o->shutdown;
    is($c->read_all . $c->end, 'eof', 'the target ends its half');
    $c->send('still');
    is($o->read_n(5), 'still', 'the other goes on');
    $c->close;
    is($o->read_all . $o->end, 'eof', 'until it ends too');

    # a target that says something and goes at once
    for (1 .. 20) {
        $c = connect_to($proxy);
        $c->send("CONNECT $to HTTP/1.1\r\nHost: $to\r\n\r\n");
        $o = $target->accept;
        $o->send('hello');
        $o->close;
        my $all = $c->read_all;
        like($all, qr/\r\n\r\nhello\z/, 'hello and goodbye') or last;
    }
};

# the test plays the next hop: what it is sent, what becomes of its answers
subtest 'the connector' => sub {
    my $hop = $t->listener(10);

    $t->gatun('-L', 'http://127.0.0.1:%%PORT_3%%',
        '-F', 'http://user:p%40ss:w@127.0.0.1:%%PORT_10%%');
    $t->gatun('-L', 'http://127.0.0.1:%%PORT_4%%',
        '-F', 'http://127.0.0.1:%%PORT_10%%');
    my $basic = encode_base64('user:p@ss:w', '');

    my $ask = sub {
        my ($port, $name) = @_;
        my $c = connect_to($t->port($port));
        $c->send("CONNECT $name HTTP/1.1\r\nHost: $name\r\n"
            . "User-Agent: mine\r\nX-Mine: 1\r\n\r\n");
        my $h = $hop->accept or return ($c);
        return ($c, $h, $h->read_head);
    };

    my ($c, $h, $head) = $ask->(3, 'example.test:80');
    is($head, "CONNECT example.test:80 HTTP/1.1\r\nHost: example.test:80\r\n"
        . "User-Agent: Go-http-client/1.1\r\n"
        . "Proxy-Authorization: Basic $basic\r\n"
        . "Proxy-Connection: keep-alive\r\n\r\n",
        'the request, byte for byte; the name is left to the hop');
    $h->send("HTTP/1.1 200 Connection established\r\n\r\n");
    like($c->read_head, $ok, 'its 200 is ours');
    passes($c, $h, 'the tunnel');

    ($c, $h, $head) = $ask->(4, '[::1]:7');
    is($head, "CONNECT [::1]:7 HTTP/1.1\r\nHost: [::1]:7\r\n"
        . "User-Agent: Go-http-client/1.1\r\n"
        . "Proxy-Connection: keep-alive\r\n\r\n", 'without credentials, IPv6');

    # odd ways to say 200; what follows the head is the tunnel's
    for my $yes ("HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.0 200 fine\r\nA: b\r\n\r\n",
        "HTTP/1.1 200\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    {
        ($c, $h) = $ask->(4, 'a.test:1');
        $h->send("${yes}first");
        like($c->read_head, $ok, 'taken: ' . $yes =~ s/\r\n/ /gr);
        is($c->read_n(5), 'first', 'and the bytes behind it');
        passes($c, $h, 'its tunnel');
    }

    ($c, $h) = $ask->(4, 'a.test:1');
    for (split //, "HTTP/1.1 200 OK\r\n\r\n") { $h->send($_); nap(0.001) }
    like($c->read_head, $ok, 'a byte at a time');
    passes($c, $h, 'its tunnel');

    # anything else is a failure, and never a way around the hop
    for my $no ("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n",
        "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 302 Found\r\nLocation: /\r\n\r\n", "HTTP/1.1 204 No\r\n\r\n",
        "garbage\r\n\r\n", "HTTP/2 200\r\n\r\n", "SSH-2.0-x\r\n",
        'HTTP/1.1 200 O', '')
    {
        ($c, $h) = $ask->(4, $to);
        $h->send($no);
        $h->close;
        like($c->read_all, $dead, '503: ' . $no =~ s/\r\n/ /gr);
    }

    ok($target->is_silent(0.1), 'nothing went around the hop');

    ($c, $h) = $ask->(4, 'a.test:1');
    $c->reset;
    $h->read_all;
    like($h->end, qr/^(eof|reset)$/, 'a client that goes lets the hop go');

    $h = undef;
    undef $hop;
    like(request($t->port(4), "CONNECT $to HTTP/1.1\r\nHost: $to\r\n\r\n"),
        $dead, 'a dead hop is a 503');
    ok($target->is_silent(0.1), 'not a way around it');
};

subtest 'three hops' => sub {
    $t->gatun('-L', 'http://a:1@127.0.0.1:%%PORT_5%%');
    $t->gatun('-L', 'http://b:2@127.0.0.1:%%PORT_6%%');
    $t->gatun('-L', 'http://127.0.0.1:%%PORT_7%%',
        '-F', 'http://127.0.0.1:%%PORT_0%%',
        '-F', 'http://a:1@127.0.0.1:%%PORT_5%%',
        '-F', 'http://b:2@127.0.0.1:%%PORT_6%%');

    my ($c, $o) = tunnel($t->port(7));
    like($c->head, $ok, 'connected');
    passes($c, $o, 'through all');

    like(request($t->port(7), "CONNECT 127.0.0.1:1 HTTP/1.1\r\nHost: x\r\n\r\n"),
        $dead, 'the last one\'s refusal');
};

done_testing();
