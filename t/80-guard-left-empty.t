#!/usr/bin/perl
# t/80-guard-left-empty.t: a key that was to guard and has nothing behind it, as
# of a template that nobody has filled in, is as good as absent, as in GOST; but
# it is said.

use strict;
use warnings;
use Test::Gatun;

my $t = Test::Gatun->new;

for (
    [ auther => 'auther:' ], [ auther => 'auther: ~' ], [ auther => "auther: ''" ],
    [ auth => 'auth:' ], [ auth => 'auth: null' ], [ bypass => "bypass: ''", 1 ],
    [ admission => 'admission:', 1 ],
) {
    my ($key, $text, $service) = @$_;
    my $handler = $service ? '' : "    $text\n";
    my ($status, undef, $err) = $t->once('-t', '-C', $t->write_file('c.yaml',
        "services:\n- name: s\n  addr: 127.0.0.1:1\n  handler:\n    type: http\n"
            . $handler . ($service ? "  $text\n" : '')));

    is($status, 0, "$text: as good as absent") or diag($err);
    like($err, qr/warning: \S*c\.yaml:6:\d+: \Q$key\E: is empty, and guards/,
        'but said');
}

# what has something, or needs nothing
my ($status, undef, $err) = $t->once('-t', '-C', $t->write_file('c.yaml', <<'END'));
services:
- name: s
  addr: 127.0.0.1:1
  handler: { type: http, auther: a }
authers:
- { name: a, auths: [ { username: u, password: '' } ] }
chains: []
END
is($status, 0, 'a good one') or diag($err);
unlike($err, qr/is empty/, 'without');

done_testing();
