#!/usr/bin/perl
# t/01-man.t: man/gatun.yaml.5 is what the tables of this build say, and groff
# and mandoc have nothing to say about the manual pages.

use strict;
use warnings;
use Test::Gatun;

my $t = Test::Gatun->new;
my $top = $Test::Gatun::top;

my ($status, $reference) = $t->once('--help', 'roff');
is($status, 0, 'the reference');
like($reference, qr/^\.SS services$/m, 'has sections');
like($reference, qr/^\.B idleTimeout$/m, 'and options of modules');

my $page = slurp("$top/man/gatun.yaml.5.in") =~ s/^\@REFERENCE\@\n/$reference/mr;
ok(slurp("$top/man/gatun.yaml.5") eq $page,
    'man/gatun.yaml.5 is up to date (else: make man)');

subtest 'what is printed about sections and modules' => sub {
    for (['service', 'enableStats'], ['chain', 'hops'], ['hop', 'selector'],
        ['node', 'connector'], ['selector', 'strategy'], ['auther', 'auths'],
        ['tls', 'certFile'], ['log', 'level'], ['metrics', 'path'],
        ['gatun', 'workers'], ['stats', 'clients'], ['handler', 'retries'],
        ['bypass', 'matchers'], ['tcp', 'backlog'], ['http', 'proxyAgent'])
    {
        my ($topic, $key) = @$_;
        my ($status, $out) = $t->once('--help', $topic);
        is($status, 0, $topic);
        like($out, qr/^  \Q$key\E\b/m, "$topic: $key");
    }

    my ($status, $out, $err) = $t->once('--help', 'nothing');
    is($status, 2, 'an unknown one');
    like($err, qr/nothing.*^handlers:.*^sections: .*\bnodes\b/ms,
        'tells what there is');
};

sub has
{
    my ($program) = @_;

    return grep { -x "$_/$program" } split /:/, $ENV{PATH};
}

for my $path (glob "$top/man/*.[578]") {
    my $name = $path =~ s{.*/}{}r;

    SKIP: {
        skip 'no groff here', 1 if !has('groff');
        is(`groff -man -Tutf8 -ww '$path' 2>&1 >/dev/null`, '', "$name: groff");
    }

    SKIP: {
        skip 'no mandoc here', 1 if !has('mandoc');
        is(`mandoc -Tlint -W warning '$path' 2>&1`, '', "$name: mandoc");
    }
}

done_testing();
