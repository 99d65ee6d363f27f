#!/usr/bin/perl
# t/60-curl.t: curl and wget fetch through one hop and two, with and without
# authentication, from origins over HTTP and HTTPS, by IPv4, IPv6 and names.

use strict;
use warnings;
use Test::Gatun;
use Test::Gatun::Peer;

my $curl = need('curl');
my $wget = need('wget');
my $t = Test::Gatun->new;

# ports: 0 to 3 the proxies, 4 and 5 the origin, 6 IPv6's proxy
my %proxy = ('one hop' => 0, 'one hop, auth' => 1, 'two hops' => 2,
    'two hops, auth' => 3);
my $user = 'user:p%40ss';

my @hosts = ('127.0.0.1', 'localhost');
push @hosts, '[::1]' if has_ipv6();
push @hosts, qw(four.test six.test both.test) if names($t);

$t->gatun('-w', 2, '-L', 'http://127.0.0.1:%%PORT_0%%',
    '-L', "http://$user\@127.0.0.1:%%PORT_1%%",
    has_ipv6() ? ('-L', "http://$user\@[::1]:%%PORT_6%%") : ());
$t->gatun('-w', 2, '-L', 'http://127.0.0.1:%%PORT_2%%',
    '-F', 'http://127.0.0.1:%%PORT_0%%');
$t->gatun('-w', 2, '-L', "http://$user\@127.0.0.1:%%PORT_3%%",
    '-F', "http://$user\@127.0.0.1:%%PORT_1%%");

web_origin($t, '127.0.0.1', $t->port(4), $t->port(5));
web_origin($t, '::1', $t->port(4), $t->port(5)) if has_ipv6();

my $bytes = '0123456789abcde' . "\n";
my $big = substr $bytes x 70000, 0, 1_000_003;

sub url
{
    my ($scheme, $host, $path) = @_;

    return "$scheme://$host:" . $t->port($scheme eq 'http' ? 4 : 5) . $path;
}

sub proxy_of
{
    my ($name, $credentials) = @_;

    $credentials //= $name =~ /auth/ ? "$user@" : '';
    return "http://${credentials}127.0.0.1:" . $t->port($proxy{$name});
}

# status, body, what it said
sub curl
{
    my ($proxy, @args) = @_;

    return $t->once({ program => $curl }, '-q', '-sS', '--max-time', 20,
        '--noproxy', '', '--cacert', ca($t), '-x', $proxy, @args);
}

sub wget
{
    my ($proxy, @args) = @_;
    my %env = map { $_ => $proxy } qw(http_proxy https_proxy);

    return $t->once({ program => $wget, env => \%env }, '--no-config', '-nv',
        '-O', '-', '-T', 20, '-t', 1, "--ca-certificate=" . ca($t), @args);
}

my @ways = sort keys %proxy;

for my $way (@ways) {
    for my $scheme ('http', 'https') {
        for my $host (@hosts) {
            my $url = url($scheme, $host, '/bytes/100000');
            my $want = substr $big, 0, 100000;

            # the one hop is enough for the names that only differ in answers
            next if $host =~ /six|four/ && $way ne 'one hop';

            my ($status, $body, $err) = curl(proxy_of($way), $url);
            ok($status == 0 && $body eq $want, "curl, $way: $url")
                or diag("$status $err ", length $body);

            # wget asks a proxy for ::1:443, without the brackets: no authority
            next if $scheme eq 'https' && $host eq '[::1]';

            ($status, $body, $err) = wget(proxy_of($way), $url);
            ok($status == 0 && $body eq $want, "wget, $way: $url")
                or diag("$status $err ", length $body);
        }
    }
}

for my $way (@ways) {
    subtest "more of curl, $way" => sub {
        my $proxy = proxy_of($way);
        my $file = $t->write_file('big', $big);
        my $small = url('http', '127.0.0.1', '/bytes/10');
        my ($status, $body, $err);

        for my $scheme ('http', 'https') {
            ($status, $body, $err) = curl($proxy, '-T', $file,
                url($scheme, '127.0.0.1', '/echo'));
            ok($status == 0 && $body eq $big, "$scheme: PUT, 1 MB")
                or diag("$status $err ", length $body);

            ($status, $body, $err) = curl($proxy, '--data-binary', "\@$file",
                '-H', 'Transfer-Encoding: chunked', '-H', 'Expect:',
                url($scheme, '127.0.0.1', '/echo'));
            ok($status == 0 && $body eq $big, "$scheme: POST, chunked")
                or diag("$status $err ", length $body);

            ($status, $body, $err) = curl($proxy, '-H', 'Expect: 100-continue',
                '--expect100-timeout', 15, '--data-binary', "\@$file",
                url($scheme, '127.0.0.1', '/echo'));
            ok($status == 0 && $body eq $big, "$scheme: POST, Expect")
                or diag("$status $err ", length $body);

            ($status, $body) = curl($proxy,
                url($scheme, '127.0.0.1', '/chunked/1000003'));
            ok($status == 0 && $body eq $big, "$scheme: a chunked answer");

            ($status, $body) = curl($proxy, '-I',
                url($scheme, '127.0.0.1', '/bytes/77'));
            like($body, qr/^content-length: 77\r$/im, "$scheme: HEAD");

            # one connection to the proxy carries them all
            my @urls = map { url($scheme, '127.0.0.1', "/bytes/$_") } 1 .. 9;
            ($status, $body, $err) = curl($proxy, '-w', '<%{num_connects}>',
                @urls);
            is($body =~ s/.*?<(\d)>/$1/gsr, '1' . '0' x 8,
                "$scheme: nine on one connection");

            # and twenty side by side
            ($status, $body, $err) = curl($proxy, '-Z', '--parallel-immediate',
                map { url($scheme, '127.0.0.1', '/bytes/16') } 1 .. 20);
            is($body, $bytes x 20, "$scheme: twenty at once") or diag($err);
        }

        ($status, $body) = curl($proxy, '-p', $small);
        is($body, '0123456789', 'http:// by CONNECT');

        ($status, $body) = curl($proxy, '--http1.0', $small);
        is($body, '0123456789', 'HTTP/1.0');

        ($status, $body) = curl($proxy, '--proxytunnel', '--proxy-header',
            'X-Own: 1', url('https', '127.0.0.1', '/bytes/10'));
        is($body, '0123456789', 'with a field of its own for the proxy');

        ($status, $body, $err) = curl($proxy, '-o', '/dev/null', '-w',
            '%{http_code}', 'http://127.0.0.1:1/');
        is("$status $body", '0 503', 'http:// to where nobody is');
        ($status, $body, $err) = curl($proxy, '-o', '/dev/null', '-w',
            '%{http_connect}', 'https://127.0.0.1:1/');
        is($body, '503', 'https:// to where nobody is');
    };
}

subtest 'names that nobody has' => sub {
    for my $way ('one hop', 'two hops') {
        my ($status, $body) = curl(proxy_of($way), '-w', '%{http_code}', '-o',
            '/dev/null', url('http', 'no-such-name.test', '/'));
        is("$status $body", '0 503', "curl, $way");
        ($status, $body, my $err) = wget(proxy_of($way),
            url('https', 'no-such-name.test', '/'));
        is($status, 4, "wget, $way") or diag($err);
        like($err, qr/Service Unavailable/, "wget, $way: why");
    }
};

subtest 'wrong credentials' => sub {
    for my $way (grep { /auth/ } @ways) {
        for my $who ('', 'user@', 'user:wrong@', 'other:p%40ss@') {
            my $proxy = proxy_of($way, $who);
            my ($status, $body) = curl($proxy, '-w', '%{http_code}', '-o',
                '/dev/null', url('http', '127.0.0.1', '/bytes/5'));
            is("$status $body", '0 407', "curl, $way, http, '$who'");

            ($status, $body) = curl($proxy, '-w', '%{http_connect}', '-o',
                '/dev/null', url('https', '127.0.0.1', '/bytes/5'));
            is($body, '407', "curl, $way, https, '$who'");
            isnt($status, 0, 'and nothing is fetched');
        }

        my (undef, $body, $err) = wget(proxy_of($way, 'user:wrong@'),
            url('http', '127.0.0.1', '/bytes/5'));
        is($body, '', "wget, $way");
        like($err, qr/407/, "wget, $way: why");
    }

    # curl asks without at first, then does as the 407 says
    my ($status, $body, $err) = curl(proxy_of('one hop, auth', ''),
        '--proxy-anyauth', '-U', 'user:p@ss', '-T',
        $t->write_file('big', $big), url('http', '127.0.0.1', '/echo'));
    ok($status == 0 && $body eq $big, 'curl, --proxy-anyauth')
        or diag("$status $err");
};

SKIP: {
    skip 'no ::1 here', 2 unless has_ipv6();

    for my $scheme ('http', 'https') {
        my ($status, $body, $err) = curl(
            "http://$user\@[::1]:" . $t->port(6),
            url($scheme, '127.0.0.1', '/bytes/10'));
        is($body, '0123456789', "$scheme: a proxy on ::1") or diag($err);
    }
}

done_testing();
