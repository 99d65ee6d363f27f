#!/usr/bin/perl
# t/50-cli-vectors.t: -O prints what GOST 3.3.0 printed for the same command
# line, byte for byte, and errs where GOST errs: every vector of t/data/cli.
# What gatun does otherwise on purpose stands in one table, %ours.

use strict;
use warnings;
use File::Basename qw(basename dirname);
use Test::Gatun;

my $t = Test::Gatun->new;
my $data = dirname($0) . '/data/cli';

#
# Differences on purpose, each with the reason why.  Then one or more of
#   args     the arguments are changed by this, for what follows
#   out      what GOST printed is changed by this into what gatun prints
#   accepts  gatun prints this where GOST errs
#   says     gatun refuses the arguments as they were, with such a message
#   status   and this exit status, 1 if not given
#   start    -O prints as GOST does, -t refuses with these messages
#
my $direct = <<'END';
        nodes:
          - name: node-0
            addr: :0
            connector:
              type: direct
            dialer:
              type: direct
END

# each node's own host
my $own_names = sub {
    my ($text) = @_;
    $text =~ s/(addr: (?:'\[)?([^\s:]+).*?serverName: )[^\n]*/$1$2/gs;
    return $text;
};

my %ours = (
    'C-inline-string' => {
        why => 'JSON in an argument is read as JSON in a file',
        accepts => "services: []\nauthers:\n  - name: a\n    reload: 1m0s\n",
    },
    'F-word-unknown' => {
        why => 'GOST takes http over plain TCP for any word',
        says => qr/"wsss";.*\Qdid you mean "wss"\E.*
            \Qunknown connector "https"\E.*two\ parts\ at\ most/xs,
    },
    'F-words' => {
        why => 'masque works over HTTP/3 only',
        out => sub { $_[0] =~ s/(type: masque\n.*?type: )tcp/$1h3-masque/sr },
    },
    'F-words-none' => {
        why => 'a hop without a node is cut off by GOST: all goes direct',
        says => qr{^gatun: -F http://: an address is missing$}m,
        args => sub { $_[0] =~ s{ -F http://(?= )}{}r },
        out => sub {
            $_[0] =~ s/      - name: hop-5\n//r =~ s/(- name: hop-)6\n/${1}5\n$direct/r
                =~ s/hop-7/hop-6/r;
        },
    },
    'L-range-odd' => {
        why => 'GOST serves any free port',
        start => [ map { qr/\Q$_\E/ } '-L http://:70000: the port is not',
            '-L http://:1-2-3: the port', '-L http://127.0.0.1: a port is miss',
            '-L http://a:b:1: the address is not' ],
    },
    'L-range-reversed' => {
        why => 'GOST says "unknown port" when it binds',
        start => [ qr/the range of ports runs backwards/ ],
    },
    'L-target-odd' => {
        why => 'such targets can never be dialed',
        start => [ qr/a target must be host:port/ ],
    },
    'L-word-unknown' => {
        why => 'GOST serves anything over plain TCP for any word',
        says => qr/"wsss";.*\Qdid you mean "wss"\E.*
            \Qunknown handler "https"\E.*\Qunknown handler "ws"\E.*
            \Qunknown listener "http"\E.*two\ parts\ at\ most.*
            \Qunknown handler "x"\E.*\Qunknown listener ""\E.*
            \Qunknown scheme "utls"\E.*\Qunknown scheme "h3-masque"\E/xs,
    },
    'L-words' => {
        why => 'masque works over HTTP/3 only',
        out => sub { $_[0] =~ s/(type: masque\n.*?type: )tcp/$1http3/sr },
    },
    'O-roundtrip-escapes' => {
        why => 'no option may hold a NUL',
        says => qr/: NUL in an option$/m,
        args => sub { $_[0] =~ s/&n=%00//r },
        out => sub { $_[0] =~ s/^ *"n": "\\(?:0|u0000)",?\n//gmr },
    },
    'api-flag-unix' => {
        why => 'a path works here as it does in a file',
        out => sub {
            $_[0] =~ s/addr: run$/addr: unix:\/\/run\/api.sock/mr
                =~ s/addr: ""/addr: unix:\/\/\/run\/x.sock/r;
        },
    },
    'auth-L-slash' => {
        why => 'a slash in a password must be %2F, GOST serves any free port',
        start => [ qr/^gatun: -L \(number 1\): the port is not a number/m ],
    },
    'chain-direct-first' => {
        why => 'direct:// without an address is a node; GOST cuts the chain',
        out => sub { $_[0] =~ s/- name: hop-0\n/$&$direct/r },
    },
    'default-file-F' => {
        why => 'GOST writes the first chain of the file over that of -F',
        out => sub {
            $_[0] =~ s/- name: own/- name: chain-0/r
                . "  - name: own\n    hops: []\n";
        },
    },
    'flag-stop' => {
        why => 'GOST ignores all that comes after, which hides a forgotten -C',
        says => qr/has no flag before it/, status => 2,
    },
    'hop-nodes' => {
        why => 'GOST asks every node for the name that is the whole list',
        out => $own_names,
    },
    'hop-nodes-noport' => {
        why => 'GOST asks every node for the name that is the whole list',
        out => $own_names, start => [ qr/a port is missing/ ],
    },
    'hop-nodes-oneport' => {
        why => 'GOST asks every node for the name that is the whole list',
        out => $own_names, start => [ qr/a port is missing/ ],
    },
    'hop-nodes-refused' => {
        why => 'GOST\'s documentation promises it',
        accepts => <<'END' },
services:
  - name: service-0
    addr: :40001
    handler:
      type: auto
      chain: chain-0
    listener:
      type: tcp
chains:
  - name: chain-0
    hops:
      - name: hop-0
        nodes:
          - name: node-0
            addr: a.example:8080
            connector:
              type: http
            dialer:
              type: tcp
              tls:
                serverName: a.example
          - name: node-1
            addr: b.example:8081
            connector:
              type: http
            dialer:
              type: tcp
              tls:
                serverName: b.example
END
    'query-general' => {
        why => 'of two spellings the first counts; with GOST it is chance',
        out => sub { $_[0] =~ s/^ *A: "3"\n//gmr },
    },
    'query-limiter' => {
        why => 'a limit for the output alone is the input\'s with GOST',
        out => sub { $_[0] =~ s/(\$+)  1KB/$1 0B 1KB/gr },
        start => [ qr/40006: climiter: want/, qr/40006: rlimiter: want/ ],
    },
    'tls-F' => {
        why => 'secure=yes means no to GOST',
        start => [ qr/n\.example:6: secure: want true or false/ ],
    },
    'tls-L' => {
        why => 'GOST drops key and ca without a cert, and asks for none',
        out => sub {
            $_[0] =~ s/(    listener:\n      type: http2\n)/$1      tls:
        keyFile: k.pem
        caFile: a.pem
/r;
        },
        start => [ qr/40004: key or ca without a cert/ ],
    },
);

sub load
{
    my ($path) = @_;
    my ($first, @parts) = split /^=== /m, slurp($path);
    my %case = (name => basename($path, '.txt'), files => {}, env => {});

    ($case{args}) = $first =~ /^\$ gost ?(.*)/ or die "$path: no arguments\n";

    for (@parts) {
        my ($head, $body) = /\A([^\n]*)\n(.*)\z/s or die "$path: $_\n";

        if ($head =~ /^env (\w+)=(.*)/) { $case{env}{$1} = $2 }
        elsif ($head =~ /^file (\S+)/) { $case{files}{$1} = $body }
        elsif ($head =~ /^status (\d+)/) { $case{status} = $1 }
        elsif ($head =~ /^(?:yaml|json|error|stdin)$/) { $case{$head} = $body }
        else { die "$path: $head?\n" }
    }

    # nothing at all is written as an empty line
    $case{stdin} = '' if ($case{stdin} // '') eq "\n";

    return \%case;
}

# as a shell takes them apart
sub words
{
    my ($text) = @_;

    return if $text !~ /\S/;
    open my $out, '-|', 'sh', '-c', "printf '%s\\0' $text" or die "sh: $!\n";
    my $all = do { local $/; <$out> };
    close $out or die "sh: $text\n";

    return $all =~ /(.*?)\0/gs;
}

# in a folder of its own: status, output, errors
sub run
{
    my ($case, @args) = @_;
    my $dir = $t->dir . "/$case->{name}";

    mkdir $_ for $dir, "$dir/home", "$dir/cwd";
    $t->write_file("$case->{name}/cwd/$_", $case->{files}{$_})
        for keys %{ $case->{files} };

    my %env = map { $_ => undef } grep { /GOST/ } keys %ENV;
    my $stdin = defined $case->{stdin}
        ? $t->write_file("$case->{name}/stdin", $case->{stdin}) : '/dev/null';

    # -p: a gatun.yaml of this machine stays out
    return $t->once({ cwd => "$dir/cwd", stdin => $stdin,
        env => { %env, HOME => "$dir/home", %{ $case->{env} } } },
        '-p', "$dir/home", @args);
}

sub differ
{
    my ($case, $format, @args) = @_;
    my $ours = $ours{ $case->{name} } // {};
    my ($status, $out, $err) = run($case, '-O', $format, @args);
    my $want = $case->{$format};

    is($out, $ours->{out} ? $ours->{out}->($want) : $want, "-O $format");
    is($status, 0, "-O $format: status") or diag($err);

    isnt($ours->{out}->($want), $want, 'and GOST\'s is another')
        if $ours->{out} && $format eq 'yaml';
}

sub errs
{
    my ($case, @args) = @_;
    my $ours = $ours{ $case->{name} } // {};
    my ($status, $out, $err) = run($case, '-O', 'yaml', @args);

    if ($ours->{accepts}) {
        is($out, $ours->{accepts}, 'gatun takes it');
        is($status, 0, 'status');
        return;
    }

    is($status, $ours->{says} ? $ours->{status} // 1 : $case->{status},
        'status');
    is($out, '', 'nothing is printed');
    like($err, $ours->{says} // qr/^gatun: (?!warning)/m, 'an error');
}

sub refuses
{
    my ($case, @args) = @_;
    my ($status, $out, $err) = run($case, '-t', @args);

    is($status, 1, '-t: status');
    like($err, $_, '-t says so') for @{ $ours{ $case->{name} }{start} };
}

for my $path (sort glob "$data/*.txt") {
    next if basename($path) eq 'README.txt';

    my $case = load($path);
    my $ours = $ours{ $case->{name} } // {};
    my $args = $ours->{args} ? $ours->{args}->($case->{args}) : $case->{args};
    my @formats = grep { defined $case->{$_} } qw(yaml json);

    subtest $case->{name} => sub {
        note("on purpose: $ours->{why}") if $ours->{why};
        $ours->{seen} = 1;

        errs($case, words($case->{args}))
            if defined $case->{error} || $ours->{says};

        differ($case, $_, words($args))
            for $ours->{says} && !$ours->{args} ? () : @formats;

        refuses($case, words($args)) if $ours->{start};
    };
}

is(join(' ', grep { !$ours{$_}{seen} } sort keys %ours), '',
    'every difference has its vector');

done_testing();
