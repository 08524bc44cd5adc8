"""`ecgclip doctor`: is this installation sound?"""

from argparse import ArgumentParser, Namespace

from ecgclip.cli.arguments import add_index, add_json
from ecgclip.cli.output import print_json, print_text, table
from ecgclip.exit_code import BAD_INPUT


def add_arguments(parser: ArgumentParser) -> None:
    add_index(parser)
    add_json(parser)


def run(args: Namespace) -> int:
    from ecgclip.doctor import examine

    checks = examine(args.index)
    if args.json:
        print_json(
            {
                "checks": [
                    {"name": check.name, "state": check.state, "detail": check.detail} for check in checks
                ]
            }
        )
    else:
        rows = [(check.state, check.name, check.detail) for check in checks]
        print_text(table(("state", "check", "detail"), rows))
    return BAD_INPUT if any(check.state == "bad" for check in checks) else 0
