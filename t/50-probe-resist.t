#!/usr/bin/perl
# t/50-probe-resist.t: who may not in and does not knock gets a decoy, and
# neither gets, nor passes on, anything that is the proxy's.

use strict;
use warnings;
use MIME::Base64 qw(encode_base64);
use Test::Gatun;

my $t = Test::Gatun->new;
my $decoy = $t->listener(20);
my $target = $t->listener;
my $to = '127.0.0.1:' . $target->port;
my $page = '<h1>it works</h1>' . "\n" x 20 . 'x' x 200_000;

$t->write_file('page.html', $page);
$t->write_file('empty.html', '');
mkdir $t->dir . '/folder';

my $n = 0;
my %port;
my @args;

for my $one (['code', 'code:404'], ['code200', 'code:200'], ['zero', 'code:0'],
    ['odd', 'code:abc'], ['unknown', 'foo:bar'],
    ['web', 'web:127.0.0.1:%%PORT_20%%/w?q=1'], ['dead', 'web:127.0.0.1:1/'],
    ['host', 'host:127.0.0.1:%%PORT_20%%'], ['deadhost', 'host:127.0.0.1:1'],
    ['file', 'file:%%DIR%%/page.html'], ['relative', 'file:page.html'],
    ['empty', 'file:%%DIR%%/empty.html'], ['missing', 'file:%%DIR%%/none'],
    ['folder', 'file:%%DIR%%/folder'],
    ['knock', 'code:404', 'www.example.com,b.example'])
{
    my ($name, $value, $knock) = @$one;
    $port{$name} = $n;
    push @args, '-L', "http://user:pass\@127.0.0.1:%%PORT_$n%%?authDelay=0"
        . '&probe_resist=' . $value =~ s/\?/%3F/r
        . ($knock ? "&knock=$knock" : '');
    $n++;
}

my $g = $t->gatun('-w', 1, @args);
my $bad = 'Proxy-Authorization: Basic ' . encode_base64('user:wrong', '');
my $good = 'Proxy-Authorization: Basic ' . encode_base64('user:pass', '');
my $none = "HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\n\r\n";
my $asks = "HTTP/1.1 407 Proxy Authentication Required\r\nConnection: close\r\n"
    . "Proxy-Authenticate: Basic realm=\"gost\"\r\n\r\n";

sub ask
{
    my ($name, $request) = @_;
    my $s = connect_to($t->port($port{$name}));

    $s->send($request);
    return $s;
}

# all that is said to it
sub answer
{
    my ($name, $request) = @_;
    my $s = ask($name, $request);
    my $said = $s->read_all;

    is($s->end, 'eof', "$name: an orderly end");
    return $said;
}

my @probes = ("GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n",
    "CONNECT $to HTTP/1.1\r\nHost: a:1\r\n$bad\r\n\r\n",
    "GET http://$to/ HTTP/1.1\r\nHost: x\r\n$bad\r\n\r\n",
    "POST http://$to/ HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody",
    "GET https://example.com/ HTTP/1.1\r\nHost: x\r\n\r\n");

subtest 'answers of our own' => sub {
    for my $probe (@probes) {
        is(answer('code', $probe),
            "HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n", 'code:404');
        is(answer('code200', $probe),
            "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", 'code:200');
        is(answer($_, $probe), $none, $_)
            for qw(odd unknown missing folder dead deadhost);
        is(answer('empty', $probe), "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n"
            . "Connection: keep-alive\r\nContent-Type: text/html\r\n\r\n",
            'an empty file');
        is(answer('zero', $probe), $asks, 'code:0 is no decoy');
    }

    like($g->log, qr/probeResist=code:abc: want/, 'what is odd is said at start');
    like($g->log, qr/probeResist: .*none: No such file/, 'so is a missing file');

    for (sort keys %port) {
        my $s = connect_via($t->port($port{$_}), $to, $good);
        like($s->head, qr/^HTTP\/1\.1 200 Connection established\r\nProxy-Ag/,
            "$_: who may in does not see it");
        $target->accept->close;
    }
    ok($target->is_silent(0), 'and nobody else was connected');
};

subtest 'a file' => sub {
    my $head = "HTTP/1.1 200 OK\r\nContent-Length: " . length($page)
        . "\r\nConnection: keep-alive\r\nContent-Type: text/html\r\n\r\n";
    for my $probe (@probes) {
        ok(answer('file', $probe) eq $head . $page, 'all of it');
    }
    ok(answer('relative', $probes[1]) eq $head . $page, 'from where we started');
    is(answer('file', "HEAD / HTTP/1.1\r\nHost: x\r\n\r\n"), $head, 'HEAD');

    # read anew each time
    $t->write_file('page.html', 'other');
    like(answer('file', $probes[0]), qr/Content-Length: 5\r\n.*\r\n\r\nother\z/s,
        'as it is now');

    # a reader that goes away
    $t->write_file('page.html', 'y' x 8_000_000);
    for (1 .. 3) {
        my $s = ask('file', $probes[0]);
        $s->read_head;
        $s->reset;
    }
    my $s = ask('file', $probes[0]);
    is($s->read_response->{body}, 'y' x 8_000_000, 'eight million bytes');
};

subtest 'another page' => sub {
    for my $probe (@probes) {
        my $s = ask('web', $probe);
        my $o = $decoy->accept or return fail('nobody asks the decoy');
        my $at = '127.0.0.1:' . $t->port(20);
        is($o->read_head, "GET /w?q=1 HTTP/1.1\r\nHost: $at\r\n"
            . "User-Agent: Go-http-client/1.1\r\nAccept-Encoding: gzip\r\n"
            . "Connection: close\r\n\r\n", 'what it is asked, and nothing more');
        $o->send("HTTP/1.1 200 OK\r\nContent-Length: 3\r\nServer: zz\r\n"
            . "X-Q: 1\r\n\r\nweb");
        is($s->read_all . $s->end, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n"
            . "Connection: keep-alive\r\nServer: zz\r\nX-Q: 1\r\n\r\nwebeof",
            'its answer');
    }

    my $s = ask('web', $probes[1]);
    my $o = $decoy->accept;
    $o->read_head;
    $o->send("HTTP/1.1 404 No\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nnot\r\n"
        . "0\r\n\r\n");
    like($s->read_all, qr{^HTTP/1\.1 404 No\r\n.*\r\n\r\nnot\z}s, 'without length');

    for my $say ('', 'garbage', "HTTP/1.1 101 Up\r\nUpgrade: x\r\n\r\n") {
        $s = ask('web', $probes[0]);
        $o = $decoy->accept;
        $o->read_head;
        $o->send($say) if $say;
        $o->close;
        is($s->read_all, $none, 'a decoy that fails: ' . $say =~ s/\r\n.*//sr);
    }
};

subtest 'another server' => sub {
    my $s = ask('host', "POST http://example.com/p?q HTTP/1.1\r\n"
        . "Host: example.com\r\n$bad\r\nX-A: 1\r\nContent-Length: 4\r\n\r\nbody");
    my $o = $decoy->accept;
    my $m = $o->read_request;
    is($m->{line}, 'POST /p?q HTTP/1.1', 'the request');
    is($m->{body}, 'body', 'with its body');
    like($m->{head}, qr/^Host: example\.com\r\n/m, 'its Host');
    like($m->{head}, qr/^X-A: 1\r\n/m, 'its fields');
    unlike($m->{head}, qr/authorization|dXNlcjp/i, 'but no credentials');
    $o->send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nServer: s\r\n\r\nhi");
    $m = $s->read_response;
    is($m->{body}, 'hi', 'the answer');
    unlike($m->{head}, qr/proxy|gatun|gost/i, 'names no proxy');

    # and again on the same connection, as with any server
    $s->send("GET / HTTP/1.1\r\nHost: h.test\r\n\r\n");
    $o = $decoy->accept;
    like($o->read_head, qr{^GET / HTTP/1\.1\r\nHost: h\.test\r\n}, 'the second');
    $o->send("HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n");
    is($s->read_response->{status}, 404, 'its answer');

    # CONNECT: what a server says to that
    $s = ask('host', "CONNECT $to HTTP/1.1\r\nHost: $to\r\n$bad\r\n\r\n");
    $o = $decoy->accept;
    like($o->read_head, qr{^CONNECT \Q$to\E HTTP/1\.1\r\nHost: \Q$to\E\r\n},
        'CONNECT');
    $o->send("HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 0\r\n\r\n");
    like($s->read_head, qr{^HTTP/1\.1 405 }, 'is not allowed');

    # a decoy that would open a tunnel
    $s = ask('host', "CONNECT $to HTTP/1.1\r\nHost: $to\r\n\r\n");
    $o = $decoy->accept;
    $o->read_head;
    $o->send("HTTP/1.1 200 OK\r\n\r\n");
    is($s->read_all, $none, 'opens none to us');
    ok($target->is_silent(0), 'nobody is connected to the target');
};

subtest 'knocking' => sub {
    my $refused = "HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n";

    is(answer('knock', $_), $asks, 'knocks: ' . s/\r\n.*//sr)
        for "GET http://WWW.example.com/ HTTP/1.1\r\nHost: www.example.com\r\n\r\n",
            "CONNECT b.EXAMPLE:443 HTTP/1.1\r\nHost: x\r\n\r\n",
            "CONNECT b.example HTTP/1.1\r\nHost: x\r\n$bad\r\n\r\n",
            "GET https://b.example/ HTTP/1.1\r\nHost: x\r\n\r\n";
    is(answer('knock', $_), $refused, 'does not: ' . s/\r\n.*//sr)
        for @probes, "GET / HTTP/1.1\r\nHost: www.example.com\r\n\r\n",
            "CONNECT a.b.example:443 HTTP/1.1\r\nHost: b.example\r\n\r\n",
            "CONNECT x.test:443 HTTP/1.1\r\nHost: b.example\r\n"
            . "Gost-Target: T2WmIFpYaGhiWEJzWlM1amIyMDZORFF6\r\n\r\n";
};

subtest 'the option' => sub {
    for (['web:https://example.com/', qr/https is not built yet/],
        ['code:99', qr/from 200 to 999/], ['host:x', qr/host wants/])
    {
        my ($value, $says) = @$_;
        my ($status, undef, $err) = $t->once('-t', '-L',
            "http://u:p\@127.0.0.1:%%PORT_0%%?probeResist=$value");
        is($status, 1, "$value: refused");
        like($err, $says, 'and why');
    }
};

done_testing();
