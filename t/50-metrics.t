#!/usr/bin/perl
# t/50-metrics.t: /metrics: GOST's names and labels, the format as Prometheus'
# own parser and a strict one of ours read it, equal to /status, over reloads
# and deaths, guarded, at its own place and at the stats endpoint.

use strict;
use warnings;
use IO::Socket::IP;
use MIME::Base64 qw(encode_base64);
use POSIX ();
use Test::Gatun;
use Test::Gatun::Metrics;

my $t = Test::Gatun->new;
my $target = $t->listener;
my $to = '127.0.0.1:' . $target->port;
my ($host) = (POSIX::uname())[1];

# GOST's, but for those of chains and recorders, which are not used here
my %gost = (
    gost_services => ['gauge', 'host'],
    gost_service_requests_total => ['counter', 'client host service'],
    gost_service_requests_in_flight => ['gauge', 'client host service'],
    gost_service_request_duration_seconds => ['histogram', 'host service'],
    gost_service_transfer_input_bytes_total =>
        ['counter', 'client host service'],
    gost_service_transfer_output_bytes_total =>
        ['counter', 'client host service'],
    gost_service_handler_errors_total => ['counter', 'client host service'],
);

my %figure = (
    totalConns => 'gost_service_requests_total',
    currentConns => 'gost_service_requests_in_flight',
    totalErrs => 'gost_service_handler_errors_total',
    inputBytes => 'gost_service_transfer_input_bytes_total',
    outputBytes => 'gost_service_transfer_output_bytes_total',
);

sub basic { return 'Authorization: Basic ' . encode_base64($_[0], '') }

# an answer, from a port or a unix socket
sub get
{
    my ($where, $what, @fields) = @_;
    my $s = $where =~ m{^/} ? Test::Gatun::Stream->connect_unix($where)
        : connect_to($where);

    $what .= ' HTTP/1.1' if $what !~ /HTTP/;
    $s->send("$what\r\n" . join('', map { "$_\r\n" } 'Host: gw.test', @fields)
        . "\r\n");
    my $m = $s->read_response($what =~ /^HEAD/ ? 'HEAD' : 'GET');
    $s->close;

    return $m;
}

sub metrics
{
    my ($where, $path, @fields) = @_;
    my $m = get($where, 'GET ' . ($path // '/metrics'), @fields);

    return Test::Gatun::Metrics->parse($m->{body} // '');
}

# from an address of 127.0.0.0/8, through a service
sub visit
{
    my ($port, $from, $text) = @_;
    my $fh = IO::Socket::IP->new(PeerHost => '127.0.0.1', PeerPort => $port,
        LocalHost => $from) or die "$from: $@\n";
    my $s = Test::Gatun::Stream->wrap($fh);

    $s->send($text // "CONNECT $to HTTP/1.1\r\nHost: $to\r\n\r\n");
    $s->read_head;

    return $s;
}

# a tunnel: the client's end and the target's
sub tunnel
{
    my ($port, $from) = @_;
    my $s = visit($port, $from);

    return ($s, $target->accept);
}

# does it say what /status says?
sub equal_to_status
{
    my ($m, $status, $what) = @_;
    my (%have, %want);

    for my $s (@{ $status->{services} }) {
        for (keys %figure) {
            $want{"$s->{name} $_"} = $s->{$_};
            $have{"$s->{name} $_"} = $m->sum($figure{$_}, service => $s->{name});
        }
    }

    is_deeply(\%have, \%want, "$what: equal to /status");
}

# the sum of all that has no worker of its own, which never goes back
sub gone_back
{
    my ($before, $after) = @_;
    my ($b, $a) = ($before->counters, $after->counters);

    return grep { !/worker=/ && ($a->{$_} // -1) < $b->{$_} } sort keys %$b;
}

my $yaml = <<'END';
services:
- name: one
  addr: 127.0.0.1:%%PORT_0%%
  handler: { type: http }
- name: "t\"w\\o \u00e9\n2"
  addr: 127.0.0.1:%%PORT_1%%
  handler: { type: http }
metrics:
  addr: 127.0.0.1:%%PORT_3%%
  path: /m
  auth: { username: u, password: "p:w" }
gatun:
  workers: 2
  runtimeDir: "%%DIR%%/run"
  stats: { addr: "127.0.0.1:%%PORT_2%%" }
END
my $two = "t\"w\\o \x{e9}\n2";
my $path = $t->write_file('m.yaml', $yaml);
my $g = $t->gatun({ listeners => 2, alerts => qr/worker \d.*killed/ }, '-C',
    $path);
my ($stats, $place) = ($t->port(2), $t->port(3));

subtest 'the answer' => sub {
    my $m = get($place, 'GET /m', basic('u:p:w'));
    is($m->{status}, 200, 'with its user');
    is($m->{fields}{'content-type'}[0],
        'text/plain; version=0.0.4; charset=utf-8', 'its type');
    is($m->{fields}{'transfer-encoding'}[0], 'chunked', 'in pieces');
    is(get($place, 'GET /m?x=1', basic('u:p:w'))->{status}, 200, 'a query');

    my $old = get($place, 'GET /m HTTP/1.0', basic('u:p:w'));
    ok(!$old->{fields}{'transfer-encoding'}, 'HTTP/1.0 gets no chunks');
    is_deeply(Test::Gatun::Metrics->parse($old->{body})->{order},
        Test::Gatun::Metrics->parse($m->{body})->{order}, 'but all of it');
    my $head = get($place, 'HEAD /m', basic('u:p:w'));
    is($head->{status}, 200, 'HEAD');
    is($head->{fields}{'content-type'}[0], $m->{fields}{'content-type'}[0],
        'is the same without a body');

    for (undef, basic('u:pw'), basic('x:p:w'), basic('u:'), 'Authorization: x')
    {
        my $no = get($place, 'GET /m', $_ // ());
        is($no->{status}, 401, $_ // 'nobody');
        is($no->{body}, '', 'gets an empty body');
        ok(!$no->{fields}{'www-authenticate'}, 'and no challenge, as in GOST');
    }

    is(get($place, "GET $_", basic('u:p:w'))->{status}, 404, "no $_ here")
        for '/', '/metrics', '/status', '/healthz', '/m/';
    is(get($place, 'POST /m', basic('u:p:w'), 'Content-Length: 0')->{status},
        405, 'read-only');
    is(get($stats, 'GET /metrics')->{status}, 403,
        'the stats endpoint knows its Host');
    is(get($stats, 'GET http://127.0.0.1/metrics')->{status} =~ /^4/, 1,
        'whatever the target');
};

# from here on at the stats endpoint too
sub stats_metrics
{
    my $s = connect_to($stats);

    $s->send("GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
    my $m = $s->read_response;
    $s->close;

    return Test::Gatun::Metrics->parse($m->{body});
}

subtest 'names and labels' => sub {
    my $m = metrics($place, '/m', basic('u:p:w'));
    is_deeply($m->{wrong}, [], 'before anybody came');
    is($m->value('gost_services', host => $host), 2, 'services');
    is($m->sum('gost_service_request_duration_seconds_count'), 0, 'no requests');

    my @open = map { tunnel($t->port(0), "127.0.0.$_") } 2 .. 5;
    $_->close for tunnel($t->port(1), '127.0.0.9'),
        visit($t->port(1), '127.0.0.9', "GARBAGE\r\n\r\n"),
        visit($t->port(1), '127.0.0.9',
        "CONNECT 127.0.0.1:1 HTTP/1.1\r\nHost: x\r\n\r\n");
    ok(wait_for {
        $m = stats_metrics();
        $m->sum('gost_service_requests_in_flight') == 4;
    }, 'four in flight');

    is_deeply($m->{wrong}, [], 'nothing is wrong with it');
    for my $n (sort keys %gost) {
        my $f = $m->{families}{$n};
        is($f->{type}, $gost{$n}[0], "$n: type");
        my %labels = map { join(' ', grep { $_ ne 'le' }
            sort keys %{ $_->{labels} }) => 1 } @{ $f->{samples} };
        is(join(', ', sort keys %labels), $gost{$n}[1], "$n: labels");
    }
    is_deeply([sort grep { /^gost_/ } @{ $m->{order} }], [sort keys %gost],
        'no others that look like GOST\'s');
    is_deeply([grep { !/^(?:gost|gatun|process)_/ } @{ $m->{order} }], [],
        'nor of nobody\'s');
    is(join(' ', map { $_->{labels}{le} }
        $m->find('gost_service_request_duration_seconds_bucket',
        service => 'one')),
        '0.005 0.01 0.025 0.05 0.1 0.25 0.5 1 2.5 5 10 15 30 60 +Inf',
        'the bounds');
    is_deeply([sort map { $_->{labels}{client} }
        $m->find('gost_service_requests_total', service => 'one')],
        [map { "127.0.0.$_" } 2 .. 5], 'each client');
    is($m->value('gost_service_requests_total', service => $two,
        client => '127.0.0.9'), 3, 'a name of odd letters');
    is($m->value('gost_service_handler_errors_total', service => $two,
        client => '127.0.0.9'), 2, 'errors');
    is($m->value('gost_service_request_duration_seconds_count',
        service => $two), 3, 'those that ended have taken their time');
    is($m->value('gost_service_request_duration_seconds_count',
        service => 'one'), 0, 'the others not yet');
    equal_to_status($m, $t->stats($stats), 'while they run');

    $open[0]->send('x' x 1000);
    $open[1]->read_n(1000);
    $_->close for @open;
    ok(wait_for { stats_metrics()->sum('gost_service_requests_in_flight') == 0 },
        'they end');
    equal_to_status(stats_metrics(), $t->stats($stats), 'behind them');
    is(stats_metrics()->value('gost_service_request_duration_seconds_count',
        service => 'one'), 4, 'all have taken their time');
};

subtest 'our own' => sub {
    my $m = stats_metrics();
    my $s = $t->stats($stats);

    is($m->value('gatun_build_info', version => $s->{version}), 1, 'version');
    is($m->value('gatun_generation'), 1, 'generation');
    is($m->value('gatun_workers', state => 'ready'), 2, 'ready workers');
    is($m->value('gatun_workers', state => $_), 0, "$_ ones")
        for qw(starting quitting);
    is($m->value('gatun_accepted_total'), $s->{total}{accepted}, 'accepted');
    is($m->sum('gatun_worker_accepted_total'), $s->{total}{accepted},
        'by workers');
    is(scalar($m->find('gatun_worker_tunnels', generation => 1)), 2,
        'each of them');
    is($m->value('gatun_reloads_total', result => $_), 0, "no $_ reload")
        for qw(good failed);
    ok((grep { $_->{value} > 5 }
        $m->find('gatun_worker_beat_age_seconds')) == 0, 'their hearts beat');

    cmp_ok($m->value('process_resident_memory_bytes'), '>', 1e6, 'memory');
    cmp_ok(abs($m->value('process_start_time_seconds') - time), '<', 60,
        'the start');
    cmp_ok($m->value('process_max_fds'), '>', 100, 'descriptors');
    ok(defined $m->value('process_cpu_seconds_total'), 'processor time');
    my $fds = 0;
    for ($g->pid, $g->workers) {
        opendir my $dir, "/proc/$_/fd" or next;
        $fds += grep { /^\d/ } readdir $dir;
    }
    my $open = $m->value('process_open_fds');
    ok(!defined $open || $open > $fds, 'ours among them') if $fds;
};

subtest 'Prometheus\' own parser' => sub {
    my ($python) = grep { -x && system("$_ -c 'import prometheus_client' "
        . '2>/dev/null') == 0 } '/usr/bin/python3',
        map { "$_/python3" } split /:/, $ENV{PATH};

    if (!$python) {
        BAIL_OUT('prometheus_client is missing, and CI must have it')
            if $ENV{CI};
        plan(skip_all => 'no prometheus_client here');
    }

    my $text = get($place, 'GET /m', basic('u:p:w'))->{body};
    $t->write_file('metrics.txt', $text);
    my ($st, $out, $err) = $t->once({ program => $python,
        stdin => $t->dir . '/metrics.txt' },
        "$Test::Gatun::top/t/tools/metrics.py");
    is($st, 0, 'reads it') or diag($err);
    my $found = decode_json($out);
    my $m = Test::Gatun::Metrics->parse($text);

    my $line = sub {
        my ($n, $labels, $value) = @_;
        return join ' ', $n, (map { "$_=$labels->{$_}" } sort keys %$labels),
            $value + 0;
    };
    is_deeply(
        [sort map { $line->(@$_) } map { @{ $_->{samples} } } values %$found],
        [sort map { $line->(@$_{qw(name labels value)}) }
            map { @{ $_->{samples} } } values %{ $m->{families} }],
        'and finds the same');
    is(scalar(grep { !$_->{help} || $_->{type} eq 'unknown' } values %$found),
        0, 'HELP and TYPE of each');

    $t->write_file('metrics.txt', $text =~ s/\{host="/{host=/r);
    ($st) = $t->once({ program => $python,
        stdin => $t->dir . '/metrics.txt' },
        "$Test::Gatun::top/t/tools/metrics.py");
    isnt($st, 0, 'a broken one is refused');
};

subtest 'nothing ever goes back' => sub {
    my @before = (stats_metrics());
    my ($held, $o) = tunnel($t->port(0), '127.0.0.7');

    for my $generation (2 .. 3) {
        my ($st) = $t->once('-C', $path, '-s', 'reload');
        is($st, 0, "reload to $generation");
        push @before, stats_metrics();
        $_->close for tunnel($t->port(0), '127.0.0.2');
    }

    is_deeply([gone_back($before[0], $before[1])], [], 'over a reload');
    my $m = stats_metrics();
    is($m->value('gatun_reloads_total', result => 'good'), 2, 'reloads');
    is($m->value('gatun_last_reload_good'), 1, 'the last one too');
    is($m->value('gatun_generation'), 3, 'generation');
    ok(wait_for {
        $m = stats_metrics();
        $m->value('gatun_workers', state => 'quitting') == 1;
    }, 'one leaves, those without a tunnel have left');
    is($m->value('gost_service_requests_in_flight', client => '127.0.0.7'), 1,
        'and serves');
    $_->close for $held, $o;

    ok(wait_for {
        $m = stats_metrics();
        $m->value('gatun_workers', state => 'quitting') == 0
            && $m->sum('gost_service_requests_in_flight') == 0;
    }, 'until its tunnel ends');
    is_deeply([gone_back($before[2], $m)], [], 'a generation is folded');
    is($m->value('gost_service_requests_total', client => '127.0.0.7'), 1,
        'its client is known');
    equal_to_status($m, $t->stats($stats), 'folded');
    is_deeply($m->{wrong}, [], 'and nothing is wrong');

    # a worker that dies with a tunnel
    ($held, $o) = tunnel($t->port(0), '127.0.0.8');
    my ($w) = grep { $_->{tunnels} == 1 } @{ $t->stats($stats)->{workers} };
    my $before = stats_metrics();
    kill 'KILL', $w->{pid};
    ok(wait_for {
        $m = stats_metrics();
        $m->value('gatun_deaths_total') == 1
            && $m->value('gatun_workers', state => 'ready') == 2;
    }, 'a worker dies, another one comes');
    is_deeply([gone_back($before, $m)], [], 'what it counted stays');
    is($m->sum('gost_service_requests_in_flight'), 0, 'what it held is gone');
    is($m->value('gatun_worker_deaths_total', worker => $w->{slot}), 1,
        'in its place');
    $_->close for $held, $o;
    ok(wait_for { $g->log =~ /was killed by signal 9/ }, 'the log says so');

    # it is read all the time
    my ($bad, $last) = (0, stats_metrics());
    my $pid = fork // die;
    if (!$pid) {
        for (1 .. 4) { $t->once('-C', $path, '-s', 'reload') }
        POSIX::_exit(0);
    }
    for (1 .. 150) {
        visit($t->port(0), "127.0.0." . (2 + $_ % 8), "GARBAGE\r\n\r\n")->close
            if $_ % 5 == 0;
        $m = stats_metrics();
        $bad++ if gone_back($last, $m) || @{ $m->{wrong} };
        $last = $m;
    }
    waitpid $pid, 0;
    is($bad, 0, 'and no reader saw it go back');

    $t->write_file('m.yaml', $yaml =~ s/type: http/type: nothing/r);
    my ($st) = $t->once('-C', $path, '-s', 'reload');
    isnt($st, 0, 'a reload that fails');
    $m = stats_metrics();
    is($m->value('gatun_reloads_total', result => 'failed'), 1, 'is counted');
    is($m->value('gatun_last_reload_good'), 0, 'and seen');
    $t->write_file('m.yaml', $yaml);
};

subtest 'more clients than rows' => sub {
    my $text = <<'END';
services:
- name: many
  addr: 127.0.0.1:%%PORT_4%%
  handler: { type: http }
gatun:
  workers: 2
  runtimeDir: "%%DIR%%/many"
  stats: { addr: "unix:%%DIR%%/many.sock", clients: 4 }
END
    my $sock = $t->dir . '/many.sock';
    my $file = $t->write_file('many.yaml', $text);
    $t->gatun({ listeners => 1 }, '-C', $file);

    visit($t->port(4), "127.0.1.$_", "GARBAGE\r\n\r\n")->close for 1 .. 40;
    my $m;
    ok(wait_for {
        $m = metrics($sock);
        $m->sum('gost_service_requests_in_flight') == 0
            && $m->sum('gost_service_requests_total') == 40;
    }, 'nobody is lost');
    my @rows = $m->find('gost_service_requests_total');
    cmp_ok(scalar(grep { $_->{labels}{client} ne '' } @rows), '<=', 8,
        'those with rows');
    cmp_ok($m->value('gost_service_requests_total', client => ''), '>=', 32,
        'and the rest');
    equal_to_status($m, $t->stats($sock), 'all of them');

    my ($st) = $t->once('-C', $file, '-s', 'reload');
    my $after = metrics($sock);
    is_deeply([gone_back($m, $after)], [], 'the same over a reload');

    # without the label: a series each, as much as all clients had
    $t->write_file('many.yaml', $text =~ s/clients: 4/clients: 0/r);
    ($st) = $t->once('-C', $file, '-s', 'reload');
    is($st, 0, 'the label goes');
    $m = metrics($sock);
    is_deeply($m->{wrong}, [], 'nothing is wrong');
    is_deeply([map { join ' ', sort keys %{ $_->{labels} } }
        $m->find('gost_service_requests_total')], ['host service'], 'no client');
    is($m->sum('gost_service_requests_total'), 40, 'nothing is lost');
    ok(wait_for { @{ $t->stats($sock)->{workers} } == 2 }, 'the others end');
    is(metrics($sock)->sum('gost_service_requests_total'), 40, 'nor then');

    for ('-1', '65537', 'x') {
        $t->write_file('bad.yaml', $text =~ s/clients: 4/clients: $_/r);
        ($st, undef, my $err) = $t->once('-C', $t->dir . '/bad.yaml', '-t');
        isnt($st, 0, "clients: $_");
        like($err, qr/bad\.yaml:8:\d+.*clients.*want 0 to 65536/, 'and where');
    }
};

subtest 'a text that is larger than what waits for it' => sub {
    my $name = '"' x 90;
    my $sock = $t->dir . '/large.sock';
    my $file = $t->write_file('large.yaml', <<"END");
services: [ { name: '$name', addr: "127.0.0.1:%%PORT_17%%",
              handler: { type: http } } ]
gatun:
  workers: 1
  runtimeDir: "%%DIR%%/large"
  stats: { addr: "unix:%%DIR%%/large.sock", clients: 4096 }
log: { level: error }
END
    my $n = 1200;

    $t->gatun({ ready => qr/./, fails => 1 }, '-C', $file);
    ok(wait_for { -S $sock && Test::Gatun::can_connect($t->port(17)) },
        'it starts');
    for my $i (1 .. $n) {
        visit($t->port(17), '127.1.' . int($i / 250) . '.' . (1 + $i % 250),
            "GARBAGE\r\n\r\n")->close;
    }

    my $m = get($sock, 'GET /metrics');
    cmp_ok(length $m->{body}, '>', 1 << 20, 'a large text');
    my $all = Test::Gatun::Metrics->parse($m->{body});
    is_deeply($all->{wrong}, [], 'is right');
    is($all->sum('gost_service_requests_total', service => $name), $n + 1,
        'and whole');
    is(scalar($all->find('gost_service_requests_total')), $n + 1,
        'with a row for each');
    my $old = get($sock, 'GET /metrics HTTP/1.0');
    is(scalar(Test::Gatun::Metrics->parse($old->{body})
        ->find('gost_service_requests_total')), $n + 1, 'HTTP/1.0 too');

    # who asks and does not read
    my @slow = map { Test::Gatun::Stream->connect_unix($sock) } 1 .. 8;
    $_->send("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n") for @slow;
    my $no;
    ok(wait_for { ($no = get($sock, 'GET /metrics'))->{status} == 503 },
        'no more than eight of them');
    is($no->{fields}{'retry-after'}[0], 1, 'for now');
    is(get($sock, 'GET /status')->{status}, 200, 'others are served');
    $_->close for splice @slow, 0, 4;
    ok(wait_for { get($sock, 'GET /metrics')->{status} == 200 }, 'there is room');
    my $late = $slow[0]->read_response;
    is(length($late->{body}) > 1 << 20, 1, 'who reads late gets all of it');
    $_->close for @slow;
};

subtest 'it comes, moves and goes' => sub {
    my $base = <<'END';
services:
- name: s
  addr: 127.0.0.1:%%PORT_5%%
  handler: { type: http }
gatun: { workers: 1, runtimeDir: "%%DIR%%/moves" }
END
    my $file = $t->write_file('moves.yaml', $base);
    my $run = $t->gatun({ listeners => 1 }, '-C', $file);
    my $reload = sub {
        $t->write_file('moves.yaml', $base . $_[0]);
        return $t->once('-C', $file, '-s', 'reload');
    };
    my $sock = $t->dir . '/metrics.sock';

    is(($reload->("metrics: { addr: '127.0.0.1:%%PORT_6%%' }\n"))[0], 0,
        'it comes');
    is(metrics($t->port(6))->value('gost_services'), 1, 'and answers');
    is(($reload->("metrics: { addr: '127.0.0.1:%%PORT_6%%', path: /x }\n"))[0],
        0, 'another path');
    ok(wait_for { get($t->port(6), 'GET /x')->{status} == 200 }, 'is there');
    is(get($t->port(6), 'GET /metrics')->{status}, 404, 'in place of the first');

    my ($st, $out, $err) =
        $reload->("metrics: { addr: '127.0.0.1:$place' }\n");
    isnt($st, 0, 'a place that is taken');
    like($out . $err, qr/metrics on 127.0.0.1:$place: .*in use/, 'is named');
    is(get($t->port(6), 'GET /x')->{status}, 200, 'the old one stays');

    is(($reload->("metrics: { addr: 'unix://$sock' }\n"))[0], 0,
        'a unix socket');
    is(metrics($sock)->value('gost_services'), 1, 'answers');
    ok(wait_for { !Test::Gatun::can_connect($t->port(6)) }, 'the port is free');
    is(($reload->("metrics: { addr: 'unix:$sock' }\n"))[0], 0,
        'the same, written otherwise');
    is(metrics($sock)->value('gost_services'), 1, 'answers');
    is(($reload->("metrics: { addr: '' }\n"))[0], 0, 'it goes');
    ok(wait_for { !-e $sock }, 'with its file');

    is(($reload->("metrics: { addr: '127.0.0.1:%%PORT_6%%' }\n"))[0], 0,
        'and comes back');
    is(metrics($t->port(6))->value('gatun_generation'), 7, 'with its figures');
    is($run->stop('TERM'), 0, 'the end');
};

subtest 'an auther' => sub {
    $t->write_file('users', "eve secret\n");
    my $text = <<'END';
services: [ { name: s, addr: "127.0.0.1:%%PORT_7%%", handler: { type: http } } ]
authers: [ { name: a, auths: [ { username: ann, password: x } ] },
           { name: f, file: { path: "%%DIR%%/users" } } ]
metrics:
  addr: 127.0.0.1:%%PORT_8%%
  auth: { username: u, password: p }
  auther: AUTHER
gatun: { workers: 1, runtimeDir: "%%DIR%%/auther" }
END
    my $file = $t->write_file('auther.yaml', $text =~ s/AUTHER/a/r);
    my $code = sub { get($t->port(8), 'GET /metrics', basic($_[0]))->{status} };
    $t->gatun({ listeners => 1 }, '-C', $file);
    is($code->('ann:x'), 200, 'its user may');
    is($code->('u:p'), 401, 'it beats auth');
    is($code->('eve:secret'), 401, 'nor anybody of another');

    $t->write_file('auther.yaml', $text =~ s/AUTHER/f/r);
    is(($t->once('-C', $file, '-s', 'reload'))[0], 0, 'another one');
    ok(wait_for { $code->('eve:secret') == 200 }, 'of a file');
    $t->write_file('users', "eve other\n");
    is(($t->once('-C', $file, '-s', 'reload'))[0], 0, 'a reload');
    ok(wait_for { $code->('eve:other') == 200 }, 'reads it again');
    is($code->('eve:secret'), 401, 'who is no more may no more');

    for (["AUTHER" => 'nobody', qr/no auther is named "nobody"/],
        ["AUTHER" => 'a, path: x', qr/path: want/],
        ["AUTHER" => "a\n  auter: b", qr/unknown key "auter"/])
    {
        my ($from, $with, $why) = @$_;
        $with =~ s/, path/\n  path/;
        $t->write_file('bad.yaml', $text =~ s/$from/$with/r);
        my ($st, undef, $err) = $t->once('-C', $t->dir . '/bad.yaml', '-t');
        isnt($st, 0, "an error: $why");
        like($err, $why, 'that says so');
    }

    my ($st, undef, $err) = $t->once('-L', 'http://127.0.0.1:%%PORT_9%%',
        '-stats', '127.0.0.1:%%PORT_10%%', '-metrics', '127.0.0.1:%%PORT_10%%');
    isnt($st, 0, 'where the stats are');
    like($err, qr/the stats endpoint is there/, 'is no place for it');
    ($st) = $t->once('-L', 'http://127.0.0.1:%%PORT_9%%', '-metrics',
        "127.0.0.1:$place");
    is($st, 1, 'a place that is taken stops the start');
};

subtest 'nodes' => sub {
    my $text = <<'END';
services:
- name: good
  addr: 127.0.0.1:%%PORT_14%%
  handler: { type: http, chain: "c\"1" }
- name: bad
  addr: 127.0.0.1:%%PORT_15%%
  handler: { type: http, chain: c2 }
chains:
- name: "c\"1"
  hops:
  - name: h1
    nodes: [ { name: n, addr: "127.0.0.1:%%PORT_16%%",
               connector: { type: http }, dialer: { type: tcp } } ]
  - name: h2
    nodes: [ { name: n, addr: "127.0.0.1:%%PORT_16%%",
               connector: { type: http }, dialer: { type: tcp } } ]
- name: c2
  hops:
  - name: h
    selector: { maxFails: 1, failTimeout: 1h }
    nodes: [ { name: dead, addr: "127.0.0.1:1",
               connector: { type: http }, dialer: { type: tcp } } ]
gatun:
  workers: 1
  runtimeDir: "%%DIR%%/nodes"
  stats: { addr: "unix:%%DIR%%/nodes.sock" }
END
    my $sock = $t->dir . '/nodes.sock';
    my %last = (chain => 'c2', node => 'dead');
    my %first = (chain => 'c"1', node => 'n');

    $t->gatun('-w', 1, '-L', 'http://127.0.0.1:%%PORT_16%%');
    $t->gatun({ listeners => 2 }, '-C', $t->write_file('nodes.yaml', $text));
    my $m = metrics($sock);
    is_deeply($m->{wrong}, [], 'nothing is wrong');
    is($m->value('gatun_node_up', %$_, hop => $_->{chain} eq 'c2' ? 'h' : 'h1'),
        1, "$_->{chain}: up") for \%first, \%last;

    $_->close for tunnel($t->port(14), '127.0.0.1');
    visit($t->port(15), '127.0.0.1')->close;
    $m = metrics($sock);
    is_deeply($m->{wrong}, [], 'nor with two nodes of one name in a chain');
    is($m->{families}{gost_chain_node_connect_duration_seconds}{type},
        'histogram', 'GOST\'s histogram');
    is(join(' ', map { $_->{labels}{le} }
        $m->find('gost_chain_node_connect_duration_seconds_bucket', %last)),
        '0.01 0.05 0.1 0.25 0.5 1 1.5 2 5 10 15 30 60 +Inf', 'its bounds');
    for my $n (qw(gost_chain_node_connect_duration_seconds_count
        gost_chain_errors_total))
    {
        is(join(' ', sort keys %{ ($m->find($n, %last))[0]{labels} }),
            'chain host node', "$n: labels");
    }
    is($m->value('gost_chain_node_connect_duration_seconds_count', %first),
        $m->sum('gatun_node_dials_total', %first), 'both of that name');
    cmp_ok($m->value('gost_chain_node_connect_duration_seconds_sum', %first),
        '>', 0, 'and their time');
    is($m->value('gost_chain_errors_total', %first), 0, 'without an error');
    is(scalar($m->find('gatun_node_up', %first)), 2, 'we tell them apart');
    cmp_ok($m->value('gost_chain_errors_total', %last), '>=', 1, 'a dead one');
    is($m->value('gatun_node_failures_total', %last),
        $m->value('gost_chain_errors_total', %last), 'has failed');
    cmp_ok($m->value('gatun_node_fails', %last), '>=', 1, 'in a row');
    is($m->value('gatun_node_up', %last), 0, 'and is passed over');

    my ($st) = $t->once('-C', $t->dir . '/nodes.yaml', '-s', 'reload');
    is($st, 0, 'a reload');
    my $after = metrics($sock);
    is_deeply([gone_back($m, $after)], [], 'forgets nothing');
    is($after->value('gatun_node_up', %last), 0, 'not even that');
};

subtest 'acc-A25: metrics' => sub {
    my $a = $t->gatun('-L', 'http://:%%PORT_11%%', '-api',
        'user:pass@127.0.0.1:%%PORT_12%%?pathPrefix=/api&accesslog=true',
        '-metrics', 'user:pass@:%%PORT_13%%?path=/metrics');
    my $m = metrics($t->port(13), '/metrics', basic('user:pass'));

    is_deeply($m->{wrong}, [], 'nothing is wrong');
    is($m->value('gost_services', host => $host), 1, 'the figures');
    is(get($t->port(13), 'GET /metrics')->{status}, 401, 'for its user');
    is(eval { connect_to($t->port(13), '127.0.0.2')->close; 1 }, 1,
        'on every address');
    is(() = $a->log =~ /"warn"[^\n]*\bapi\b/g, 1, 'the API: one warning');
    is(() = $a->log =~ /"warn"[^\n]*metrics/g, 0, 'none about metrics');
    is($a->stop('TERM'), 0, 'it ends');

    $a = $t->gatun({ env => { GOST_METRICS => ':' . $t->port(13) } }, '-L',
        'http://127.0.0.1:%%PORT_11%%');
    is(metrics($t->port(13))->value('gost_services'), 1, 'GOST_METRICS');
    like($a->log, qr/metrics on :\d+: open to everybody/,
        'open to all: a warning');
    is($a->stop('TERM'), 0, 'it ends');

    $a = $t->gatun({ env => { GOST_METRICS => 'unix://' . $t->dir . '/e.sock' } },
        '-L', 'http://127.0.0.1:%%PORT_11%%');
    is(metrics($t->dir . '/e.sock')->value('gost_services'), 1,
        'its unix socket');
};

subtest 'groups' => sub {
    my @groups = ('-L', 'http://127.0.0.1:%%PORT_18%%', '-metrics',
        'u:p@127.0.0.1:%%PORT_19%%', '--', '-L', 'http://127.0.0.1:%%PORT_20%%');
    my ($st, undef, $err) = $t->once(@groups, '-metrics', '127.0.0.1:%%PORT_19%%');
    isnt($st, 0, 'two that say it differently');
    like($err, qr/metrics is the process's, and group 0/, 'are told');

    $t->gatun(@groups, '-metrics', 'u:p@127.0.0.1:%%PORT_19%%');
    my $m = metrics($t->port(19), '/metrics', basic('u:p'));
    is_deeply($m->{wrong}, [], 'nothing is wrong');
    is($m->value('gost_services'), 2, 'one endpoint has the services of both');
};

subtest 'the manual' => sub {
    my $page = slurp("$Test::Gatun::top/man/gatun-metrics.7");
    my %known = $page =~ /^\.BR (\w+) " \((counter|gauge|histogram)/mg;
    my ($seen, $help) = Test::Gatun::Metrics->all;

    # not every kernel tells
    delete $known{process_open_fds} if !$seen->{process_open_fds};
    is_deeply(\%known, $seen, 'has each of them and no others');
    is_deeply([grep { index($page, ")\"\n$help->{$_}\n") < 0 }
        sort keys %$help], [], 'in the same words');
};

done_testing();
