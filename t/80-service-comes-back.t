#!/usr/bin/perl
# t/80-service-comes-back.t: a service is taken out and put back before the
# workers that served it have closed its sockets: that is no port of somebody
# else's.

use strict;
use warnings;
use Test::Gatun;

my $t = Test::Gatun->new;

sub yaml
{
    my ($both) = @_;
    my $second = $both ? <<'END' : '';
- name: second
  addr: 127.0.0.1:%%PORT_1%%
  handler: { type: http }
END

    return <<"END";
services:
- name: first
  addr: 127.0.0.1:%%PORT_0%%
  handler: { type: http }
${second}gatun:
  workers: 1
  runtimeDir: "%%DIR%%/run"
END
}

sub reload
{
    my ($g, $both, $count) = @_;

    $t->write_file('gatun.yaml', yaml($both));
    $g->signal('HUP');
    return wait_for { $count <= (() = $g->log =~ /config (?:not )?reloaded/g) };
}

my $g = $t->gatun_yaml(yaml(1), { file => 'gatun.yaml' });
my %group = $g->group;
my ($worker) = grep { $group{$_} =~ /^gatun: worker/ } keys %group;
ok(kill('STOP', $worker), 'the worker stands still');

ok(reload($g, 0, 1), 'a service goes');
ok(reload($g, 1, 2), 'and comes back');
unlike($g->log, qr/not reloaded|address already in use/i, 'both went well');

kill 'CONT', $worker;
ok(wait_for { Test::Gatun::can_connect($t->port(1)) }, 'it is served');
is($g->stop, 0, 'an orderly end');

done_testing();
