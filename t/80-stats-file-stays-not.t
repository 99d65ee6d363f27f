#!/usr/bin/perl
# t/80-stats-file-stays-not.t: a stats socket that was made for a start or a
# reload that failed leaves no file behind; one that serves keeps its own.

use strict;
use warnings;
use Test::Gatun;

my $t = Test::Gatun->new;
my $busy = $t->listener(1);

sub yaml
{
    my ($sock, $more) = @_;

    return <<"END";
services:
- name: proxy
  addr: 127.0.0.1:%%PORT_0%%
  handler: { type: http }
$more
gatun:
  workers: 1
  runtimeDir: "%%DIR%%/run"
  stats: { addr: "unix:%%DIR%%/$sock" }
END
}

my $dir = $t->dir;
my $second = <<'END';
- name: second
  addr: 127.0.0.1:%%PORT_1%%
  handler: { type: http }
END

my $file = $t->write_file('gatun.yaml', yaml('one', $second));
my ($status) = $t->once('-C', $file);
is($status, 1, 'a busy port stops the start');
ok(!-e "$dir/one", 'no file is left');

my $g = $t->gatun_yaml(yaml('one', ''), { file => 'gatun.yaml' });
ok(wait_for { eval { $t->stats("$dir/one") } }, 'it serves');

for my $sock ('two', 'one') {
    $t->write_file('gatun.yaml', yaml($sock, $second));
    ($status) = $t->once('-C', $file, '-s', 'reload');
    is($status, 1, "$sock: a busy port stops the reload");
    ok(!-e "$dir/two", "$sock: no file is left");
    ok(eval { $t->stats("$dir/one") }, "$sock: the old one serves");
}

$t->write_file('gatun.yaml', yaml('two', ''));
($status) = $t->once('-C', $file, '-s', 'reload');
is($status, 0, 'it moves');
ok(wait_for { eval { $t->stats("$dir/two") } }, 'and serves there');
ok(!-e "$dir/one", 'the old file goes');
is($g->stop, 0, 'an orderly end');
ok(!-e "$dir/two", 'and the new one with it');

done_testing();
