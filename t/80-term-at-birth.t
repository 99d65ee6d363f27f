#!/usr/bin/perl
# t/80-term-at-birth.t: TERM to the whole group, as a terminal or systemd sends
# it, meets workers that have just been forked: they end, nothing kills them.

use strict;
use warnings;
use Test::Gatun;

plan(skip_all => 'the kernel does not list children')
    if !-e '/proc/thread-self/children';

my $t = Test::Gatun->new;

sub children
{
    my ($pid) = @_;

    return split ' ', slurp("/proc/$pid/task/$pid/children");
}

my $caught = 0;

for my $round (1 .. 10) {
    my $g = $t->gatun('-w', 1, '-L', "http://127.0.0.1:%%PORT_$round%%");
    my $pid = $g->{pid};
    my %old = map { $_ => 1 } children($pid);

    $g->signal('HUP');
    my ($fresh, $until) = (undef, time + 5);
    while (!$fresh && time < $until) {
        ($fresh) = grep { !$old{$_} } children($pid);
    }

    $caught += kill 'TERM', $fresh if $fresh;
    is($g->stop, 0, "round $round: an orderly end");
    unlike($g->log, qr/killed by signal/, "round $round: of everybody");
}

cmp_ok($caught, '>=', 5, 'workers were met at their birth');

done_testing();
