#!/usr/bin/perl
# t/50-cli.t: what t/50-cli-vectors.t cannot show of the command line: where
# the file is that nobody named, exit statuses, what beats what in a start.

use strict;
use warnings;
use Test::Gatun;

my $t = Test::Gatun->new;
my $home = $t->dir . '/home';
my $cwd = $t->dir . '/cwd';

mkdir $_ for $home, $cwd, "$home/.gost", "$home/gost", $t->dir . '/prefix';

sub once
{
    my ($env, @args) = @_;
    my %env = map { $_ => undef } grep { /GOST/ } keys %ENV;

    return $t->once({ cwd => $cwd, env => { %env, HOME => $home, %$env } },
        @args);
}

# the name of the service in the file that is found
sub found
{
    my (@args) = @_;
    my ($status, $out, $err) = once({}, @args, '-O', 'json');

    return $status ? $err : decode_json($out)->{services}[0]{name};
}

subtest 'the default file' => sub {
    my @p = ('-p', $t->dir . '/prefix');
    my @places = ('home/gost/gost.yml', 'home/gost/gost.yaml',
        'home/gost/gost.json', 'cwd/gost.yml', 'cwd/gost.yaml',
        'cwd/gost.json', 'home/.gost/gost.yml', 'home/.gost/gost.json',
        'prefix/gatun.yaml');

    like(found(@p), qr/no configuration file: tried .*gatun\.yaml.*~\/\.gost/,
        'none at all: where it looked');

    # each is looked at before all that were there
    for my $place (@places) {
        $t->write_file($place, $place =~ /json$/
            ? qq({"services": [{"name": "$place"}]})
            : "services:\n- name: $place\n");
        is(found(@p), $place, $place);
    }

    unlink map { $t->dir . "/$_" } @places;
    $t->write_file('cwd/gost', "services:\n- name: x\n");
    like(found(@p), qr/no configuration file/, 'gost alone is none');

    $t->write_file('cwd/gost.toml', '');
    like(found(@p), qr/gost\.toml: TOML is not supported/, 'TOML is none');
    unlink "$cwd/gost.toml";

    $t->write_file('cwd/gost.yml', "services:\n- name: file\n");
    my ($status, $out) = once({}, @p, '-O', 'json', '-L', ':1');
    is(decode_json($out)->{services}[0]{name}, 'service-0', 'not with -L');
    ($status, $out) = once({}, @p, '-O', 'json', '-api', ':1');
    is(decode_json($out)->{services}, undef, 'nor with -api');
    ($status, $out) = once({}, @p, '-O', 'json', '-C', '{"log":{}}');
    is(decode_json($out)->{services}, undef, 'nor with -C');
    ($status, $out) = once({ GOST_API => ':9' }, @p, '-O', 'json');
    is(decode_json($out)->{services}[0]{name}, 'file',
        'but with an address in the environment');
    is(decode_json($out)->{api}{addr}, ':9', 'which counts');
    ($status, $out) = once({}, @p, '-O', 'json', '-F', 'http://h:1');
    is(decode_json($out)->{services}[0]{name}, 'file', 'and with -F');
    unlink "$cwd/gost.yml";
};

subtest 'exit statuses' => sub {
    my $taken = $t->listener(0);
    my $port = $t->port(0);
    my @rows = (
        [ 0, '-V' ], [ 0, '-h' ], [ 0, '--help' ], [ 0, '-O', 'yaml', '-L', ':1' ],
        [ 0, '-t', '-L', 'http://127.0.0.1:1' ],
        [ 2, '-x' ], [ 2, '-L' ], [ 2, '-D=maybe', '-L', ':1' ],
        [ 2, '-R', '30', '-L', ':1' ], [ 2, '-l', ':1' ], [ 2, '-DL', ':1' ],
        [ 1, '-L', 'wsss://:1' ], [ 1, '-O', 'yaml', '-L', 'wsss://:1' ],
        [ 1, '-t', '-L', 'http://:x' ], [ 1, '-C', 'none.yaml' ],
        [ 1, '-F', '' ], [ 1, '-L', "http://127.0.0.1:$port" ],
    );

    for (@rows) {
        my ($want, @args) = @$_;
        my ($status, $out, $err) = once({}, @args);

        is($status, $want, "@args: $want") or diag($out . $err);
        like($err, qr/^usage: gatun/m, "@args: how to use it")
            if $want == 2 || $args[0] =~ /h/;
    }

    for my $signal (qw(TERM INT QUIT)) {
        my $g = $t->gatun('-w', 1, '-L', 'http://127.0.0.1:%%PORT_1%%');
        is($g->stop($signal), 0, "$signal: 0");
    }
};

# flags before the environment before the file
subtest 'what beats what' => sub {
    my $file = $t->write_file('cwd/c.yaml', "services: []\n"
        . "log: {level: warn}\nmetrics: {addr: ':1', path: /m}\n"
        . "api: {addr: ':2', pathPrefix: /p}\n");
    my %env = (GOST_LOGGER_LEVEL => 'error', GOST_METRICS => ':3',
        GOST_API => 'unix:///x', GOST_PROFILING => ':4');
    my $load = sub {
        my ($status, $out, $err) = once(@_, '-C', $file, '-O', 'json');
        return decode_json($out);
    };

    my $c = $load->({});
    is($c->{log}{level}, 'warn', 'the file');
    is($c->{profiling}, undef, 'no profiling');

    $c = $load->(\%env);
    is($c->{log}{level}, 'error', 'GOST_LOGGER_LEVEL');
    is_deeply($c->{metrics}, { addr => ':3', path => '/m' },
        'GOST_METRICS: the one field');
    is_deeply($c->{api}, { addr => 'unix:///x', pathPrefix => '/p' },
        'GOST_API');
    is_deeply($c->{profiling}, { addr => ':4' }, 'GOST_PROFILING');

    $c = $load->(\%env, '-DD', '-metrics', 'u:p@:5', '-api', 'unix://a.sock');
    is($c->{log}{level}, 'trace', '-DD');
    is_deeply($c->{metrics}, { addr => ':5',
        auth => { username => 'u', password => 'p' } },
        '-metrics: the whole section');
    is_deeply($c->{api}, { addr => 'unix://a.sock' }, '-api');

    is($load->(\%env, '-D', '-DD=false')->{log}{level}, 'debug', '-DD=false');
    is($load->({ GOST_LOGGER_LEVEL => '' })->{log}{level}, 'warn',
        'an empty variable is none');
};

# credentials are not repeated in what is said about an argument
subtest 'no password in a message' => sub {
    for my $args ([ '-L', 'http://u:S3CRET@127.0.0.1' ],
        [ '-L', 'http://u:S3CRET@:1?auth=S3CRET&secure=S3CRET' ],
        [ '-F', 'http://u:S3CRET@h:x', '-L', ':1' ],
        [ '-L', ':1?auth=S3CRET!' ], [ '-L', 'wsss://S3CRET@:1' ],
        [ '-L', ':1', '-metrics', 'u:S3CRET@%zz' ],
        [ '-L', 'http://u:S3CRET/x@:1' ], [ '-L', 'http://u:S3CRET#x@:1' ])
    {
        for my $flag ('-t', '-O=yaml') {
            my ($status, $out, $err) = once({}, $flag, @$args);
            unlike($err, qr/S3CRET/, "$flag @$args");
        }
    }
};

done_testing();
