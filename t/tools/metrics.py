# t/tools/metrics.py: reads metrics with Prometheus' own Python parser; says
# what it found as JSON.
#
#     metrics.py < text
#
# { family: { "type": ..., "help": ..., "samples": [[name, labels, value]] } },
# or exit status 1 and why it is not one of the format.

import json
import sys

from prometheus_client.parser import text_string_to_metric_families


def main():
    out = {}
    text = sys.stdin.buffer.read().decode('utf-8')

    try:
        for family in text_string_to_metric_families(text):
            if family.name in out:
                sys.exit(f'{family.name} comes twice')
            out[family.name] = {
                'type': family.type,
                'help': family.documentation,
                'samples': [[s.name, s.labels, s.value]
                            for s in family.samples],
            }
    except ValueError as e:
        sys.exit(str(e))

    json.dump(out, sys.stdout)


main()
