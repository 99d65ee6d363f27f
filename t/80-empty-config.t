#!/usr/bin/perl
# t/80-empty-config.t: a configuration with nothing in it: a file that is about
# to be written is refused, an empty map is no crash.

use strict;
use warnings;
use Test::Gatun;

my $t = Test::Gatun->new;
my $target = $t->listener;
my $yaml = <<'END';
services:
- name: proxy
  addr: 127.0.0.1:%%PORT_0%%
  handler: { type: http }
END

my ($status, $out, $err) =
    $t->once('-t', '-C', $t->write_file('empty.yaml', ''));
is($status, 1, 'an empty file is refused');
like($err, qr/empty\.yaml: is empty/, 'with its name');

my $g = $t->gatun_yaml($yaml, { file => 'gatun.yaml' });
my $reloads = 0;

sub reload
{
    my ($text) = @_;

    $t->write_file('gatun.yaml', $text);
    $g->signal('HUP');
    $reloads++;
    return wait_for {
        $reloads <= (() = $g->log =~ /config (?:not )?reloaded/g)
    };
}

ok(reload(''), 'it is empty when the reload reads it');
like($g->log, qr/is empty.*not reloaded/s, 'refused');
like(connect_via($t->port(0), $target->port)->head, qr/ 200 /, 'it serves');

ok(reload("{}\n"), 'an empty map');
ok(!$g->ended, 'is no crash');
ok(reload($yaml), 'and back');
like(connect_via($t->port(0), $target->port)->head, qr/ 200 /, 'it serves');
is($g->stop, 0, 'an orderly end');

done_testing();
