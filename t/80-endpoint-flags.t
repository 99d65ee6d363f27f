#!/usr/bin/perl
# t/80-endpoint-flags.t: nothing of -metrics and -api is lost, above all no
# credentials in a place where GOST ignores them; and an endpoint in a
# service's place is an error of the configuration, for -t as for the start.

use strict;
use warnings;
use Test::Gatun;

my $t = Test::Gatun->new;
my @service = ('-L', 'http://u:p@127.0.0.1:%%PORT_0%%');

for (
    [ '-metrics', '127.0.0.1:%%PORT_1%%?auth=dTpw',
        qr/-metrics: auth=: write user:password@ in front/ ],
    [ '-metrics', '127.0.0.1:%%PORT_1%%?auther=users', qr/-metrics: auther=: / ],
    [ '-metrics', '127.0.0.1:%%PORT_1%%?path=/x;auth=dTpw', qr/-metrics: .* ';'/ ],
    [ '-api', '127.0.0.1:%%PORT_1%%?auth=dTpw', qr/-api: auth=: / ],
    [ '-metrics', '127.0.0.1:%%PORT_0%%',
        qr/-metrics: metrics on 127\.0\.0\.1:\d+: service service-0 is there/ ],
    [ '-stats', '127.0.0.1:%%PORT_0%%', qr/-stats: stats on .*service-0 is there/ ],
    [ '-stats', '%%PORT_0%%', qr/-stats: stats on .*service-0 is there/ ],
) {
    my ($flag, $value, $pattern) = @$_;

    for my $test ('-t', '-w=1') {
        my ($status, undef, $err) = $t->once($test, @service, $flag, $value);
        is($status, 1, "$test $flag $value");
        like($err, $pattern, 'says why') or diag($err);
    }
}

my ($status, undef, $err) = $t->once('-t', @service, '-metrics',
    '127.0.0.1:%%PORT_1%%?path=/m&colour=red', '-stats', '%%PORT_2%%', '-api',
    '127.0.0.1:%%PORT_3%%?pathPrefix=/a&accesslog=true');
is($status, 0, 'each in its own place') or diag($err);
like($err, qr/warning: -metrics: unknown key "colour" is ignored/, 'an odd key');
unlike($err, qr/unknown key "(?!colour)/, 'and no other');

# -O prints it as GOST does
($status, undef, $err) = $t->once('-O', 'yaml', @service, '-metrics',
    ':9000?auth=dTpw');
is("$status $err", '0 ', '-O');

# no port is everybody's
($status, undef, $err) = $t->once('-t', '-L', 'http://127.0.0.1:0', '-stats', '0');
is($status, 0, 'port 0') or diag($err);

done_testing();
