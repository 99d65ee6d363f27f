#!/usr/bin/perl
# t/50-http-keepalive.t: keepalive=true: connections to origins wait in a pool
# for later requests: two for a target, 30 s, never another user's, and one that
# an origin ties to its client stays that client's.

use strict;
use warnings;
use MIME::Base64 qw(encode_base64);
use Test::Gatun;

my $t = Test::Gatun->new;

$t->write_file('k.yaml', <<'END');
services:
- name: open
  addr: 127.0.0.1:%%PORT_0%%
  handler: { type: http, metadata: { keepalive: true } }
- name: users
  addr: 127.0.0.1:%%PORT_1%%
  handler: { type: auto, auther: u, metadata: { http.keepalive: true } }
- name: off
  addr: 127.0.0.1:%%PORT_2%%
  handler: { type: http }
authers:
- name: u
  auths: [ { username: ann, password: a }, { username: bob, password: b } ]
gatun: { workers: 1, runtimeDir: "%%DIR%%/run" }
END
my $g = $t->gatun({ listeners => 3 }, '-C', '%%DIR%%/k.yaml');
my $n = 0;

# sends a request, on a new connection unless one is given
sub ask
{
    my ($port, $origin, %o) = @_;
    my $c = $o{on} // connect_to($t->port($port));

    $n++;
    $c->send(($o{method} // 'GET') . ' http://127.0.0.1:' . $origin->port
        . "/$n HTTP/1.1\r\nHost: x\r\n"
        . ($o{user} ? 'Proxy-Authorization: Basic '
            . encode_base64($o{user}, '') . "\r\n" : '')
        . join('', map { "$_\r\n" } @{ $o{fields} // [] })
        . ($o{method} ? "Content-Length: 0\r\n" : '') . "\r\n");
    return $c;
}

# the origin's end answers the request that is due on it
sub answer
{
    my ($c, $o, $name, @fields) = @_;

    return fail("$name: no connection") unless $o;
    like($o->read_head, qr{ /$n HTTP/1\.1\r\n}, "$name: is asked");
    $o->send(join "\r\n", 'HTTP/1.1 200 OK', 'Content-Length: 2', @fields, '', 'hi');
    is($c->read_response->{body}, 'hi', "$name: answers");
}

subtest 'one client after another' => sub {
    my $origin = $t->listener;
    my $c = ask(0, $origin);
    answer($c, my $o = $origin->accept, 'the first');
    $c->close;

    for my $i (2 .. 5) {
        $c = ask(0, $origin);
        answer($c, $o, "client $i");
        $c->close;
    }
    ok($origin->is_silent(0), 'all on one connection');

    $c = ask(2, $origin);
    answer($c, scalar $origin->accept, 'without keepalive', 'Connection: close');
    $c = ask(1, $origin, user => 'ann:a');
    answer($c, scalar $origin->accept, 'another service');
};

subtest 'two for a target' => sub {
    my $origin = $t->listener;
    my (@c, @o);

    for (1 .. 3) {
        push @c, ask(0, $origin);
        push @o, scalar $origin->accept;
    }
    # all three are in flight; each is answered, the oldest does not stay
    for my $i (0 .. 2) {
        $o[$i]->read_head;
        $o[$i]->send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi");
        is($c[$i]->read_response->{body}, 'hi', 'an answer');
    }
    is($o[0]->read_all . $o[0]->end, 'eof', 'the oldest goes');
    ok($o[$_]->is_silent(0.05), 'the others stay') for 1, 2;

    my $c = ask(0, $origin);
    answer($c, $o[2], 'the youngest is taken');
    $o[1]->close;
    $o[2]->close;
    nap(0.1);
    $c = ask(0, $origin);
    answer($c, scalar $origin->accept, 'not those that have gone');
};

subtest 'users' => sub {
    my $origin = $t->listener;
    my $c = ask(1, $origin, user => 'ann:a');
    answer($c, my $ann = $origin->accept, 'ann');
    $c = ask(1, $origin, user => 'bob:b');
    answer($c, my $bob = $origin->accept, 'bob has another');
    $c = ask(1, $origin, user => 'ann:a');
    answer($c, $ann, 'ann has hers again');

    # on one client's connection, too
    $c = ask(1, $origin, user => 'bob:b', on => $c);
    answer($c, $bob, 'and bob his');
};

# NTLM and Negotiate: the connection is who has said them
subtest 'what is bound to a connection' => sub {
    for my $scheme (qw(NTLM Negotiate)) {
        my $origin = $t->listener;
        my $c = ask(0, $origin);
        my $o = $origin->accept;
        $o->read_head;
        $o->send("HTTP/1.1 401 No\r\nWWW-Authenticate: $scheme\r\n"
            . "Content-Length: 0\r\n\r\n");
        is($c->read_response->{status}, 401, "$scheme: is asked for");

        my $d = ask(0, $origin);
        answer($d, my $p = $origin->accept, 'another client has another');

        for my $method (undef, 'POST', undef) {
            ask(0, $origin, on => $c, method => $method,
                fields => ["Authorization: $scheme dGV4dA=="]);
            answer($c, $o, 'its client stays on it');
        }
        # later ones need not say it again
        ask(0, $origin, on => $c);
        answer($c, $o, 'without saying it again');
        ask(0, $origin, on => $c, method => 'PUT');
        answer($c, $o, 'whatever it asks');

        $d = ask(0, $origin);
        answer($d, $p, 'others do not get it');
        $c->close;
        is($o->read_all . $o->end, 'eof', 'and it goes with its client');
        $d = ask(0, $origin);
        answer($d, $p, 'nor then');
    }
};

subtest 'an end with idle connections' => sub {
    my $origin = $t->listener;
    my $c = ask(0, $origin);
    answer($c, my $o = $origin->accept, 'one');
    my ($status, undef, $err) = $t->once('-C', '%%DIR%%/k.yaml', '-s', 'reload');
    is($status, 0, 'a reload') or diag($err);
    $c->close;
    is($o->read_all . $o->end, 'eof', 'the old worker lets its own go');
    $c = ask(0, $origin);
    answer($c, $o = $origin->accept, 'the new one has its own');
    is($g->stop('QUIT'), 0, 'an orderly end');
};

done_testing();
