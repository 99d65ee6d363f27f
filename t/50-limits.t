#!/usr/bin/perl
# t/50-limits.t: too many connections, and too few descriptors: what is there
# goes on, what is too much is refused or waits, and it passes.

use strict;
use warnings;
use Test::Gatun;

my $t = Test::Gatun->new;
my $target = $t->listener;

sub config
{
    my ($own) = @_;

    return <<"END";
services:
- name: proxy
  addr: 127.0.0.1:%%PORT_0%%
  handler: { type: http }
gatun:
  workers: 1
  runtimeDir: "%%DIR%%/run"
  stats: { addr: "127.0.0.1:%%PORT_1%%" }
$own
END
}

sub tunnel
{
    my $c = connect_via($t->port(0), $target->port);

    return ($c, $target->accept(1));
}

sub passes
{
    my ($c, $o) = @_;

    return 0 if !$o;
    $c->send('ping');
    return 0 if $o->read_n(4) ne 'ping';
    $o->send('pong');
    return $c->read_n(4) eq 'pong';
}

sub ticks
{
    my ($pid) = @_;
    my @f = split / /, slurp("/proc/$pid/stat") =~ s/.*\) //sr;

    return $f[11] + $f[12];
}

# sets a process's limit of descriptors, as the user that it runs as: nobody
# else may without a capability that a container has not got
sub limit
{
    my ($prlimit, $pid, $limit) = @_;
    my ($uid) = slurp("/proc/$pid/status") =~ /^Uid:\s+(\d+)/m;
    my ($gid) = slurp("/proc/$pid/status") =~ /^Gid:\s+(\d+)/m;
    my $child = fork // die "fork: $!\n";

    if (!$child) {
        if ($uid != $>) {
            $) = "$gid $gid";
            $( = $gid;
            POSIX::setuid($uid);
        }
        exec $prlimit, "--pid=$pid", "--nofile=$limit" or POSIX::_exit(127);
    }

    waitpid $child, 0;
    return $? >> 8;
}

subtest 'maxConnections' => sub {
    my $g = $t->gatun_yaml(config('  maxConnections: 5'));
    my @pairs = map { [tunnel()] } 1 .. 5;
    is(scalar(grep { passes(@$_) } @pairs), 5, 'five');

    for (1 .. 3) {
        my $c = connect_to($t->port(0));
        my $said = $c->read_all;
        is($said, '', 'a sixth gets no answer');
        like($c->end, qr/^(eof|reset)$/, 'and is closed');
    }

    is(scalar(grep { passes(@$_) } @pairs), 5, 'the five go on');
    my $s = $t->stats($t->port(1));
    is($s->{workers}[0]{refused}, 3, 'refusals are counted');
    is($s->{services}[0]{currentConns}, 5, 'so are the five');
    my $lines = () = $g->log =~ /limit: refusing/g;
    cmp_ok($lines, '>=', 1, 'it is said');
    cmp_ok($lines, '<=', 3, 'not once for each');

    my $gone = shift @pairs;
    $_->close for @$gone;
    ok(wait_for { ($t->stats($t->port(1)))->{services}[0]{currentConns} == 4 },
        'one goes');
    ok(passes(tunnel()), 'another comes in');
    is(scalar(grep { passes(@$_) } @pairs), 4, 'the others do not notice');
    $_->close for map { @$_ } @pairs;
    is($g->stop, 0, 'an orderly end');
};

subtest 'a limit above what can be' => sub {
    my $g = $t->gatun_yaml(config('  maxConnections: 99999999'));
    like($g->log, qr/"level":"warn".*(maxConnections|connections)/,
        'is lowered, with a warning');
    my @warnings = grep { /"level":"warn".*onnections/ } split /\n/, $g->log;
    is(scalar @warnings, 1, 'just one');
    ok(passes(tunnel()), 'and serves');
    is($g->stop, 0, 'an orderly end');
};

subtest 'no descriptors' => sub {
    my $prlimit = need('prlimit', '/usr/bin/prlimit');
    my $g = $t->gatun_yaml(config(''));
    my ($worker) = $g->workers;
    my @pairs = map { [tunnel()] } 1 .. 10;
    is(scalar(grep { passes(@$_) } @pairs), 10, 'ten tunnels');

    my @open = glob "/proc/$worker/fd/*";
    my $soft = @open + 6;
    my ($hard) = slurp("/proc/$worker/limits") =~ /^Max open files +\d+ +(\d+)/m;
    is(limit($prlimit, $worker, "$soft:$hard"), 0,
        "no more than $soft descriptors");

    # more than fit: they connect, for the kernel takes them, and wait
    my @waiting = map { connect_to($t->port(0)) } 1 .. 30;
    $_->send("CONNECT 127.0.0.1:" . $target->port . " HTTP/1.1\r\nHost: x\r\n\r\n")
        for @waiting;
    ok($g->wait_log(qr/accept: .*: pausing/), 'accepting pauses');

    my $before = ticks($worker);
    my $until = time + 1;
    my $good = 1;
    while (time < $until) {
        $good &&= passes(@$_) for @pairs[0 .. 4];
        nap(0.1);
    }
    ok($good, 'what stands goes on');
    cmp_ok(ticks($worker) - $before, '<', is_asan() ? 60 : 30,
        'and the worker does not spin');

    my $lines = () = $g->log =~ /: pausing/g;
    is($lines, 1, 'it is said once');
    cmp_ok($t->stats($t->port(1))->{workers}[0]{acceptPaused}, '>=', 1,
        'and counted');

    # room again: all that waited get an answer
    is(limit($prlimit, $worker, "$hard:$hard"), 0, 'descriptors again');
    my $began = time;
    my %heads;
    for my $c (@waiting) {
        $heads{ $c->read_head =~ s/\r\n.*//sr }++;
        while ($target->accept(0)) { }
    }
    my $took = time - $began;
    cmp_ok($took, '<', is_asan() ? 4 : 2, "all within a moment ($took)");
    my $answered = ($heads{'HTTP/1.1 200 Connection established'} // 0)
        + ($heads{'HTTP/1.1 503 Service Unavailable'} // 0);
    is($answered, 30, 'every one is answered') or diag(explain(\%heads));
    ok(passes(tunnel()), 'and new ones are served');
    is_deeply([$g->workers], [$worker], 'by the worker that it was');
    $_->close for map { @$_ } @pairs;
    $_->close for @waiting;
};

done_testing();
