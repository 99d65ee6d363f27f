#!/usr/bin/perl
# t/80-stop-twice.t: several -s stop at once: each hears of the end.

use strict;
use warnings;
use Test::Gatun;

my $t = Test::Gatun->new;
my $g = $t->gatun_yaml(<<'END', { file => 'gatun.yaml' });
services:
- name: proxy
  addr: 127.0.0.1:%%PORT_0%%
  handler: { type: http }
gatun:
  workers: 1
  runtimeDir: "%%DIR%%/run"
END

# a worker that stands still keeps the end away until all have asked
my ($worker) = $g->workers;
kill 'STOP', $worker;

my @stops = map {
    $t->start({ quiet => 1 }, $Test::Gatun::binary, '-C',
        $t->dir . '/gatun.yaml', '-s', 'stop')
} 1 .. 4;
nap(0.5);
kill 'CONT', $worker;

for (@stops) {
    my $stop = $_;
    wait_for { $stop->ended };
    is($stop->status, 0, 'status') or diag($stop->err);
    is($stop->out, "stopped\n", 'what it says');
}

ok(wait_for { $g->ended }, 'it ends');
is($g->status, 0, 'with 0');

done_testing();
