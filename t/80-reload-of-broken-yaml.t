#!/usr/bin/perl
# t/80-reload-of-broken-yaml.t: `-s reload -C FILE` with a file that is no YAML
# any more reaches the master that the file names, so that the log has the
# place of the error, too, and -s stop still stops.

use strict;
use warnings;
use Test::Gatun;

my $t = Test::Gatun->new;
my $yaml = "services:\n- name: s\n  addr: 127.0.0.1:%%PORT_0%%\n"
    . "  handler: { type: http }\ngatun:\n  runtimeDir: %%DIR%%/run # ours\n";

mkdir "$t->{dir}/run" or die;
my $g = $t->gatun_yaml($yaml, { file => 'gatun.yaml' });

$t->write_file('gatun.yaml', $yaml =~ s/http \}/http/r);
my ($rc, $out, $err) = $t->once('-s', 'reload', '-C', 'gatun.yaml');

is($rc, 1, 'the reload is refused');
like($err, qr/gatun\.yaml:5:\d+: /, 'and says where');
ok(wait_for { $g->log =~ /gatun\.yaml:5:\d+: / }, 'the log says where');

($rc, $out, $err) = $t->once('-s', 'stop', '-C', 'gatun.yaml');
is($rc, 0, 'it can be stopped') or diag($err);
ok(wait_for { $g->ended }, 'and has ended');
is($g->stop, 0, 'orderly');

# JSON, and nobody there
$t->write_file('gatun.json', '{"gatun": {"runtimeDir": "%%DIR%%/run"}, ');
($rc, $out, $err) = $t->once('-s', 'reload', '-C', 'gatun.json');
is($rc, 1, 'nobody runs');
like($err, qr/gatun\.json:1:/, 'the error is said all the same');

done_testing();
