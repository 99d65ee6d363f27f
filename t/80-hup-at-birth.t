#!/usr/bin/perl
# t/80-hup-at-birth.t: a reload that is asked for while the master is still
# reading its configuration waits; it used to kill it.

use strict;
use warnings;
use POSIX ();
use Test::Gatun;

my $t = Test::Gatun->new;
my $target = $t->listener;
my $fifo = $t->dir . '/stdin';
POSIX::mkfifo($fifo, 0600) or die "mkfifo: $!\n";

# it reads its standard input, and this end decides how long
my $g = $t->start({ gatun => 1 }, '/bin/sh', '-c',
    "exec $Test::Gatun::binary -w 1 -C - < $fifo");
open my $in, '>', $fifo or die "$fifo: $!\n";

ok(wait_for { slurp("/proc/$g->{pid}/cmdline") =~ /gatun/
    && slurp("/proc/$g->{pid}/wchan") =~ /pipe/
    || slurp("/proc/$g->{pid}/syscall") =~ /^0 0x0 / }, 'it reads');

$g->signal($_) for qw(HUP USR1 USR2 HUP);

print $in $t->subst('{"services":[{"name":"s","addr":"127.0.0.1:%%PORT_0%%",'
    . '"handler":{"type":"http"}}]}');
close $in;

$g->wait_log(qr/config reloaded/);
ok(!$g->ended, 'it lives');
like(connect_via($t->port(0), $target->port)->head, qr/ 200 /, 'and serves');
like($g->log, qr/listening on.*config reloaded/s, 'and has reloaded');

done_testing();
