#!/usr/bin/perl
# t/40-http-gost-vectors.t: the bytes that GOST says and expects, from
# t/data/http-vectors.txt, against gatun in both roles.

use strict;
use warnings;
use MIME::Base64 qw(encode_base64url);
use Test::Gatun;

my $t = Test::Gatun->new;

my $hop = $t->listener(9);
my $origin = $t->listener;

$t->gatun('-w', 1, '-L', 'http://127.0.0.1:%%PORT_0%%',
    '-L', 'http://user:pass@127.0.0.1:%%PORT_1%%',
    '-L', 'http://user:pass@127.0.0.1:%%PORT_2%%?authBasicRealm=my+realm',
    '-L', 'http://user:pass@127.0.0.1:%%PORT_5%%?probeResist=code:404',
    '-L', 'http://user:pass@127.0.0.1:%%PORT_6%%?probeResist=web:127.0.0.1:'
        . $origin->port . '/w',
    '-L', 'http://user:pass@127.0.0.1:%%PORT_7%%?probeResist=code:404'
        . '&knock=www.example.com,b.example',
    '-L', 'http://127.0.0.1:%%PORT_8%%?deny-private=true',
    '-L', 'auto://127.0.0.1:%%PORT_10%%');
$t->gatun('-w', 1, '-L', 'http://127.0.0.1:%%PORT_3%%',
    '-F', 'http://user:pass@127.0.0.1:%%PORT_9%%');
$t->gatun('-w', 1, '-L', 'http://127.0.0.1:%%PORT_4%%',
    '-F', 'http://127.0.0.1:%%PORT_9%%');

# where a service listens, and whom it leads to
my %service = (
    plain => [$t->port(0), $origin], auth => [$t->port(1), $origin],
    realm => [$t->port(2), $origin],
    code => [$t->port(5), $origin], web => [$t->port(6), $origin],
    knock => [$t->port(7), $origin], denied => [$t->port(8), $origin],
    auto => [$t->port(10), $origin],
    'client-auth' => [$t->port(3), $hop], client => [$t->port(4), $hop],
);

my ($agent) = do {
    my $c = connect_via($t->port(0), $origin->port);
    $origin->accept->close;
    $c->head =~ /^Proxy-Agent: (.*)\r$/m;
};
like($agent, qr{^gatun/\S+$}, 'Proxy-Agent names us');

# GOST's way to write a target into a field
sub gost_target
{
    my ($to) = @_;
    my $crc = 0xffffffff;

    for (unpack 'C*', $to) {
        $crc ^= $_;
        $crc = $crc & 1 ? $crc >> 1 ^ 0xedb88320 : $crc >> 1 for 1 .. 8;
    }

    return encode_base64url(pack('N', $crc ^ 0xffffffff)
        . encode_base64url($to));
}

sub unescape
{
    my ($text) = @_;
    my %one = (r => "\r", n => "\n", '\\' => '\\');
    my $at = '127.0.0.1:' . $origin->port;

    $text =~ s/\bGOST-TARGET\((\S+?)\)/gost_target($1 =~ s{ORIGIN}{$at}r)/ge;
    $text =~ s/\bORIGIN\b/$at/g;
    $text =~ s/\bAGENT\b/$agent/g;
    $text =~ s/\\(?:x([0-9a-f]{2})|([rn\\]))/defined $1 ? chr hex $1 : $one{$2}/ge;

    return $text;
}

# a pattern: only names are filled in
sub pattern
{
    my ($text) = @_;
    my $at = quotemeta '127.0.0.1:' . $origin->port;

    $text =~ s/\bORIGIN\b/$at/g;
    return qr/\A$text/;
}

sub vector
{
    my ($steps) = @_;
    my ($client, $far, $server);

    for (@$steps) {
        my ($who, $what, $text) = /^([CSOo@])([.~]?) ?(.*)$/ or die "'$_'?\n";

        if ($who eq '@') {
            ($client, $server) = @{ $service{$text} };
            $client = connect_to($client);
            next;
        }

        $far //= $server->accept if $who =~ /o/i;
        ok($far, 'the far side is connected to') or return if $who =~ /o/i;
        my $side = $who =~ /[CS]/ ? $client : $far;

        if ($who =~ /[Co]/) {
            $what eq '.' ? $side->shutdown : $side->send(unescape($text));
        } elsif ($what eq '.') {
            is($side->read_all . $side->end, 'eof', "$who ends here");
        } elsif ($what eq '~') {
            my $want = pattern($text);
            like($side->read_until($want), $want, "$who gets what it should");
        } else {
            my $want = unescape($text);
            is($side->read_n(length $want), $want, "$who gets $want" =~ s/\r\n.*/ .../sr);
        }
    }

    # nothing more comes than was to come
    for ($client, $far // ()) {
        is($_->{in}, '', 'not a byte more') if $_->end ne 'eof';
    }
}

my ($name, @steps, $n);
my $path = "$Test::Gatun::top/t/data/http-vectors.txt";

for (split(/\n/, slurp($path)), '= end') {
    next if /^#/ || /^\s*$/;

    if (/^= (.*)/) {
        my @these = @steps;
        subtest $name => sub { vector(\@these) } if @these;
        $n++ if @these;
        ($name, @steps) = ($1);
        while ($origin->accept(0)) { }
        while ($hop->accept(0)) { }
        next;
    }

    push @steps, $_;
}

cmp_ok($n, '>', 28, 'there were vectors');
is(gost_target('example.com:443'), 'T2WmIFpYaGhiWEJzWlM1amIyMDZORFF6',
    'H12 is the specification\'s');

done_testing();
