#!/usr/bin/perl
# t/90-reload.t: many reloads under tunnels that keep exchanging bytes and a
# storm of new ones: none refused, none broken; then everything goes.

use strict;
use warnings;
use Test::Gatun;
use Test::Gatun::Load;

my $t = Test::Gatun->new;
my $reloads = is_asan() ? 10 : 100;
my $config = $t->write_file('gatun.yaml', my $yaml = <<'END');
services:
- name: first
  addr: 127.0.0.1:%%PORT_0%%
  handler: { type: http, chain: next }
- name: second
  addr: 127.0.0.1:%%PORT_1%%
  handler: { type: http }
chains:
- name: next
  hops:
  - nodes:
    - addr: 127.0.0.1:%%PORT_1%%
gatun:
  workers: 2
  pidFile: "%%DIR%%/gatun.pid"
  runtimeDir: "%%DIR%%/run"
  stats: { addr: "127.0.0.1:%%PORT_2%%" }
END

# what it reports, which must be no error
sub report
{
    my ($p, $name) = @_;
    my $said = load_end($p);

    is($said->{errors}, 0, "$name: no error") or diag(explain($said));
    return $said->{ok};
}

sub status { return eval { $t->stats($t->port(2)) } // {} }

my $g = $t->gatun({ listeners => 2 }, '-C', $config);
wait_for { ready_workers(status()) == 2 };

# a slot of which there was one stays open, so that nobody in it is lost
for my $workers (3, 2) {
    $t->write_file('gatun.yaml', $yaml =~ s/workers: 2/workers: $workers/r);
    my ($status) = $t->once('-C', $config, '-s', 'reload');
    is($status, 0, "a reload to $workers workers");
}
ok(wait_for { keys(%{ { $g->group } }) == 4 }, 'four processes');

# a look at the generation that serves alone, and one more, drop what is kept of
# those that have ended
wait_for { @{ status()->{generations} // [] } == 1 };
status();

my $before = '';
wait_for {
    my $last = $before;
    nap(0.1);    # our connection to the stats process is closed there, too
    ($before = descriptors($g)) eq $last;
};

my @holding = (holding($t, $t->port(0), 100),
    holding($t, $t->port(1), 100));
my @storm = (
    load($t, $t->port(0), '-m', 'echo', '-n', 3000, '-c', 4, '-u'),
    load($t, $t->port(1), '-m', 'both', '-n', 300, '-c', 8, '-u', '-E'));

my $good = 0;
my $late = 0;

for my $n (1 .. $reloads) {
    # a worker more, a worker fewer, now and then
    $t->write_file('gatun.yaml', $yaml =~ s/workers: 2/workers: 3/r)
        if $n % 5 == 2;
    $t->write_file('gatun.yaml', $yaml) if $n % 5 == 4;

    if ($n % 2) {
        my ($status, $out, $err) = $t->once({ seconds => 60 }, '-C', $config,
            '-s', 'reload');
        $good++ if $status == 0;
        diag("$out$err") if $status;
    } else {
        my $generation = status()->{generation};
        $g->signal('HUP');
        $good++ if wait_for { (status()->{generation} // 0) > $generation } 60;
    }

    # tunnels of the generations between, which are to outlive it
    push @holding, holding($t, $t->port($n % 2), 5)
        if $n % ($reloads / 5) == 0;
}

is($good, $reloads, "$reloads reloads");
my $tunnels = 0;
$tunnels += report($_, 'the storm') for @storm;
cmp_ok($tunnels, '>', $reloads, "new tunnels all the time ($tunnels)");

my $status = status();
is($status->{generation}, $reloads + 3, 'as many generations');
cmp_ok($status->{total}{connections}, '>=', 225, 'what stood stands');
is(report(shift @holding, 'held'), 100, 'the first hundred');
is(report(shift @holding, 'held'), 100, 'the second hundred');
is(report($_, 'held'), 5, 'those of later') for @holding;

ok(wait_for { keys(%{ { $g->group } }) == 4 }, 'four processes')
    or diag(explain({ $g->group }));
ok(wait_for { (status()->{total}{connections} // 1) == 0 }, 'no connection');
my ($last) = $t->once('-C', $config, '-s', 'reload');
is($last, 0, 'one more, with nothing to keep');
wait_for { status() && descriptors($g) eq $before };
is(descriptors($g), $before, 'descriptors are as they were');

is(status()->{total}{refused}, 0, 'none was ever refused');
my $sum = status()->{services}[1]{totalConns};
cmp_ok($sum, '>=', $tunnels + 200, "the counters have outlived it all ($sum)");
is($status->{services}[$_]{totalErrs}, 0, "service $_: no error") for 0, 1;
is($g->stop, 0, 'an orderly end');

done_testing();
