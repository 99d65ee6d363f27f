#!/usr/bin/perl
# t/50-groups.t: several command lines in one, with `--` between them: each
# with its own services, chain, users and log level, under one master.

use strict;
use warnings;
use MIME::Base64 qw(encode_base64);
use Test::Gatun;

my $t = Test::Gatun->new;
my $target = $t->listener;
my $to = '127.0.0.1:' . $target->port;

sub basic { return 'Proxy-Authorization: Basic ' . encode_base64($_[0], '') }

# through port n, as that user; the status, and what came at the target
sub through
{
    my ($n, $user) = @_;
    my $c = connect_via($t->port($n), $to, defined $user ? basic($user) : ());
    my ($status) = $c->head =~ m{^HTTP/1\.1 (\d+)};

    if ($status == 200) {
        my $s = $target->accept;
        $c->send("ping\n");
        is($s->read_n(5), "ping\n", "port $n: a byte comes through");
        $s->close;
    }

    $c->close;
    return $status;
}

# the next nodes of the two groups
my $node = $t->gatun('-D', '-L', 'http://a:b@127.0.0.1:%%PORT_2%%', '-L',
    'http://127.0.0.1:%%PORT_3%%');

subtest 'two groups, two chains' => sub {
    my $g = $t->gatun('-w', 2, '-stats', '%%PORT_4%%', '-L',
        'http://one:1@127.0.0.1:%%PORT_0%%', '-F',
        'http://a:b@127.0.0.1:%%PORT_2%%', '--', '-D', '-L',
        'http://two:2@127.0.0.1:%%PORT_1%%', '-F',
        'http://127.0.0.1:%%PORT_3%%');

    is(through(0, 'one:1'), 200, 'a user of the first');
    is(through(1, 'one:1'), 407, 'is not known in the second');
    is(through(0, 'two:2'), 407, 'nor the other way round');
    is(through(1, 'two:2'), 200, 'a user of the second');

    $node->wait_log(qr/service-0.*>> \Q$to\E|>> \Q$to\E.*service-0/);
    $node->wait_log(qr/service-1.*>> \Q$to\E|>> \Q$to\E.*service-1/);
    my %by;
    $by{ $_->{service} }++ for grep { ($_->{msg} // '') =~ />> \Q$to\E/ }
        $node->log_lines;
    is_deeply(\%by, { 'service-0' => 1, 'service-1' => 1 },
        'each by its own chain');

    $g->wait_log(qr/>-<.*go-1\@service-0|go-1\@service-0.*>-</);
    $g->wait_log(qr/"msg":"[^"]*><.*|><.*go-0\@service-0/);
    my @lines = grep { defined $_->{service} } $g->log_lines;
    my %debug = map { $_->{service} => 1 } grep { $_->{level} eq 'debug' }
        @lines;
    is_deeply([sort keys %debug], ['go-1@service-0'],
        'debug is for the group that asked for it');
    ok(scalar(grep { $_->{service} eq 'go-0@service-0'
        && $_->{level} eq 'info' } @lines), 'the other one logs at info');

    my $stats = $t->stats($t->port(4));
    is_deeply([sort map { $_->{name} } @{ $stats->{services} }],
        ['go-0@service-0', 'go-1@service-0'], 'counted one by one')
        or diag(explain($stats));

    my %group = $g->group;
    is(scalar(grep { /^gatun: worker/ } values %group), 2, 'one set of workers');
    is(scalar(grep { /^gatun: master/ } values %group), 1, 'one master');

    is($g->stop('TERM'), 0, 'a signal reaches them all');
};

subtest 'one configuration each' => sub {
    $t->write_file('a.yaml', <<'END');
services:
- { name: s, addr: 127.0.0.1:%%PORT_0%%, handler: { type: http, auther: u } }
authers: [ { name: u, auths: [ { username: one, password: 1 } ] } ]
END
    $t->write_file('b.yaml', <<'END');
services:
- { name: s, addr: 127.0.0.1:%%PORT_1%%, handler: { type: http, auther: u } }
authers: [ { name: u, auths: [ { username: two, password: 2 } ] } ]
END
    my $g = $t->gatun({ listeners => 2 }, '-p', '%%DIR%%', '-w', 1, '-C',
        '%%DIR%%/a.yaml', '--', '-C', '%%DIR%%/b.yaml');
    is(through(0, 'one:1'), 200, 'one name, two authers');
    is(through(1, 'one:1'), 407, 'each in its group');

    # a reload reads all groups again, all or nothing
    $t->write_file('b.yaml', slurp($t->dir . '/b.yaml') =~ s/two/three/r);
    $t->write_file('a.yaml', slurp($t->dir . '/a.yaml') =~ s/auther: u/auther: x/r);
    my ($status, $out, $err) = $t->once('-p', '%%DIR%%', '-s', 'reload', '-C',
        '%%DIR%%/a.yaml', '--', '-C', '%%DIR%%/b.yaml');
    is($status, 1, 'an error in the first');
    like($err, qr{a\.yaml:2:\d+: no auther is named "x"}, 'where it is');
    is(through(1, 'two:2'), 200, 'the second has not changed either');

    $t->write_file('a.yaml', slurp($t->dir . '/a.yaml') =~ s/auther: x/auther: u/r);
    $g->signal('HUP');
    $g->wait_log(qr/config reloaded/);
    is(through(1, 'two:2'), 407, 'a good reload reaches the second');
    is(through(1, 'three:2'), 200, 'its new user');
    is(through(0, 'one:1'), 200, 'and the first');
};

subtest 'arguments' => sub {
    my $one = 'http://127.0.0.1:1';
    my ($status, $out, $err) = $t->once('-O', 'yaml', '-L',
        'tcp://127.0.0.1:1/127.0.0.2:3', '--', '-L', $one, '-F',
        'http://x:1?proxyAgent=a  b -- c');
    is($status, 0, '-O yaml') or diag($err);
    my @docs = split /^---\n/m, $out;
    is(scalar @docs, 2, 'two documents');
    like($docs[0], qr/^ *- name: service-0$/m, 'names begin anew');
    like($docs[0], qr/name: go-0\@target-0/, 'a target has its group, as in GOST');
    unlike($docs[0], qr/chain/, 'a chain of one');
    like($docs[1], qr/^ *- name: service-0$/m, 'in each');
    like($docs[1], qr/proxyAgent: '?a  b -- c/, 'blanks and dashes inside');

    ($status, $out) = $t->once('-O', 'json', '-L', $one, '--', '-L', $one);
    my @json = JSON::PP->new->incr_parse($out);
    is(scalar @json, 2, '-O json: two documents');

    for (['--', '-L', $one, '-O', 'yaml'], ['-O', 'yaml', '-L', $one, '--'],
        ['--', '-O', 'yaml', '-L', $one, '--'])
    {
        ($status, $out) = $t->once(@$_);
        is($status, 0, "@$_");
        unlike($out, qr/---|go-/, 'is one group');
    }

    # an empty one is a program without arguments
    my $home = $t->dir . '/home';
    mkdir $home;
    mkdir "$home/.gost";
    $t->write_file('home/.gost/gost.yaml',
        "services: [ { name: found, addr: '127.0.0.1:3' } ]\n");
    ($status, $out, $err) = $t->once({ env => { HOME => $home } }, '-O',
        'yaml', '-L', $one, '--', '--', '-L', $one);
    is($status, 0, 'an empty group') or diag($err);
    @docs = split /^---\n/m, $out;
    is(scalar @docs, 3, 'is a group');
    like($docs[1], qr/name: found/, 'with the default file');
    ($status, $out, $err) = $t->once({ env => { HOME => '/none' }, cwd => '/' },
        '-t', '-L', $one, '--', '--', '-L', 'http://127.0.0.1:2');
    is($status, 1, 'or without');
    like($err, qr/^gatun: group 1: no -L, no -C and no configuration file/m,
        'is told');

    ($status, $out) = $t->once('-L', $one, '--', '-V');
    is($status, 0, '-V in the second');
    like($out, qr/^gatun \d/, 'is answered');
    ($status, $out, $err) = $t->once('-L', $one, '--', '--nosuch');
    is($status, 2, 'a bad flag in the second');
    ($status, $out, $err) = $t->once('-T', '-L', 'http://127.0.0.1:1', '--',
        '-DD', '-L', 'http://x:secret@127.0.0.1:2');
    is($status, 0, '-T');
    @docs = split /^---\n/m, $out;
    is(scalar @docs, 2, 'prints both');
    like($docs[0], qr/level: info/, 'one at info');
    like($docs[1], qr/level: trace/, 'one at trace');
    unlike($out, qr/secret/, 'masked');
    ($status, $out, $err) = $t->once('-t', map({ ('-L', $one, '--') } 1 .. 150));
    is($status, 2, 'too many groups');
};

subtest 'what the process has once' => sub {
    $t->write_file('a.yaml', "services: []\nlog: { output: '%%DIR%%/a.log' }\n"
        . "gatun: { workers: 2, stats: { addr: ':1' } }\n");
    $t->write_file('b.yaml', "services: []\nlog: { output: '%%DIR%%/b.log' }\n"
        . "gatun: { stats: { addr: ':2' } }\n");
    my ($status, $out, $err) = $t->once('-t', '-C', '%%DIR%%/a.yaml', '--',
        '-w', 3, '-C', '%%DIR%%/b.yaml');
    is($status, 1, 'contradictions');
    like($err, qr{b\.yaml:2:\d+: .*log.*a\.yaml:2}, 'two logs, both places');
    like($err, qr{b\.yaml:3:\d+: addr.*a\.yaml:3}, 'two stats addresses');
    like($err, qr{group 1: -w: workers.*group 0.*a\.yaml:3}, 'two -w');

    ($status, $out, $err) = $t->once('-t', '-p', '/x', '-L',
        'http://127.0.0.1:1', '--', '-p', '/y', '-L', 'http://127.0.0.1:2');
    is($status, 1, 'two prefixes');
    like($err, qr/-p: two groups/, 'said');

    ($status, $out, $err) = $t->once('-t', '-w', 2, '-L', 'http://127.0.0.1:1',
        '--', '-w', 2, '-L', 'http://127.0.0.1:2');
    is($status, 0, 'the same in both is fine') or diag($err);

    # every error of every group
    ($status, $out, $err) = $t->once('-t', '-L', 'wsss://127.0.0.1:1', '--',
        '-L', 'http://127.0.0.1:1', '-F', 'htttp://127.0.0.1:1');
    is($status, 1, 'errors in both');
    like($err, qr/^gatun: group 0: -L wsss:/m, 'of the first');
    like($err, qr/^gatun: group 1: -F htttp:/m, 'of the second');

    ($status, $out, $err) = $t->once('-L', 'http://127.0.0.1:%%PORT_0%%', '--',
        '-L', 'http://127.0.0.1:%%PORT_0%%');
    is($status, 1, 'one address in two groups');
    like($err, qr/go-1\@service-0: 127\.0\.0\.1:\d+ is service go-0\@service-0's/,
        'is one address twice');

    # a chain of the other group is none
    ($status, $out, $err) = $t->once('-t', '-L', 'http://127.0.0.1:1', '-F',
        'http://127.0.0.1:9', '--', '-C', '{"services":[{"name":"x","addr":'
        . '"127.0.0.1:2","handler":{"type":"http","chain":"chain-0"}}]}');
    is($status, 1, 'a chain of the other group');
    like($err, qr/no chain is named "chain-0"/, 'is not there');
};

done_testing();
