#!/usr/bin/perl
# t/50-acceptance.t: the invocations that people use with GOST, acc-A1 to
# acc-A25 and acc-X1 to acc-X12 (t/50-acceptance-http.t and others run them):
# with -O each is printed; with -t each is good, or refused for exactly the
# words that are not built yet, each named once and in its place.  What is built
# next takes its words out of the rows below.

use strict;
use warnings;
use Test::Gatun;

my $t = Test::Gatun->new;
my $uuid = '4d21094e-b74c-4916-86c1-d9fa36ea677b';
my $guard = 'not built yet, and not safe to ignore';

# for the files: of no use but to be there
$t->write_file($_, '') for qw(cert.pem key.pem ca.pem c.pem k.pem);

$t->write_file('a10.yml', <<'END');
services:
- name: service-0
  addr: ":1080"
  handler: { type: auto, chain: chain-0 }
  listener: { type: tcp }
chains:
- name: chain-0
  hops:
  - name: hop-0
    nodes:
    - name: node-0
      addr: example.com:443
      connector: { type: relay, auth: { username: u, password: p } }
      dialer:
        type: mwss
        tls: { secure: true, serverName: example.com }
        metadata: { path: /x, keepalive: true, ttl: 15s }
END
$t->write_file('fifo.yml', <<'END');
services:
- { name: s, addr: '127.0.0.1:1', handler: { type: http, chain: c } }
chains:
- name: c
  hops:
  - name: h
    selector: { strategy: fifo, maxFails: 3, failTimeout: 60s }
    nodes:
    - { name: a, addr: 'a:8080' }
    - { name: b, addr: 'b:8080', metadata: { backup: true } }
END
$t->write_file('x7.yml', <<'END');
services:
- name: s
  addr: ':8443'
  listener:
    type: wss
    tls:
      options:
        minVersion: VersionTLS12
        cipherSuites: [ TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 ]
        alpn: [ http/1.1 ]
END
$t->write_file('x8.yml', <<'END');
services:
- name: s
  addr: ':8443'
  handler: { type: http3 }
  listener: { type: http3 }
  forwarder:
    nodes:
    - name: a
      addr: 127.0.0.1:80
      matcher: { rule: 'Host(`example.com`)' }
      http: { requestHeader: { X-A: b } }
END
$t->write_file('a.yaml', "services:\n- { name: a, addr: '127.0.0.1:1' }\n");
$t->write_file('b.json', '{"services":[{"name":"b","addr":"127.0.0.1:2"}]}');

# what -t says is missing, in any order: "word (kind)" of a module, "word" of a
# key that guards, "~word" of one that is ignored with a warning; none: good
my @rows = (
    [ 'A1', '', qw(-L http://:8080) ],
    [ 'A1', '', qw(-L :8080) ],
    [ 'A1', '', '-L=:8080' ],
    [ 'A2', '', qw(-L http://user:pass@:8080) ],
    [ 'A2', '', qw(-L :8080?auth=dXNlcjpwYXNz) ],
    [ 'A3', '', qw(-L :8000 -F http://user:pass@192.168.1.1:8080) ],
    [ 'A4', 'tls (dialer), socks5 (connector), ws (dialer)',
        qw(-L http://:8080 -F https://192.168.1.1:8080
        -F socks5+ws://192.168.1.2:1080) ],
    [ 'A5', 'tls (listener)', '-L', 'http+tls://gost:gost@:8443?'
            . 'certFile=cert.pem&keyFile=key.pem&caFile=ca.pem' ],
    [ 'A5', 'tls (listener)', qw(-L https://:8443) ],
    [ 'A6', 'tls (dialer)', qw(-L :8080 -F),
        'https://host:8443?secure=true&serverName=www.example.com' ],
    [ 'A6', 'tls (dialer)', qw(-L :8080 -F),
        'tls://host:8443?cert=c.pem&key=k.pem&ca=ca.pem&secure=true' ],
    [ 'A7', 'http2 (handler), http2 (listener)', '-L',
        'http2://user:pass@:443?cert=cert.pem&key=key.pem'
            . '&probe_resist=code:404&knock=www.google.com' ],
    [ 'A8', 'http2 (connector), http2 (dialer)',
        qw(-L :8080 -F http2://user:pass@host:443) ],
    [ 'A9', 'socks5 (handler), ws (listener)',
        qw(-L socks5+ws://user:pass@:8080?path=/gost) ],
    [ 'A9', 'socks5 (connector), wss (dialer)',
        qw(-L :1080 -F socks5+wss://user:pass@domain:443?path=/gost) ],
    [ 'A10', 'relay (connector), mwss (dialer)', qw(-L :1080 -F),
        'relay+mwss://u:p@example.com:443?path=/x&secure=true'
            . '&serverName=example.com&keepalive=true&ttl=15s' ],
    [ 'A10', 'relay (handler), mwss (listener)',
        qw(-L relay+mwss://u:p@:443?path=/x) ],
    [ 'A10', 'relay (connector), mwss (dialer)', qw(-C a10.yml) ],
    [ 'A11', 'socks5 (handler), socks5 (connector), mws (dialer)',
        qw(-L socks5://:10808 -F),
        'socks5+mws://203.0.113.5:80?host=www.example.com&path=/ws' ],
    [ 'A12', 'relay (handler), wss (listener)',
        qw(-L relay+wss://u:p@:8443) ],
    [ 'A12', 'tcp (handler), forwarder, relay (connector), wss (dialer)',
        qw(-L tcp://:2222/127.0.0.1:22 -F relay+wss://u:p@domain:8443) ],
    [ 'A13', 'relay (handler), wss (listener)',
        qw(-L relay+wss://u:p@:8888?bind=true) ],
    [ 'A13', 'rtcp (handler), rtcp (listener), ~chain, forwarder,'
            . ' relay (connector), wss (dialer)',
        qw(-L rtcp://:8080/127.0.0.1:80 -F relay+wss://u:p@host:8888) ],
    (map {
        [ 'A14', "relay (handler), $_ (listener)", '-L', "relay+$_://:8080"
                . '?authorizePath=/authorize&pushPath=/push&pullPath=/pull' ],
        [ 'A14', "relay (connector), $_ (dialer)", qw(-L :8000 -F),
            "relay+$_://host:8080?pushPath=/push&pullPath=/pull" ]
    } qw(pht phts)),
    (map { [ 'A15', "forward (handler), $_ (listener), forwarder,"
                . ' socks5 (handler)', '-L', "$_://:8443/:1080",
            qw(-L socks5://:1080) ] } qw(wss pht tls h2 grpc)),
    [ 'A16', 'socks5 (handler), h2 (listener)',
        qw(-L socks5+h2://user:pass@:8443) ],
    [ 'A16', 'h2c (listener)', qw(-L http+h2c://:8080) ],
    [ 'A16', 'h2 (listener)', qw(-L http+h2://:8443?path=/http2) ],
    [ 'A16', 'h2 (dialer)', qw(-L :8080 -F),
        'http+h2://h:8443?host=x&path=/http2' ],
    [ 'A17', 'relay (handler), grpc (listener)',
        qw(-L relay+grpc://user:pass@:8443) ],
    [ 'A17', 'relay (handler), grpc (listener)', '-L',
        'relay+grpc://:8080?grpcInsecure=true&path=/tun' ],
    [ 'A17', 'relay (connector), grpc (dialer)', qw(-L :8000 -F),
        'relay+grpc://u:p@h:8443?grpcInsecure=true&path=/tun' ],
    [ 'A18', 'h3 (listener)', qw(-L h3://:8443) ],
    [ 'A18', 'h3 (dialer)', qw(-L :8080 -F h3://host:8443) ],
    [ 'A19', 'quic (listener)', qw(-L http+quic://:8443) ],
    [ 'A19', 'quic (dialer)', qw(-L :8080 -F http+quic://host:8443) ],
    [ 'A19', 'relay (connector), quic (dialer)', qw(-L :8080 -F),
        'relay+quic://host:8443?keepAlive=true&ttl=10s' ],
    (map {
        [ 'A20', 'masque (handler), http3 (listener)', '-L',
            ($_ ? 'masque+http3' : 'masque') . '://u:p@:443' ],
        [ 'A20', 'masque (connector), h3-masque (dialer)', qw(-L :8080 -F),
            ($_ ? 'masque+h3-masque' : 'masque') . '://u:p@host:443' ]
    } 0, 1),
    [ 'A20', 'udp (handler), udp (listener), forwarder, masque (connector),'
            . ' h3-masque (dialer)', qw(-L udp://:4001/127.0.0.1:6002 -F
        masque+h3-masque://u:p@host:443) ],
    [ 'A21', '', qw(-L :8080 -F),
        'http://a:8080,b:8080,c:8080?strategy=rand&maxFails=3&failTimeout=60s' ],
    [ 'A21', '', qw(-C fifo.yml) ],
    [ 'A22', 'bypass, bypass',
        '-L', 'http://:8080?bypass=10.0.0.0/8,*.internal',
        '-F', 'http://h:8080?bypass=~*.example.com,.example.org' ],
    [ 'A22', 'admission', qw(-L http://:8080?admission=~192.168.0.0/16) ],
    [ 'A22', '~resolver',
        '-L', 'http://:8080?resolver=1.1.1.1,tls://8.8.8.8:853' ],
    [ 'A22', '~hosts', '-L', 'http://:8080?hosts=example.org:1.2.3.4' ],
    [ 'A23', 'limiter, climiter, rlimiter', '-L', 'http://:8080?limiter.in=100MB'
            . '&limiter.out=100MB&limiter.conn.in=10MB&limiter.conn.out=10MB'
            . '&climiter=1000&rlimiter=10' ],
    [ 'A24', '', qw(-C a.yaml) ],
    [ 'A24', '', qw(-C a.yaml -C b.json -L :8080 -F http://h:1) ],
    [ 'A24', '~api', '-C', '{"api":{"addr":":8080"}}' ],
    [ 'A25', '~api', '-L', ':8080',
        '-api', 'user:pass@:18080?pathPrefix=/api&accesslog=true',
        '-metrics', 'user:pass@:9000?path=/metrics' ],
    [ 'X1', 'tls (listener)', '-L', 'http+tls://user:password@:443'
            . '?probeResist=code:403&knock=example.com&udp=true' ],
    [ 'X2', 'udp (handler), udp (listener), forwarder',
        qw(-L udp://:10053/1.1.1.1:53 -F http://host:8080) ],
    [ 'X2', '~udp', qw(-L http://:8080?udp=true) ],
    [ 'X3', '', '-L', ':8080?handler.hash=host&listener.keepalive=true' ],
    [ 'X4', 'socks5 (handler)', qw(-L socks5://u:p@:1080?skipauth=10.0.0.0/8) ],
    [ 'X4', '', qw(-L http://u:p@:1080?skipauth=10.0.0.0/8) ],
    [ 'X5', 'http2 (connector), http2 (dialer), relay (connector), wss (dialer)',
        qw(-L :8001 -F http2://a:443 -- -L :8002 -F relay+wss://b:443) ],
    [ 'X5', '', qw(-L :8001 -F http://a:1 -- -L :8002 -F http://b:1) ],
    [ 'X6', 'tcp (handler), forwarder',
        qw(-L tcp://:8000-8003/10.0.0.1:9000-9003) ],
    [ 'X7', 'wss (listener)', qw(-C x7.yml) ],
    [ 'X8', 'http3 (handler), http3 (listener), forwarder', qw(-C x8.yml) ],
    [ 'X9', 'relay (handler), forwarder', qw(-L relay://:8421/127.0.0.1:8080) ],
    [ 'X9', 'forward (connector), tls (dialer)',
        qw(-L :8080 -F forward+tls://h:443) ],
    [ 'X10', 'tunnel (handler), wss (listener)', '-L',
        "tunnel+wss://:443?entrypoint=:80&tunnel=.example.com:$uuid" ],
    [ 'X10', 'rtcp (handler), rtcp (listener), ~chain, forwarder,'
            . ' tunnel (connector), wss (dialer)',
        qw(-L rtcp://:0/127.0.0.1:80 -F),
        "tunnel+wss://host:443?tunnel.id=$uuid" ],
    [ 'X11', '', qw(-C a.yaml) ],
    [ 'X12', 'http2 (handler), http2 (listener)', '-L=http2://:443' ],
);

# of what -t says, the words of these rows
sub missing
{
    my ($err) = @_;
    my (@words, @rest);

    for (split /\n/, $err) {
        if (/: (\S+): not built yet \((\w+)\)$/) { push @words, "$1 ($2)" }
        elsif (/: (\S+): \Q$guard\E$/) { push @words, $1 }
        elsif (/^gatun: warning: .*: (\S+): not built yet, ignored$/) {
            push @words, "~$1";
        } elsif (!/^gatun: warning: .*(?: an open proxy|workers run as "\w+"|open to everybody .*)$|^gatun: the configuration (?:is valid|has errors)$/)
        {
            push @rest, $_;
        }
    }

    return (join(', ', sort @words), join "\n", @rest);
}

my %seen;

for (@rows) {
    my ($id, $want, @args) = @$_;
    my $name = "acc-$id: @args";
    my $good = $want !~ /(?:^|, )[^~]/;

    $seen{$id}++;

    my ($status, $out, $err) = $t->once({ cwd => $t->dir }, '-t', @args);
    my ($words, $rest) = missing($err);
    is($status, $good ? 0 : 1, "$name: -t") or diag($err);
    is($words, join(', ', sort split /, /, $want), 'what is missing, once each')
        or diag($err);
    is($rest, '', 'and nothing else');
    is(scalar(grep { /a10|x7|x8|-L |-F |-C:|-api/ } grep { /not built/ }
            split /\n/, $err), scalar(split /, /, $want), 'each with its place');

    for my $format ('yaml', 'json') {
        ($status, $out, $err) =
            $t->once({ cwd => $t->dir }, '-O', $format, @args);
        is($status, 0, "-O $format prints it") or diag($err);
        is($err, '', 'and says nothing');
    }

    # what it has printed is the same once more
    next if grep { $_ eq '--' } @args;
    $t->write_file('again.json', $out);
    my ($again, $twice) = $t->once('-O', 'json', '-C', '%%DIR%%/again.json');
    is(lc $twice, lc $out, 'and reads it again, with keys in lower case');
}

is(join(' ', map { $seen{$_} ? () : $_ } (map { "A$_" } 1 .. 25),
    map { "X$_" } 1 .. 12), '', 'all of the list');

# GOST's forms of -C that are no arguments alone
subtest 'acc-A24' => sub {
    my ($status, $out, $err) = $t->once({ cwd => $t->dir,
        stdin => $t->dir . '/a.yaml' }, '-O', 'json', '-C', '-');
    is(decode_json($out)->{services}[0]{name}, 'a', 'standard input')
        or diag($err);

    $t->write_file('gost.yml', "services:\n- { name: g, addr: ':9' }\n");
    ($status, $out, $err) = $t->once({ cwd => $t->dir,
        env => { HOME => $t->dir } }, '-O', 'json', '-p', $t->dir);
    is(decode_json($out)->{services}[0]{name}, 'g', './gost.yml') or diag($err);

    ($status, $out, $err) = $t->once({ cwd => $t->dir }, '-O', 'json',
        qw(-C a.yaml -C b.json -L :8080 -F http://h:1));
    is_deeply([ map { $_->{name} } @{ decode_json($out)->{services} } ],
        [qw(a b service-0)], 'in this order') or diag($err);
};

done_testing();
