#!/usr/bin/perl
# t/50-start.t: starts that cannot be: addresses, pid files, privileges, what
# was inherited; each is refused with a reason, and nothing is half done.

use strict;
use warnings;
use Test::Gatun;

my $t = Test::Gatun->new;

subtest 'addresses' => sub {
    my ($status, $out, $err) = $t->once('-L', 'http://127.0.0.1:%%PORT_0%%',
        '-L', 'http://192.0.2.1:%%PORT_1%%');
    is($status, 1, 'an address of somebody else');
    like($err, qr/service-1: .*192\.0\.2\.1.*[Cc]annot assign/, 'is named');
    unlike($err, qr/listening on/, 'nothing is bound');

    my @many = map { ('-L', 'http://127.0.0.1:1000-5000') } 1 .. 3;
    ($status, $out, $err) = $t->once(@many);
    is($status, 1, 'too many services');
    unlike($err, qr/listening on/, 'nothing is bound');

    $t->write_file('many.yaml', "services:\n" . join '', map {
        "- {name: s$_, addr: '127.0.0.1:${\ (1025 + $_ % 60000)}',"
            . " handler: {type: http}}\n" } 0 .. 69_999);
    ($status, $out, $err) = $t->once({ seconds => 20 }, '-t', '-C',
        '%%DIR%%/many.yaml');
    is($status, 1, 'seventy thousand, ten thousand of them twice');
    like($err, qr/service s60000: 127\.0\.0\.1:1025 is service s0's/, 'each is told');

    SKIP: {
        my $first = slurp('/proc/sys/net/ipv4/ip_unprivileged_port_start') + 0;
        skip('no privileged ports, or no setpriv', 2)
            if $first < 90 || $> != 0 || !-x '/usr/bin/setpriv';
        ($status, $out, $err) = $t->once({ program => '/usr/bin/setpriv' },
            '--reuid=65534', '--regid=65534', '--clear-groups',
            '--bounding-set=-all', '--inh-caps=-all', $Test::Gatun::binary,
            '-L', 'http://127.0.0.1:81');
        is($status, 1, 'a privileged port');
        like($err, qr/127\.0\.0\.1:81: .*[Pp]ermission denied/, 'is named');
    }
};

subtest 'privileges' => sub {
    plan(skip_all => 'not root, or no setpriv')
        if $> != 0 || !-x '/usr/bin/setpriv';
    my ($status, $out, $err) = $t->once({ program => '/usr/bin/setpriv' },
        '--bounding-set=-setuid,-setgid', '--inh-caps=-all',
        $Test::Gatun::binary, '-w', 1, '-L', 'http://127.0.0.1:%%PORT_0%%');
    is($status, 1, 'root that cannot become anybody');
    like($err, qr/privileges cannot be dropped/, 'serves nobody');
};

subtest 'the pid file' => sub {
    my $start = sub {
        my $g = $t->gatun_yaml("services:\n- { name: s, addr:"
            . " '127.0.0.1:%%PORT_0%%', handler: { type: http } }\n"
            . "gatun: { workers: 1, pidFile: '%%DIR%%/pid' }\n");
        is(slurp($t->dir . '/pid') + 0, $g->pid, $_[0]);
        is($g->stop, 0, 'an orderly end');
    };

    for (["99999999\n", 'a pid that is none'], ["no number\n", 'no number'],
        ["-1\n", 'all processes'], ["1\n", 'somebody else'], ['', 'nothing'],
        ["\0" x 5000, 'five thousand NULs'])
    {
        $t->write_file('pid', $_->[0]);
        $start->($_->[1]);
    }

    mkdir $t->dir . '/folder';
    my ($status, $out, $err) = $t->once('-C', $t->write_file('f.yaml',
        "services:\n- { name: s, addr: '127.0.0.1:%%PORT_0%%' , handler:"
        . " { type: http } }\ngatun: { pidFile: '%%DIR%%/folder' }\n"));
    is($status, 1, 'a folder');
    like($err, qr{/folder}, 'is named');
    ok(-d $t->dir . '/folder', 'and stays');
};

subtest 'what was inherited' => sub {
    for ({ LISTEN_FDS => 'many', LISTEN_PID => 'x' },
        { LISTEN_FDS => 3, LISTEN_PID => $$ }, { LISTEN_FDS => -1 },
        { GOST_LOGGER_LEVEL => "\x01%s" }, { _GOST_ID => 'x' x 5000 },
        { HOME => '' }, { HOME => undef, PATH => undef })
    {
        my $g = $t->gatun({ env => $_ }, '-w', 1, '-L',
            'http://127.0.0.1:%%PORT_0%%');
        is($g->stop, 0, join ' ', sort keys %$_);
    }
};

done_testing();
