#!/usr/bin/perl
# t/50-process.t: master and workers: reload, stop, a worker killed, a master
# killed, a second start; the pid file, signals, -s and what it answers.

use strict;
use warnings;
use Test::Gatun;

my $t = Test::Gatun->new;
my $target = $t->listener;
my $config = '%%DIR%%/gatun.yaml';

sub yaml
{
    my ($services, $own) = @_;

    $services //= '';
    $own //= '';
    return <<"END";
services:
- name: proxy
  addr: 127.0.0.1:%%PORT_0%%
  handler: { type: http }
$services
gatun:
  workers: 2
  pidFile: "%%DIR%%/gatun.pid"
  runtimeDir: "%%DIR%%/run"
  stats: { addr: "127.0.0.1:%%PORT_1%%" }
$own
END
}

# gatun with this configuration in the file that all use
sub up
{
    my ($options, @yaml) = @_;

    $t->write_file('gatun.yaml', yaml(@yaml));
    my $g = $t->gatun({ listeners => 1, %$options }, '-C', $config);
    ok(wait_for { 2 == grep { $_->{state} eq 'ready' } workers() },
        'two workers are ready') or diag(explain(status()), $g->log);

    return $g;
}

# what -s says: status, and all its words
sub say_s
{
    my ($word, @more) = @_;
    my ($status, $out, $err) = $t->once('-C', $config, '-s', $word, @more);

    return ($status, $out . $err);
}

sub status { return eval { $t->stats($t->port(1)) } // {} }

sub workers { return @{ status()->{workers} // [] } }

sub tunnel
{
    my ($n) = @_;
    my $c = connect_via($t->port($n // 0), $target->port);

    return ref $c && $c->head =~ / 200 / ? [$c, scalar $target->accept] : ();
}

sub passes
{
    my ($pair) = @_;
    my ($c, $o) = @{ $pair // return 0 };

    return 0 unless $o && $c->send('ping') && $o->read_n(4) eq 'ping';
    return $o->send('pong') && $c->read_n(4) eq 'pong';
}

# a connection that waits for its second request
sub kept
{
    my $c = connect_to($t->port(0));

    $c->send('GET http://127.0.0.1:' . $target->port . "/ HTTP/1.1\r\n"
        . "Host: x\r\n\r\n");
    my $o = $target->accept;
    $o->read_head;
    $o->send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    is($c->read_response->{status}, 200, 'a kept connection');

    return $c;
}

sub all_pass { return scalar grep { passes($_) } @_ }

sub drop { $_->close for map { @$_ } @_ }

subtest 'the processes' => sub {
    my $g = up({});
    my %group = $g->group;
    my @titles = sort map { s/^(gatun: \w+( \d)?).*/$1/r } values %group;

    is_deeply(\@titles, ['gatun: master', 'gatun: stats', 'gatun: worker 0',
        'gatun: worker 1'], 'are called what they are');
    is(slurp($t->dir . '/gatun.pid') + 0, $g->pid, 'the pid file');

    if ($> == 0) {
        for (grep { $group{$_} !~ /master/ } keys %group) {
            my $s = slurp("/proc/$_/status");
            unlike($s, qr/^Uid:.*\b0\b/m, "$group{$_} is not root");
            like($s, qr/^CapEff:\s+0+$/m, "$group{$_} has no capability");
        }
    }

    my ($st, $said) = say_s('status', '-O', 'json');
    is($st, 0, '-s status');
    my $json = eval { decode_json($said) };
    ok($json && @{ $json->{workers} } == 2, 'answers') or diag($said);

    # all workers serve: 40 connections, none of them with none
    my @pairs = map { tunnel() } 1 .. 40;
    is(all_pass(@pairs), 40, 'forty tunnels');
    my @n = map { $_->{connections} } workers();
    is($n[0] + $n[1], 40, 'are counted');
    ok($n[0] && $n[1], "by both workers (@n)");
    drop(@pairs);

    is($g->stop, 0, 'TERM');
    ok(!-e $t->dir . '/gatun.pid', 'no pid file is left');
};

subtest 'a second start' => sub {
    my $g = up({});
    my $pair = tunnel();

    my ($status, $out, $err) = $t->once('-C', $config);
    is($status, 1, 'the same again');
    like($err, qr/running/, 'says that it runs');

    ($status, $out, $err) = $t->once('-L', 'http://127.0.0.1:%%PORT_0%%');
    is($status, 1, 'another on the same port');
    like($err, qr/127\.0\.0\.1:\Q@{[$t->port(0)]}\E.*in use/i,
        'names the address');

    ($status, $out, $err) = $t->once('-L', 'http://127.0.0.1:%%PORT_5%%',
        '-L', 'http://:%%PORT_0%%');
    is($status, 1, 'another on all addresses');
    unlike($err, qr/listening on/, 'and not half of it');

    ok(passes($pair), 'the first does not notice');
    is(slurp($t->dir . '/gatun.pid') + 0, $g->pid, 'nor its pid file');
    is($g->stop('INT'), 0, 'INT is as TERM');
    is($pair->[0]->read_all, '', 'the tunnel is cut');

    $t->write_file('gatun.pid', "$$\n");
    $g = up({});
    is(slurp($t->dir . '/gatun.pid') + 0, $g->pid, 'a stale pid file');
    is($g->stop, 0, 'an orderly end');
};

subtest 'a reload' => sub {
    my $g = up({}, <<'END');
- name: second
  addr: 127.0.0.1:%%PORT_2%%
  handler: { type: http }
END
    my @pairs = map { tunnel($_ % 2 ? 0 : 2) } 1 .. 10;
    my @before = $g->workers;
    my $slow = connect_to($t->port(0));
    $slow->send('CONNECT 127.0.0.1:' . $target->port . " HTTP/1.1\r\n");
    wait_for { (status()->{total}{connections} // 0) == 11 };

    # second goes, third comes
    $t->write_file('gatun.yaml', yaml(<<'END'));
- name: third
  addr: 127.0.0.1:%%PORT_3%%
  handler: { type: http }
END
    $g->signal('HUP');
    $g->wait_log(qr/config reloaded/);
    is(status()->{generation}, 2, 'a second generation');
    is(all_pass(@pairs), 10, 'tunnels go on');

    my $fresh = tunnel();
    ok(passes($fresh), 'new ones are served');
    ok(passes(tunnel(3)), 'where it was not before');
    ok(wait_for { !Test::Gatun::can_connect($t->port(2)) },
        'and no longer where it was');

    $slow->send("Host: x\r\n\r\n");
    like($slow->read_head, qr/ 200 /, 'a request that was begun is served');
    my $o = $target->accept;
    ok(passes([$slow, $o]), 'and its tunnel stands');

    my %new = map { $_ => 1 } map { $_->{pid} }
        grep { $_->{generation} == 2 } workers();
    ok(!grep({ $new{$_} } @before), 'by other workers');
    my $alive = grep { kill 0, $_ } @before;
    is($alive, 2, 'the old ones are there for their tunnels');
    drop(@pairs, [$slow, $o]);
    ok(wait_for { !grep { kill 0, $_ } @before }, 'and go with them');
    ok(passes($fresh), 'the new ones stay');

    # idle kept connections do not hold an old worker, nor do busy ones for
    # longer than their request
    my $idle = kept();
    my $busy = kept();
    $busy->send('GET http://127.0.0.1:' . $target->port . "/ HTTP/1.1\r\n"
        . "Host: x\r\n\r\n");
    $o = $target->accept;
    $o->read_head;
    my ($st, $said) = say_s('reload');
    is($st, 0, '-s reload');
    like($said, qr/\S/, 'says so');
    is($idle->read_all . $idle->end, 'eof', 'is closed while it is idle');
    $o->send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi");
    my $m = $busy->read_response;
    is($m->{body}, 'hi', 'what was asked is answered');
    is(lc($m->{fields}{connection}[0] // ''), 'close', 'and was the last');
    is($busy->read_all . $busy->end, 'eof', 'and closed');
    is(status()->{generation}, 3, 'a third generation');

    for (1 .. 10) { $g->signal('HUP') }
    ok(wait_for { status()->{generation} > 3 }, 'ten at once');
    ok(wait_for { 2 == grep { $_->{state} eq 'ready' } workers() },
        'leave two workers');
    ok(passes(tunnel()), 'that serve');
    ok(passes($fresh), 'and tunnels of before');
    drop($fresh);
    is($g->stop, 0, 'an orderly end');
};

subtest 'a reload that is refused' => sub {
    my $g = up({});
    my $pair = tunnel();
    my @before = $g->workers;
    my $busy = $t->listener(4);

    my @bad = (
        ['syntax', "services: [\n", qr/gatun\.yaml:\d+:\d+: /],
        ['a chain that is not there',
            yaml() =~ s/http \}/http, chain: gone }/r,
            qr/gatun\.yaml:4:\d+: .*gone/],
        ['a busy port', yaml(<<'END'), qr/127\.0\.0\.1:\d+.*in use/i],
- name: busy
  addr: 127.0.0.1:%%PORT_4%%
  handler: { type: http }
END
        ['a password file that is not there', yaml() =~ s/http \}/http,
            auther: a }/r . "authers:\n- { name: a, file: { path: /none/u } }\n",
            qr{/none/u}],
        ['a log that cannot be', yaml() . "log: { output: /proc/none/l }\n",
            qr{/proc/none/l}],
        ['a user that is not there', yaml('', '  user: no-such-user'),
            qr/no-such-user/],
    );

    pop @bad if $>;    # who is not root cannot become anybody, and need not

    for (@bad) {
        my ($name, $text, $why) = @$_;

        $t->write_file('gatun.yaml', $text);
        my ($st, $said) = say_s('reload');
        is($st, 1, "$name: -s reload");
        like($said, $why, "$name: says why");

        my $lines = () = $g->log =~ /config not reloaded/g;
        $g->signal('HUP');
        ok(wait_for { $lines < (() = $g->log =~ /config not reloaded/g) },
            "$name: HUP is refused, too");
        like($g->log, $why, "$name: the log says why");
        is(status()->{generation}, 1, "$name: the generation stays");
        ok(passes($pair), "$name: the tunnel goes on");
        my $new = tunnel();
        ok(passes($new), "$name: new ones come");
        drop($new // ());
    }

    is_deeply([$g->workers], \@before, 'the workers are the same');
    $t->write_file('gatun.yaml', yaml());
    my ($st) = say_s('reload');
    is($st, 0, 'a good one is taken');
    ok(passes($pair), 'the tunnel goes on');
    drop($pair);
    is($g->stop, 0, 'an orderly end');
};

subtest 'a worker is killed' => sub {
    my $g = up({ alerts => qr/worker \d.*(killed|signal)/i });

    for my $round (1 .. 3) {
        my @pairs = map { tunnel() } 1 .. 20;
        my %n = map { $_->{pid} => $_->{connections} } workers();
        my ($victim) = $g->workers;
        my ($other) = grep { $_ != $victim } keys %n;

        kill 'KILL', $victim;
        my $began = time;
        ok(wait_for { grep { $_ != $victim && $_ != $other } $g->workers },
            "$round: a new one");
        my @new = map { tunnel() } 1 .. 20;
        is(all_pass(@new), 20, "$round: all new tunnels stand");
        my $took = time - $began;
        cmp_ok($took, '<', is_asan() ? 3 : 1, "$round: within a second ($took)");

        my @left = grep { passes($_) } @pairs;
        is(scalar @left, $n{$other}, "$round: the other's tunnels go on");
        my @gone = grep { $_->[0]->read_all(0.1); $_->[0]->end ne 'timeout' }
            @pairs;
        is(scalar @gone, $n{$victim}, "$round: the victim's are ended");
        drop(@pairs, @new);
        ok(wait_for { status()->{services}[0]{currentConns} == 0 },
            "$round: none is counted any more");
    }

    is($g->stop, 0, 'an orderly end');
};

# a worker that dies again and again comes back slower, and nobody waits for it
subtest 'a worker that does not live' => sub {
    my $g = up({ alerts => qr/worker \d.*(killed|signal)/i });
    my ($steady) = reverse $g->workers;
    my $began = time;
    my $deaths = 0;

    while ($deaths < 5 && time - $began < 20) {
        my ($victim) = grep { $_ != $steady } $g->workers;
        nap() if !$victim;
        next if !$victim || !kill 'KILL', $victim;
        wait_for { !kill 0, $victim };
        $deaths++;
    }

    cmp_ok(time - $began, '>', 0.5, 'five deaths take their time');
    like($g->log, qr/worker 0 is started again in \d+ ms/, 'it is said');
    is_deeply([grep { $_ == $steady } $g->workers], [$steady],
        'the other is well');
    ok(wait_for { 2 == grep { $_->{state} eq 'ready' } workers() },
        'in the end there are two');
    is(all_pass(map { tunnel() } 1 .. 20), 20, 'that serve');
    is($g->stop, 0, 'an orderly end');
};

subtest 'the stats process is killed' => sub {
    my $g = up({ alerts => qr/stats process/ });
    my %group = $g->group;
    my ($pid) = grep { $group{$_} =~ /stats/ } keys %group;
    my $pair = tunnel();

    kill 'KILL', $pid;
    ok(wait_for { (status()->{generation} // 0) == 1 }, 'another answers');
    ok(passes($pair), 'nobody else notices');
    drop($pair);
    is($g->stop, 0, 'an orderly end');
};

subtest 'the master is killed' => sub {
    my $g = up({ status => 1009, alerts => qr/master/ });
    my @pairs = map { tunnel() } 1 .. 10;
    my @workers = $g->workers;

    kill 'KILL', $g->pid;
    ok(wait_for { $g->ended }, 'gone');
    is(all_pass(@pairs), 10, 'tunnels go on');
    push @pairs, map { tunnel() } 1 .. 10;
    is(all_pass(@pairs), 20, 'new ones are served');

    my $h = $t->gatun({ ready => qr/taken over/ }, '-C', $config);
    is(all_pass(@pairs), 20, 'a new master comes: tunnels go on');
    push @pairs, map { tunnel() } 1 .. 10;
    is(all_pass(@pairs), 30, 'new ones are served');
    is(slurp($t->dir . '/gatun.pid') + 0, $h->pid, 'its pid file');
    my ($st) = say_s('status');
    is($st, 0, 'it answers');
    ok(wait_for { (status()->{total}{connections} // 0) == 30 },
        'and sees all connections');

    my ($second, undef, $err) = $t->once('-C', $config);
    is($second, 1, 'a second start is refused again');

    ($st) = say_s('reload');
    is($st, 0, 'it reloads');
    is(all_pass(@pairs), 30, 'tunnels go on');
    ok(passes(tunnel()), 'new ones are served');
    drop(@pairs);
    ok(wait_for { !grep { kill 0, $_ } @workers },
        'the workers of before go when their tunnels have');
    is($h->stop, 0, 'an orderly end');
    is_deeply({ $g->group }, {}, 'of all');
};

subtest 'QUIT' => sub {
    for my $how ('QUIT', '-s') {
        my $g = up({});
        my @pairs = map { tunnel() } 1 .. 6;
        my $idle = kept();
        wait_for { (status()->{total}{connections} // 0) == 7 };

        if ($how eq 'QUIT') {
            $g->signal('QUIT');
        } else {
            my ($st) = say_s('quit');
            is($st, 0, '-s quit');
        }

        ok(wait_for { !Test::Gatun::can_connect($t->port(0)) },
            "$how: nobody comes in any more");
        is($idle->read_all . $idle->end, 'eof', "$how: who is idle goes");
        is(all_pass(@pairs), 6, "$how: tunnels go on");
        ok(!$g->ended, "$how: and so does the master");
        drop(pop @pairs) for 1 .. 5;
        nap(0.3);
        ok(!$g->ended && passes($pairs[0]), "$how: to the last of them");
        drop(@pairs);
        ok(wait_for { $g->ended }, "$how: then it ends");
        is($g->status, 0, "$how: with 0");
    }
};

subtest 'a time for quitting' => sub {
    my $g = up({}, '', '  shutdownTimeout: 1s');
    my $pair = tunnel();
    my $began = time;

    $g->signal('QUIT');
    is($pair->[0]->read_all, '', 'the tunnel is cut');
    my $took = time - $began;
    cmp_ok($took, '>', 0.9, 'not before its time');
    cmp_ok($took, '<', 3, 'nor long after');
    ok(wait_for { $g->ended }, 'the end');
    is($g->status, 0, 'with 0');
};

subtest '-s' => sub {
    my $g = up({});
    my $pair = tunnel();
    my ($st, $said) = say_s('stop');

    is($st, 0, '-s stop');
    is($pair->[0]->read_all, '', 'cuts tunnels');
    ok(wait_for { $g->ended }, 'ends');
    is($g->status, 0, 'with 0');

    for my $word (qw(reload stop quit reopen status)) {
        ($st, $said) = say_s($word);
        is($st, 1, "-s $word: nobody is there");
        like($said, qr/nothing runs/, "-s $word: says so");
    }

    ($st, undef, $said) = $t->once('-L', ':1', '-s', 'stop');
    is($st, 1, '-s without a place');
    like($said, qr/runtimeDir|-p/, 'says what is missing');

    # all from a prefix
    my $prefix = $t->dir . '/pre';
    mkdir $prefix or die;
    chmod 0755, $prefix;
    $g = $t->gatun('-p', $prefix, '-L', 'http://127.0.0.1:%%PORT_0%%');
    ok(-e "$prefix/gatun.pid", 'a prefix: its pid file');
    ($st, $said) = $t->once('-p', $prefix, '-L', ':1', '-s', 'status');
    is($st, 0, 'a prefix: its control socket') or diag($said);
    is((stat "$prefix/run/control.sock")[2] & 07777, 0600, 'for its owner only');
    ($st) = $t->once('-p', $prefix, '-L', ':1', '-s', 'stop');
    is($st, 0, 'a prefix: stop');
    ok(wait_for { $g->ended }, 'a prefix: ends');
};

subtest 'starts that are refused' => sub {
    my ($st, $err);

    if ($> == 0) {
        ($st, undef, $err) = $t->once('-C', $t->write_file('u.yaml',
            yaml('', '  user: no-such-user')));
        is($st, 1, 'a user that is not there');
        like($err, qr/no-such-user/, 'is named');
    }

    ($st, undef, $err) = $t->once('-C', $t->write_file('u.yaml',
        yaml() =~ s{pidFile: "\S+"}{pidFile: /proc/none/pid}r));
    is($st, 1, 'a pid file that cannot be');
    like($err, qr{/proc/none/pid}, 'is named');
    ok(!Test::Gatun::can_connect($t->port(0)), 'and nothing is left');
};

done_testing();
