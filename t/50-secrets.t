#!/usr/bin/perl
# t/50-secrets.t: passwords are nowhere but where they belong (rel-G8): not in
# logs at trace, not in -T, /status, /metrics, process titles and environments,
# answers, nor at an origin or a decoy.

use strict;
use warnings;
use MIME::Base64 qw(encode_base64);
use Test::Gatun;

my $t = Test::Gatun->new;
my $origin = $t->origin;
my $target = $t->listener;
my $decoy = $t->listener(8);

# each one is looked for as it is, percent-coded and in base64
my %secret = (
    service => 'Zebra-11', chain => 'Yak-22', auther => 'Xerus-33',
    file => 'Walrus-44', right => 'Vole-55', wrong => 'Urial-66',
    own => 'Tapir-77', auth => 'Sloth-88',
);
my $users = $t->write_file('users', "dora $secret{file}\n");
my %said;

my $yaml = <<"END";
services:
- name: own
  addr: 127.0.0.1:%%PORT_0%%
  handler:
    type: http
    auth: { username: carl, password: $secret{own} }
    chain: way
    metadata: { authDelay: 0 }
- name: named
  addr: 127.0.0.1:%%PORT_1%%
  handler:
    type: auto
    auther: users
    metadata: { authDelay: 0, probeResist: "host:127.0.0.1:%%PORT_8%%", knock: k.test }
authers:
- name: users
  auths:
  - { username: anna, password: $secret{auther} }
  - { username: right, password: $secret{right} }
  file: { path: $users }
chains:
- name: way
  hops:
  - name: hop
    nodes:
    - name: node
      addr: 127.0.0.1:%%PORT_2%%
      connector: { type: http, auth: { username: eve, password: $secret{chain} } }
      dialer: { type: tcp }
log: { level: trace, output: "%%DIR%%/gatun.log" }
gatun:
  workers: 2
  runtimeDir: "%%DIR%%/run"
  stats: { addr: "127.0.0.1:%%PORT_3%%" }
END

my $g = $t->gatun_yaml($yaml, { file => 's.yaml', log => '%%DIR%%/gatun.log' });
my $cmd = $t->gatun('-w', 1, '-DD',
    '-L', "http://eve:$secret{chain}\@127.0.0.1:%%PORT_2%%?authDelay=0",
    '-L', "http://bert:$secret{service}\@127.0.0.1:%%PORT_4%%",
    '-L', 'http://127.0.0.1:%%PORT_5%%?auth='
        . encode_base64("fay:$secret{auth}", '') =~ s/=+$//r);

sub basic { return 'Proxy-Authorization: Basic ' . encode_base64($_[0], '') }

my $to = '127.0.0.1:' . $target->port;
my $at = '127.0.0.1:' . $origin->port;
my $answers = '';

sub ask
{
    my ($n, $who, $line) = @_;
    my $s = connect_to($t->port($n));

    $s->send("$line HTTP/1.1\r\nHost: x\r\n"
        . (defined $who ? basic($who) . "\r\n" : '') . "Connection: close\r\n\r\n");
    if ($line =~ /^CONNECT/) {
        my $head = $s->read_head;
        $answers .= $head;
        $target->accept->close if $head =~ / 200 /;
        return $head;
    }
    my $all = $s->read_all;
    $answers .= $all;
    return $all;
}

# what a client may do, and what it may not
for my $one ([0, "carl:$secret{own}"], [1, "anna:$secret{auther}"],
    [1, "right:$secret{right}"], [1, "dora:$secret{file}"],
    [4, "bert:$secret{service}"], [5, "fay:$secret{auth}"])
{
    my ($n, $who) = @$one;
    my ($name) = $who =~ /^(\w+)/;
    like(ask($n, $who, "CONNECT $to"), qr{^HTTP/1\.1 200 }, "$name: CONNECT");
    like(ask($n, $who, "GET http://$at/bytes/5"), qr{^HTTP/1\.1 200 },
        "$name: GET");
    like(ask($n, $who, 'CONNECT 127.0.0.1:1'), qr{^HTTP/1\.1 503 },
        "$name: nobody there");
    like(ask($n, $who, 'GET https://x/'), qr{^HTTP/1\.1 400 }, "$name: bad");
}

like(ask($_, "anna:$secret{wrong}", 'CONNECT k.test:1'), qr{^HTTP/1\.1 407 },
    'a wrong one') for 0, 1, 4, 5;

my $s = connect_to($t->port(1));
$s->send("GET /index HTTP/1.1\r\nHost: k.test\r\n" . basic("anna:$secret{wrong}")
    . "\r\n\r\n");
my $d = $decoy->accept;
$said{'what the decoy got'} = $d->read_head;
like($said{'what the decoy got'}, qr{^GET /index }, 'the decoy is asked');
$d->send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
$answers .= $s->read_head;

# malformed ones of every kind (rel-G1): none is taken, none comes out again
for my $value ('Basic', 'Basic ', "Basic $secret{wrong}", 'Digest x',
    'Basic ' . 'A' x 10_000, 'Basic ' . encode_base64("$secret{wrong}", ''),
    "Basic " . encode_base64("anna\0:$secret{wrong}", ''),
    "Bearer $secret{wrong}", 'Basic ' . encode_base64("a:b:c:$secret{wrong}", ''))
{
    my $said = request($t->port(4), "CONNECT $to HTTP/1.1\r\nHost: x\r\n"
        . "Proxy-Authorization: $value\r\n\r\n");
    like($said, qr{^HTTP/1\.1 (407|400|431) },
        'malformed: ' . substr $value =~ s/[^ -~]/?/gr, 0, 30);
    $answers .= $said;
}
$answers .= request($t->port(4), "CONNECT $to HTTP/1.1\r\nHost: x\r\n"
    . basic("bert:$secret{service}") . "\r\n" . basic("x:$secret{wrong}")
    . "\r\nBad Field\r\n\r\n");

# a tunnel that stands while everybody is asked
my $c = connect_via($t->port(0), $to, basic("carl:$secret{own}"));
my $far = $target->accept;

for my $path ('/status', '/metrics', '/', '/healthz', '/none') {
    $said{$path} = request($t->port(3), "GET $path HTTP/1.1\r\n"
        . "Host: 127.0.0.1\r\nConnection: close\r\n\r\n");
}
like($said{'/status'}, qr/"services"/, 'the status is there');

my ($status, $out, $err) = $t->once('-C', '%%DIR%%/s.yaml', '-T');
is($status, 0, '-T') or diag($err);
like($out, qr/carl/, 'names users');
$said{'-T of the file'} = $out . $err;
($status, $out, $err) = $t->once('-T',
    '-L', "http://bert:$secret{service}\@127.0.0.1:%%PORT_6%%",
    '-L', 'http://127.0.0.1:%%PORT_7%%?auth=' . encode_base64("fay:$secret{auth}", ''),
    '-F', "http://eve:$secret{chain}\@127.0.0.1:1");
is($status, 0, '-T of a command line') or diag($err);
$said{'-T of a command line'} = $out . $err;

($status, $out, $err) = $t->once('-C', '%%DIR%%/s.yaml', '-s', 'reload');
is($status, 0, 'a reload');
$said{'what the reload said'} = $out . $err;
($status, $out, $err) = $t->once('-C', '%%DIR%%/s.yaml', '-s', 'status');
$said{'-s status'} = $out . $err;

# errors that come near a password
($status, $out, $err) = $t->once('-t', '-L', "httq://u:$secret{service}\@:1",
    '-F', "http://u:$secret{chain}\@:x");
is($status, 1, 'a command line with errors');
$said{'errors'} = $out . $err;

for my $p ($g, $cmd) {
    my %group = $p->group;
    cmp_ok(scalar(keys %group), '>=', 2, 'master and workers');
    for my $pid (keys %group) {
        $said{"the title of $group{$pid}"} = slurp("/proc/$pid/cmdline");
        $said{"the environment of $group{$pid}"} = slurp("/proc/$pid/environ");
    }
}

$c->close;
$far->close;
is($g->stop, 0, 'an orderly end');
is($cmd->stop, 0, 'and of the other');

$said{'the log'} = $t->read_file('gatun.log');
$said{'the log of the command line'} = $cmd->err . $cmd->out;
$said{'its standard error'} = $g->err . $g->out;
$said{'answers'} = $answers;
$said{'what the origin got'} = join "\n", map { $_->{head} // '' } $origin->records;
like($said{$_}, qr/"level":"(?:trace|debug)"/, "$_ is at trace")
    for 'the log', 'the log of the command line';
cmp_ok(length $said{'what the origin got'}, '>', 100, 'the origin was asked');

my %user = (service => 'bert', chain => 'eve', auther => 'anna', file => 'dora',
    right => 'right', wrong => 'anna', own => 'carl', auth => 'fay');

for my $where (sort keys %said) {
    my @found;

    for my $name (sort keys %secret) {
        my $word = $secret{$name};
        my $base64 = encode_base64("$user{$name}:$word", '') =~ s/=+$//r;
        push @found, "$name in clear" if index($said{$where}, $word) >= 0;
        push @found, "$name in base64" if index($said{$where}, $base64) >= 0;
        push @found, "$name in base64, alone"
            if index($said{$where}, encode_base64($word, '') =~ s/=+$//r) >= 0;
    }

    is(join(', ', @found), '', "no secret in $where");
}

done_testing();
