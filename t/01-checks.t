#!/usr/bin/perl
# t/01-checks.t: the scripts of auto/check pass a clean tree and name file and
# line of each violation; auto/backports copies the right entry.  All of it on
# made-up trees.

use strict;
use warnings;
use File::Basename qw(dirname);
use File::Copy qw(copy);
use File::Path qw(make_path);
use File::Spec;
use File::Temp qw(tempdir);
use Test::More;

my $top = File::Spec->rel2abs(dirname($0) . '/..');

sub put
{
    my ($path, $text) = @_;

    make_path(dirname($path));
    open my $out, '>', $path or die "$path: $!\n";
    print $out $text;
    close $out or die "$path: $!\n";
}

sub get
{
    my ($path) = @_;

    open my $in, '<', $path or return '';
    local $/;
    return <$in>;
}

# a tree of the given files
sub tree
{
    my (%files) = @_;
    my $dir = tempdir(CLEANUP => 1);

    make_path("$dir/src", "$dir/auto");
    copy("$top/.clang-format", $dir) or die "copy: $!\n";
    put("$dir/$_", $files{$_}) for keys %files;

    return $dir;
}

# the script says exactly what is wanted about the tree
sub check
{
    my ($script, $what, $files, @want) = @_;
    my $dir = tree(%$files);
    my $said = `$top/auto/check/$script $dir 2>&1`;
    my $status = $? >> 8;

    is($status, @want ? 1 : 0, "$script: $what: exit status");
    like($said, $_, "$script: $what") for @want;

    my $lines = grep { !/not checked/ } split /\n/, $said;
    is($lines, scalar @want, "$script: $what: nothing else") or diag($said);
}

my $fine = "/* fine */\n\n#include \"core/a.h\"\n\n#include <stdio.h>\n\n\n"
    . "int\ngt_a(void)\n{\n    return 0;\n}\n";
my %fine = ('src/core/a.c' => $fine, 'src/core/a.h' => "/* fine */\n");

sub with { return { %fine, @_ } }

sub source { return "/* fine */\n\n" . join('', map { "$_\n" } @_) }

subtest 'layers' => sub {
    check('layers', 'clean', \%fine);

    check('layers', 'to the right',
        with('src/core/b.c' => source('#include "net/stream.h"')),
        qr{^src/core/b\.c:3: core/ may not include net/}m);
    check('layers', 'proto sees core only',
        with('src/proto/b.c' => source('#include "event/loop.h"')),
        qr{^src/proto/b\.c:3: }m);
    check('layers', 'conf sees core and proto',
        with('src/conf/b.h' => source('#include "proto/url.h"')));
    check('layers', 'conf sees nothing else',
        with('src/conf/b.h' => source('#include "os/sock.h"')),
        qr{^src/conf/b\.h:3: }m);
    check('layers', 'a transport above transport',
        with('src/route/b.c' => source('#include "transport/ws/ws.h"')),
        qr{^src/route/b\.c:3: }m);
    check('layers', "a transport's header",
        with('src/proxy/http/b.c' => source('#include "net/tls_ctx.h"')),
        qr{^src/proxy/http/b\.c:3: .*above transport}m);
    check('layers', "a transport's name",
        with('src/service/b.c' => source('int x = gt_quic_open();')),
        qr{^src/service/b\.c:3: gt_quic_open}m);
    check('layers', 'not by path',
        with('src/core/b.c' => source('#include "a.h"')),
        qr{^src/core/b\.c:3: .*by path}m);
    check('layers', 'a library first',
        with('src/core/b.c' =>
            source('#include <stdio.h>', '#include "core/a.h"')),
        qr{^src/core/b\.c:4: .*after}m);
    check('layers', 'own header first',
        with('src/core/b.c' =>
            source('#include "core/a.h"', '#include "core/b.h"'),
            'src/core/b.h' => "/* fine */\n"),
        qr{^src/core/b\.c:3: .*own header}m);
    check('layers', 'an unknown folder',
        with('src/misc/b.c' => source('#include "core/a.h"')),
        qr{^src/misc/b\.c:1: }m, qr{^src/misc/b\.c:3: }m);

    my $dir = tree(%fine, 'src/core/b.h' => source('gt_none_t x;'));
    my $said = `$top/auto/check/layers --headers $dir 2>&1`;
    is($? >> 8, 1, 'a header that does not compile alone: exit status');
    like($said, qr{^src/core/b\.h:1: }m, 'it is named');
    unlike($said, qr{^src/core/a\.h}m, 'the other is not');
};

subtest 'size' => sub {
    my $f = sub { "int\ngt_b(void)\n{\n" . join('', @_) . "}\n" };

    check('size', 'clean', \%fine);
    check('size', 'a function of 120 lines',
        with('src/core/b.c' => $f->(("    gt_a();\n") x 117)));
    check('size', 'a function of 121 lines',
        with('src/core/b.c' => $f->(("    gt_a();\n") x 118)),
        qr{^src/core/b\.c:2: gt_b\(\) has 121 lines}m);
    check('size', 'a long file',
        with('src/core/b.c' => "\n" x 1001), qr{^src/core/b\.c:1001: }m);
    check('size', 'a long header',
        with('src/net/b.h' => "\n" x 251), qr{^src/net/b\.h:251: }m);
    check('size', 'deep nesting',
        with('src/core/b.c' => $f->(("if (1) {\n") x 5, ("}\n ") x 5, "\n")),
        qr{^src/core/b\.c:2: gt_b\(\) nests 5 deep}m);
};

subtest 'style' => sub {
    check('style', 'clean', \%fine);

    for my $call (qw(sprintf strcpy strcat gets atoi alloca strtok sleep)) {
        check('style', "$call()",
            with('src/core/b.h' => source("#define B(x) $call(x)")),
            qr{^src/core/b\.h:3: \Q$call\E\(\) is banned}m);
    }

    check('style', 'a banned name in a comment or a text',
        with('src/core/b.h' => source('/* no sleep() */', '#define B "gets()"')));
    check('style', '81 columns',
        with('src/core/b.h' => source('/*' . 'x' x 77 . '*/')),
        qr{^src/core/b\.h:3: 81 columns}m);
    check('style', 'a blank at the end',
        with('t/x.t' => "#!/bin/sh\n# x\ntrue \n"), qr{^t/x\.t:3: blanks}m);
    check('style', 'a tab',
        with('src/core/b.h' => source("int\tx;")), qr{^src/core/b\.h:3: a tab}m);
    check('style', 'no newline',
        with('src/core/b.h' => '/* b */'), qr{^src/core/b\.h:1: no newline}m);
    check('style', 'no comment on top',
        with('src/core/b.h' => "int x;\n"), qr{^src/core/b\.h:1: opens}m);

    my $todo = 'TO' . 'DO';
    check('style', 'work left over without an issue',
        with('src/core/b.h' => source("/* $todo: mend */")),
        qr{^src/core/b\.h:3: .*issue}m);
    check('style', 'work left over with one',
        with('src/core/b.h' => source("/* $todo(#12): mend */")));

    SKIP: {
        skip 'no clang-format-14 here', 3
            if !grep { -x "$_/clang-format-14" } split /:/, $ENV{PATH};
        check('style', 'layout',
            with('src/core/b.c' => $fine =~ s/return 0/return  0/r),
            qr{^src/core/b\.c:11: layout}m);
    }

    my $dir = tree(%fine, 'src/core/b.c' => source('int loose;'));
    mkdir "$dir/objs" or die;
    my $build = 'cc -g -c -o objs/b.o src/core/b.c && ar crs objs/libgatun.a objs/b.o';
    is(system("cd $dir && $build"), 0, 'a library is built');
    my $said = `$top/auto/check/style $dir 2>&1`;
    is($? >> 8, 1, 'a symbol without gt_: exit status');
    like($said, qr{^\S+: loose is exported without gt_}m, 'it is named');
};

# auto/backports on a made-up /etc/apt: what it adds
sub backports
{
    my ($codename, $name, $text) = @_;
    my $dir = tempdir(CLEANUP => 1);

    put("$dir/$name", $text);

    my $said = `$top/auto/backports $codename $dir 2>&1`;
    my $status = $? >> 8;
    my ($new) = glob "$dir/sources.list.d/gatun-backports.*";

    is(`$top/auto/backports $codename $dir 2>&1`, $status ? $said : '',
        "$name: the second time");

    return ($status, $new ? get($new) : '');
}

subtest 'backports' => sub {
    is_deeply([backports('bookworm', 'sources.list.d/debian.sources', <<'END')],
# a comment
Types: deb
URIs: http://mirror.test/debian-security
Suites: bookworm-security
Components: main

Types: deb deb-src
# a comment
URIs: http://mirror.test/debian
Suites: bookworm bookworm-updates
Components: main contrib
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 mQINBGPL0BUBEADmW5NdOOHwPIJlgPu6JDcKw/NZJPR8lsD3K87ZM18gzyQZJD+w

Types: deb
URIs: http://other.test/debian
Suites: bookworm
Components: main
END
        [0, <<'END'], 'deb822: several suites, an embedded key');
Types: deb
URIs: http://mirror.test/debian
Suites: bookworm-backports
Components: main contrib
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 mQINBGPL0BUBEADmW5NdOOHwPIJlgPu6JDcKw/NZJPR8lsD3K87ZM18gzyQZJD+w
END

    is_deeply([backports('trixie', 'sources.list', <<'END')],
# deb http://old.test/debian trixie main
deb-src http://mirror.test/debian trixie main
deb http://mirror.test/debian-security trixie-security main
deb [arch=amd64 signed-by=/k.gpg] http://mirror.test/debian trixie main # mine
END
        [0, "deb [arch=amd64 signed-by=/k.gpg] http://mirror.test/debian"
            . " trixie-backports main\n"], 'one line, with options');

    is_deeply([backports('trixie', 'sources.list',
        "deb http://m.test/d trixie main\ndeb http://m.test/d trixie-backports main\n")],
        [0, ''], 'there already');

    is_deeply([backports('trixie', 'sources.list.d/off.sources',
        "Enabled: no\nTypes: deb\nURIs: http://m.test/d\nSuites: trixie\nComponents: main\n")],
        [1, ''], 'an entry that is off is no entry');
};

done_testing();
