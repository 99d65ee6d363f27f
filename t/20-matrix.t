#!/usr/bin/perl
# t/20-matrix.t: what a tunnel has to keep, over every way it can take: each
# mode of tunnelcheck (bytes, half-closes, resets, slow ends, many at once)
# through one gateway and two, with authentication and without, on kernel
# sockets and over hostile I/O (net/chaos.h).
#
# Every pair of a mode and a way is run, and of a mode and a kind of chaos;
# with GATUN_SLOW=1 all of it.  A transport adds its ways.

use strict;
use warnings;
use Test::Gatun;

my $t = Test::Gatun->new;
my $slow = $ENV{GATUN_SLOW};
my $mega = 1_000_000;

#
# Bytes under a kind of chaos that moves a few at a time are fewer: what is
# tested is each of its steps.
#
my @modes = (
    ['1 byte', '-m', 'echo', '-n', 1],
    ['1 byte, early', '-m', 'echo', '-n', 1, '-E'],
    ['1 MB there and back', '-m', 'echo', '-n', $mega],
    ['1 MB up', '-m', 'up', '-n', $mega],
    ['1 MB down', '-m', 'down', '-n', $mega],
    ['1 MB both ways at once', '-m', 'both', '-n', $mega],
    ['the client half-closes', '-m', 'halfclose-client', '-n', 100_000],
    ['the origin half-closes', '-m', 'halfclose-server', '-n', 100_000],
    ['half-closes at once', '-m', 'halfclose-client', '-n', 0, '-c', 20],
    ['the client resets', '-m', 'reset-client', '-n', 100_000],
    ['the origin resets', '-m', 'reset-server', '-n', 100_000],
    ['a slow reader', '-m', 'slow-reader', '-n', $mega],
    ['a slow reader at the origin', '-m', 'slow-reader-up', '-n', $mega],
    ['a slow writer', '-m', 'slow-writer', '-n', 4000],
    ['200 at once', '-m', 'echo', '-n', 10_000, '-c', 200],
    ['200 resets', '-m', 'reset-client', '-n', 1000, '-c', 200],
);

# the arguments of the gateways, the one that the client meets first
my @ways = (
    ['one', undef, ['-L', 'http://127.0.0.1:%%P1%%?%%L%%']],
    ['one, auth', 'user:pass',
        ['-L', 'http://user:pass@127.0.0.1:%%P1%%?%%L%%']],
    ['two', undef,
        ['-L', 'http://127.0.0.1:%%P1%%?%%L%%',
            '-F', 'http://127.0.0.1:%%P2%%?%%D%%'],
        ['-L', 'http://127.0.0.1:%%P2%%?%%L%%']],
    ['two, auth', 'user:pass',
        ['-L', 'http://user:pass@127.0.0.1:%%P1%%?%%L%%',
            '-F', 'http://a:b@127.0.0.1:%%P2%%?%%D%%'],
        ['-L', 'http://a:b@127.0.0.1:%%P2%%?%%L%%']],
);

# what is done to each stream, and what bytes are divided by
my @chaos = (
    ['plain', '', 1],
    ['short', 'seed=3,maxread=1400,maxwrite=900,again=30', 1],
    ['tiny', 'seed=8,maxread=7,maxwrite=5,again=10', 20],
    ['again', 'seed=21,again=70', 1],
);

if (qx($Test::Gatun::binary --help tcp) !~ /^\s+chaos/m) {
    diag('no chaos in this build: it needs --with-debug or --with-asan');
    splice @chaos, 1;
}

sub gateways
{
    my ($way, $chaos) = @_;
    my ($name, $auth, @args) = @$way;
    my $l = $chaos->[1] ? "chaos=$chaos->[1]" : '';
    my @made;

    # the last one first: it is connected to
    for my $one (reverse @args) {
        my @words = @$one;
        s/%%L%%/$l/, s/%%D%%/$l/, s/%%P(\d)%%/\%\%PORT_$1%%/ for @words;
        push @made, $t->gatun('-w', 2, @words);
    }

    return @made;
}

sub run_mode
{
    my ($mode, $auth, $divisor) = @_;
    my ($name, %args) = ($mode->[0]);
    my @args = @$mode[1 .. $#$mode];

    for (0 .. $#args - 1) {
        next if $args[$_] ne '-n' || $args[$_ + 1] < $divisor * 2;
        $args[$_ + 1] = int $args[$_ + 1] / $divisor;
    }

    push @args, '-a', $auth if $auth;
    my $said = tunnelcheck('-x', '127.0.0.1:' . $t->port(1), '-T',
        is_asan() ? 120 : 60, @args);

    is($said->{errors}, 0, $name) or diag(explain($said));
    cmp_ok($said->{ok}, '>=', 1, "$name: something has passed")
        if $said->{errors} == 0;
}

# which modes on that way, with that chaos
sub chosen
{
    my ($way, $chaos) = @_;

    return @modes if $slow || @chaos == 1;
    return map { $modes[$_] }
        grep { ($_ + $way) % @chaos == $chaos } 0 .. $#modes;
}

for my $w (0 .. $#ways) {
    for my $c (0 .. $#chaos) {
        my ($way, $chaos) = ($ways[$w], $chaos[$c]);

        subtest "$way->[0], $chaos->[0]" => sub {
            my @gateways = gateways($way, $chaos);

            run_mode($_, $way->[1], $chaos->[2]) for chosen($w, $c);
            is($_->stop, 0, 'an orderly end') for reverse @gateways;
        };
    }
}

# the most that the kernel keeps in a socket, one way and the other
sub kernel_buffers
{
    my @most = map { (split ' ', slurp("/proc/sys/net/ipv4/$_"))[2] }
        qw(tcp_rmem tcp_wmem);

    return $most[0] + $most[1];
}

# a reader that stops has to stop the writer: what lies between is what the
# kernel has for it, twice through two gateways, and little of our own
subtest 'back-pressure' => sub {
    my $most = 2 * kernel_buffers() + 2_000_000;

    for my $chaos (@chaos > 1 ? @chaos[0, 1] : $chaos[0]) {
        my @gateways = gateways($ways[2], $chaos);

        for my $mode ('slow-reader', 'slow-reader-up') {
            my $said = tunnelcheck('-x', '127.0.0.1:' . $t->port(1), '-m',
                $mode, '-n', 2 * $most, '-b', 65536, '-T', 120);

            is($said->{errors}, 0, "$mode, $chaos->[0]")
                or diag(explain($said));
            cmp_ok($said->{stuck_at}, '>', 0, 'the writer was stuck');
            cmp_ok($said->{stuck_at}, '<', $most, 'in good time');
        }

        $_->stop for reverse @gateways;
    }
};

subtest 'a large transfer' => sub {
    my $n = is_asan() ? 32_000_000 : 1_000_000_000;

    plan(skip_all => 'GATUN_SLOW=1 or CI=true moves 1 GB')
        if !is_asan() && !$slow && ($ENV{CI} // '') ne 'true';

    for my $way (@ways[0, 3]) {
        my @gateways = gateways($way, $chaos[0]);

        for my $mode ('up', 'down', 'both') {
            my $said = tunnelcheck('-x', '127.0.0.1:' . $t->port(1), '-m',
                $mode, '-n', $n, '-T', 300,
                $way->[1] ? ('-a', $way->[1]) : ());

            is($said->{errors}, 0, "$way->[0]: $n bytes $mode")
                or diag(explain($said));
        }

        $_->stop for reverse @gateways;
    }
};

done_testing();
