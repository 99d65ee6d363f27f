#!/usr/bin/perl
# t/90-worker-kill.t: workers are killed, and then the master, under load: the
# tunnels of the others do not notice, and new ones are served at once.

use strict;
use warnings;
use Test::Gatun;
use Test::Gatun::Load;

my $t = Test::Gatun->new;
my $target = $t->listener;
my $config = $t->write_file('gatun.yaml', <<'END');
services:
- name: proxy
  addr: 127.0.0.1:%%PORT_0%%
  handler: { type: http }
gatun:
  workers: 2
  pidFile: "%%DIR%%/gatun.pid"
  runtimeDir: "%%DIR%%/run"
  stats: { addr: "127.0.0.1:%%PORT_1%%" }
END

sub status { return eval { $t->stats($t->port(1)) } // {} }

sub storm { return load($t, $t->port(0), '-m', 'echo', '-n', 3000, '-c', 4, '-u') }

# how long until all of n new tunnels are there
sub new_tunnels
{
    my ($n) = @_;
    my $began = time;
    my $to = '127.0.0.1:' . $target->port;
    my @clients = map { connect_to($t->port(0)) } 1 .. $n;

    $_->send("CONNECT $to HTTP/1.1\r\nHost: $to\r\n\r\n") for @clients;
    my $good = grep { $_->read_head =~ / 200 / } @clients;
    my $took = time - $began;
    my @taken = grep { defined } map { scalar $target->accept(1) } 1 .. $n;

    is($good, $n, "$n new tunnels");
    $_->close for @clients, @taken;
    return $took;
}

sub two_workers
{
    my @w;
    wait_for { (@w = ready_workers(status())) == 2 };
    is(scalar @w, 2, 'two workers');

    return @w;
}

my $g = $t->gatun({ listeners => 1, alerts => qr/worker \d.*killed|signal 9/,
    status => 1009 }, '-C', $config);

for my $round (1 .. 5) {
    subtest "a worker is killed, $round" => sub {
        two_workers();
        my $held = holding($t, $t->port(0), 100);
        my @w;
        wait_for { @w = ready_workers(status());
            100 == ($w[0]{connections} + $w[1]{connections}) };
        my ($victim, $other) = @w[$round % 2, 1 - $round % 2];
        cmp_ok($_->{connections}, '>', 0, 'each has some') for @w;

        my $storm = storm();
        my $before = status()->{services}[0]{totalConns};
        wait_for { status()->{services}[0]{totalConns} > $before + 100 };
        kill 'KILL', $victim->{pid};
        my $took = new_tunnels(20);
        cmp_ok($took, '<', is_asan() ? 3 : 1, "at once ($took s)");
        my @new = two_workers();
        isnt($new[$victim->{slot}]{pid}, $victim->{pid}, 'one is new');
        is($new[$other->{slot}]{pid}, $other->{pid}, 'the other is not');

        # the storm goes on through both
        $before = status()->{services}[0]{totalConns};
        ok(wait_for { status()->{services}[0]{totalConns} > $before + 200 },
            'the storm goes on');
        my $said = load_end($storm);
        cmp_ok($said->{errors}, '<=', 4, 'it has lost what it had there')
            or diag(explain($said));
        $said = load_end($held);
        is($said->{errors}, $victim->{connections}, 'so have the tunnels');
        is($said->{ok}, $other->{connections}, 'the others did not notice')
            or diag(explain($said));
        ok(wait_for { (status()->{total}{connections} // 1) == 0 },
            'none is counted any more') or diag(explain(status()));
    };
}

subtest 'the master is killed' => sub {
    two_workers();
    my $held = holding($t, $t->port(0), 100);
    my $storm = storm();

    kill 'KILL', $g->pid;
    ok(wait_for { $g->ended }, 'gone');
    new_tunnels(20);
    ok(!$storm->ended && !$held->ended, 'nobody notices');

    my $h = $t->gatun({ ready => qr/taken over/ }, '-C', $config);
    my $took = new_tunnels(20);
    cmp_ok($took, '<', is_asan() ? 3 : 1, "a new one takes over ($took s)");
    my ($status) = $t->once('-C', $config, '-s', 'reload');
    is($status, 0, 'it reloads');
    two_workers();
    new_tunnels(20);

    my $said = load_end($storm);
    is($said->{errors}, 0, 'the storm has lost nothing')
        or diag(explain($said));
    cmp_ok($said->{ok}, '>', 100, "of its $said->{ok} tunnels");
    $said = load_end($held);
    is("$said->{ok} $said->{errors}", '100 0', 'nor have the tunnels')
        or diag(explain($said));
    ok(wait_for { keys(%{ { $g->group } }) == 0 }, 'the old workers go');
    is($h->stop, 0, 'an orderly end');
};

done_testing();
