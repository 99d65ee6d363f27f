#!/usr/bin/perl
# t/40-http-malformed.t: request heads and bodies that nobody should send: the
# exact status, the connection closed and not used again, nothing at the
# origin; heads that never end; and a worker that goes on.

use strict;
use warnings;
use Test::Gatun;

my $t = Test::Gatun->new;
my $g = $t->gatun('-w', 1, '-L', 'http://127.0.0.1:%%PORT_0%%');
my $proxy = $t->port(0);
my @workers = $g->workers;

my $origin = $t->listener;
my $at = '127.0.0.1:' . $origin->port;

# what would be a second request, if anything before it were misread
my $next = "GET http://$at/smuggled HTTP/1.1\r\nHost: $at\r\n\r\n";

my %reason = (400 => 'Bad Request', 414 => 'Request URI Too Long',
    417 => 'Expectation Failed', 431 => 'Request Header Fields Too Large',
    505 => 'HTTP Version Not Supported');

# --- heads that do not end; they are looked at last ---

my @slow = (
    ['nothing', ''],
    ['a part of the line', 'GET http'],
    ['a part of the fields', "GET http://$at/ HTTP/1.1\r\nHost: x\r\nX-A"],
    ['no empty line', "GET http://$at/ HTTP/1.1\r\nHost: x\r\n"],
    ['a byte now and then', "GET http://$at/ HTTP/1.1\r\nX: "],
);
my $began = time;

for (@slow) {
    my $s = connect_to($proxy);
    $s->send($_->[1]);
    push @$_, $s;
}

# what drips until the end: it must not make the head last longer
my $dripper = fork // die "fork: $!\n";
if (!$dripper) {
    for (1 .. 200) {
        $slow[4][2]->send('y', 0.1) or last;
        nap(0.1);
    }
    POSIX::_exit(0);
}

# --- heads ---

# one refusal and the end; then the origin has heard nothing
sub refused
{
    my ($status, $name, $bytes) = @_;
    my $s = connect_to($proxy);

    $s->send($bytes . $next);
    my $said = $s->read_all;

    is($said, "HTTP/1.1 $status $reason{$status}\r\nConnection: close\r\n\r\n",
        "$status: $name");
    like($s->end, qr/^(eof|reset)$/, "$status: $name: closed");
    ok($origin->is_silent(0), "$status: $name: the origin knows nothing");
}

sub get { return join "\r\n", "GET http://$at/ HTTP/1.1", @_, '', '' }

subtest 'request lines' => sub {
    refused(400, $_->[0], $_->[1]) for (
        ['one word', "GARBAGE\r\n\r\n"],
        ['two words', "GET http://$at/\r\nHost: x\r\n\r\n"],
        ['four words', "GET http://$at/ x HTTP/1.1\r\nHost: x\r\n\r\n"],
        ['two blanks', "GET  http://$at/ HTTP/1.1\r\nHost: x\r\n\r\n"],
        ['a tab', "GET\thttp://$at/ HTTP/1.1\r\nHost: x\r\n\r\n"],
        ['a blank in front', " GET http://$at/ HTTP/1.1\r\nHost: x\r\n\r\n"],
        ['a blank behind', "GET http://$at/ HTTP/1.1 \r\nHost: x\r\n\r\n"],
        ['a bad method', "G(T http://$at/ HTTP/1.1\r\nHost: x\r\n\r\n"],
        ['a version in small letters',
            "GET http://$at/ http/1.1\r\nHost: x\r\n\r\n"],
        ['a long version', "GET http://$at/ HTTP/1.10\r\nHost: x\r\n\r\n"],
        ['no version', "GET http://$at/ HTTP/\r\nHost: x\r\n\r\n"],
        ['NUL', "GET http://$at/\0 HTTP/1.1\r\nHost: x\r\n\r\n"],
        ['DEL', "GET http://$at/\x7f HTTP/1.1\r\nHost: x\r\n\r\n"],
        ['a bare CR', "GET http://$at/\rx HTTP/1.1\r\nHost: x\r\n\r\n"],
        ['a bare LF', "GET http://$at/ HTTP/1.1\nHost: x\r\n\r\n"],
        ['bare LFs only', "GET http://$at/ HTTP/1.1\nHost: x\n\n"],
        ['a fragment', "GET http://$at/#x HTTP/1.1\r\nHost: x\r\n\r\n"],
        ['many empty lines', "\r\n" x 50 . get('Host: x')],
        ['TLS', "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" . 'x' x 400],
        ['SOCKS5', "\x05\x01\x00"],
        ['a colon field first', "Host: x\r\n\r\n"],
    );
    refused(505, $_, "GET http://$at/ $_\r\nHost: x\r\n\r\n")
        for 'HTTP/2.0', 'HTTP/3.0', 'HTTP/0.9';
};

subtest 'fields' => sub {
    refused(400, $_->[0], $_->[1]) for (
        ['no colon', get('Host: x', 'Nothing')],
        ['a blank before the colon', get('Host: x', 'A : b')],
        ['a tab before the colon', get('Host: x', "A\t: b")],
        ['an empty name', get('Host: x', ': b')],
        ['a blank in the name', get('Host: x', 'A b: c')],
        ['a bad name', get('Host: x', 'A(b: c')],
        ['a name beyond ASCII', get('Host: x', "\xc3\xa4: c")],
        ['obs-fold', get('Host: x', 'A: b', ' c')],
        ['obs-fold by tab', get('Host: x', 'A: b', "\tc")],
        ['obs-fold first', get(' Host: x')],
        ['NUL in a value', get('Host: x', "A: b\0c")],
        ['NUL in a name', get('Host: x', "A\0: b")],
        ['a bare CR in a value', get('Host: x', "A: b\rc")],
        ['a bare CR before CRLF', get('Host: x', "A: b\r")],
        ['a bare LF in a value', get('Host: x', "A: b\nX: c")],
        ['a bare LF at the end', "GET http://$at/ HTTP/1.1\r\nHost: x\r\n\n"],
        ['ESC', get('Host: x', "A: \x1b[2J")],
        ['no Host', get('A: b')],
        ['two Hosts', get("Host: $at", "Host: $at")],
        ['a bad Host', get('Host: a b')],
        ['a Host with a path', get('Host: a/b')],
        ['a Host with a user', get('Host: u@a')],
        ['a Host with a bad port', get('Host: a:b')],
    );
    refused(417, 'an unknown Expect', get('Host: x', 'Expect: the-worst'));
};

subtest 'framing' => sub {
    # the body is one, whichever of the two a reader believes in
    my $post = sub {
        return join "\r\n", "POST http://$at/ HTTP/1.1", 'Host: x', @_, '',
            "0\r\n\r\n";
    };

    refused(400, join(', ', @$_) =~ s/[^ -~]/?/gr, $post->(@$_)) for (
        ['Content-Length: 5', 'Transfer-Encoding: chunked'],
        ['Transfer-Encoding: chunked', 'Content-Length: 5'],
        ['Content-Length: 5', 'Content-Length: 5'],
        ['Content-Length: 5', 'Content-Length: 6'],
        ['Content-Length: 5, 5'], ['Content-Length: 5, 6'],
        ['Content-Length: +5'], ['Content-Length: -5'],
        ['Content-Length: 0x5'], ['Content-Length: 1_0'],
        ['Content-Length: 5 5'], ['Content-Length: '],
        ['Content-Length: 5.0'], ['Content-Length: 18446744073709551616'],
        ['Content-Length: 99999999999999999999999'],
        ['Transfer-Encoding: xchunked'], ['Transfer-Encoding: gzip'],
        ['Transfer-Encoding: gzip, chunked'],
        ['Transfer-Encoding: chunked, gzip'],
        ['Transfer-Encoding: chunked, chunked'],
        ['Transfer-Encoding: chunked', 'Transfer-Encoding: chunked'],
        ['Transfer-Encoding: chunked', 'Transfer-Encoding: identity'],
        ['Transfer-Encoding: identity'], ['Transfer-Encoding: '],
        ["Transfer-Encoding: \x0bchunked"], ['Transfer-Encoding: "chunked"'],
        ['Transfer-Encoding: chunked;q=1'], ['Transfer-Encoding: chunked,'],
        ['Transfer-Encoding : chunked'], ["Transfer-Encoding:\r\n chunked"],
        ["Transfer-Encoding: chunked\0"],
    );
    refused(400, 'chunks in HTTP/1.0',
        "POST http://$at/ HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"
        . "0\r\n\r\n");
};

subtest 'sizes' => sub {
    refused(431, 'a head that is too long', get('Host: x',
        map { "X-$_: " . 'y' x 4000 } 1 .. 10));
    refused(431, 'a field that is too long', get('Host: x',
        'X: ' . 'y' x 70_000));
    refused(431, 'too many fields', get('Host: x', map { "X-$_: y" } 1 .. 200));
    refused(431, 'a head without an end', "GET http://$at/ HTTP/1.1\r\n"
        . 'Host: x' . "\r\nX: y" x 20_000);
    refused(414, 'a target that is too long',
        "GET http://$at/" . 'x' x 9000 . " HTTP/1.1\r\nHost: x\r\n\r\n");
    refused(414, 'a line without an end', 'GET http://' . 'x' x 40_000);

    # just below
    my $s = connect_to($proxy);
    $s->send("GET http://$at/" . 'x' x 8000 . " HTTP/1.1\r\nHost: x\r\n"
        . join('', map { "X-$_: " . 'y' x 230 . "\r\n" } 1 .. 90) . "\r\n");
    my $o = $origin->accept;
    like($o ? $o->read_head : '', qr/^X-90: y{230}\r\n/m, 'a large head passes');
};

subtest 'targets' => sub {
    refused(400, "CONNECT $_", "CONNECT $_ HTTP/1.1\r\nHost: $at\r\n\r\n")
        for "http://$at/", "http://$at", "$at/", "$at?", "$at#", "u\@$at",
            "u:p\@$at", '/', '*', ':80', '127.0.0.1:', '127.0.0.1:65536',
            '127.0.0.1:0', '127.0.0.1:x', '127.0.0.1:80x', '127.0.0.1:-1',
            '127.0.0.1: 80', '[::1', '::1:80', '[::1]80', '[::1]:', '[]:80',
            '[127.0.0.1]:80', '[::1%25lo]:80', "127.0.0.1,$at", 'h%00:80',
            "a\x80:80", ('x' x 300) . ':80', '127.0.0.1:80:80';
    refused(400, "GET $_", "GET $_ HTTP/1.1\r\nHost: $at\r\n\r\n")
        for "http:/$at/", "http:$at", 'http://', 'http:///x', "http://\@$at/",
            "http://u:p\@$at/", 'http://[::1', 'http://a b/', "https://$at/",
            "ftp://$at/", "file:///etc/passwd", $at;
};

# --- bodies: the head may have gone on, a second request must not ---

subtest 'chunks' => sub {
    my @bad = (
        ['no hex', "zz\r\nabc\r\n0\r\n\r\n"],
        ['a sign', "+3\r\nabc\r\n0\r\n\r\n"],
        ['a prefix', "0x3\r\nabc\r\n0\r\n\r\n"],
        ['an underscore', "0_3\r\nabc\r\n0\r\n\r\n"],
        ['a blank in front', " 3\r\nabc\r\n0\r\n\r\n"],
        ['no size', "\r\nabc\r\n0\r\n\r\n"],
        ['no size, an extension', ";x\r\nabc\r\n0\r\n\r\n"],
        ['a bare LF behind the size', "3\nabc\r\n0\r\n\r\n"],
        ['a bare CR behind the size', "3\rabc\r\n0\r\n\r\n"],
        ['an extension with a bare LF', "3;a\nabc\r\n0\r\n\r\n"],
        ['an extension with a bare CR', "3;a\rb\r\nabc\r\n0\r\n\r\n"],
        ['an extension with NUL', "3;a\0\r\nabc\r\n0\r\n\r\n"],
        ['an extension that is too long', '3;' . 'a' x 20_000 . "\r\nabc\r\n"],
        ['a size of 2^63', "8000000000000000\r\nabc"],
        ['a size of 2^64 and more', "10000000000000003\r\nabc\r\n0\r\n\r\n"],
        ['a size line without an end', '0' x 20_000 . '3'],
        ['bytes behind the data', "3\r\nabcd\r\n0\r\n\r\n"],
        ['no CRLF behind the data', "3\r\nabc0\r\n\r\n"],
        ['LF behind the data', "3\r\nabc\n0\r\n\r\n"],
        ['a trailer with a bare LF', "0\r\nA: b\n\r\n"],
        ['a trailer folded', "0\r\nA: b\r\n c\r\n\r\n"],
        ['a trailer without a colon', "0\r\nAb\r\n\r\n"],
        ['a trailer with a blank before the colon', "0\r\nA : b\r\n\r\n"],
        ['a Content-Length as a trailer', "0\r\nContent-Length: 3\r\n\r\n"],
        ['trailers without an end', "0\r\n" . "A: b\r\n" x 5000],
    );

    for (@bad) {
        my ($name, $body) = @$_;
        my $s = connect_to($proxy);

        $s->send("POST http://$at/c HTTP/1.1\r\nHost: x\r\n"
            . "Transfer-Encoding: chunked\r\n\r\n$body$next");
        is($s->read_all,
            "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n",
            "400: $name");
        like($s->end, qr/^(eof|reset)$/, "$name: closed");

        # the origin may have been asked; then what it got is not whole
        my $o = $origin->accept(0.02) or next;
        my $got = $o->read_all;
        my @requests = $got =~ /( HTTP\/1\.1\r\n)/g;
        cmp_ok(scalar @requests, '<=', 1, "$name: one request at most");
        unlike($got, qr/0\r\n(.*\r\n)?\r\n\z/, "$name: and not a whole one");
        like($o->end, qr/^(eof|reset)$/, "$name: the origin is let go");
    }
};

subtest 'lengths' => sub {
    # a body that is shorter than it says takes the next request's bytes
    my $s = connect_to($proxy);
    $s->send("POST http://$at/l HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\n"
        . "body$next");
    my $o = $origin->accept;
    my $m = $o->read_request;
    is($m->{body}, 'body', 'four bytes and no more');
    $o->send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    is($s->read_response->{status}, 200, 'its answer');
    $o = $origin->accept;
    is($o ? $o->read_request->{line} : '', 'GET /smuggled HTTP/1.1',
        'what follows is the next request');

    # a GET with a body, nginx\'s and HAProxy\'s old sore spot
    $s = connect_to($proxy);
    $s->send("GET http://$at/g HTTP/1.1\r\nHost: x\r\nContent-Length: "
        . length($next) . "\r\n\r\n$next");
    $o = $origin->accept;
    $m = $o->read_request;
    is($m->{body}, $next, 'a GET\'s body is a body');
    $s->close;
};

subtest 'the end in the middle' => sub {
    for my $part ('G', "GET http://$at/ HT", "GET http://$at/ HTTP/1.1\r\n",
        "GET http://$at/ HTTP/1.1\r\nHost: x\r\n")
    {
        my $s = connect_to($proxy);
        $s->send($part);
        $s->shutdown;
        like($s->read_all,
            qr{\A(HTTP/1\.1 400 Bad Request\r\nConnection: close\r\n\r\n)?\z},
            'at most a 400');
        is($s->end, 'eof', 'and the end');

        $s = connect_to($proxy);
        $s->send($part);
        $s->reset;
    }

    my $s = connect_to($proxy);
    $s->shutdown;
    is($s->read_all . $s->end, 'eof', 'no word at all: no answer');
    ok($origin->is_silent(0.1), 'the origin knows nothing');
};

subtest 'random bytes' => sub {
    my $seed = $ENV{GATUN_SEED} // time;
    srand $seed;
    note("GATUN_SEED=$seed");

    my @good = (get("Host: $at", 'A: b'), $next,
        "POST http://$at/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked"
            . "\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
        "CONNECT $at HTTP/1.1\r\nHost: $at\r\n\r\n");

    for (1 .. (is_asan() ? 100 : 300)) {
        my $text = $good[rand @good];

        for (1 .. 1 + rand 4) {
            my $how = rand;
            substr $text, rand length $text, $how < 0.3 ? 1 : 0,
                $how < 0.6 ? chr rand 256 : substr "\r\n \t:;,\0", rand 8, 1;
        }

        my $s = connect_to($proxy);
        $s->send($text);
        $s->shutdown;
        while (my $o = $origin->accept(0.002)) { $o->close }
        $s->close;
    }

    while ($origin->accept(0.1)) { }
    my $tunnel = connect_via($proxy, $at);
    like($tunnel->head, qr/ 200 /, 'and still it serves');
    ok($origin->accept, 'at the origin');
};

# --- the slow ones ---

subtest 'heads that do not end' => sub {
    my $patience = 25;

    for (@slow) {
        my ($name, $text, $s) = @$_;
        my $said = $s->read_all($patience);
        my $after = time - $began;

        like($s->end, qr/^(eof|reset)$/, "$name: closed");
        cmp_ok($after, '>=', 14, "$name: not before 15 s ($after)");
        cmp_ok($after, '<=', 20, "$name: at 15 s, not later");
        like($said, qr{\A(HTTP/1\.1 408 Request Timeout\r\nConnection: close\r\n\r\n)?\z},
            "$name: at most a 408");
    }

    is($slow[0][2]->end, 'eof', 'who said nothing did no wrong: no reset');
    ok($origin->is_silent(0), 'the origin knows nothing');
};

kill 'TERM', $dripper;
waitpid $dripper, 0;

is_deeply([$g->workers], \@workers, 'the worker is the one it was');

done_testing();
