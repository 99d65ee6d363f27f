#!/usr/bin/perl
# t/90-reload.t: many reloads under tunnels that keep exchanging bytes and a
# storm of new ones: none refused, none broken; then everything goes.

use strict;
use warnings;
use POSIX qw(mkfifo);
use Test::Gatun;

my $t = Test::Gatun->new;
my $reloads = is_asan() ? 10 : 100;
my $config = $t->write_file('gatun.yaml', <<'END');
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

# tunnelcheck that goes on until its ->{until} is closed
my $loads = 0;

sub load
{
    my ($port, @args) = @_;
    my $fifo = $t->dir . '/load-' . $loads++;

    mkfifo($fifo, 0600) or die "$fifo: $!\n";
    open my $until, '+<', $fifo or die "$fifo: $!\n";

    my $p = $t->start({ stdin => $fifo }, tool('tunnelcheck'), '-x',
        '127.0.0.1:' . $t->port($port), '-T', 400, @args);
    $p->{until} = $until;

    return $p;
}

sub holding
{
    my $p = load(@_);

    wait_for { $p->out =~ /ready/ || $p->ended };
    like($p->out, qr/ready/, 'tunnels stand');

    return $p;
}

sub report
{
    my ($p, $name) = @_;

    close delete $p->{until};
    wait_for { $p->ended } 60;
    my $said = eval { decode_json($p->out =~ s/^ready\n//r) } // {};
    is($said->{errors}, 0, "$name: no error") or diag($p->out, $p->err);

    return $said->{ok} // 0;
}

sub status { return eval { $t->stats($t->port(2)) } // {} }

# descriptors of each process of gatun, by its title without its numbers
sub descriptors
{
    my ($g) = @_;
    my %group = $g->group;
    my %n;

    for my $pid (keys %group) {
        my $title = $group{$pid} =~ s/^(gatun: \w+( \d)?).*/$1/sr;
        my @open = glob "/proc/$pid/fd/*";
        push @{ $n{$title} }, scalar @open;
    }

    return \%n;
}

my $g = $t->gatun({ listeners => 2 }, '-C', $config);
wait_for { 2 == grep { $_->{state} eq 'ready' } @{ status()->{workers} } };

# what one reload leaves is what all of them may leave
$t->once('-C', $config, '-s', 'reload');
ok(wait_for { keys(%{ { $g->group } }) == 4 }, 'four processes');
my $before = descriptors($g);

my @holding = (holding(0, '-m', 'hold', '-c', 100),
    holding(1, '-m', 'hold', '-c', 100));
my @storm = (load(0, '-m', 'echo', '-n', 3000, '-c', 4, '-u'),
    load(1, '-m', 'echo', '-n', 3000, '-c', 4, '-u'));

my $good = 0;
my $late = 0;

for my $n (1 .. $reloads) {
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
    push @holding, holding($n % 2, '-m', 'hold', '-c', 5)
        if $n % ($reloads / 5) == 0;
}

is($good, $reloads, "$reloads reloads");
my $tunnels = 0;
$tunnels += report($_, 'the storm') for @storm;
cmp_ok($tunnels, '>', $reloads, "new tunnels all the time ($tunnels)");

my $status = status();
is($status->{generation}, $reloads + 2, 'as many generations');
cmp_ok($status->{total}{connections}, '>=', 225, 'what stood stands');
is(report(shift @holding, 'held'), 100, 'the first hundred');
is(report(shift @holding, 'held'), 100, 'the second hundred');
is(report($_, 'held'), 5, 'those of later') for @holding;

ok(wait_for { keys(%{ { $g->group } }) == 4 }, 'four processes')
    or diag(explain({ $g->group }));
ok(wait_for { (status()->{total}{connections} // 1) == 0 }, 'no connection');
my ($last) = $t->once('-C', $config, '-s', 'reload');
is($last, 0, 'one more, with nothing to keep');
my $after;
wait_for { $after = descriptors($g); "@{[map { @$_ } values %$after]}"
    eq "@{[map { @$_ } @$before{keys %$after}]}" };
is_deeply($after, $before, 'descriptors are as they were')
    or diag(explain([$before, $after]));

my $sum = status()->{services}[1]{totalConns};
cmp_ok($sum, '>=', $tunnels + 200, "the counters have outlived it all ($sum)");
is($status->{services}[$_]{totalErrs}, 0, "service $_: no error") for 0, 1;
is($g->stop, 0, 'an orderly end');

done_testing();
