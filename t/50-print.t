#!/usr/bin/perl
# t/50-print.t: -T prints what is in force, each value with its origin, no
# credential, and YAML that gatun takes for the same again.

use strict;
use warnings;
use Test::Gatun;

my $t = Test::Gatun->new;

sub values_only { return $_[0] =~ s/  # .*//gr }

# -T of it, and -T of that again
sub printed
{
    my ($name, @args) = @_;
    my ($status, $out, $err) = $t->once('-T', @args);

    is($status, 0, "$name: printed") or diag($err);

    my $path = $t->write_file('again.yaml', $out);
    my ($again, undef, $said) = $t->once('-t', '-C', $path);
    is($again, 0, "$name: is good") or diag($said);
    unlike($said =~ s/.*: \*\*\* is what -T prints.*\n//gr, qr/again\.yaml:/,
        "$name: without a warning but for masks");

    (undef, my $twice) = $t->once('-T', '-C', $path);
    is(values_only($twice), values_only($out), "$name: and the same again");

    return ($out, $err);
}

$t->write_file('users', "bob s3cret\n");

subtest 'a file, flags and the environment' => sub {
    my $path = $t->write_file('p.yaml', <<'END');
services:
- name: one
  addr: 127.0.0.1:8080
  handler:
    type: http
    auther: users
    chain: up
    metadata:
      idleTimeout: 5m
      skipauth: [ 127.0.0.1 ]
      header:
        X-A: "1"
        Authorization: s3cret
  metadata: { labels: { a: b } }
- addr: 127.0.0.1:8081
authers:
- name: users
  auths: [ { username: alice, password: s3cret } ]
  file: { path: %%DIR%%/users }
chains:
- name: up
  hops:
  - name: hop
    nodes:
    - name: node
      addr: 127.0.0.1:1
      connector: { type: http, auth: { username: u, password: s3cret } }
log: { format: text }
gatun:
  workers: 2
  stats: { addr: "127.0.0.1:8404", auth: { username: u, password: s3cret } }
END
    my ($status, $out, $said) = $t->once({ env => { GOST_LOGGER_LEVEL => 'warn' } },
        '-T', '-C', $path, '-w', 3, '-L', 'http://x:s3cret@127.0.0.1:8082');

    is($status, 0, 'printed');
    unlike($out . $said, qr/s3cret/, 'no credentials');

    for (["name: one  # $path:2", 'a file and its line'],
        ['type: auto  # default', 'a part that is not there'],
        ["idleTimeout: 5m  # $path:9", 'an option'],
        ['readTimeout: 15s  # default', 'the default of one'],
        ['keepalive.count: 9  # default', 'of a listener\'s'],
        ['strategy: round  # default', 'of a selector'],
        ['level: warn  # GOST_LOGGER_LEVEL', 'the environment'],
        ["format: text  # $path:28", 'the log'],
        ['workers: 3  # -w', 'a flag'],
        ['addr: 127.0.0.1:8082  # -L http://127.0.0.1:8082', 'a service'],
        ['name: service-1  # default', 'a name that was given'])
    {
        my ($line, $name) = @$_;
        like($out, qr/^[ -]*\Q$line\E$/m, $name);
    }

    ($out, my $err) = printed('a file', '-C',
        $t->write_file('q.yaml', slurp($path) =~ s/^  metadata: .*\n//mr));
    unlike($out . $err, qr/s3cret/, 'no credentials');
};

subtest 'the command line' => sub {
    my ($out, $err) = printed('URLs', '-D', '-stats', 8404, '-L',
        'http://u:s3cret@127.0.0.1:8080?keepalive=true&deny-private=true'
        . '&idleTimeout=1m&proxyAgent=%22%27%23%20%3A&retries=2', '-F',
        'http://v:s3cret@127.0.0.1:1?timeout=3s');

    unlike($out . $err, qr/s3cret/, 'no credentials');
    like($out, qr/^ +level: debug  # -D$/m, '-D');
    like($out, qr/^ +addr: 127\.0\.0\.1:8404  # -stats$/m, '-stats');
    like($out, qr/^ +idleTimeout: 1m  # -L http:\/\/127\.0\.0\.1:8080$/m,
        'an option');
    like($out, qr/^ +timeout: 3s  # -F /m, 'of a node');
    like($out, qr/^ +retries: 2  # -L/m, 'retries');

    my ($status, $print) = $t->once('-T', '-p', '%%DIR%%', '-L', ':8080');
    like($print, qr{^  pidFile: \Q${\$t->dir}\E/gatun\.pid  # -p$}m, '-p');
};

subtest 'with errors' => sub {
    my $path = $t->write_file('bad.yaml', "services:\n- adr: x\n");
    my ($status, $out, $err) = $t->once('-T', '-C', $path);

    is($status, 1, 'nothing is printed');
    is($out, '', 'not a line');
    like($err, qr/bad\.yaml:2:3: /, 'but what is wrong');
};

done_testing();
