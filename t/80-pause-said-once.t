#!/usr/bin/perl
# t/80-pause-said-once.t: while descriptors are short, connections that come
# in one by one and fail at once must not make every pause news again.

use strict;
use warnings;
use Test::Gatun;

my $prlimit = need('prlimit', '/usr/bin/prlimit');
my $t = Test::Gatun->new;
my $target = $t->listener;
my $g = $t->gatun('-w', 1, '-stats', '127.0.0.1:%%PORT_1%%',
    '-L', 'http://127.0.0.1:%%PORT_0%%');
my ($worker) = $g->workers;

my $tunnel = connect_via($t->port(0), $target->port);
my @open = glob "/proc/$worker/fd/*";
my ($hard) = slurp("/proc/$worker/limits") =~ /^Max open files +\d+ +(\d+)/m;
my ($uid) = slurp("/proc/$worker/status") =~ /^Uid:\s+(\d+)/m;
my ($gid) = slurp("/proc/$worker/status") =~ /^Gid:\s+(\d+)/m;

# one descriptor is left: a client gets in, and its target is out of reach
my $pid = fork // die "fork: $!\n";
if (!$pid) {
    ($(, $)) = ($gid, "$gid $gid");
    ($<, $>) = ($uid, $uid);
    exec $prlimit, '--pid', $worker, '--nofile=' . (@open + 1) . ":$hard";
    die "exec: $!\n";
}
waitpid $pid, 0;
is($?, 0, 'one descriptor is left');

my @waiting = map { connect_to($t->port(0)) } 1 .. 40;
for (@waiting) {
    $_->send('GET http://127.0.0.1:' . $target->port
        . "/ HTTP/1.1\r\nHost: x\r\n\r\n");
    $_->shutdown; # nobody lingers for it
}

my $paused = sub { $t->stats($t->port(1))->{workers}[0]{acceptPaused} };
wait_for { $paused->() >= 3 };
cmp_ok($paused->(), '>=', 3, 'it has paused again and again');

my $said = () = $g->log =~ /: pausing/g;
is($said, 1, 'and said so once');

$_->close for @waiting, $tunnel;

done_testing();
