#!/usr/bin/perl
# t/50-config-mutations.t: configurations that are wrong in one place: never a
# crash nor a hang, each message with its file and line, and -t, -T and a start
# of one mind about them.

use strict;
use warnings;
use POSIX ();
use Test::Gatun;

my $t = Test::Gatun->new;
my $path = $t->dir . '/m.yaml';
my $out = $t->dir . '/out';
my $err = $t->dir . '/err';

# runs gatun: exit status, signal, standard error.  Without $t->once, which
# naps: there are hundreds
sub run
{
    my (@args) = @_;
    my $pid = fork // die "fork: $!\n";

    if (!$pid) {
        open STDIN, '<', '/dev/null';
        open STDOUT, '>', $out;
        open STDERR, '>', $err;
        alarm(is_asan() ? 60 : 10);
        exec $Test::Gatun::binary, @args or POSIX::_exit(127);
    }

    waitpid $pid, 0;

    return ($? >> 8, $? & 127, slurp($err));
}

sub put
{
    my ($text) = @_;

    open my $file, '>:raw', $path or die "$path: $!\n";
    print $file $text;
    close $file or die "$path: $!\n";
}

my (%seen, @bad);

# what a configuration must not do, whatever is in it; the messages
sub probe
{
    my ($name, $text) = @_;

    put($text);
    my ($status, $signal, $said) = run('-t', '-C', $path);

    push @bad, "$name: signal $signal" if $signal;
    push @bad, "$name: status $status" if $status > 1;
    push @bad, "$name: a report of a sanitizer" if $said =~ /Sanitizer|runtime error/;
    $seen{$status}++;

    my @lines = grep { !/the configuration (?:is valid|has errors)$|started as root/ }
        split /\n/, $said;
    push @bad, "$name: no message" if $status == 1 && !@lines;

    for (@lines) {
        push @bad, "$name: no place: $_"
            unless /^gatun: (?:warning: )?\Q$path\E:(?:\d+:\d+:)? \S/
                || /^gatun: (?:warning: )?and \d+ more /
                || $status == 1 && /no configuration file: tried/;
    }

    return ($status, \@lines);
}

my $minimum = do {
    local $/;
    <DATA>;
};

my $own = slurp("$Test::Gatun::top/conf/gatun.yaml");

# the comments of the installed file show what else may be there
my $all = $own =~ s/^( *)# (?=[ \w-]+:|- )/$1/gmr;

$t->write_file('c.pem', "not looked at\n");
$t->write_file('users.txt', "u p\n");

sub lines_of { return split /(?<=\n)/, $_[0] }

subtest 'one line wrong' => sub {
    my $n = 0;

    for (['minimum', $minimum], ['gatun.yaml', $own], ['commented', $all]) {
        my ($name, $text) = @$_;
        my @lines = lines_of($text);

        probe($name, $text);

        for my $i (0 .. $#lines) {
            next if $lines[$i] =~ /^\s*(?:#|$)/;
            my $what = "$name, line " . ($i + 1);
            my @less = @lines;
            my @kinds = (
                ['removed', ''], ['doubled', $lines[$i] x 2],
                ['misspelt', $lines[$i] =~ s/(\w)(\w)(\w*:)/$2$1$3/r],
            );

            splice @kinds, $i % 3, 1 if $name ne 'minimum';

            for my $kind (@kinds) {
                $less[$i] = $kind->[1];
                probe("$what $kind->[0]", join '', @less);
                $n++;
            }
        }
    }

    cmp_ok($n, '>=', 200, "$n of them");
    is_deeply(\@bad, [], 'a place, no crash, no hang');
    cmp_ok($seen{0}, '>', 5, 'some are good');
    cmp_ok($seen{1}, '>', 100, 'most are not');
    @bad = ();
};

my $service = <<'END';
services:
- name: a
  addr: 127.0.0.1:%%PORT_0%%
  handler: { type: http }
END
$service = $t->subst($service);

# [name, the text, the pattern of a message or undef for none]
my @wrong = (
    ['a number for a section', "services: 1\n", qr/:1:\d+: services: want/],
    ['a section for a text', $service =~ s/name: a/name: { b: c }/r, qr/:2:\d+: name: want/],
    ['null in a list', "services:\n-\n", qr/:2:\d+: services: .*without/],
    ['an unknown strategy', "${service}chains:\n- name: c\n  hops:\n  - name: h\n"
        . "    selector: { strategy: rnd }\n    nodes: [ { name: n, addr: 'a:1' } ]\n",
        qr/warning: .*:\d+:\d+: .*strategy "rnd"/],
    ['workers out of range', "${service}gatun: { workers: 1001 }\n", qr/:5:\d+: workers: want/],
    ['a negative number', "${service}gatun: { workers: -1 }\n", qr/:5:\d+: workers: want/],
    ['a port out of range', $service =~ s/addr: .*/addr: ":65536"/r, qr/:3:\d+: addr/],
    ['a key of the handler in the service', "$service  auther: u\n",
        qr/:5:3: unknown key "auther"; it belongs under "handler"/],
    ['an option beside the type', $service =~ s/http \}/http, authBasicRealm: x }/r,
        qr/:4:\d+: unknown key "authBasicRealm"; it belongs under "metadata"/],
    ['an option of the handler in the service', "$service  authBasicRealm: x\n",
        qr/:5:3: .*"authBasicRealm".*under "handler.metadata"/],
    ['an option in another\'s metadata', "$service  listener: { metadata: { idleTimeout: 5m } }\n",
        qr/warning: .*:5:\d+: .*idleTimeout is ignored here; it belongs under "handler.metadata"/],
    ['a guard in metadata', "$service  metadata: { bypass: x }\n",
        qr/:5:\d+: .*unknown key "bypass" in metadata/],
    ['a selector in a chain', "${service}chains:\n- name: c\n  selector: { strategy: fifo }\n"
        . "  hops: [ { name: h, nodes: [ { name: n, addr: 'a:1' } ] } ]\n",
        qr/warning: .*:7:3: unknown key "selector" .*under "hops"/],
    ['a guard in a dialer\'s metadata', "${service}chains:\n- name: c\n  hops:\n  - name: h\n"
        . "    nodes: [ { name: n, addr: 'a:1', dialer: { metadata: { tls.secure: true } } } ]\n", qr/:9:\d+: node n: unknown key "tls\.secure" in metadata/],
    ['an alias of the documentation', $service =~ s/http \}/http, metadata: { limiterRefreshInterval: 5s } }/r,
        qr/warning: .*limiterRefreshInterval: not built yet/],
    ['what Go has and we have not', "${service}profiling: { addr: ':6060', enabled: true }\n",
        qr/warning: .*:5:1: profiling: not built yet, ignored/],
    ['a name twice', "${service}observers: [ { name: o }, { name: o } ]\n",
        qr/:5:\d+: observer "o" is defined twice/],
    (map { ["a dangling $_->[0]", "$service  $_->[0]: gone\n",
        qr/:5:\d+: no $_->[1] is named "gone"/] }
        ['resolver', 'resolver'], ['hosts', 'hosts'], ['observer', 'observer'],
        ['logger', 'logger'], ['loggers', 'logger'], ['cache', 'cache'], ['rewriter', 'rewriter']),
    ['a near name', $service =~ s/http \}/http, auther: user }/r
        . "authers: [ { name: users, auths: [ { username: u, password: p } ] } ]\n",
        qr/:4:\d+: no auther is named "user"; did you mean "users"\?/],
    ['a dangling recorder', "$service  recorders: [ { name: gone } ]\n",
        qr/:5:\d+: no recorder is named "gone"/],
    ['a dangling chain of a resolver', "${service}resolvers: [ { name: r, nameservers:"
        . " [ { addr: '1.1.1.1', chain: gone } ] } ]\n", qr/:5:\d+: no chain is named "gone"/],
    ['tabs', "services:\n\t- name: a\n", qr/:2:\d+: /],
    ['NUL', "services: []\n\0\n", qr/m\.yaml:2:1: |m\.yaml: /],
    ['binary', join('', map { chr } 128 .. 255), qr/m\.yaml:/],
    ['half a character', "a: \xc3\n", qr/m\.yaml:1:/],
    ['an alias of nothing', "a: *b\n", qr/:1:\d+: /],
    ['an alias of itself', "a: &b [ *b ]\n", qr/:1:\d+: /],
    ['a merge key with a text', "a: { <<: b }\n", qr/:1:\d+: /],
    ['a list that does not end', "a: [ 1,\n", qr/:[12]:\d+: /],
    ['laughs', "a: &a [x,x,x,x,x,x,x,x,x,x]\n" . join('', map { my $c = chr 97 + $_;
        my $p = chr 96 + $_; "$c: &$c [" . join(',', ("*$p") x 10) . "]\n" } 1 .. 9),
        qr/m\.yaml:\d+:\d+: /],
    ['depth', ('[' x 100_000) . "\n", qr/m\.yaml:1:\d+: /],
    ['depth in blocks', join('', map { (' ' x $_) . "a:\n" } 0 .. 2_000), qr/m\.yaml:\d+:\d+: /],
    ['a thousand keys and one', join('', map { "k$_: 1\n" } 0 .. 1000), qr/m\.yaml:\d+/],
    ['11 MB', 'a: ' . 'x' x (11 << 20), qr/m\.yaml:.*(?:large|10)/],
    ['10 MB of entries', "services:\n" . '- { name: n }' . "\n- { }" x 200_000, qr/m\.yaml:/],
);

subtest 'one thing wrong' => sub {
    for (@wrong) {
        my ($name, $text, $pattern) = @$_;
        my ($status, $lines) = probe($name, $text);
        my @found = grep { $_ =~ $pattern } @$lines;

        is(@found > 50 ? 1 : scalar @found, 1, $name) or diag(join "\n", @$lines[0 .. ($#$lines > 9 ? 9 : $#$lines)]);
        is($status, "@found" =~ /warning/ ? 0 : 1, "$name: the status");
    }

    is_deeply(\@bad, [], 'a place, no crash, no hang');
    @bad = ();
};

subtest 'good ones' => sub {
    my $x = "x-any: &h { type: http }\n" . $service =~ s/\{ type: http \}/*h/r;

    for (['anchors', $x], ['a merge key', $x =~ s/\*h/{ <<: *h }/r],
        ['CRLF', $service =~ s/\n/\r\n/gr], ['a BOM', "\xef\xbb\xbf$service"],
        ['weak types', "${service}gatun: { workers: \"2\" }\nlog: { level: info }\n"],
        ['one for a list', $service =~ s/^- name/  name/mr],
        ['nothing said', "${service}api: { }\nchains:\nlog: ~\n"])
    {
        my ($status, $lines) = probe(@$_);
        is($status, 0, $_->[0]);
        is_deeply($lines, [], "$_->[0]: no word");
    }

    my ($status, $lines) = probe('two documents', "$service---\nservices: 1\n");
    is($status, 0, 'a second document');
    like("@$lines", qr/m\.yaml:\d+:1: only the first document counts/,
        'is passed by, and that is said');

    is_deeply(\@bad, [], 'a place, no crash, no hang');
};

subtest '-t, -T and a start agree' => sub {
    my $n = 0;

    for (@wrong[0 .. 8], @wrong[10, 11, 16, 23, 26, 29]) {
        my ($name, $text) = @$_;
        my ($status, $lines) = probe($name, $text);
        my ($print, $signal, $said) = run('-T', '-C', $path);

        is($print, $status, "$name: -T");
        is_deeply([grep { /m\.yaml:/ } split /\n/, $said], [grep { /m\.yaml:/ } @$lines],
            "$name: the same messages");
        next if $status == 0;

        ($status, $signal, $said) = run('-C', $path);
        is($status, 1, "$name: no start");
        unlike($said, qr/listening on/, "$name: nothing is bound");
        for (@$lines) {
            my ($place) = /(m\.yaml:\d+:\d+)/ or next;
            like($said, qr/\Q$place\E/, "$name: the same place");
        }
        $n++;
    }

    cmp_ok($n, '>=', 10, 'starts attempted');
};

subtest 'a reload says the same' => sub {
    my $g = $t->gatun_yaml("${service}gatun: { workers: 1, runtimeDir: \"%%DIR%%/run\" }\n",
        { file => 'r.yaml' });
    my $file = $t->dir . '/r.yaml';

    for (@wrong[0, 2, 4, 6, 10, 18]) {
        my ($name, $text) = @$_;
        my ($status, $lines) = probe($name, $text);

        $t->write_file('r.yaml', $text =~ /^gatun:/m ? $text
            : "${text}gatun: { workers: 1, runtimeDir: \"%%DIR%%/run\" }\n");
        my (undef, $signal, $said) = run('-C', $file, '-s', 'reload');
        for (grep { !/warning/ } @$lines) {
            my ($place) = /m\.yaml(:\d+:\d+: .*)/ or next;
            like($said . $g->log, qr/r\.yaml\Q$place\E/, "$name: to who asked, or the log");
        }
    }

    like($g->log, qr/services: want/, 'the log has it, too');
    ok(!$g->ended, 'and the old one goes on');
};

# what is not built yet says so, each key once, and nothing else is wrong
subtest 'the minimum' => sub {
    my ($status, $lines) = probe('minimum', $minimum);
    my %later;

    for (@$lines) {
        like($_, qr/:\d+:\d+: (\w+): not built yet(?:, | \()/, 'a clear line');
        /:(\d+):\d+: (\w+): not built yet/ and $later{"$1 $2"}++;
    }

    is(scalar(grep { $_ > 1 } values %later), scalar(grep { /^23 http2$/ } keys %later),
        'each said once, but http2, which is two things');
    is($status, %later ? 1 : 0, 'which decides');

    # without them
    my $less = $minimum =~ s/(type: http2|type: relay)/type: http/gr;
    $less =~ s/dialer: \{ type: http /dialer: { type: tcp /g;
    $less =~ s/type: (?:wss|mwss), tls: \{(?:[^{}]|\{[^{}]*\})*\}/type: tcp/g;
    $less =~ s/^  (?:admission|bypass|r?c?limiter): .*\n//mg;
    $less =~ s/^(?:admissions|bypasses|r?c?limiters):\n- .*\n//mg;
    $less =~ s/^tls: .*\n//m;
    $less =~ s/, rotation: \{[^}]*\}//;
    $less =~ s/^api: .*\n//m;
    $less =~ s/users\.txt/$t->dir . '\/users.txt'/e;
    ($status, $lines) = probe('what is built of it', $less);
    is($status, 0, 'what is built of it loads') or diag(join "\n", @$lines);
    ok(!(grep { !/warning: / } @$lines), 'with warnings at most');

    for (['relay+mwss://u:p@127.0.0.1:443?path=/x&secure=true'
            . '&serverName=example.com&keepalive=true&ttl=15s', '-F', '-L', ':1080'],
        ['relay+mwss://u:p@:443?path=/x', '-L'])
    {
        my ($url, $flag, @rest) = @$_;
        my ($ended, $signal, $said) = run('-t', @rest, $flag, $url);
        next if $ended == 0;
        like($said, qr/^gatun: \Q$flag\E relay\+mwss:\S*: $_: not built yet/m, "$flag: $_")
            for grep { $said =~ /: $_: not/ } qw(relay mwss);
        unlike($said, qr/u:p/, 'without the password');
        is(scalar(grep { /: not built yet/ } split /\n/, $said),
            scalar(grep { /^gatun: -/ } split /\n/, $said), 'and nothing else');
    }

    is_deeply(\@bad, [], 'a place, no crash, no hang');
};

done_testing();

__DATA__
services:
- name: proxy
  addr: ":8443"
  admission: adm
  bypass: byp
  limiter: lim
  climiter: cl
  rlimiter: rl
  handler: { type: http, auther: users, chain: up, retries: 2,
             metadata: { probeResist: "code:404", knock: secret.example.com, idleTimeout: 5m, proxyAgent: "x" } }
  listener: { type: wss, tls: { certFile: c.pem, keyFile: k.pem, options: { minVersion: VersionTLS12, alpn: [http/1.1] } },
              metadata: { path: /tunnel } }
  metadata: { enableStats: true }
chains:
- name: up
  hops:
  - name: hop-0
    selector: { strategy: fifo, maxFails: 2, failTimeout: 20s }
    nodes:
    - { name: a, addr: "a.example:443", connector: { type: relay, auth: { username: u, password: p } },
        dialer: { type: mwss, tls: { serverName: a.example, secure: true }, metadata: { path: /t, keepalive: true, ttl: 15s } } }
    - { name: b, addr: "b.example:443", metadata: { backup: true },
        connector: { type: http2 }, dialer: { type: http2 } }
authers:
- { name: users, auths: [ { username: alice, password: s3cret } ], file: { path: users.txt }, reload: 60s }
admissions:
- { name: adm, whitelist: true, matchers: [ 127.0.0.1, 10.0.0.0/8 ] }
bypasses:
- { name: byp, matchers: [ "*.internal", ".corp.example", "169.254.0.0/16" ] }
limiters:
- { name: lim, limits: [ "$ 100MB 100MB", "$$ 10MB", "192.168.1.0/24 1MB 5MB" ] }
climiters:
- { name: cl, limits: [ "$ 1000", "$$ 100" ] }
rlimiters:
- { name: rl, limits: [ "$ 100", "$$ 10" ] }
tls: { certFile: c.pem, keyFile: k.pem }
log: { output: stderr, level: debug, format: json, rotation: { maxSize: 100, maxAge: 10, maxBackups: 3, compress: true } }
api: { addr: "127.0.0.1:18080", pathPrefix: /api, accesslog: true, auth: { username: admin, password: x } }
metrics: { addr: "127.0.0.1:9000", path: /metrics }
