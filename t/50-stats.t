#!/usr/bin/perl
# t/50-stats.t: the stats endpoint: /status, /healthz, the five figures, over a
# reload, over a unix socket, and whom it does not answer.

use strict;
use warnings;
use Test::Gatun;

my $t = Test::Gatun->new;
my $target = $t->listener;
my $to = '127.0.0.1:' . $target->port;

my $yaml = <<'END';
services:
- name: one
  addr: 127.0.0.1:%%PORT_0%%
  handler: { type: http }
- name: two
  addr: 127.0.0.1:%%PORT_1%%
  handler: { type: http }
gatun:
  workers: 2
  runtimeDir: "%%DIR%%/run"
  stats: { addr: "127.0.0.1:%%PORT_2%%" }
END
my $path = $t->write_file('s.yaml', $yaml);
my $g = $t->gatun({ listeners => 2 }, '-C', $path);
my $stats = $t->port(2);

sub get
{
    my ($what, @fields) = @_;
    my $s = connect_to($stats);

    $s->send("$what HTTP/1.1\r\n" . join('', map { "$_\r\n" }
        @fields ? @fields : 'Host: 127.0.0.1') . "\r\n");
    my $m = $s->read_response($what =~ /^HEAD/ ? 'HEAD' : 'GET');
    $m->{end} = $s->read_all . $s->end;

    return $m;
}

sub service
{
    my ($name) = @_;
    my ($s) = grep { $_->{name} eq $name } @{ $t->stats($stats)->{services} };

    return $s;
}

sub figures
{
    my ($s) = @_;

    return [map { $s->{$_} }
        qw(totalConns currentConns totalErrs inputBytes outputBytes)];
}

subtest 'answers' => sub {
    my $m = get('GET /status');
    is($m->{status}, 200, '/status');
    is($m->{fields}{'content-type'}[0], 'application/json', 'is JSON');
    my $j = decode_json($m->{body});
    like($j->{version}, qr/^\d+\.\d+/, 'version');
    is($j->{generation}, 1, 'generation');
    like($j->{uptime}, qr/^\d+$/, 'uptime');
    is($j->{pid}, $g->pid, 'the master\'s pid');
    is_deeply([sort map { $_->{pid} } @{ $j->{workers} }], [sort $g->workers],
        'the workers\' pids');
    is_deeply([map { $_->{connections} } @{ $j->{workers} }], [0, 0],
        'and connections');
    is_deeply([map { $_->{name} } @{ $j->{services} }], ['one', 'two'],
        'services');
    is_deeply(figures($j->{services}[0]), [0, 0, 0, 0, 0], 'five figures');
    is($j->{services}[0]{addr}, '127.0.0.1:' . $t->port(0), 'address');

    $m = get('GET /healthz');
    is($m->{status}, 200, '/healthz');
    is(get('HEAD /status')->{status}, 200, 'HEAD');
    is(get('GET /status?pretty=1')->{status}, 200, 'a query');
    is(get('GET /nothing')->{status}, 404, 'nothing else');
    is(get('POST /status', 'Host: 127.0.0.1', 'Content-Length: 0')->{status}, 405,
        'read-only');
    is(get('GET /status', 'Host: evil.test')->{status}, 403,
        'a name that is not ours: a browser is being used');
    is(get('GET /status', 'Host: localhost')->{status}, 200, 'localhost');
    is(get('GET /status', 'Host: [::1]:1')->{status}, 200, 'an address');
    unlike($m->{head}, qr/access-control-allow/i, 'nobody else\'s page may read');

    is(get('GARBAGE')->{status}, 400, 'garbage');
    is(get('GET /status', 'Host: x', 'X: ' . 'y' x 100_000)->{status} =~ /^4/, 1,
        'too much');
    is(get('GET /healthz')->{status}, 200, 'and still answers');

    # slow readers and those who say nothing hold nobody up
    my @quiet = map { connect_to($stats) } 1 .. 50;
    is(get('GET /healthz')->{status}, 200, 'beside fifty silent ones');
};

subtest 'the five figures' => sub {
    my $head = "CONNECT $to HTTP/1.1\r\nHost: $to\r\n\r\n";
    my ($in, $out) = (0, 0);
    my @open;

    for my $n (1 .. 5) {
        my $c = connect_to($t->port(0));
        $c->send($head);
        my $answer = $c->read_head;
        my $o = $target->accept;
        $c->send('u' x 1000 x $n);
        $o->read_n(1000 * $n);
        $o->send('d' x 300);
        $c->read_n(300);
        $in += length($head) + 1000 * $n;
        $out += length($answer) + 300;
        push @open, $c, $o;
    }

    is_deeply([@{ figures(service('one')) }[0 .. 2]], [5, 5, 0],
        'while they run');
    $_->close for @open;
    ok(wait_for { service('one')->{currentConns} == 0 }, 'they end');
    is_deeply(figures(service('one')), [5, 0, 0, $in, $out], 'to the byte');

    # forwarded requests
    my $origin = $t->origin;
    my $c = connect_to($t->port(1));
    ($in, $out) = (0, 0);
    for my $n (10, 100_000) {
        my $rq = 'POST http://127.0.0.1:' . $origin->port . "/echo HTTP/1.1\r\n"
            . "Host: x\r\nContent-Length: $n\r\n\r\n" . 'x' x $n;
        $c->send($rq);
        my $m = $c->read_response;
        is(length $m->{body}, $n, "$n bytes there and back");
        $in += length $rq;
        $out += length($m->{head}) + $n;
    }
    $c->close;
    ok(wait_for { service('two')->{currentConns} == 0 }, 'it ends');
    is_deeply(figures(service('two')), [1, 0, 0, $in, $out], 'to the byte');

    # failures
    request($t->port(1), "CONNECT 127.0.0.1:1 HTTP/1.1\r\nHost: x\r\n\r\n");
    request($t->port(1), "GARBAGE\r\n\r\n");
    ok(wait_for { service('two')->{currentConns} == 0 }, 'they end');
    my $s = service('two');
    is($s->{totalConns}, 3, 'failures are connections');
    cmp_ok($s->{totalErrs}, '>=', 1, 'and errors');
};

subtest 'over a reload' => sub {
    my $before = figures(service('one'));
    my $c = connect_via($t->port(0), $to);
    my $o = $target->accept;

    for my $generation (2 .. 4) {
        my ($st) = $t->once('-C', $path, '-s', 'reload');
        is($st, 0, "reload to $generation");
        is($t->stats($stats)->{generation}, $generation, 'it says so');
        my $now = service('one');
        is($now->{totalConns}, $before->[0] + 1, 'nothing is forgotten');
        is($now->{currentConns}, 1, 'the old tunnel counts');
        is(get('GET /healthz')->{status}, 200, 'healthy');
    }

    my @w = @{ $t->stats($stats)->{workers} };
    is(scalar(grep { $_->{state} eq 'ready' } @w), 2, 'two ready workers');
    is(scalar(grep { $_->{state} eq 'quitting' } @w), 1, 'one that quits');
    $c->send('x' x 5000);
    $o->read_n(5000);
    $_->close for $c, $o;
    ok(wait_for { service('one')->{currentConns} == 0 }, 'it ends');
    ok(wait_for { @{ $t->stats($stats)->{workers} } == 2 }, 'and its worker');
    my $now = figures(service('one'));
    is($now->[0], $before->[0] + 1, 'connections are kept');
    cmp_ok($now->[3], '>=', $before->[3] + 5000, 'bytes are kept');

    # while it is read all the time no figure goes back
    my ($last, $bad) = (0, 0);
    my $pid = fork // die;
    if (!$pid) {
        for (1 .. 5) { $t->once('-C', $path, '-s', 'reload') }
        POSIX::_exit(0);
    }
    for (1 .. 300) {
        request($t->port(0), "GARBAGE\r\n\r\n") if $_ % 10 == 0;
        my $n = service('one')->{totalConns};
        $bad++ if $n < $last;
        $last = $n;
    }
    waitpid $pid, 0;
    is($bad, 0, 'none ever went back');
    ok(wait_for { service('one')->{totalConns} == $before->[0] + 31 },
        'and all are there');

    # a service that goes, and comes again
    my $two = service('two')->{totalConns};
    $t->write_file('s.yaml', $yaml =~ s/- name: two\n.*\n.*\n//r);
    $t->once('-C', $path, '-s', 'reload');
    ok(wait_for { !service('two') || 1 }, 'a service goes');
    $t->write_file('s.yaml', $yaml);
    $t->once('-C', $path, '-s', 'reload');
    ok(wait_for { service('two') }, 'and comes again');
    cmp_ok(service('two')->{totalConns}, '>=', 0, 'with figures');
};

subtest 'other places' => sub {
    my $sock = $t->dir . '/stats.sock';
    $t->gatun('-w', 1, '-L', 'http://127.0.0.1:%%PORT_3%%', '-stats',
        "unix:$sock");
    is($t->stats($sock)->{generation}, 1, 'a unix socket');
    $t->gatun('-w', 1, '-L', 'http://127.0.0.1:%%PORT_4%%', '-stats',
        '%%PORT_5%%');
    is($t->stats($t->port(5))->{generation}, 1, 'a port alone');
    my ($st) = $t->once('-L', 'http://127.0.0.1:%%PORT_6%%', '-stats',
        '127.0.0.1:%%PORT_5%%');
    is($st, 1, 'a busy port stops the start');
};

done_testing();
