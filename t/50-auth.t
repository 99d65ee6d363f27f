#!/usr/bin/perl
# t/50-auth.t: who may use the http handler, and that nobody else gets anything
# done: nothing is dialled before the credentials were right.  How often one
# may be wrong is t/50-auth-guess.t's matter.

use strict;
use warnings;
use MIME::Base64 qw(encode_base64);
use Test::Gatun;

my $t = Test::Gatun->new;
my $target = $t->listener;
my $to = '127.0.0.1:' . $target->port;

$t->write_file('users', <<'END');
# a comment
carol caroline
#gina g
hugo h #1 # x
carol2 c
carol2 d
  dave   with-blanks-around

eve
END

my $yaml = <<'END';
services:
- name: own
  addr: 127.0.0.1:%%PORT_0%%
  handler: { type: http, auth: { username: user, password: "pa:ss wörd" }, metadata: { authFailures: 0, authDelay: 0 } }
- name: named
  addr: 127.0.0.1:%%PORT_1%%
  handler: { type: http, auther: users, metadata: { authFailures: 0, authDelay: 0 } }
- name: several
  addr: 127.0.0.1:%%PORT_2%%
  handler: { type: http, authers: [ users, more ], metadata: { authFailures: 0, authDelay: 0 } }
- name: nopass
  addr: 127.0.0.1:%%PORT_3%%
  handler: { type: http, auth: { username: user }, metadata: { authFailures: 0, authDelay: 0 } }
- name: both
  addr: 127.0.0.1:%%PORT_7%%
  handler: { type: http, auther: more, auth: { username: own, password: own } }
- name: closed
  addr: 127.0.0.1:%%PORT_8%%
  handler: { type: http, auther: empty, auth: { username: own, password: own } }
authers:
- name: empty
- name: users
  auths:
  - { username: alice, password: a1 }
  - { username: bob, password: b2 }
  file: { path: %%DIR%%/users }
- name: more
  auths: [ { username: zoe, password: z } ]
gatun: { workers: 2, runtimeDir: "%%DIR%%/run" }
END

my $g = $t->gatun_yaml($yaml, { file => 'auth.yaml' });

$t->gatun('-w', 1, '-L', 'http://us%40er:p%3Ass%2F%C3%A4@127.0.0.1:%%PORT_4%%',
    '-L', 'http://127.0.0.1:%%PORT_5%%?auth=' . encode_base64('u:p', '')
    =~ s/=+$//r, '-L', 'http://u@127.0.0.1:%%PORT_6%%');

sub basic { return 'Proxy-Authorization: Basic ' . encode_base64($_[0], '') }

# true when a CONNECT with these fields is let in; else the answer was a 407
# and nothing was dialled
sub may
{
    my ($n, @fields) = @_;
    my $s = connect_via($t->port($n), $to, @fields);
    my $in = $s->head =~ /^HTTP\/1\.1 200 /;

    if ($in) {
        $target->accept->close;
    } else {
        is($s->head . $s->read_all . $s->end, "HTTP/1.1 407 Proxy Authentication"
            . " Required\r\nConnection: close\r\n"
            . "Proxy-Authenticate: Basic realm=\"gost\"\r\n\r\neof", 'refused with 407');
        ok($target->is_silent(0), 'and nothing dialled');
    }

    $s->close;
    return $in ? 1 : 0;
}

sub let_in { is(may($_[0], basic($_[1])), 1, "in: $_[2]") }

sub kept_out { is(may($_[0], $_[1] // ()), 0, "out: $_[2]") }

subtest 'one user' => sub {
    my $good = "user:pa:ss w\xc3\xb6rd";

    let_in(0, $good, 'the user');
    kept_out(0, undef, 'nobody');
    kept_out(0, basic($_), $_) for 'user:', 'user:pa', "$good ", " $good",
        "User:pa:ss w\xc3\xb6rd", 'user', '', ':', ":$good", "x:$good",
        'user:' . 'x' x 5000, "$good\0", "user\0:pa:ss w\xc3\xb6rd";

    my $b64 = encode_base64($good, '');
    is(may(0, "proxy-authorization:   bAsIc   $b64  "), 1,
        'the scheme in any case, blanks');
    kept_out(0, $_, $_ =~ s/\s/ /gr =~ s/(.{60}).*/$1.../r)
        for "Proxy-Authorization: $b64", "Proxy-Authorization: Bearer $b64",
            "Proxy-Authorization: Basic", "Proxy-Authorization: Basic $b64=",
            "Proxy-Authorization: Basic$b64", "Proxy-Authorization: Basic !$b64",
            "Proxy-Authorization: Digest username=\"user\"",
            "Authorization: Basic $b64", "X-Proxy-Authorization: Basic $b64",
            'Proxy-Authorization: Basic ' . 'A' x 10_000;
    kept_out(0, "$_->[0]\r\n$_->[1]", 'two fields')
        for [basic($good), basic('user:no')], [basic('user:no'), basic($good)],
            [basic($good), basic($good)];
};

subtest 'authers' => sub {
    let_in(1, @$_) for ['alice:a1', 'the first'], ['bob:b2', 'the second'],
        ['carol:caroline', 'from the file'];
    kept_out(1, basic($_), $_) for 'alice:b2', 'bob:a1', 'alice:', 'zoe:z',
        '#:a', 'carol:', 'user:x';

    let_in(2, 'zoe:z', 'the second auther\'s');
    let_in(2, 'alice:a1', 'the first auther\'s');
    kept_out(2, basic('zoe:a1'), 'one\'s name, another\'s word');
};

subtest 'an auther beats the own user, an empty one refuses everybody' => sub {
    let_in(7, 'zoe:z', 'the auther\'s');
    kept_out(7, basic('own:own'), 'the own user');
    kept_out(8, basic($_), $_) for 'own:own', 'zoe:z', ':';
    kept_out(8, undef, 'nobody');
};

subtest 'the file' => sub {
    let_in(1, 'hugo:h #1 # x', 'a # only at the beginning of a line');
    kept_out(1, basic($_), $_) for 'gina:g', '#gina:g', 'hugo:h', 'carol2:c';
    let_in(1, 'carol2:d', 'of a name twice the last');
};

subtest 'an empty password takes no other' => sub {
    let_in(3, 'user:', 'empty');
    kept_out(3, basic('user:anything'), 'anything');
    let_in(6, 'u:', 'empty, from the command line');
    kept_out(6, basic('u:anything'), 'anything, from the command line');
};

subtest 'the command line' => sub {
    let_in(4, "us\@er:p:ss/\xc3\xa4", 'percent-coded');
    kept_out(4, basic('us%40er:p%3Ass%2F%C3%A4'), 'as written');
    let_in(5, 'u:p', 'auth=');
    kept_out(5, basic('u:q'), 'auth=, wrong');
};

subtest 'each request anew' => sub {
    my $origin = $t->origin;
    my $at = '127.0.0.1:' . $origin->port;
    my $s = connect_to($t->port(1));

    my $get = sub {
        my ($who) = @_;
        $s->send("GET http://$at/bytes/3 HTTP/1.1\r\nHost: x\r\n"
            . (defined $who ? basic($who) . "\r\n" : '') . "\r\n");
        return $s->read_response->{status};
    };

    is($get->('alice:a1'), 200, 'the first');
    is($get->('alice:a1'), 200, 'the second');
    is($get->('bob:b2'), 200, 'as another');
    is($get->(), 407, 'without');
    $s->read_all;
    is($s->end, 'eof', 'and closed');
    is(scalar(my @r = $origin->requests), 3, 'what reached the origin');
    unlike($_->{head}, qr/authorization/i, 'no credentials did') for @r;

    # bytes behind a refused request are no request
    $s = connect_to($t->port(1));
    $s->send("POST http://$at/1 HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n"
        . "12345GET http://$at/2 HTTP/1.1\r\nHost: x\r\n" . basic('alice:a1')
        . "\r\n\r\n");
    my $said = $s->read_all;
    is(scalar(() = $said =~ /^HTTP/mg), 1, 'one answer');
    is(scalar(@r = $origin->requests), 3, 'and nothing more');
};

subtest 'a reload' => sub {
    my $origin = $t->origin;
    my $kept = connect_to($t->port(1));
    my $get = "GET http://127.0.0.1:" . $origin->port . "/bytes/3 HTTP/1.1\r\n"
        . "Host: x\r\n" . basic('alice:a1') . "\r\n\r\n";
    $kept->send($get);
    is($kept->read_response->{status}, 200, 'a connection is kept alive');

    my $tunnel = connect_via($t->port(1), $to, basic('alice:a1'));
    my $far = $target->accept;

    $t->write_file('users', "alice a2\nfrank f\n");
    $t->write_file('auth.yaml', $yaml =~ s/.*alice.*\n//r);
    my ($status) = $t->once('-C', '%%DIR%%/auth.yaml', '-s', 'reload');
    is($status, 0, 'taken');

    kept_out(1, basic('alice:a1'), 'the old password');

    # whoever still has a connection has no longer a password
    eval { $kept->send($get) };
    unlike($kept->read_all, qr{^HTTP/1\.1 200}, 'nor on a kept connection');
    is(scalar(my @asked = $origin->requests), 1, 'which asked for nothing more');
    $kept->close;

    kept_out(1, basic('carol:caroline'), 'who is no longer there');
    let_in(1, 'alice:a2', 'the new one');
    let_in(1, 'frank:f', 'who is new');

    $tunnel->send('still');
    is($far->read_n(5), 'still', 'a tunnel that stands goes on');
    $tunnel->close;
};

done_testing();
