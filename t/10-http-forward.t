#!/usr/bin/perl
# t/10-http-forward.t: requests that the http handler passes on: methods,
# framings, fields, connections that persist, ends in the wrong place.  The
# test plays the origin, so that it sees every byte.

use strict;
use warnings;
use Test::Gatun;

my $t = Test::Gatun->new;

$t->gatun('-w', 1, '-L', 'http://127.0.0.1:%%PORT_0%%',
    '-L', 'http://127.0.0.1:%%PORT_2%%?keepalive=true');
my $proxy = $t->port(0);
my ($origin, $at);

# an origin that no earlier part of the test has left anything with
sub fresh
{
    $origin = $t->listener;
    $at = '127.0.0.1:' . $origin->port;
}

# the connections to the origin that a test has got, in order
sub accept_request
{
    my ($o) = @_;

    $o //= $origin->accept or return;
    return ($o, $o->read_request);
}

# one exchange on a new connection: client, origin's end, request as it came
sub exchange
{
    my ($request) = @_;
    my $c = connect_to($proxy);

    $c->send($request);
    return ($c, accept_request());
}

sub field { return join '|', @{ $_[0]{fields}{ $_[1] } // ['-'] } }

my $two = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";

subtest 'the head' => sub {
    fresh();
    my ($c, $o, $m) = exchange("GET http://$at/p?q=1&r=%20 HTTP/1.1\r\n"
        . "Host: something.test\r\nUser-Agent: mine/1\r\nAccept: */*\r\n"
        . "X-Twice: a\r\nX-twice: b\r\nProxy-Connection: keep-alive\r\n"
        . "Proxy-Authorization: Basic eDp5\r\nKeep-Alive: 5\r\nTE: trailers\r\n"
        . "Connection: X-Named, keep-alive\r\nX-Named: n\r\n\r\n");

    is($m->{line}, 'GET /p?q=1&r=%20 HTTP/1.1', 'origin-form');
    is(field($m, 'host'), $at, 'Host is that of the target');
    is(field($m, 'user-agent'), 'mine/1', 'fields pass');
    is(field($m, 'accept'), '*/*', 'all of them');
    is(field($m, 'x-twice'), 'a|b', 'twice, in order');
    is(field($m, $_), '-', "$_ stays here")
        for qw(proxy-connection proxy-authorization keep-alive te x-named);
    like(field($m, 'connection'), qr/^(-|close|keep-alive)$/,
        'one Connection line at most');
    is(field($m, 'via') . field($m, 'x-forwarded-for'), '--', 'none is added');

    $o->send("HTTP/1.1 200 Fine Thing\r\nContent-Length: 2\r\nETag: \"q\"\r\n"
        . "Connection: X-Own\r\nX-Own: 1\r\nKeep-Alive: 9\r\n"
        . "Set-Cookie: a\r\nSet-Cookie: b\r\nServer: z\r\n\r\nhi");
    $m = $c->read_response;
    is($m->{line}, 'HTTP/1.1 200 Fine Thing', 'the reason passes');
    is($m->{body}, 'hi', 'the body');
    is(field($m, 'etag') . field($m, 'server'), '"q"z', 'fields');
    is(field($m, 'set-cookie'), 'a|b', 'twice, in order');
    is(field($m, 'x-own') . field($m, 'keep-alive'), '--',
        'hop-by-hop ones stay');

    ($c, $o, $m) = exchange("GET HTTP://$at HTTP/1.1\r\nHost: x\r\n\r\n");
    is($m->{line}, 'GET / HTTP/1.1', 'no path is /; the scheme in any case');
    ($c, $o, $m) = exchange("GET http://$at?x HTTP/1.1\r\nHost: x\r\n\r\n");
    is($m->{line}, 'GET /?x HTTP/1.1', 'a query without a path');
    ($c, $o, $m) = exchange("OPTIONS http://$at HTTP/1.1\r\nHost: x\r\n\r\n");
    is($m->{line}, 'OPTIONS * HTTP/1.1', 'OPTIONS without a path is *');
};

subtest 'methods' => sub {
    fresh();
    for my $method (qw(GET POST PUT DELETE OPTIONS PATCH TRACE PROPFIND X-ODD)) {
        my ($c, $o, $m) = exchange("$method http://$at/m HTTP/1.1\r\nHost: x\r\n"
            . "Content-Length: 3\r\n\r\nabc");
        is("$m->{line} $m->{body}", "$method /m HTTP/1.1 abc", $method);
        $o->send($two);
        is($c->read_response->{body}, 'hi', "$method: answer");
    }

    my ($c, $o, $m) = exchange("POST http://$at/m HTTP/1.1\r\nHost: x\r\n"
        . "Content-Length: 0\r\n\r\n");
    is(field($m, 'content-length'), '0', 'an empty body stays one');

    ($c, $o, $m) = exchange("HEAD http://$at/h HTTP/1.1\r\nHost: x\r\n\r\n");
    is($m->{line}, 'HEAD /h HTTP/1.1', 'HEAD');
    $o->send("HTTP/1.1 200 OK\r\nContent-Length: 77\r\n\r\n");
    $m = $c->read_response('HEAD');
    is(field($m, 'content-length'), 77, 'the length that a GET would have');
    ok($c->is_silent(0.1), 'and no body');
};

# each framing of a request's body, to each of a response's
subtest 'framings' => sub {
    fresh();
    my $big = Test::Gatun::Origin::pattern(is_asan() ? 300_000 : 3_000_000);
    my @bodies = ('', 'x', 'y' x 70_000, $big);

    my %request = (
        length => sub { 'Content-Length: ' . length($_[0]) . "\r\n\r\n$_[0]" },
        chunked => sub {
            "Transfer-Encoding: chunked\r\n\r\n"
                . join('', map { sprintf "%x;ext=\"a;b\"\r\n%s\r\n", length, $_ }
                    unpack '(a30000)*', $_[0]) . "0\r\n\r\n";
        },
        bytewise => sub {
            "Transfer-Encoding: CHUNKED\r\n\r\n"
                . join('', map { "01\r\n$_\r\n" } split //, substr $_[0], 0, 200)
                . "000\r\nX-T: 1\r\n\r\n";
        },
    );
    my %response = (
        length => sub { 'Content-Length: ' . length($_[0]) . "\r\n\r\n$_[0]" },
        chunked => sub {
            "Transfer-Encoding: chunked\r\n\r\n"
                . join('', map { sprintf "%x\r\n%s\r\n", length, $_ }
                    unpack '(a9999)*', $_[0]) . "0\r\n\r\n";
        },
        close => sub { "\r\n$_[0]" },
    );

    for my $rq (sort keys %request) {
        for my $rs (sort keys %response) {
            for my $body (@bodies) {
                my $name = "$rq, $rs, " . length $body;
                my $want = $rq eq 'bytewise' ? substr $body, 0, 200 : $body;
                my $c = connect_to($proxy);

                # the origin has to read while the client still writes
                my $pid = fork // die;
                if (!$pid) {
                    $c->send("POST http://$at/f HTTP/1.1\r\nHost: x\r\n"
                        . $request{$rq}->($body));
                    POSIX::_exit(0);
                }

                my ($o, $m) = accept_request();
                ok($m->{complete} && $m->{body} eq $want, "$name: there");
                waitpid $pid, 0;

                $pid = fork // die;
                if (!$pid) {
                    $o->send("HTTP/1.1 200 OK\r\n" . $response{$rs}->($body));
                    $o->shutdown if $rs eq 'close';
                    POSIX::_exit(0);
                }
                $o->close;
                $m = $c->read_response;
                ok($m->{complete} && $m->{body} eq $body, "$name: and back");
                waitpid $pid, 0;
            }
        }
    }

    for my $status (204, 304) {
        my ($c, $o) = exchange("GET http://$at/ HTTP/1.1\r\nHost: x\r\n\r\n");
        $o->send("HTTP/1.1 $status Empty\r\nETag: x\r\n\r\n");
        is($c->read_response->{status}, $status, "status $status");
        ok($c->is_silent(0.1), "status $status: no body, no end");
    }
};

subtest 'trailers' => sub {
    fresh();
    my ($c, $o, $m) = exchange("POST http://$at/t HTTP/1.1\r\nHost: x\r\n"
        . "Transfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n"
        . "3\r\nabc\r\n0\r\nX-Sum: 6\r\n\r\n");
    is($m->{body}, 'abc', 'a body');
    is($m->{trailer}, "X-Sum: 6\r\n", 'its trailer');
    $o->send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n"
        . "Trailer: X-T\r\n\r\n2\r\nhi\r\n0\r\nX-T: 1\r\nX-U: 2\r\n\r\n");
    $m = $c->read_response;
    is($m->{body}, 'hi', 'an answer');
    is($m->{trailer}, "X-T: 1\r\nX-U: 2\r\n", 'its trailers');
};

subtest 'persistence' => sub {
    fresh();
    my $c = connect_to($proxy);
    my ($o, $m);

    # an origin that would stay open, one that closes, another origin
    my $other = $t->listener;

    for my $n (1 .. 6) {
        my $where = $n % 3 ? $origin : $other;
        my $host = '127.0.0.1:' . $where->port;
        $c->send("POST http://$host/$n HTTP/1.1\r\nHost: x\r\n"
            . "Content-Length: 1\r\n\r\n$n");
        $o = $where->accept;
        ok($o, "$n: a connection") or return;
        $m = $o->read_request;
        is("$m->{line} $m->{body}", "POST /$n HTTP/1.1 $n", "$n: request");
        $o->send("HTTP/1.1 200 OK\r\n" . ($n % 2 ? "Connection: close\r\n" : '')
            . "Transfer-Encoding: chunked\r\n\r\n1\r\n$n\r\n0\r\n\r\n");
        is($c->read_response->{body}, $n, "$n: answer");
        $o->close;
    }

    $c->send("GET http://$at/end HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    ($o, $m) = accept_request();
    $o->send($two);
    $m = $c->read_response;
    is(lc field($m, 'connection'), 'close', 'the last one says so');
    is($c->read_all . $c->end, 'eof', 'and is the last');

    # from forwarding to a tunnel on the same connection
    $c = connect_to($proxy);
    $c->send("GET http://$at/1 HTTP/1.1\r\nHost: x\r\n\r\n");
    ($o, $m) = accept_request();
    $o->send($two);
    $c->read_response;
    $c->send("CONNECT $at HTTP/1.1\r\nHost: $at\r\n\r\n");
    like($c->read_head, qr/ 200 /, 'a CONNECT after a GET');
    $o = $origin->accept;
    $c->send('raw');
    is($o->read_n(3), 'raw', 'is a tunnel');
};

subtest 'pipelining' => sub {
    fresh();
    my $c = connect_to($proxy);
    my $all = join '', map {
        "POST http://$at/$_ HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nab$_"
    } 1 .. 8;

    $c->send($all . "GET http://$at/9 HTTP/1.1\r\nHost: x\r\n"
        . "Connection: close\r\n\r\n"
        . "GET http://$at/never HTTP/1.1\r\nHost: x\r\n\r\n");

    for my $n (1 .. 9) {
        my ($o, $m) = accept_request();
        ok($o, "$n: a connection") or return;
        is("$m->{line} $m->{body}",
            $n < 9 ? "POST /$n HTTP/1.1 ab$n" : 'GET /9 HTTP/1.1 ', "$n: request");
        $o->send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n$n");
    }

    is(join('', map { $c->read_response->{body} } 1 .. 9), '123456789',
        'answers in order');
    is($c->read_all . $c->end, 'eof', 'the end after close');
    ok($origin->is_silent(0.1), 'and nothing behind it is asked');
};

subtest 'interim answers' => sub {
    fresh();
    my $c = connect_to($proxy);
    $c->send("POST http://$at/e HTTP/1.1\r\nHost: x\r\n"
        . "Expect: 100-continue\r\nContent-Length: 4\r\n\r\n");
    my $o = $origin->accept;
    my $m = Test::Gatun::Stream::parse_head($o->read_head);
    $o->send("HTTP/1.1 100 Continue\r\n\r\n") if $m->{fields}{expect};
    like($c->read_head, qr{\AHTTP/1\.1 100 Continue\r\n}, 'Expect is answered');
    $c->send('body');
    is($o->read_n(4), 'body', 'the body follows');
    $o->send($two);
    is($c->read_response->{body}, 'hi', 'then the answer');

    # a final status instead of the 100: the body never comes
    $c = connect_to($proxy);
    $c->send("POST http://$at/e HTTP/1.1\r\nHost: x\r\n"
        . "Expect: 100-continue\r\nContent-Length: 4000000\r\n\r\n");
    $o = $origin->accept;
    $m = Test::Gatun::Stream::parse_head($o->read_head);
    $o->send("HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n"
        . "Connection: close\r\n\r\n");
    $o->shutdown;
    my $head = $c->read_head;
    $head = $c->read_head if $head =~ / 100 /;
    like($head, qr{ 413 }, 'a refusal instead');
    $c->close;
    isnt($o->read_all . $o->end, 'timeout', 'the origin is let go');

    ($c, $o) = exchange("GET http://$at/h HTTP/1.1\r\nHost: x\r\n\r\n");
    $o->send("HTTP/1.1 103 Early Hints\r\nLink: </s>\r\n\r\n"
        . "HTTP/1.1 102 Processing\r\n\r\n$two");
    $m = $c->read_response;
    is("$m->{status} " . field($m, 'link'), '103 </s>', '103 passes');
    is($c->read_response->{status}, 102, '102 passes');
    is($c->read_response->{body}, 'hi', 'and the answer');

    ($c, $o) = exchange("GET http://$at/h HTTP/1.0\r\n\r\n");
    $o->send("HTTP/1.1 103 Early Hints\r\nLink: </s>\r\n\r\n$two");
    is($c->read_response->{status}, 200, 'HTTP/1.0 has no 103');

    ($c, $o, $m) = exchange("POST http://$at/e HTTP/1.0\r\n"
        . "Expect: 100-continue\r\nContent-Length: 2\r\n\r\nab");
    is($m->{body}, 'ab', 'HTTP/1.0 has no Expect');
    $o->send($two);
    is($c->read_response->{status}, 200, 'and gets no 100');
};

subtest 'HTTP/1.0' => sub {
    fresh();
    my ($c, $o, $m) = exchange("GET http://$at/ HTTP/1.0\r\n\r\n");
    is($m->{line}, 'GET / HTTP/1.1', 'the origin is asked in 1.1');
    is(field($m, 'host'), $at, 'with a Host');
    $o->send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        . "2\r\nhi\r\n0\r\n\r\n");
    $m = $c->read_response;
    is(field($m, 'transfer-encoding'), '-', 'no chunks for it');
    is($m->{body} . $c->end, 'hieof', 'the end is the close');

    ($c, $o) = exchange("GET http://$at/ HTTP/1.0\r\n\r\n");
    $o->send($two);
    $m = $c->read_response;
    is($m->{body}, 'hi', 'with a length');
    is($c->read_all . $c->end, 'eof', 'and the close');

    ($c, $o) = exchange("GET http://$at/ HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    $o->send($two);
    $m = $c->read_response;
    is($m->{body}, 'hi', 'keep-alive: the first');
    is(lc field($m, 'connection'), 'keep-alive', 'agreed to');
    $c->send("GET http://$at/2 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    ($o, $m) = accept_request();
    $o->send($two) if ok($o, 'keep-alive: a second');
    is($c->read_response->{body}, 'hi', 'keep-alive: its answer');

    # an old origin: its end is the end
    ($c, $o) = exchange("GET http://$at/ HTTP/1.1\r\nHost: x\r\n\r\n");
    $o->send("HTTP/1.0 200 OK\r\n\r\nold");
    $o->close;
    $m = $c->read_response;
    is("$m->{body} $m->{complete}", 'old 1', 'an origin of HTTP/1.0');
};

subtest 'answers that come early' => sub {
    fresh();
    my $c = connect_to($proxy);
    $c->send("POST http://$at/e HTTP/1.1\r\nHost: x\r\n"
        . "Content-Length: 10000000\r\n\r\nsome");
    my $o = $origin->accept;
    $o->read_until(qr/\r\n\r\nsome/);
    $o->send("HTTP/1.1 401 No\r\nContent-Length: 2\r\n\r\nno");
    my $m = $c->read_response;
    is("$m->{status} $m->{body}", '401 no', 'before the body was sent');
    $c->close;
    $o->close;

    # an origin that answers and closes while the body still comes
    $c = connect_to($proxy);
    $c->send("POST http://$at/e HTTP/1.1\r\nHost: x\r\n"
        . "Content-Length: 10000000\r\n\r\n");
    $o = $origin->accept;
    $o->read_head;
    $o->send("HTTP/1.1 413 Too Large\r\nConnection: close\r\n\r\nlarge");
    $o->close;
    my $pid = fork // die;
    if (!$pid) {
        $c->send('x' x 10_000_000, 5);
        POSIX::_exit(0);
    }
    $m = $c->read_response;
    is("$m->{status} $m->{body}", '413 large', 'and closes at once');
    $c->close;
    waitpid $pid, 0;
};

subtest 'cut off' => sub {
    fresh();
    my @cuts = (
        ['a length', "Content-Length: 10\r\n\r\n12345"],
        ['chunks', "Transfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n"],
        ['a chunk', "Transfer-Encoding: chunked\r\n\r\n9\r\n12345"],
        ['the last chunk', "Transfer-Encoding: chunked\r\n\r\n0\r\n"],
    );

    for (@cuts) {
        my ($name, $text) = @$_;

        for my $how (qw(close reset)) {
            my ($c, $o) = exchange("GET http://$at/ HTTP/1.1\r\nHost: x\r\n\r\n");
            $o->send("HTTP/1.1 200 OK\r\n$text");
            my $m = Test::Gatun::Stream::parse_head($c->read_head);
            $how eq 'close' ? $o->close : $o->reset;
            $c->read_body($m);
            ok(!$m->{complete}, "$name: a $how is not a complete answer");
            $c->read_all;
            like($c->end, qr/^(eof|reset)$/, "$name: and the end");
        }
    }

    for my $how (qw(close reset)) {
        my ($c, $o) = exchange("GET http://$at/ HTTP/1.1\r\nHost: x\r\n\r\n");
        $how eq 'close' ? $o->close : $o->reset;
        is($c->read_all,
            "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n",
            "no answer at all: $how");
    }

    # a client that goes in the middle of its body
    for my $text ("Content-Length: 10\r\n\r\n12345",
        "Transfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n")
    {
        my $c = connect_to($proxy);
        $c->send("POST http://$at/ HTTP/1.1\r\nHost: x\r\n$text");
        my $o = $origin->accept;
        my $m = Test::Gatun::Stream::parse_head($o->read_until(qr/12345/)
            =~ s/\r\n\r\n.*/\r\n\r\n/sr);
        $c->close;
        my $rest = $o->read_all;
        ok($o->end =~ /^(eof|reset)$/, 'a client that goes ends the request');
        unlike($rest, qr/0\r\n\r\n/, 'without making it look complete');
    }

    # a client that goes while it is answered
    my ($c, $o) = exchange("GET http://$at/ HTTP/1.1\r\nHost: x\r\n\r\n");
    $c->reset;
    $o->send("HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n");
    ok(wait_for { !$o->send('x' x 65536, 0.1) && $! != 11 },
        'a client that goes lets the origin go');
};

# bytes of an origin that are no answer must not become one
subtest 'bad answers' => sub {
    fresh();
    my @bad = ("garbage\r\n\r\n", "HTTP/1.1 OK\r\n\r\n", "HTTP/1.1 99 x\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
        "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n"
            . "Content-Length: 2\r\n\r\nhi",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nA : b\r\n\r\n", "HTTP/1.1 200 OK\r\nA: b\n\r\n\r\n",
        "HTTP/1.1 200 OK\r\n" . 'X: ' . 'y' x 70_000 . "\r\n\r\n");

    for (@bad) {
        my ($c, $o) = exchange("GET http://$at/ HTTP/1.1\r\nHost: x\r\n\r\n");
        $o->send($_);
        is($c->read_all,
            "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n",
            '503: ' . substr($_, 0, 70) =~ s/\r\n/ /gr);
        $o->close;
    }

    my ($c, $o) = exchange("GET http://$at/ HTTP/1.1\r\nHost: x\r\n\r\n");
    $o->send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n");
    my $m = $c->read_response;
    ok(!$m->{complete}, 'bad chunks cut the answer off');
};

subtest 'refusals' => sub {
    fresh();
    like(request($proxy, "GET http://127.0.0.1:1/ HTTP/1.$_\r\nHost: x\r\n\r\n"),
        qr{\AHTTP/1\.$_ 503 Service Unavailable\r\nContent-Length: 0\r\n(Connection: close\r\n)?\r\n\z},
        "503 of HTTP/1.$_") for 0, 1;
    is(request($proxy, "GET $_ HTTP/1.1\r\nHost: x\r\n\r\n"),
        "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n", "400: $_")
        for "https://$at/", "ftp://$at/", 'http:///', 'http://', 'http://u@h/',
            'http://:80/', 'http://[::1/', 'http://h:99999/', 'http://a b/';
    is(request($proxy, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n") =~ s/ .*//sr,
        'HTTP/1.1', 'the preface of HTTP/2 is refused');
    ok($origin->is_silent(0.1), 'the origin has seen none of it');
};

subtest 'upgrade' => sub {
    fresh();
    my ($c, $o, $m) = exchange("GET http://$at/up HTTP/1.1\r\nHost: x\r\n"
        . "Connection: Upgrade\r\nUpgrade: foo\r\n\r\n");
    is(lc field($m, 'connection'), 'upgrade', 'Connection: upgrade passes');
    is(field($m, 'upgrade'), 'foo', 'Upgrade passes');
    $o->send("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n"
        . "Upgrade: foo\r\n\r\nfirst");
    $m = Test::Gatun::Stream::parse_head($c->read_head);
    is("$m->{status} " . field($m, 'upgrade'), '101 foo', 'an answer of 101');
    is($c->read_n(5), 'first', 'what stood behind it');
    $c->send('raw');
    is($o->read_n(3), 'raw', 'bytes there');
    $o->send('war');
    is($c->read_n(3), 'war', 'and back');
    $c->shutdown;
    is($o->read_all . $o->end, 'eof', 'half an end');
    $o->close;
    is($c->read_all . $c->end, 'eof', 'the other half');

    ($c, $o) = exchange("GET http://$at/up HTTP/1.1\r\nHost: x\r\n"
        . "Connection: Upgrade\r\nUpgrade: foo\r\n\r\n");
    $o->send($two);
    is($c->read_response->{body}, 'hi', 'an origin that does not want to');
};

# keepalive=true: an origin's connection waits for the next request; whose it
# may be is t/50-http-keepalive.t's matter
subtest 'kept origins' => sub {
    fresh();
    my $c = connect_to($t->port(2));
    my ($o, $m, $n);

    my $ask = sub {
        my ($where, $method) = @_;
        $n++;
        $c->send(($method // 'GET') . " http://127.0.0.1:$where/$n HTTP/1.1\r\n"
            . "Host: x\r\n" . ($method ? "Content-Length: 0\r\n" : '')
            . "\r\n");
    };
    my $answer = sub {
        my ($from, @fields) = @_;
        like($from->read_head, qr{ /$n HTTP/1\.1\r\n}, "request $n");
        $from->send(join "\r\n", 'HTTP/1.1 200 OK', 'Content-Length: 2',
            @fields, '', 'hi');
        is($c->read_response->{body}, 'hi', "answer $n");
    };

    $ask->($origin->port);
    $answer->($o = $origin->accept);
    $ask->($origin->port);
    $answer->($o);
    ok($origin->is_silent(0), 'the second on the same connection');

    my $other = $t->listener;
    $ask->($other->port);
    $answer->(my $p = $other->accept);
    ok($p, 'another origin, another connection');

    $ask->($other->port);
    $answer->($p, 'Connection: close');
    $p->close;
    $ask->($other->port);
    $answer->($p = $other->accept);
    ok($p, 'one that says close is not used again');

    $p->close;
    nap(0.1);
    $ask->($other->port);
    $answer->($p = $other->accept);
    ok($p, 'nor one that has closed');

    # it closes just when it is asked again: the GET is asked once more
    $ask->($other->port);
    like($p->read_head, qr{ /$n }, 'it is asked');
    $p->close;
    $answer->($p = $other->accept);
    ok($p, 'and another is, when it does not answer');

    # what may not be asked twice is not asked on an old connection
    $ask->($other->port, 'POST');
    $answer->(my $q = $other->accept);
    ok($q, 'a POST has a connection of its own');

    # bytes that nobody asked for are nobody's answer
    $q->send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil");
    nap(0.1);
    $ask->($other->port);
    $answer->($p);
    $q->read_all;
    like($q->end, qr/^(eof|reset)$/, 'who said them is let go');
};

# the same by way of a hop
subtest 'through a hop' => sub {
    fresh();
    my $o2 = $t->origin;
    $t->gatun('-L', 'http://127.0.0.1:%%PORT_1%%',
        '-F', "http://127.0.0.1:%%PORT_0%%");
    my $n = is_asan() ? 100_000 : 1_000_000;

    for my $path ("/bytes/$n", "/chunked/$n", "/close/$n", '/bytes/0') {
        my ($status, $body) = http_get($o2->port, $path, $t->port(1));
        my ($length) = $path =~ /(\d+)/;
        is($status, 200, "$path: status");
        ok($body eq Test::Gatun::Origin::pattern($length), "$path: body");
    }
};

done_testing();
