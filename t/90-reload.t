#!/usr/bin/perl
# t/90-reload.t: reloads under load: tunnels that run all the time, a storm of
# new ones; none refused, none broken, and nothing left of the old ones.

use strict;
use warnings;
use IPC::Open2;
use Test::Gatun;

my $t = Test::Gatun->new;
my ($reloads, $held, $storm) = is_asan() ? (10, 50, 10) : (100, 200, 20);

my $path = $t->write_file('r.yaml', my $yaml = <<'END');
services:
- name: far
  addr: 127.0.0.1:%%PORT_0%%
  handler: { type: http }
- name: near
  addr: 127.0.0.1:%%PORT_1%%
  handler: { type: http, chain: c }
chains:
- name: c
  hops:
  - name: h
    nodes: [ { name: n, addr: "127.0.0.1:%%PORT_0%%" } ]
log: { level: warn }
gatun:
  workers: 2
  runtimeDir: "%%DIR%%/run"
  stats: { addr: "unix:%%DIR%%/stats" }
END
my $g = $t->gatun({ fails => 1 }, '-C', $path);
ok(wait_for { Test::Gatun::can_connect($t->port(1)) }, 'up');

# a tunnelcheck that runs until it is told to end
sub load
{
    my @args = @_;
    my $pid = open2(my $out, my $in, tool('tunnelcheck'), '-T', 300, @args);

    return { pid => $pid, out => $out, in => $in };
}

sub told
{
    my ($l) = @_;

    close $l->{in};
    my $text = do { my $out = $l->{out}; local $/; <$out> };
    waitpid $l->{pid}, 0;

    return eval { decode_json($text =~ s/^ready\n//r) }
        // { errors => -1, first => $text };
}

sub status { return eval { $t->stats($t->dir . '/stats') } // {} }

my @far = ('-x', '127.0.0.1:' . $t->port(0));
my @near = ('-x', '127.0.0.1:' . $t->port(1));
my @holds = (load(@far, '-m', 'hold', '-c', $held),
    load(@near, '-m', 'hold', '-c', $held / 4));

for (@holds) {
    my $out = $_->{out};
    is(scalar(<$out>), "ready\n", 'the tunnels stand');
}

my @storms = (load(@far, '-m', 'echo', '-n', 500, '-c', $storm, '-u'),
    load(@near, '-m', 'both', '-n', 100, '-c', $storm / 2, '-u', '-E'));
my $began = time;
my ($good, $last) = (0, 0);

for my $n (1 .. $reloads) {
    # a worker more, a worker fewer, now and then
    $t->write_file('r.yaml', $yaml =~ s/workers: 2/workers: 3/r)
        if $n % 5 == 2;
    $t->write_file('r.yaml', $yaml) if $n % 5 == 4;

    my ($status, $out, $err) = $t->once({ seconds => 60 },
        '-C', $path, '-s', 'reload');
    $good++ if $status == 0;
    $last = "$status: $err" if $status;
}

is($good, $reloads, "$reloads reloads") or diag($last);
note(sprintf '%.1f ms a reload', (time - $began) * 1000 / $reloads);
is(status()->{generation}, $reloads + 1, 'so many generations');

for (@storms) {
    my $r = told($_);
    is($r->{errors}, 0, "$r->{tunnels} new tunnels, none refused or broken")
        or diag($r->{first});
    cmp_ok($r->{tunnels}, '>', $reloads, 'and there were some');
}

for (@holds) {
    my $r = told($_);
    is($r->{errors}, 0, "$r->{tunnels} running tunnels, none broken")
        or diag($r->{first});
}

# the old generations have gone with their tunnels
ok(wait_for { 2 == @{ status()->{workers} // [] } }, 'two workers are left')
    or diag(explain([map { "$_->{generation} $_->{state} $_->{connections}" }
        @{ status()->{workers} // [] }]));
my %group = $g->group;
is(scalar keys %group, 4, 'and four processes') or diag(explain(\%group));
my $s = status();
is($s->{total}{connections}, 0, 'no connection');
is($s->{total}{tunnels}, 0, 'no tunnel');
is($s->{total}{refused}, 0, 'none was ever refused');
is($g->stop, 0, 'an orderly end');

done_testing();
