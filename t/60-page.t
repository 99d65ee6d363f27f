#!/usr/bin/perl
# t/60-page.t: the configurations that must work as they stand, row by row:
# from the command line and from YAML, gatun at both ends, and gatun at either
# end with a real GOST at the other.

use strict;
use warnings;
use Test::Gatun;
use Test::Gatun::Peer;

my $t = Test::Gatun->new;
my $origin = $t->origin;

#
# A row, with S for the server's port and C for the client's.
#   server, client  the arguments as a user types them
#   yaml            the server's handler and listener, the client node's
#                   connector and dialer
#   gost            what GOST has instead of an empty host as a client; '' when
#                   it takes the row as it stands
#   user            credentials are in it: wrong ones must fail
#
my @rows = (
    {
        number => 1,
        server => ['-L', 'http://user:pass@:S'],
        client => ['-L', 'http://:C', '-F', 'http://user:pass@:S'],
        yaml => {
            handler => ['http', 'auth'],
            listener => ['tcp'],
            connector => ['http', 'auth'],
            dialer => ['tcp'],
        },
        gost => '',
        user => 1,
    },
);

# "type: http", with auth and metadata below, indented by n
sub object
{
    my ($n, $type, @more) = @_;
    my @lines = ("type: $type");

    for (@more) {
        if ($_ eq 'auth') {
            push @lines, 'auth:', '  username: user', '  password: pass';
        } else {
            push @lines, 'metadata:', map { "  $_->[0]: $_->[1]" } @$_;
        }
    }

    return join '', map { ' ' x $n . "$_\n" } @lines;
}

sub server_yaml
{
    my ($row, $s) = @_;

    return "services:\n- name: service-0\n  addr: \":$s\"\n"
        . "  handler:\n" . object(4, @{ $row->{yaml}{handler} })
        . "  listener:\n" . object(4, @{ $row->{yaml}{listener} });
}

sub client_yaml
{
    my ($row, $c, $addr) = @_;

    return "services:\n- name: service-0\n  addr: \":$c\"\n"
        . "  handler:\n    type: http\n    chain: chain-0\n"
        . "  listener:\n    type: tcp\n"
        . "chains:\n- name: chain-0\n  hops:\n  - name: hop-0\n    nodes:\n"
        . "    - name: node-0\n      addr: \"$addr\"\n"
        . "      connector:\n" . object(8, @{ $row->{yaml}{connector} })
        . "      dialer:\n" . object(8, @{ $row->{yaml}{dialer} });
}

my $files = 0;

sub file
{
    return ('-C', $t->write_file('page-' . $files++ . '.yaml', $_[0]));
}

# the arguments of both ends, for that form; who is the client's program
sub arguments
{
    my ($row, $form, $s, $c, $who) = @_;
    my $host = $who =~ /gost/ ? $row->{gost} : '';

    if ($form eq 'yaml') {
        return ([file(server_yaml($row, $s))],
            [file(client_yaml($row, $c, "$host:$s"))]);
    }

    my @both = map { [@$_] } @$row{qw(server client)};
    s/:S\b/:$s/ for @{ $both[0] };
    s/:S\b/$host:$s/, s/:C\b/:$c/ for @{ $both[1] };

    return @both;
}

sub start
{
    my ($program, $port, @args) = @_;

    return gost($t, $program, [$port], @args) if $program =~ /gost/;
    return $t->gatun('-w', 2, @args);
}

sub check
{
    my ($c) = @_;
    my ($status, $body) = http_get($origin->port, '/bytes/100000', $c);

    is("$status " . length $body, '200 100000', 'a request');

    for my $mode (['echo', '-n', 1_000_000], ['up', '-n', 1_000_000],
        ['down', '-n', 1_000_000], ['echo', '-n', 10_000, '-c', 50])
    {
        my $said = tunnelcheck('-x', "127.0.0.1:$c", '-T', 60, '-m', @$mode);
        is($said->{errors}, 0, "tunnels: @$mode") or diag(explain($said));
    }
}

sub wrong_user
{
    my ($row, $s, $c) = @_;
    my ($server, $client) = arguments($row, 'command line', $s, $c, 'gatun');

    s/user:pass/user:wrong/ for @$client;
    my $end = $t->gatun(@$client);
    my ($status) = http_get($origin->port, '/bytes/1', $c);

    is($status, 503, 'wrong credentials');
    $end->stop;
}

# who serves, who is the client
my @pairs = (
    ['gatun', 'gatun'],
    (map { ([$_, 'gatun'], ['gatun', $_]) } qw(gost gost326)),
);

my $n = 0;

for my $row (@rows) {
    for my $pair (@pairs) {
        for my $form ('command line', 'yaml') {
            my ($server, $client) = @$pair;
            my $name = "row $row->{number}, $form: $server serves $client";

            subtest $name => sub {
                my @gost = grep { /gost/ } @$pair;
                my @missing = grep { !has_gost($_) } @gost;
                plan(skip_all => "no @missing here") if @missing;

                my ($s, $c) = map { $t->port($n++) } 0, 1;
                my ($s_args, $c_args) =
                    arguments($row, $form, $s, $c, $client);
                my @ends = (start($server, $s, @$s_args),
                    start($client, $c, @$c_args));

                check($c);
                $ends[1]->stop;
                wrong_user($row, $s, $c)
                    if $row->{user} && $form ne 'yaml' && $client eq 'gatun';
                $ends[0]->stop;
            };
        }
    }
}

done_testing();
