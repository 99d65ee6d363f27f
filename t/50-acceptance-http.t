#!/usr/bin/perl
# t/50-acceptance-http.t: invocations as people write them for GOST, and what
# must come of them: acc-A1 (its http half), acc-A2, acc-A3.  ":8080" and the
# like are tried with ports of the test's own.

use strict;
use warnings;
use MIME::Base64 qw(encode_base64);
use Test::Gatun;

my $t = Test::Gatun->new;
my $curl = need('curl');
my $target = $t->listener;
my $to = '127.0.0.1:' . $target->port;
my $origin = $t->origin;
my $n = 0;

sub basic { return 'Proxy-Authorization: Basic ' . encode_base64($_[0], '') }

# gatun with the arguments, in which PORT is a port; the port
sub run
{
    my (@args) = @_;
    my $port = $t->port($n++);

    s/PORT/$port/ for @args;
    my $g = $t->gatun({ listeners => 1 }, '-w', 1, @args);
    return wantarray ? ($port, $g) : $port;
}

sub proxies
{
    my ($port, $name, @fields) = @_;
    my $c = connect_via($port, $to, @fields);

    like($c->head, qr{^HTTP/1\.1 200 Connection established\r\n},
        "$name: CONNECT");
    my $o = $target->accept or return fail("$name: nobody came");
    $c->send('ping');
    is($o->read_n(4), 'ping', "$name: there");
    $o->send('pong');
    is($c->read_n(4), 'pong', "$name: and back");

    my $s = connect_to($port);
    $s->send('GET http://127.0.0.1:' . $origin->port . "/bytes/1000 HTTP/1.1\r\n"
        . "Host: x\r\n" . join('', map { "$_\r\n" } @fields) . "\r\n");
    is(length $s->read_response->{body}, 1000, "$name: GET");

    my ($user) = map { /Basic (.*)/ ? MIME::Base64::decode_base64($1) : () } @fields;
    my ($status, $out) = $t->once({ program => $curl }, '-q', '-sS', '-x',
        'http://' . ($user ? "$user\@" : '') . "127.0.0.1:$port", '--noproxy', '',
        '--max-time', 20, 'http://127.0.0.1:' . $origin->port . '/bytes/77');
    is("$status " . length $out, '0 77', "$name: curl");
}

subtest 'acc-A1' => sub {
    for (['-L', 'http://:PORT'], ['-L', ':PORT'], ['-L=:PORT']) {
        my ($port, $g) = run(@$_);
        proxies($port, "@$_");
        like($g->log, qr/asks nobody for a password: an open proxy/,
            'and it is said that it is open');
        is($g->stop, 0, "@$_: an orderly end");
    }
};

subtest 'acc-A2' => sub {
    for ('http://user:pass@:PORT', ':PORT?auth=dXNlcjpwYXNz',
        'user:pass@:PORT', 'http://:PORT?auth=' . encode_base64('user:pass', ''))
    {
        my ($port, $g) = run('-L', $_);
        my $c = connect_via($port, $to);
        is($c->head . $c->read_all, "HTTP/1.1 407 Proxy Authentication Required"
            . "\r\nConnection: close\r\nProxy-Authenticate: Basic "
            . "realm=\"gost\"\r\n\r\n", "$_: without");
        like(connect_via($port, $to, basic('user:wrong'))->head, qr/ 407 /,
            "$_: with wrong ones");
        ok($target->is_silent(0), 'nobody was connected to');
        proxies($port, "$_: with", basic('user:pass'));
        is($g->stop, 0, 'an orderly end');
    }
};

subtest 'acc-A3' => sub {
    my ($far, $f) = run('-L', 'http://user:pass@127.0.0.1:PORT');
    my ($near, $g) = run('-L', ':PORT', '-F', "http://user:pass\@127.0.0.1:$far");
    my ($bad, $b) = run('-L', ':PORT', '-F', "http://user:no\@127.0.0.1:$far");

    proxies($near, 'through the other proxy');
    like($g->log, qr/"msg":"127[^"]* <-> \Q$to\E"/, 'by the near one');
    like($f->log, qr/"msg":"127[^"]* <-> \Q$to\E"/, 'and by the far one');
    like(connect_via($bad, $to)->head, qr{^HTTP/1\.1 503 }, 'wrong credentials');
    ok($target->is_silent(0.1), 'never go around it');
    is($_->stop, 0, 'an orderly end') for $b, $g;

    # the proxy in the middle goes away: nothing goes direct
    ($near, $g) = run('-L', ':PORT', '-F', "http://user:pass\@127.0.0.1:$far");
    is($f->stop, 0, 'the far one ends');
    like(connect_via($near, $to)->head, qr{^HTTP/1\.1 503 }, 'without it: 503');
    ok($target->is_silent(0.1), 'and nobody was connected to');
};

done_testing();
