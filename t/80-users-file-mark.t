#!/usr/bin/perl
# t/80-users-file-mark.t: a file of users that an editor began with a byte order
# mark: the comment on its first line was a user with a password, and a user
# there could not get in.

use strict;
use warnings;
use MIME::Base64 qw(encode_base64);
use Test::Gatun;

my $t = Test::Gatun->new;
my $target = $t->listener;
my $mark = "\xef\xbb\xbf";

$t->write_file('comment', "$mark# users\nann a\n");
$t->write_file('user', "${mark}bob b\n");
$t->write_file('short', "x\n");
$t->write_file('a.yaml', <<'END');
services:
- name: one
  addr: 127.0.0.1:%%PORT_0%%
  handler: { type: http, authers: [ comment, user, short ],
    metadata: { authDelay: 0, authFailures: 0 } }
authers:
- { name: comment, file: { path: %%DIR%%/comment } }
- { name: user, file: { path: %%DIR%%/user } }
- { name: short, file: { path: %%DIR%%/short } }
gatun: { workers: 1, runtimeDir: "%%DIR%%/run" }
END
$t->gatun('-C', '%%DIR%%/a.yaml');

sub may
{
    my $c = connect_via($t->port(0), $target->port,
        'Proxy-Authorization: Basic ' . encode_base64($_[0], ''));

    return $c->head =~ m{^HTTP/1\.1 200 };
}

ok(!may("$mark#:users"), 'a comment is no user');
ok(may('ann:a'), 'who is behind it is one');
ok(may('bob:b'), 'and who is on the first line');
ok(!may("${mark}bob:b"), 'without the mark');
ok(may('x:'), 'a file that is shorter than a mark');

done_testing();
