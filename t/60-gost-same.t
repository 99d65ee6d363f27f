#!/usr/bin/perl
# t/60-gost-same.t: GOST 3.3.0 and 3.2.6 and gatun, with the same arguments,
# are told the same and have to say the same, byte for byte but for the name in
# Proxy-Agent.  Where gatun says something else on purpose the test has both.
# Then one is the other's client, with the options of the http handler.

use strict;
use warnings;
use MIME::Base64 qw(encode_base64);
use Test::Gatun;
use Test::Gatun::Peer;

gost_path($_) for qw(gost gost326);

my $t = Test::Gatun->new;
my $target = $t->listener;
my $to = '127.0.0.1:' . $target->port;
my $origin = $t->origin;
my $at = '127.0.0.1:' . $origin->port;
my $bad = 'Proxy-Authorization: Basic ' . encode_base64('user:wrong', '');
my $good = 'Proxy-Authorization: Basic ' . encode_base64('user:pass', '');

$t->write_file('page.html', "<p>page\n" x 1000);

# name, query, whether a user is asked for
my @services = (
    ['plain', '', 0], ['auth', '', 1],
    ['realm', 'authBasicRealm=my+realm', 1],
    ['agent', 'proxyAgent=some/1', 0],
    ['code', 'probeResist=code:404', 1],
    ['file', 'probeResist=file:' . $t->dir . '/page.html', 1],
    ['nofile', 'probeResist=file:/nonexistent', 1],
    ['nohost', 'probe_resist=host:127.0.0.1:1', 1],
    ['noweb', 'probe_resist=web:127.0.0.1:1', 1],
    ['odd', 'probeResist=foo:bar', 1],
    ['knock', 'probeResist=code:400&knock=www.example.com', 1],
    ['skip', 'skipauth=127.0.0.0/8', 1],
    ['noskip', 'skipauth=10.0.0.0/8', 1],
);

my %requests = (
    'CONNECT, nobody there' => "CONNECT 127.0.0.1:1 HTTP/1.1\r\nHost: x\r\n\r\n",
    'CONNECT, wrong' => "CONNECT 127.0.0.1:1 HTTP/1.1\r\nHost: x\r\n$bad\r\n\r\n",
    'CONNECT, right' => "CONNECT 127.0.0.1:1 HTTP/1.1\r\nHost: x\r\n$good\r\n\r\n",
    'Proxy-Connection' => "CONNECT 127.0.0.1:1 HTTP/1.1\r\nHost: x\r\n"
        . "Proxy-Connection: Keep-Alive\r\n\r\n",
    'GET, nobody there' => "GET http://127.0.0.1:1/ HTTP/1.1\r\nHost: x\r\n\r\n",
    'GET, right' => "GET http://127.0.0.1:1/ HTTP/1.1\r\nHost: x\r\n$good\r\n\r\n",
    'GET, 1.0' => "GET http://127.0.0.1:1/ HTTP/1.0\r\nHost: x\r\n$good\r\n\r\n",
    'https' => "GET https://example.com/ HTTP/1.1\r\nHost: x\r\n$good\r\n\r\n",
    'knocks' => "GET http://WWW.example.com/ HTTP/1.1\r\nHost: x\r\n\r\n",
    'knocks, CONNECT' => "CONNECT www.example.com:1 HTTP/1.1\r\nHost: x\r\n\r\n",
    'UDP' => "CONNECT x:1 HTTP/1.1\r\nHost: x:1\r\n$good\r\n"
        . "X-Gost-Protocol: udp\r\n\r\n",
    'Basic in capitals' => "CONNECT 127.0.0.1:1 HTTP/1.1\r\nHost: x\r\n"
        . "Proxy-Authorization: Basic\r\n\r\n",
);

# what a Gost-Target leads to: http://front.test is nobody
my $gost_target = sub {
    my ($to) = @_;
    my $crc = 0xffffffff;
    for (unpack 'C*', $to) {
        $crc ^= $_;
        $crc = $crc & 1 ? $crc >> 1 ^ 0xedb88320 : $crc >> 1 for 1 .. 8;
    }
    return MIME::Base64::encode_base64url(pack('N', $crc ^ 0xffffffff)
        . MIME::Base64::encode_base64url($to));
}->($to);

my $n = 0;
my %ports;

sub args
{
    my ($who) = @_;
    my @args;

    for my $service (@services) {
        my ($name, $query, $auth) = @$service;
        my $port = $ports{$who}{$name} = $t->port($n++);
        my $own = $who eq 'gatun' ? '&authDelay=0&authFailures=0' : '';
        push @args, '-L', 'http://' . ($auth ? 'user:pass@' : '')
            . "127.0.0.1:$port?$query$own";
    }
    return @args;
}

$t->gatun('-w', 1, args('gatun'));
for my $who (qw(gost gost326)) {
    my @args = args($who);
    gost($t, $who, [values %{ $ports{$who} }], @args);
}

sub said
{
    my ($who, $service, $request) = @_;
    my $said = request($ports{$who}{$service}, $request);

    return $said =~ s{^Proxy-Agent: (?:gost/3\.0|gatun/\S+)\r$}{Proxy-Agent: -\r}mr;
}

for my $who (qw(gost gost326)) {
    subtest "the same as $who" => sub {
        for my $service (map { $_->[0] } @services) {
            # 3.2.6 has no skipauth and other ideas of a decoy's fields
            next if $who eq 'gost326' && $service =~ /^(file|odd|skip)$/;

            for my $name (sort keys %requests) {
                my $theirs = said($who, $service, $requests{$name});
                my $ours = said('gatun', $service, $requests{$name});
                is($ours, $theirs, "$service: $name");
            }
        }
    };
}

subtest 'Gost-Target' => sub {
    for my $who (qw(gost gost326 gatun)) {
        my $c = connect_via($ports{$who}{plain}, 'front.test:443',
            "Gost-Target: $gost_target");
        like($c->head, qr/^HTTP\/1\.1 200 /, "$who obeys it");
        my $o = $target->accept or next;
        $c->send('ping');
        is($o->read_n(4), 'ping', "$who: there");
    }
};

# each as the client of the other; what is said to knock is said in advance
sub through
{
    my ($port, $name) = @_;
    my $c = connect_via($port, $to);

    like($c->head, qr/^HTTP\/1\.1 200 /, $name) or return;
    my $o = $target->accept or return fail("$name: nobody came");
    $c->send('ping');
    is($o->read_n(4), 'ping', "$name: there");
    my ($status, $body) = http_get($origin->port, '/bytes/1000', $port);
    is("$status " . length $body, '200 1000', "$name: GET");
}

for my $who (qw(gost gost326)) {
    subtest "with $who" => sub {
        my @ends;
        for my $service (qw(auth code knock file agent realm)) {
            my $user = $service eq 'agent' ? '' : 'user:pass@';
            my ($p, $q) = map { $t->port($n++) } 0, 1;
            push @ends, gost($t, $who, [$p], '-L', "http://127.0.0.1:$p", '-F',
                "http://${user}127.0.0.1:$ports{gatun}{$service}");
            push @ends, $t->gatun('-w', 1, '-L', "http://127.0.0.1:$q", '-F',
                "http://${user}127.0.0.1:$ports{$who}{$service}");
            through($p, "$who as the client, $service");
            through($q, "$who as the server, $service");
        }

        # fields of one's own, from a file
        my ($p, $q) = map { $t->port($n++) } 0, 1;
        my $file = sub {
            my ($port, $to) = @_;
            return $t->write_file("c$port.yaml", <<"END");
services:
- name: s
  addr: 127.0.0.1:$port
  handler: { type: http, chain: c, metadata: { header: { X-Own: yes } } }
  listener: { type: tcp }
chains:
- name: c
  hops:
  - name: h
    nodes:
    - name: n
      addr: 127.0.0.1:$to
      connector: { type: http, metadata: { header: { User-Agent: me, X-Mine: "1" } } }
      dialer: { type: tcp }
END
        };
        my $hop = $t->listener($n++);
        push @ends, gost($t, $who, [$p], '-C', $file->($p, $hop->port));
        push @ends, $t->gatun({ listeners => 1 }, '-w', 1, '-C',
            $file->($q, $hop->port));
        my @heads;
        for my $port ($p, $q) {
            my $c = connect_to($port);
            $c->send("CONNECT a.test:1 HTTP/1.1\r\nHost: x\r\n\r\n");
            my $o = $hop->accept;
            push @heads, $o->read_head;
            $o->close;
            like($c->read_head, qr/^HTTP\/1\.1 503 .*^X-Own: (?:yes|true)\r$/ms,
                'the handler\'s own fields');
        }
        is($heads[1], $heads[0], 'the connector\'s fields, byte for byte');
        like($heads[0], qr/^User-Agent: me\r\n.*^X-Mine: 1\r\n/ms, 'as told');
        $_->stop for reverse @ends;
    };
}

done_testing();
