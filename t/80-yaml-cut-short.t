#!/usr/bin/perl
# t/80-yaml-cut-short.t: nothing of a YAML file is lost without a word: what
# stands behind the first map, behind a NUL of a text, in another document.

use strict;
use warnings;
use Test::Gatun;

my $t = Test::Gatun->new;

sub tested
{
    return $t->once('-t', '-C', $t->write_file('c.yaml', $_[0]));
}

my $service = "services:\n- name: s\n  addr: 127.0.0.1:1\n";
my $auth = $service . "  handler: { type: http, auth: { username: u, password: %s } }\n";

# a first line that is indented by one ends the map, and the rest was lost
my ($status, undef, $err) = tested(" log: { level: warn }\n" . $service
        . "  handler: { type: http, auther: nobody }\n");
is($status, 1, 'a first key that is indented');
like($err, qr/c\.yaml:2:1: /, 'where the map has ended');

($status, undef, $err) = tested($service . "---\nauthers: []\n");
is($status, 0, 'two documents, as in GOST');
like($err, qr/warning: \S*c\.yaml:4:1: only the first document/, 'with a warning');

for (["--- # one\n$service...\n", 'one with its marks'], [$service, 'one']) {
    ($status, undef, $err) = tested($_->[0]);
    is($status, 0, $_->[1]) or diag($err);
    unlike($err, qr/document/, "$_->[1]: without");
}

# "secret\0" would have been the password "secret"
for ('"secret\0x"', '"\x00"', '"\u0000"') {
    ($status, undef, $err) = tested(sprintf $auth, $_);
    is($status, 1, "password: $_");
    like($err, qr/c\.yaml:4:\d+: a text with a NUL/, 'its place');
    unlike($err, qr/secret/, 'and not more');
}

($status, undef, $err) = tested("\"services\\0x\": []\n");
like($err, qr/c\.yaml:1:1: a key with a NUL/, 'a key');

($status, undef, $err) = $t->once('-t', '-C',
    '{"services":[{"name":"s\u0000x","addr":"127.0.0.1:1"}]}');
is($status, 1, 'JSON, too') or diag($err);

done_testing();
