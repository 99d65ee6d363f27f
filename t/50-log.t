#!/usr/bin/perl
# t/50-log.t: the log in GOST's shapes, its levels and places, and that no
# credentials ever get there.

use strict;
use warnings;
use MIME::Base64 qw(encode_base64);
use Test::Gatun;

my $t = Test::Gatun->new;
my $target = $t->listener;
my $to = '127.0.0.1:' . $target->port;

sub yaml
{
    my ($log, $n) = @_;

    return <<"END";
services:
- name: proxy
  addr: 127.0.0.1:%%PORT_$n%%
  handler: { type: http }
log: $log
gatun: { workers: 1, runtimeDir: "%%DIR%%/run$n" }
END
}

# one tunnel: 10 bytes up, 5 bytes down; the client's address
sub tunnel
{
    my ($n) = @_;
    my $c = connect_via($t->port($n), $to);
    my $o = $target->accept;

    $c->send('0123456789');
    $o->read_n(10);
    $o->send('01234');
    $c->read_n(5);
    my $from = '127.0.0.1:' . $c->{fh}->sockport;
    $c->close;
    $o->close;

    return $from;
}

subtest 'JSON' => sub {
    my $g = $t->gatun_yaml(yaml('{ level: debug }', 0));
    my $from = tunnel(0);
    my $local = '127.0.0.1:' . $t->port(0);
    $g->wait_log(qr/\Q$from\E >< /);

    my @text = split /\n/, $g->log;
    my @lines = $g->log_lines;
    is(scalar @lines, scalar @text, 'every line is JSON');
    like($text[0], qr/\A\{"time":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}(Z|[+-]\d\d:\d\d)","level":"\w+","msg":"/,
        'time, level, msg come first');
    my %levels = map { $_->{level} => 1 } @lines;
    is_deeply([grep { !/^(trace|debug|info|warn|error|fatal)$/ } keys %levels],
        [], 'levels are GOST\'s');

    my ($listening) = grep { $_->{msg} =~ /^listening on/ } @lines;
    is($listening->{msg}, "listening on $local/tcp", 'listening on');
    is($listening->{service}, 'proxy', 'which service');

    my %shape = ('<>' => $local, '>>' => $to, '<->' => $to, '>-<' => $to,
        '><' => $local);
    my %line = map {
        my $shape = $_;
        $shape => (grep { $_->{msg} eq "$from $shape $shape{$shape}" } @lines)[0];
    } keys %shape;

    for (sort keys %shape) {
        ok($line{$_}, "$_ is there") or next;
        is($line{$_}{service}, 'proxy', "$_: service");
        is($line{$_}{handler}, 'http', "$_: handler");
        is($line{$_}{remote}, $from, "$_: remote");
        is($line{$_}{local}, $local, "$_: local");
        is($line{$_}{level}, $_ eq '>>' ? 'debug' : 'info', "$_: level");
        like($line{$_}{sid}, qr/^\w{20}$/, "$_: sid has 20 characters");
        is($line{$_}{sid}, $line{'><'}{sid}, "$_: one sid");
    }

    like($line{'><'}{duration}, qr/^\d+$/, 'duration in ns');
    like($line{'>-<'}{duration}, qr/^\d+$/, 'also of the tunnel');
    my $head = "CONNECT $to HTTP/1.1\r\nHost: $to\r\n\r\n";
    is($line{'><'}{inputBytes}, 10 + length $head, 'bytes from the client');
    cmp_ok($line{'><'}{outputBytes}, '>', 5 + 40, 'bytes to the client');

    # failures
    request($t->port(0), "CONNECT 127.0.0.1:1 HTTP/1.1\r\nHost: x\r\n\r\n");
    my ($line) = $g->wait_log(qr/^(.*"level":"error".*)$/m);
    like($line, qr/refused/, 'a refused dial is an error');
    like($g->log, qr/route\(retry=0\)/, 'in GOST\'s words');
};

subtest 'text' => sub {
    my $g = $t->gatun_yaml(yaml('{ format: text }', 1));
    my $from = tunnel(1);
    $g->wait_log(qr/\Q$from\E >< /);
    my @lines = split /\n/, $g->log;
    my ($end) = grep { /\Q$from\E >< / } @lines;

    like($_, qr/\Atime=\S+ level=\w+ msg=/, 'time, level, msg') for $lines[0], $end;
    like($end, qr/ msg="\Q$from\E >< [\d.:]+"/, 'quoted where blank');
    like($end, qr/ service=proxy\b/, 'plain where not');
    like($end, qr/ duration=[\d.]+(ns|us|µs|ms|s)\b/, 'duration in words');
    like($end, qr/ inputBytes=\d+/, 'numbers');
    unlike($g->log, qr/ >> /, 'debug is off');
};

subtest 'levels' => sub {
    my @cases = (
        ['warn', [], {}, 0, 0], ['error', [], {}, 0, 0],
        ['info', ['-D'], {}, 1, 1], ['info', ['-DD'], {}, 1, 1],
        ['warn', [], { GOST_LOGGER_LEVEL => 'debug' }, 1, 1],
        ['debug', [], { GOST_LOGGER_LEVEL => 'warn' }, 0, 0],
        ['INFO', [], {}, 1, 0],
    );

    for (@cases) {
        my ($level, $args, $env, $info, $debug) = @$_;
        my $name = join ' ', $level, @$args, %$env;
        my $g = $t->gatun_yaml(yaml("{ level: $level }", 2),
            { fails => 1, env => $env }, @$args);
        ok(wait_for { Test::Gatun::can_connect($t->port(2)) }, "$name: up");
        tunnel(2);
        request($t->port(2), "CONNECT 127.0.0.1:1 HTTP/1.1\r\nHost: x\r\n\r\n");
        $g->wait_log(qr/"level":"error"/);
        is($g->stop, 0, "$name: ends");
        is($g->log =~ /"level":"info"/ ? 1 : 0, $info, "$name: info");
        is($g->log =~ /"level":"debug"/ ? 1 : 0, $debug, "$name: debug");
    }
};

subtest 'places' => sub {
    my $g = $t->gatun_yaml(yaml('{ output: stdout }', 3), { fails => 1 });
    ok(wait_for { $g->out =~ /listening on/ }, 'stdout');
    is($g->err, '', 'and not stderr');
    is($g->stop, 0, 'ends');

    $g = $t->gatun_yaml(yaml('{ output: none }', 3), { fails => 1 });
    ok(wait_for { Test::Gatun::can_connect($t->port(3)) }, 'none');
    tunnel(3);
    is($g->stop, 0, 'ends');
    is($g->out . $g->err, '', 'says nothing');

    my ($status, undef, $err) = $t->once('-C',
        $t->write_file('bad.yaml', yaml('{ output: /proc/none/x.log }', 3)));
    is($status, 1, 'a place that cannot be');
    like($err, qr{/proc/none/x\.log}, 'is named');
};

subtest 'a file, and the next' => sub {
    my $dir = $t->dir . '/logs';
    my $file = "$dir/g.log";
    my $path = $t->write_file('file.yaml',
        yaml("{ output: $file }", 4));
    my $g = $t->gatun({ log => $file, listeners => 1 }, '-C', $path);
    my $from = tunnel(4);
    $g->wait_log(qr/\Q$from\E >< /);
    is($g->err, '', 'nothing to stderr');

    for my $how ('USR1', '-s') {
        my $n = $how eq 'USR1' ? 1 : 2;
        rename $file, "$dir/old.$n" or die;
        if ($how eq '-s') {
            my ($status) = $t->once('-C', $path, '-s', 'reopen');
            is($status, 0, '-s reopen');
        } else {
            $g->signal('USR1');
        }
        ok(wait_for { -e $file && slurp($file) =~ /opened again/ },
            "$how: a new file");
        $from = tunnel(4);
        ok(wait_for { slurp($file) =~ /\Q$from\E >< / },
            "$how: the worker writes there");
        my $old = slurp("$dir/old.$n");
        unlike($old, qr/\Q$from\E/, "$how: and no longer to the old one");
        like($old, qr/\n\z/, "$how: which ends in a whole line");
    }

    # under load: every tunnel in one file exactly, lines whole
    my $r = fork // die;
    if (!$r) {
        for my $n (1 .. 10) {
            nap(0.05);
            rename $file, "$dir/load.$n";
            $g->signal('USR1');
            wait_for { -e $file };
        }
        POSIX::_exit(0);
    }
    my $load = tunnelcheck('-x', '127.0.0.1:' . $t->port(4), '-c', 400,
        '-p', 20, '-n', 100, '-m', 'echo');
    waitpid $r, 0;
    is($load->{errors}, 0, 'a load over ten new files') or diag($load->{first});
    wait_for {
        400 + 3 == (() = join('', map { slurp($_) } glob "$dir/*") =~ / >< /g)
    };
    my $all = join '', map { slurp($_) } glob "$dir/*";
    is(scalar(() = $all =~ / >< /g), 403, 'each in one file');
    is(scalar(grep { !eval { decode_json($_) } } split /\n/, $all), 0,
        'all lines are whole');
};

subtest 'secrets' => sub {
    my %secret = (own => 'Own-Secret-Word', wrong => 'Wrong-Secret-Word',
        hop => 'Hop-Secret-Word', url => 'Url-Secret-Word');
    my $hop = $t->gatun('-DD', '-L', "http://h:$secret{hop}\@127.0.0.1:%%PORT_6%%");
    my $g = $t->gatun_yaml(<<"END", { file => 'secret.yaml' }, '-DD');
services:
- name: proxy
  addr: 127.0.0.1:%%PORT_5%%
  handler: { type: http, chain: c, auth: { username: u, password: $secret{own} } }
chains:
- name: c
  hops:
  - name: h
    nodes:
    - name: n
      addr: 127.0.0.1:%%PORT_6%%
      connector: { type: http, auth: { username: h, password: $secret{hop} } }
gatun:
  workers: 1
  runtimeDir: "%%DIR%%/run5"
  stats: { addr: "127.0.0.1:%%PORT_7%%" }
END
    my $b64 = sub { encode_base64("$_[0]:$_[1]", '') };
    my $said = '';

    for ($b64->('u', $secret{own}), $b64->('u', $secret{wrong}), 'garbage') {
        my $c = connect_via($t->port(5), $to, "Proxy-Authorization: Basic $_");
        $said .= $c->head;
        my $o = $target->accept(0.2);
        $_->close for $c, $o // ();
        $said .= request($t->port(5), "GET http://u:$secret{url}\@$to/ HTTP/1.1\r\n"
            . "Host: x\r\nProxy-Authorization: Basic $_\r\n\r\n");
    }

    $t->write_file('broken.yaml', "services:\n- name: x\n  handler: { type: no,"
        . " auth: { username: u, password: $secret{own} } }\n");
    my ($status, $out, $err) = $t->once('-C', '%%DIR%%/broken.yaml', '-t');
    $said .= $out . $err;
    ($status, $out, $err) = $t->once('-C', '%%DIR%%/secret.yaml', '-s', 'status');
    is($status, 0, '-s status') or diag($err);
    $said .= $out . $err;
    (undef, $out) = $t->once('-C', '%%DIR%%/secret.yaml', '-s', 'status', '-O',
        'json');
    $said .= $out;
    ($status, $out, $err) = $t->once('-C', '%%DIR%%/secret.yaml', '-T');
    $said .= $out . $err;

    my %processes = ($g->group, $hop->group);
    $said .= join "\n", values %processes;
    $said .= $g->log . $hop->log;

    for (sort keys %secret) {
        unlike($said, qr/\Q$secret{$_}\E/, "$_: nowhere");
        my $coded = $b64->($_ eq 'hop' ? 'h' : 'u', $secret{$_});
        unlike($said, qr/\Q$coded\E/, "$_: not in base64 either");
    }

    like($said, qr/407 Proxy/, 'there were refusals');
    like($said, qr/ 200 Connection/, 'and tunnels');
};

done_testing();
