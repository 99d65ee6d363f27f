#!/usr/bin/perl
# t/80-stats-moves-back.t: the stats endpoint moves and comes back before the
# process that served it has ended: its address must be free by then.

use strict;
use warnings;
use Test::Gatun;

my $t = Test::Gatun->new;

sub yaml
{
    my ($port) = @_;

    return <<"END";
services:
- name: proxy
  addr: 127.0.0.1:%%PORT_0%%
  handler: { type: http }
gatun:
  workers: 1
  runtimeDir: "%%DIR%%/run"
  stats: { addr: "127.0.0.1:%%PORT_$port%%" }
END
}

sub reload
{
    my ($g, $port, $count) = @_;

    $t->write_file('gatun.yaml', yaml($port));
    $g->signal('HUP');
    return wait_for { $count <= (() = $g->log =~ /config (?:not )?reloaded/g) };
}

my $g = $t->gatun_yaml(yaml(1), { file => 'gatun.yaml' });
ok(wait_for { eval { $t->stats($t->port(1)) } }, 'the endpoint answers');

my %group = $g->group;
my ($stats) = grep { $group{$_} =~ /^gatun: stats/ } keys %group;
ok(kill('STOP', $stats), 'its process stands still');

ok(reload($g, 2, 1), 'it moves');
ok(reload($g, 1, 2), 'and comes back');
unlike($g->log, qr/not reloaded|Address already in use/, 'both went well');

kill 'CONT', $stats;
ok(wait_for { eval { $t->stats($t->port(1))->{generation} == 3 } },
    'it answers again');
ok(!Test::Gatun::can_connect($t->port(2)), 'and only there');
is($g->stop, 0, 'an orderly end');

done_testing();
