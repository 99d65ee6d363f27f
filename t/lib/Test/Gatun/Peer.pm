# Test::Gatun::Peer: the programs that gatun meets in t/60-*.t: GOST, an origin
# over HTTP and HTTPS with a certificate of its own, names of the test's own.

package Test::Gatun::Peer;

use strict;
use warnings;
use Exporter qw(import);
use IO::Socket::IP;
use Test::Gatun;

our @EXPORT = qw(ca gost gost_path has_gost has_ipv6 names web_origin);

sub gost_places
{
    return map { "$_/peer/$_[0]" } $Test::Gatun::objs, "$Test::Gatun::top/objs";
}

# the path of a GOST, 'gost' or 'gost326'; without it the test ends here
sub gost_path { return need($_[0], gost_places($_[0])) }

# is it there? in CI it must be
sub has_gost
{
    my ($name) = @_;
    my $there = grep { -x } gost_places($name);

    Test::More::BAIL_OUT("$name is missing, and CI must have it") if !$there && $ENV{CI};
    return $there;
}

# a GOST that serves: the ports that it is waited for on, its arguments
sub gost
{
    my ($t, $name, $ports, @args) = @_;
    my $p = $t->start(gost_path($name), @args);

    for my $port (@$ports) {
        wait_for { $p->ended || Test::Gatun::can_connect($port) };
    }

    $p->give_up('it did not get ready') if $p->ended;
    return $p;
}

sub has_ipv6
{
    return !!IO::Socket::IP->new(LocalHost => '::1', Listen => 1);
}

# the certificate of web_origin(), which is its own authority
sub ca { return $_[0]->dir . '/origin.pem' }

sub certify
{
    my ($t) = @_;
    my $names = join ',', 'IP:127.0.0.1', 'IP:::1',
        map { "DNS:$_" } qw(localhost four.test six.test both.test);
    my ($status, undef, $err) = $t->once({ program => need('openssl') },
        qw(req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes),
        qw(-days 7 -subj /CN=localhost -addext), "subjectAltName=$names",
        '-keyout', $t->dir . '/origin.key', '-out', ca($t));

    die "openssl: $err\n" if $status;
}

# t/tools/origin.py on that host: its ports for HTTP and HTTPS
sub web_origin
{
    my ($t, $host, $http, $https) = @_;
    my $python = need('python3', '/usr/bin/python3');

    certify($t) unless -e ca($t);
    my $p = $t->start($python, "$Test::Gatun::top/t/tools/origin.py", $host,
        $http, $https, ca($t), $t->dir . '/origin.key');

    wait_for { $p->ended || $p->out =~ /ready/ };
    $p->give_up('it did not get ready')
        if $p->ended || $p->out !~ /ready/;

    return $p;
}

#
# Names that only this test's processes know: four.test and six.test, and
# both.test, whose IPv6 address nobody serves.  Needs the mount namespace of
# auto/prove; false without.
#
my $mounted;

sub names
{
    my ($t) = @_;

    return 0 if ($ENV{GATUN_ISOLATED} // '') ne 'yes';

    my $hosts = $t->write_file('hosts', <<"END");
127.0.0.1 localhost four.test both.test
::1 six.test
::2 both.test
END
    chmod 0644, $hosts;
    system('mount', '--bind', $hosts, '/etc/hosts') == 0 or return 0;
    $mounted = 1;

    return 1;
}

END {
    my $status = $?;

    system('umount', '/etc/hosts') if $mounted;
    $? = $status;
}

1;
