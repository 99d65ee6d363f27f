#!/usr/bin/perl
# t/60-gost-cli.t: a real GOST 3.3.0 and gatun print the same for the same
# arguments: those that people use (the acceptance list: acc-A1 and so on), and
# arguments and files made by chance.  What people use starts with gatun, or
# says what is not built yet.

use strict;
use warnings;
use Test::Gatun;
use Test::Gatun::Peer;

my $gost = gost_path('gost');
my $t = Test::Gatun->new;
my $home = $t->dir . '/home';
mkdir $home;

# -O of both: status and output of each
sub print_both
{
    my ($format, @args) = @_;
    my %env = map { $_ => undef } grep { /GOST/ } keys %ENV;
    my $options = { cwd => $home, env => { %env, HOME => $home } };

    return ([ $t->once({ %$options, program => $gost }, '-O', $format, @args) ],
        [ $t->once($options, '-p', $home, '-O', $format, @args) ]);
}

my $seed = $ENV{GATUN_SEED} // 4242;
srand $seed;
note("GATUN_SEED=$seed");

sub one { return $_[rand @_] }

subtest 'what people use' => sub {
    my $chain = '-F relay+wss://domain:8443';
    my @rows = (
        [ A1 => '-L http://:8080' ], [ A1 => '-L :8080' ], [ A1 => '-L=:8080' ],
        [ A2 => '-L http://user:pass@:8080' ],
        [ A2 => '-L :8080?auth=dXNlcjpwYXNz' ],
        [ A3 => '-L :8000 -F http://user:pass@192.168.1.1:8080' ],
        [ A4 => '-L http://:8080 -F https://192.168.1.1:8080'
            . ' -F socks5+ws://192.168.1.2:1080' ],
        [ A5 => '-L http+tls://gost:gost@:8443?certFile=cert.pem'
            . '&keyFile=key.pem&caFile=ca.pem' ],
        [ A5 => '-L https://:8443' ],
        [ A6 => '-L :8080'
            . ' -F https://host:8443?secure=true&serverName=www.example.com' ],
        [ A6 => '-L :8080'
            . ' -F tls://h:1?cert=c.pem&key=k.pem&ca=ca.pem&secure=true' ],
        [ A7 => '-L http2://user:pass@:443?cert=fullchain.pem&key=privkey.pem'
            . '&probe_resist=code:404&knock=www.google.com' ],
        [ A8 => '-L :8080 -F http2://user:pass@host:443' ],
        [ A9 => '-L socks5+ws://user:pass@:8080?path=/gost' ],
        [ A9 => '-L :1080 -F socks5+wss://user:pass@domain:443?path=/gost' ],
        [ A10 => '-L :1080 -F relay+mwss://u:p@example.com:443?path=/x'
            . '&secure=true&serverName=example.com&keepalive=true&ttl=15s' ],
        [ A10 => '-L relay+mwss://u:p@:443?path=/x' ],
        [ A11 => '-L socks5://:10808 -F socks5+mws://203.0.113.5:80'
            . '?host=www.example.com&path=/ws' ],
        [ A12 => '-L relay+wss://u:p@:8443' ],
        [ A12 => "-L tcp://:2222/127.0.0.1:22 $chain" ],
        [ A13 => '-L relay+wss://u:p@:8888?bind=true' ],
        [ A13 => "-L rtcp://:8080/127.0.0.1:80 $chain" ],
        [ A14 => '-L relay+pht://:8080?authorizePath=/authorize&pushPath=/push'
            . '&pullPath=/pull' ],
        [ A14 => '-L :8000 -F relay+phts://host:8080?pushPath=/push' ],
        [ A15 => '-L wss://:8443/:1080 -L socks5://:1080' ],
        [ A15 => '-L pht://:1/:2 -L tls://:3/:4 -L h2://:5/:6 -L grpc://:7/:8' ],
        [ A16 => '-L socks5+h2://user:pass@:8443 -L http+h2c://:8080'
            . ' -L http+h2://:8444?path=/http2' ],
        [ A17 => '-L relay+grpc://user:pass@:8443'
            . ' -L relay+grpc://:8080?grpcInsecure=true&path=/tun' ],
        [ A18 => '-L h3://:8443' ], [ A18 => '-L :8080 -F h3://host:8443' ],
        [ A19 => '-L http+quic://:8443' ],
        [ A19 => '-L :8080 -F relay+quic://host:1?keepAlive=true&ttl=10s' ],
        [ A20 => '-L masque+http3://u:p@:443' ],
        [ A20 => '-L udp://:4001/127.0.0.1:6002'
            . ' -F masque+h3-masque://u:p@host:443' ],
        [ A21 => '-L :8080'
            . ' -F http://a:8080?strategy=rand&maxFails=3&failTimeout=60s' ],
        [ A22 => '-L http://:8080?bypass=10.0.0.0/8,*.internal'
            . ' -F http://h:8080?bypass=~*.example.com,.example.org' ],
        [ A22 => '-L :1?admission=~192.168.0.0/16'
            . '&resolver=1.1.1.1,tls://8.8.8.8:853&hosts=example.org:1.2.3.4' ],
        [ A23 => '-L http://:8080?limiter.in=100MB&limiter.out=100MB'
            . '&limiter.conn.in=10MB&limiter.conn.out=10MB&climiter=1000'
            . '&rlimiter=10' ],
        [ X1 => '-L http+tls://user:password@:443?probeResist=code:403'
            . '&knock=example.com&udp=true' ],
        [ X2 => '-L udp://:10053/1.1.1.1:53 -F http://host:8080' ],
        [ X3 => '-L :8080?handler.hash=host&listener.keepalive=true' ],
        [ X4 => '-L socks5://u:p@:1080?skipauth=10.0.0.0/8' ],
        [ X6 => '-L tcp://:8000-8003/10.0.0.1:9000-9003' ],
        [ X9 => '-L relay://:8421/127.0.0.1:8080' ],
        [ X9 => '-L tcp://:1 -F forward+tls://h:443' ],
        [ X10 => '-L tunnel+wss://:443?entrypoint=:80&tunnel=.example.com:1-2' ],
        [ X10 => '-L rtcp://:0/127.0.0.1:80'
            . ' -F tunnel+wss://host:443?tunnel.id=1-2' ],
    );

    for (@rows) {
        my ($id, $line) = @$_;
        my @args = split / /, $line;

        for my $format (qw(yaml json)) {
            my ($theirs, $ours) = print_both($format, @args);

            is($theirs->[0], 0, "acc-$id: GOST takes $line") or next;
            is($ours->[0], 0, "acc-$id: so does gatun") or diag($ours->[2]);
            is($ours->[1], $theirs->[1], "acc-$id: the same $format");
        }

        # whatever is wrong is what a later module brings, or a file of theirs
        my ($status, undef, $err) = $t->once('-t', @args);
        my @wrong = grep { !/: warning: |configuration (?:is valid|has errors)|not built yet|(?:cert|key|ca|fullchain|privkey|c|k)\.pem/ }
            split /\n/, $err;
        is(join("\n", @wrong), '', "acc-$id: -t");
    }
};

# --- by chance ---

my @texts = ('1', '0', '-1', '1.5', '1e3', '0x1F', 'true', 'yes', 'y', 'null',
    '~', '1:30', '2001-02-03', 'a%20b', '%20a', '%23x', 'a%3A%20b', '%C3%A9',
    '%09', 'it%27s', '%22q%22', '-', '[x]', '{}', '*a', '%26', '%3C%3E', '%60x',
    '', '10s', 'x,y', 'a=b', 'a%0Ab', '%F0%9F%98%80', '---', '.5', '+');
my @keys = ('a', 'Q', 'c1', 'c10', 'c2', 'a.b', 'a-b', '_x', 'path', 'handler.x',
    'listener.z', 'service.z', 'node.e', 'hop.b', 'connector.c', 'dialer.d',
    'retries', 'bypass', 'admission', 'resolver', 'prefer', 'hosts',
    'limiter.in', 'limiter.conn.in', 'climiter', 'rlimiter', 'interface',
    'so_mark', 'proxyProtocol', 'netns', 'strategy', 'maxFails', 'max_fails',
    'secure', 'serverName', 'udp', 'dns', 'y', '1', 'on');
my @listen = qw(http https socks5 relay tls ws mwss h2 grpc auto tcp udp forward
    http2 h3 http+wss relay+grpc socks5+ws forward+tls HTTP+WS);
my @forward = qw(http https socks5 relay tls ws wss h2 grpc auto tcp http2 direct
    socks5+ws relay+mwss forward+tls);

sub query
{
    my @pairs = map { one(@keys) . one(('=' . one(@texts)) x 5, '=', '') }
        1 .. int rand 5;

    return @pairs ? '?' . join('&', @pairs) : '';
}

sub user
{
    return one('', '', '', 'u@', 'u:p@', 'a%40b:p%3A%2F@', ':p@', 'y:0x1@', '@');
}

sub address
{
    return one('', '127.0.0.1', 'a.example', '[::1]', '*', 'N.Ex')
        . one(':80', ':8080', ':0', ':8000-8002', ':x', ':3-1', ':70000', '');
}

sub target
{
    return one('', '', '/', '/' . join ',', map {
        one('a:1', 'b.example:80-82', '[::1]:5', 'x', '', 'c:z') }
        0 .. int rand 3);
}

subtest 'arguments by chance' => sub {
    for (1 .. 80) {
        my @args = map { ('-L', one(@listen) . '://' . user() . address()
            . target() . query()) } 0 .. int rand 3;

        push @args, '-F', one(@forward) . '://' . user()
            . one('a.example', '127.0.0.1', '[::1]', '[fe80::1%25eth0]')
            . one(':1', ':8080', '') . one('', '/', '/x') . query()
            for 1 .. int rand 3;

        my ($theirs, $ours) = print_both(one(qw(yaml json)), @args);
        is($theirs->[0], 0, 'GOST takes it') or diag("@args");
        is($ours->[1], $theirs->[1], 'the same')
            or diag("@args\n$ours->[2]");
    }
};

my @plain = ('1', '-1', '010', '0x1F', '0b11', '0o17', '1_000', '1.5', '-.5',
    '1e3', '1E-7', '123456789', '0.1', 'yes', 'off', 'True', 'null', '~',
    '1:30', 'a b', 'x:y', 'a#b', '"1"', "'yes'", '"a\\nb\\n"', '" a"', '"a "',
    '"- a"', '"? a"', '"!a"', '"%a"', '"@a"', '"`a"', '"{a"', '"|"', '"\\\\"',
    '"\\x7f"', '"08"', '"+1"', '"1."', '"2001-02-03"', '"12:5"', '"\\e"');

sub value
{
    my ($depth) = @_;
    my %seen;

    return '[' . join(', ', map { value($depth + 1) } 1 .. rand 4) . ']'
        if $depth < 3 && rand > 0.85;
    return '{' . join(', ', map { "\"$_\": " . value($depth + 1) }
        grep { !$seen{$_}++ } map { one(@keys) } 1 .. rand 4) . '}'
        if $depth < 3 && rand > 0.85;

    return one(@plain);
}

subtest 'files by chance' => sub {
    for (1 .. 60) {
        my $text = "services:\n" . join '', map {
            "- name: s$_\n  addr: " . one(@plain) . "\n  resolver: "
            . one(@plain) . "\n  handler:\n    type: http\n    retries: "
            . one('1', '"2"', '0x3', '1.9', '010')
            . "\n    metadata:\n      k: " . value(0) . "\n      l: " . value(0)
            . "\n" } 0 .. int rand 3;

        $text .= "authers:\n- name: a\n  reload: "
            . one('1s', '1h2m', '5', '1.5s', '-1s', '100us', '90m', '0') . "\n"
            if rand > 0.5;

        my $path = $t->write_file('home/c.yaml', $text);
        my ($theirs, $ours) = print_both(one(qw(yaml json)), '-C', $path);
        is($theirs->[0], 0, 'GOST takes it') or diag($text . $theirs->[2]);
        is($ours->[1], $theirs->[1], 'the same') or diag("$text\n$ours->[2]");
    }
};

done_testing();
