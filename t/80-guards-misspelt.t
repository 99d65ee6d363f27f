#!/usr/bin/perl
# t/80-guards-misspelt.t: a key that was to guard something is never lost: not
# by a slip of the pen, not in metadata or another wrong place, not behind a
# prefix of the query, not with a ';', not for want of a value.

use strict;
use warnings;
use Test::Gatun;

my $t = Test::Gatun->new;

sub refused
{
    my ($name, $pattern, @args) = @_;
    my ($status, undef, $err) = $t->once('-t', @args);

    is($status, 1, "$name: refused") or return;
    like($err, $pattern, "$name: is named");
}

subtest 'queries' => sub {
    my @rows = (
        [ 'bypas=10.0.0.0/8', qr/"bypas".*did you mean "bypass"\?/ ],
        [ 'admision=10.0.0.0/8', qr/"admision".*did you mean "admission"\?/ ],
        [ 'auther=users', qr/"auther"[^?]*$/m ],
        [ 'whitelist=true', qr/"whitelist"/ ],
        [ 'handler.auther=users', qr/"auther"/ ],
        [ 'service.bypass=x', qr/service\.bypass: has no effect; write bypass/ ],
        [ 'listener.climiter=1', qr/listener\.climiter: has no effect/ ],
        [ 'handler.auth=dTpw', qr/handler\.auth: has no effect; write auth/ ],
        [ 'listener.caFile=x', qr/listener\.caFile: has no effect/ ],
        [ 'bypass=10.0.0.0/8;::1', qr/guards has a ';' or a bad %/ ],
        [ 'bypass=%zz', qr/guards has a ';' or a bad %/ ],
        [ 'path=/a;auth=dTpw', qr/guards has a ';' or a bad %/ ],
        [ 'a;b&a;c&a;d&a;e&a;f', qr/guards has a ';' or a bad %/ ],
        [ 'deny-private', qr/deny-private: want true or false/ ],
        [ 'deny-privat=true', qr/did you mean "deny-private"\?/ ],
    );

    for (@rows) {
        my ($query, $pattern) = @$_;
        refused("-L ?$query", $pattern, '-L', "http://127.0.0.1:1?$query");

        my ($status, $out, $err) = $t->once('-O', 'yaml', '-L',
            "http://127.0.0.1:1?$query");
        is($status, 0, "?$query: -O prints it as GOST does") or diag($err);
    }

    for (
        [ 'bypas=x', qr/"bypas"/ ], [ 'hop.bypass=x', qr/hop\.bypass: has no/ ],
        [ 'node.auth=dTpw', qr/node\.auth: has no effect/ ],
        [ 'dialer.secure=true', qr/dialer\.secure: has no effect/ ],
    ) {
        refused("-F ?$_->[0]", $_->[1], '-L', 'http://127.0.0.1:1', '-F',
            "http://127.0.0.1:2?$_->[0]");
    }
};

subtest 'YAML' => sub {
    my %places = (
        service => "  %s: users\n",
        handler => "  handler: { type: http, %s: users }\n",
        listener => "  listener: { type: tcp, %s: users }\n",
        'metadata of a handler' =>
            "  handler: { type: http, metadata: { %s: users } }\n",
        'metadata of a listener' =>
            "  listener: { type: tcp, metadata: { %s: users } }\n",
        'metadata of a service' => "  metadata: { %s: users }\n",
        hop => "hops:\n- { name: h, %s: users,"
            . " nodes: [ { name: n, addr: 'a:1' } ] }\n",
        'the top' => "%s: users\n",
    );

    for my $slip (qw(ather au_thers admissio bpass by_passes limite cimiter)) {
        for my $place (sort keys %places) {
            my $yaml = "services:\n- name: s\n  addr: 127.0.0.1:1\n"
                . sprintf($places{$place}, $slip);
            refused("$slip in $place", qr/g\.yaml:\d+:\d+: .*"\Q$slip\E"/, '-C',
                $t->write_file('g.yaml', $yaml));
        }
    }
};

subtest 'what is no guard' => sub {
    my ($status, undef, $err) = $t->once('-t', '-L',
        'http://127.0.0.1:1?a;b=c&colour=red&service.x=1');
    is($status, 0, 'warnings only') or diag($err);
    like($err, qr/warning: .*"colour" is ignored/, 'an unknown key');
    like($err, qr/warning: .*1 query keys with a ';'/, 'one with a ;');
};

done_testing();
