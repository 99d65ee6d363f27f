#!/usr/bin/perl
# t/50-words.t: every word that GOST has for a handler, a listener, a connector
# or a dialer: gatun has it, or says that it is not built yet, or that it never
# will be; nothing else is taken for something else.

use strict;
use warnings;
use Test::Gatun;

my $t = Test::Gatun->new;

my %never = (
    handler => 'ss ssu sshd red redir redirect redu router tun tap tungo'
        . ' serial dns runix',
    listener => 'kcp dtls ftcp icmp icmp6 ssh sshd tun tap tungo serial red'
        . ' redir redirect redu dns stdio runix',
    connector => 'ss ssu sshd router serial',
    dialer => 'utls wg kcp dtls ftcp icmp icmp6 ssh sshd serial',
);
my %ours = (
    handler => 'http http2 socks4 socks4a socks5 socks relay auto tcp udp'
        . ' forward rtcp rudp http3 masque tunnel sni file api metrics unix',
    listener => 'tcp tls ws wss mws mwss mtcp mtls pht phts http2 h2 h2c grpc'
        . ' quic h3 http3 wt udp unix rtcp rudp ohttp otls',
    connector => 'http http2 socks4 socks4a socks5 socks relay tcp forward'
        . ' direct virtual masque tunnel sni unix',
    dialer => 'tcp tls ws wss mws mwss mtcp mtls pht phts http2 h2 h2c grpc'
        . ' quic h3 http3 wt h3-masque unix direct virtual udp ohttp ohttps'
        . ' otls',
);

# what is linked here
my %built;
{
    my ($status, $out) = $t->once('--modules');
    my $kind;

    is($status, 0, '--modules');
    for (split /\n/, $out) {
        if (/^(\w+)s:$/) { $kind = $1 }
        elsif (/^  (\S+)(?: \(([^)]*)\))? /) {
            $built{$kind}{$_} = 1 for $1, split /[, ]+/, $2 // '';
        }
    }
    ok($built{handler}{http} && $built{dialer}{tcp}, 'says what there is');
}

# one word in its own half of a scheme; both words as YAML has them
sub arguments
{
    my ($kind, $word) = @_;
    my %url = (handler => "$word+tcp", listener => "http+$word",
        connector => "$word+tcp", dialer => "http+$word");
    my @service = ('-L', 'http://127.0.0.1:1');

    return ('-L', "$url{$kind}://127.0.0.1:1") if $kind =~ /handler|listener/;
    return (@service, '-F', "$url{$kind}://127.0.0.1:2");
}

sub yaml
{
    my ($kind, $word) = @_;
    my $service = "services:\n- name: s\n  addr: 127.0.0.1:1\n";

    return "$service  $kind: {type: '$word'}\n" if $kind =~ /handler|listener/;
    return "$service  handler: {type: http, chain: c}\nchains:\n- name: c\n"
        . "  hops:\n  - name: h\n    nodes:\n    - name: n\n"
        . "      addr: 127.0.0.1:2\n      $kind: {type: '$word'}\n";
}

sub said
{
    my ($name, $pattern, $kind, $word) = @_;
    my $path = $t->write_file('w.yaml', yaml($kind, $word));

    for ([ arguments($kind, $word) ], [ '-C', $path ]) {
        my ($status, undef, $err) = $t->once('-t', @$_);

        is($status, 1, "$name: refused") or diag("@$_");
        like($err, $pattern, "$name: says so");
    }
}

for my $kind (qw(handler listener connector dialer)) {
    subtest "${kind}s" => sub {
        for my $word (split ' ', $ours{$kind}) {
            if ($built{$kind}{$word}) {
                my ($status, undef, $err) =
                    $t->once('-t', arguments($kind, $word));
                unlike($err, qr/\Q$word\E: not built yet|unknown $kind/,
                    "$word is there");
            } else {
                said($word, qr/: \Q$word\E: not built yet \($kind\)$/m, $kind,
                    $word);
            }
        }

        said($_, qr/: \Q$_\E: gatun has no such $kind and will not have it$/m,
            $kind, $_) for split ' ', $never{$kind};

        my $list = join '|', sort keys %{ $built{$kind} };
        said('nonsense', qr/unknown $kind "nonsense".*; there is (?:$list)\b/,
            $kind, 'nonsense');

        # a name in capitals is another name in YAML, as in GOST
        my $path = $t->write_file('w.yaml', yaml($kind, 'TCP'));
        my ($status, undef, $err) = $t->once('-t', '-C', $path);
        is($status, 1, 'TCP is none');
        like($err, qr/unknown $kind "TCP".*did you mean "tcp"\?/, 'but near');
    };
}

# one word names both halves, and what it does not name is the default
subtest 'single words' => sub {
    my @rows = (
        [ L => 'wss', 'auto', 'wss' ], [ L => 'relay', 'relay', 'tcp' ],
        [ L => 'http2', 'http2', 'http2' ], [ L => 'https', 'http', 'tls' ],
        [ L => 'masque', 'masque', 'http3' ], [ L => 'RELAY', 'relay', 'tcp' ],
        [ L => 'udp', 'udp', 'udp' ], [ L => 'ssu', 'ssu', 'udp' ],
        [ L => 'kcp', 'auto', 'kcp' ], [ L => 'stdio', 'auto', 'stdio' ],
        [ F => 'wss', 'http', 'wss' ], [ F => 'relay', 'relay', 'tcp' ],
        [ F => 'tls', 'http', 'tls' ], [ F => 'https', 'http', 'tls' ],
        [ F => 'masque', 'masque', 'h3-masque' ],
        [ F => 'h3-masque', 'http', 'h3-masque' ],
        [ F => 'direct', 'direct', 'direct' ], [ F => 'udp', 'http', 'udp' ],
        [ F => 'auto', 'http', 'tcp' ], [ F => 'ssh', 'http', 'ssh' ],
    );

    for (@rows) {
        my ($flag, $word, $first, $second) = @$_;
        my ($status, $out, $err) = $t->once('-O', 'json', $flag eq 'F'
            ? ('-L', ':1') : (), "-$flag", "$word://127.0.0.1:2");
        my $part = eval { decode_json($out) } // {};

        $part = $flag eq 'L' ? $part->{services}[0]
            : $part->{chains}[0]{hops}[0]{nodes}[0];
        is($part->{ $flag eq 'L' ? 'handler' : 'connector' }{type}, $first,
            "-$flag $word: $first") or diag($err);
        is($part->{ $flag eq 'L' ? 'listener' : 'dialer' }{type}, $second,
            "-$flag $word: $second");
    }
};

subtest 'no word at all' => sub {
    my @rows = (
        [ 'wsss', qr/unknown scheme "wsss"; handlers: .*http.*; listeners: .*tcp.*did you mean "wss"/ ],
        [ 'htpp', qr/unknown scheme "htpp".*did you mean "http"/ ],
        [ 'nonsense', qr/unknown scheme "nonsense"/ ],
        [ 'http+', qr/unknown listener ""/ ],
        [ '+tls', qr/malformed scheme/ ],
        [ 'http+tls+ws', qr/two parts at most/ ],
        [ 'https+ws', qr/unknown handler "https".*did you mean "http"/ ],
        [ 'utls', qr/unknown scheme "utls"/ ],
        [ 'h3-masque', qr/unknown scheme "h3-masque"/ ],
        [ 'direct', qr/unknown scheme "direct"/ ],
    );

    for (@rows) {
        my ($word, $pattern) = @$_;

        for my $flag ('-t', '-Oyaml', '') {
            my @flag = $flag eq '-Oyaml' ? ('-O', 'yaml') : $flag ? $flag : ();
            my ($status, $out, $err) =
                $t->once(@flag, '-L', "$word://127.0.0.1:1");

            is($status, 1, "$flag $word: refused");
            is($out, '', "$flag $word: nothing is printed");
            like($err =~ s/\\"/"/gr, $pattern, "$flag $word: says so");
        }
    }
};

done_testing();
