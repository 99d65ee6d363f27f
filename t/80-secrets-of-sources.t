#!/usr/bin/perl
# t/80-secrets-of-sources.t: a -C that is taken for the name of a file is
# repeated in the error; what may hold a password is not.  What -T prints for
# a password is told from one.

use strict;
use warnings;
use Test::Gatun;

my $t = Test::Gatun->new;

for (
    [ 'ftp://user:s3cret@host/x', qr/-C: a URL that is not http/ ],
    [ 'htp://user:s3cret@host/x.yaml', qr/-C: a URL that is not http/ ],
    [ ' {"a": "s3cret"', qr/-C:1:\d+: / ],
    [ "\n{\"authers\": [\"s3cret\"]}", qr/-C:2:\d+: / ],
) {
    for my $flag ('-t', '-T') {
        my ($status, $out, $err) = $t->once($flag, '-C', $_->[0]);

        is($status, 1, "$flag $_->[0]");
        like($err, $_->[1], 'is refused') or diag($err);
        unlike($err . $out, qr/s3cret/, 'and not repeated');
    }
}

my ($status, $out, $err) = $t->once('-t', '-C',
    ' {"services": [{"name": "s", "addr": "127.0.0.1:1"}]}');
is($status, 0, 'JSON behind a blank') or diag($err);

($status, $out) = $t->once('-T', '-L', 'http://u:s3cret@127.0.0.1:1');
is($status, 0, '-T');
unlike($out, qr/s3cret/, 'masks');
($status, undef, $err) = $t->once('-t', '-C', $t->write_file('t.yaml', $out));
is($status, 0, 'and is a configuration');
like($err, qr/warning: \S*t\.yaml:\d+:\d+: password: \*\*\* is what -T prints/,
    'that anybody could get in with');

done_testing();
