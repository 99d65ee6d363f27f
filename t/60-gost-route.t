#!/usr/bin/perl
# t/60-gost-route.t: groups of nodes together with real GOSTs: as the nodes of
# a hop, and as another front, which chooses the same nodes as gatun does.

use strict;
use warnings;
use Test::Gatun;
use Test::Gatun::Peer;

gost_path($_) for qw(gost gost326);

my $t = Test::Gatun->new;
my $target = $t->listener;

sub tunnel
{
    my ($port, @fields) = @_;
    my $c = connect_via($port, $target->port, @fields);
    my ($status) = $c->head =~ m{^HTTP/1\.1 (\d+)};

    if ($status == 200) {
        my $o = $target->accept;
        $c->send('ping');
        $status = 'mute' if $o->read_n(4) ne 'ping';
        $o->close;
    }

    $c->close;
    return $status;
}

subtest 'GOSTs as nodes' => sub {
    my @nodes = (
        gost($t, 'gost', [$t->port(1)], '-L', 'http://u:p@127.0.0.1:%%PORT_1%%'),
        gost($t, 'gost326', [$t->port(2)], '-L',
            'http://u:p@127.0.0.1:%%PORT_2%%'),
        $t->gatun('-L', 'http://u:p@127.0.0.1:%%PORT_3%%'),
    );
    my $list = join ',', map { "127.0.0.1:%%PORT_$_%%" } 1 .. 3;
    my $g = $t->gatun('-w', 2, '-L', 'http://127.0.0.1:%%PORT_10%%?retries=2',
        '-F', "http://u:p\@$list?strategy=fifo&failTimeout=60s",
        '-stats', '127.0.0.1:%%PORT_0%%');
    my $row = sub {
        my @n = @{ $t->stats($t->port(0))->{chains}[0]{hops}[0]{nodes} };
        return join ' ', map { $_->{ $_[0] } } @n;
    };

    is(join(' ', map { tunnel($t->port(10)) } 1 .. 4), '200 200 200 200',
        'through the first');
    is($row->('dialed'), '4 0 0', 'which is 3.3.0');
    $nodes[0]->stop;
    is(join(' ', map { tunnel($t->port(10)) } 1 .. 4), '200 200 200 200',
        'it is gone: through the second');
    is($row->('dialed'), '4 4 0', 'which is 3.2.6');
    is($row->('failed'), '1 0 0', 'after one failure');
    $nodes[1]->stop;
    is(join(' ', map { tunnel($t->port(10)) } 1 .. 4), '200 200 200 200',
        'both are gone: through the third');
    is($row->('dialed'), '4 4 4', 'which is gatun');
    $_->stop for $g, $nodes[2];
};

# which of three nodes each front uses for a user, and for nobody
subtest 'the same node by hash' => sub {
    my $three = $t->gatun('-w', 1, '-stats', '127.0.0.1:%%PORT_0%%',
        map { ('-L', "http://127.0.0.1:%%PORT_$_%%") } 1 .. 3);
    my $counts = sub {
        return map { $_->{totalConns} }
            sort { $a->{name} cmp $b->{name} }
            @{ $t->stats($t->port(0))->{services} };
    };
    my $yaml = sub {
        my ($first) = @_;
        my $users = join ', ', map { "{ username: u$_, password: p }" } 1 .. 9;
        my $nodes = join ', ',
            map { "{ name: n$_, addr: \"127.0.0.1:%%PORT_$_%%\" }" } 1 .. 3;

        return <<"END";
services:
- { name: a, addr: "127.0.0.1:%%PORT_$first%%", handler: { type: http, chain: c } }
- { name: b, addr: "127.0.0.1:%%PORT_@{[ $first + 1 ]}%%", handler: { type: http, chain: c, auther: u } }
- { name: d, addr: "127.0.0.1:%%PORT_@{[ $first + 2 ]}%%", handler: { type: http, chain: c, metadata: { hash: host } } }
chains:
- name: c
  hops:
  - name: h
    selector: { strategy: hash }
    nodes: [ $nodes ]
authers:
- name: u
  auths: [ $users ]
END
    };
    my @fronts = (
        $t->gatun_yaml($yaml->(10)),
        gost($t, 'gost', [map { $t->port($_) } 20 .. 22], '-C',
            $t->write_file('gost.yaml', $yaml->(20))),
    );
    my $chosen = sub {
        my ($port, @fields) = @_;
        my @before = $counts->();
        tunnel($t->port($port), @fields);
        my @after = $counts->();
        return join '', map { $after[$_] - $before[$_] } 0 .. 2;
    };

    my %seen;
    for my $user ('', map { "u$_" } 1 .. 9) {
        my @fields = $user ? 'Proxy-Authorization: Basic '
            . { u1 => 'dTE6cA==', u2 => 'dTI6cA==', u3 => 'dTM6cA==',
            u4 => 'dTQ6cA==', u5 => 'dTU6cA==', u6 => 'dTY6cA==',
            u7 => 'dTc6cA==', u8 => 'dTg6cA==', u9 => 'dTk6cA==' }->{$user} : ();
        my $gatun = $chosen->($user ? 11 : 10, @fields);
        my $gost = $chosen->($user ? 21 : 20, @fields);

        is($gatun, $gost, $user ? "user $user" : 'by address') or next;
        $seen{$gatun}++;
    }

    is($chosen->(10), $chosen->(20), 'again by address') for 1 .. 3;
    is(scalar keys %seen, 3, 'each node is somebody\'s');
    is($chosen->(12), $chosen->(22), 'by the target');
    $_->stop for @fronts, $three;
};

done_testing();
