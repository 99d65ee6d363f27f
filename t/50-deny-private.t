#!/usr/bin/perl
# t/50-deny-private.t: with deny-private nobody gets to an address that is
# somebody's own, however it is spelt and whatever name leads there (rel-G2).
# The test listens on all addresses, and nobody may come.

use strict;
use warnings;

# names and addresses of its own, that no other test sees
BEGIN {
    if (($ENV{GATUN_ISOLATED} // '') eq 'yes' && !$ENV{GATUN_OWN_MOUNTS}) {
        $ENV{GATUN_OWN_MOUNTS} = 1;
        exec 'unshare', '--mount', '--net', $^X, (map { "-I$_" } @INC), $0
            or die "unshare: $!\n";
    }
}

use Test::Gatun;

my $t = Test::Gatun->new;
my $six = eval { Test::Gatun::Stream->listen('::', 0) };
my $target = $six // Test::Gatun::Stream->listen('0.0.0.0', 0);
my $port = $target->port;

# an address that is nobody's own, and names: they need a namespace
my $own = ($ENV{GATUN_ISOLATED} // '') eq 'yes';
my $public = '192.0.2.1';
my $mounted;

if ($own) {
    system('ip link set lo up; ip addr add 192.0.2.1/32 dev lo');
    my $hosts = $t->write_file('hosts', <<'END');
127.0.0.1 localhost evil.test Mixed.test
192.0.2.1 good.test mixed.test
10.1.2.3 ten.test
169.254.169.254 metadata.test
::1 six.test
::ffff:127.0.0.1 mapped.test
fd00:ec2::254 fd.test
END
    chmod 0644, $hosts;
    $mounted = system('mount', '--bind', $hosts, '/etc/hosts') == 0;
}

$t->gatun('-w', 1, '-L', 'http://127.0.0.1:%%PORT_0%%?deny-private=true',
    '-L', 'auto://127.0.0.1:%%PORT_1%%?denyPrivate=true',
    '-L', 'http://127.0.0.1:%%PORT_2%%');
$t->gatun('-w', 1, '-L', 'http://127.0.0.1:%%PORT_3%%?deny-private=true',
    '-F', 'http://127.0.0.1:%%PORT_2%%');
$t->gatun('-w', 1, '-L', 'http://127.0.0.1:%%PORT_4%%?deny-private=true',
    '-F', 'http://127.0.0.1:%%PORT_0%%');

my ($agent) = request($t->port(0), "CONNECT localhost:$port HTTP/1.1\r\n"
    . "Host: x\r\n\r\n") =~ /^Proxy-Agent: (.*)\r$/m;
my $denied = "HTTP/1.1 403 Forbidden\r\nConnection: close\r\n"
    . "Proxy-Agent: $agent\r\n\r\n";

my @literals = ('127.0.0.1', '127.1', '127.0.1', '2130706433', '0177.0.0.1',
    '0x7f.0.0.1', '0x7f000001', '017700000001', '0', '0.0.0.0', '127.9.9.9',
    '127.0.0.1.', 'localhost', 'localhost.', 'LOCALHOST', 'a.localhost',
    '169.254.169.254', '0xa9fea9fe', '10.0.0.1', '172.16.0.1', '192.168.0.1',
    '100.64.0.1', '224.0.0.1', '255.255.255.255', '[::1]', '[::]',
    '[::ffff:127.0.0.1]', '[::ffff:7f00:1]', '[::127.0.0.1]',
    '[0:0:0:0:0:0:0:1]', '[64:ff9b::127.0.0.1]', '[64:ff9b::a9fe:a9fe]',
    '[2002:7f00:1::]', '[fd00:ec2::254]', '[fe80::1]', '[fc00::1]',
    '[ff02::1]');

# nobody came
sub silent
{
    my ($name) = @_;

    if (my $c = $target->accept(0)) {
        $c->close;
        return fail("$name: somebody came");
    }
    return 1;
}

subtest 'every spelling' => sub {
    for my $host (@literals) {
        is(request($t->port(0), "CONNECT $host:$port HTTP/1.1\r\n"
            . "Host: x\r\n\r\n"), $denied, "CONNECT $host");
        silent($host);
    }

    for my $host (@literals) {
        is(request($t->port(1), "GET http://$host:$port/ HTTP/1.1\r\n"
            . "Host: x\r\n\r\n"), $denied, "GET http://$host/");
        silent($host);
    }
};

subtest 'without the option' => sub {
    my $c = connect_via($t->port(2), "127.0.0.1:$port");
    like($c->head, qr/^HTTP\/1\.1 200 /, 'they may');
    ok($target->accept, 'and come');
};

subtest 'through a chain' => sub {
    for my $host (@literals) {
        is(request($t->port(3), "CONNECT $host:$port HTTP/1.1\r\n"
            . "Host: x\r\n\r\n"), $denied, "a chain: $host");
        silent($host);
    }

    # a name is looked up by the far end, whose own option it is
    SKIP: {
        skip 'no names here', 2 unless $mounted;
        like(request($t->port(4), "CONNECT evil.test:$port HTTP/1.1\r\n"
            . "Host: x\r\n\r\n"), qr/^HTTP\/1\.1 503 /, 'the far end denies');
        silent('a name');
        my $c = connect_via($t->port(3), "evil.test:$port");
        like($c->head, qr/^HTTP\/1\.1 200 /, 'or does not');
        $target->accept->close;
    }
};

subtest 'names' => sub {
    plan(skip_all => 'no names here') unless $mounted;

    for my $name (qw(evil.test EVIL.test evil.test. ten.test metadata.test
        six.test mapped.test fd.test))
    {
        is(request($t->port(0), "CONNECT $name:$port HTTP/1.1\r\n"
            . "Host: x\r\n\r\n"), $denied, $name);
        silent($name);
    }

    # one good address and one bad: only the good one is connected to
    for (1 .. 5) {
        for my $name (qw(mixed.test good.test), $public) {
            my $c = connect_via($t->port(0), "$name:$port");
            like($c->head, qr/^HTTP\/1\.1 200 /, $name);
            my $o = $target->accept;
            like($o->{fh}->sockhost, qr/\b192\.0\.2\.1$/, 'the good one');
        }
    }

    # the good one says no: the bad one is no way out
    my $closed = Test::Gatun::Stream->listen('127.0.0.1', 0);
    my $c = connect_via($t->port(0), 'mixed.test:' . $closed->port);
    like($c->head, qr/^HTTP\/1\.1 503 /, 'only the bad one listens');
    ok($closed->is_silent(0.1), 'and nobody came');
};

subtest 'a later request' => sub {
    my $c = connect_to($t->port(0));

    plan(skip_all => 'no names here') unless $mounted;
    $c->send("GET http://$public:$port/ HTTP/1.1\r\nHost: x\r\n\r\n");
    my $o = $target->accept;
    $o->read_head;
    $o->send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    $c->read_response;
    $c->send("GET http://127.0.0.1:$port/ HTTP/1.1\r\nHost: x\r\n\r\n");
    is($c->read_all, "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n",
        'GOST\'s other 403');
    silent('a later request');
};

done_testing();
